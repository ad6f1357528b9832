use crate::cli::Answer;
use crate::render;
use crate::survey::why::{self, LineStatus};
use crate::terminal::context::Context;
use crate::terminal::failure::{Exit, Failure};

/// Show which ruling approved a line: the resolution, who voted how, and what was said.
///
/// Lines are counted in the file as it lies in the work tree. The answer comes from the ledger and the ratified
/// bytes, not from git's history, so it is the same after a squash, in a shallow clone, and in an archive.
/// It ends with exit code 12 for what an open proposal asks for, and with 11 for what nobody ratified.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  omega why canon/OMEGA_IDENTITY.md:12     one line
  omega why prompts/system.md              the file, and who changed it")]
pub struct Args {
    /// The file, and the line in it.
    #[arg(value_name = "PATH[:LINE]")]
    place: String,
}

pub fn run(context: &Context, args: &Args) -> Result<Answer, Failure> {
    let repo = context.repo()?;
    let root = repo.workdir().and_then(|root| root.canonicalize().ok());
    let below = root.as_ref().and_then(|root| context.dir.strip_prefix(root).ok()).and_then(|below| below.to_str()).unwrap_or_default();
    let exists = |path: &str| root.as_ref().is_some_and(|root| root.join(path).symlink_metadata().is_ok());
    let (path, line) = why::place(&args.place, below, exists)?;
    let pin = context.pin(Some(&repo), None)?;
    let why = why::why(&repo, pin.as_ref(), &path, line, context.now, context.threads)?;
    let exit = match why.standing {
        LineStatus::Ratified | LineStatus::Removed => Exit::Done,
        LineStatus::Draft => Exit::Pending,
        LineStatus::Unratified => Exit::Violated,
    };
    Answer::new(exit, render::why::why(&why), &why).read_only(context, &repo)
}
