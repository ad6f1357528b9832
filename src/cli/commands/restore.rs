use std::path::PathBuf;

use crate::cli::Answer;
use crate::ops::restore;
use crate::render;
use crate::terminal::context::Context;
use crate::terminal::failure::{Exit, Failure};

/// Bring governed files in index and work tree back to what is ratified.
///
/// What is ratified is the state in force at HEAD. Edited, staged, deleted and renamed files get the ratified bytes and mode
/// again, and so do records, signatures and renderings under canon/. A file that was never ratified is deleted only where it
/// is named itself. Files that are not governed stay as they are. What a file held before is kept as a git object.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  omega restore AGENTS.md          one file
  omega restore canon              all below a folder
  omega restore                    everything that is governed
  omega restore --dry-run          what would change
  omega restore AGENTS.md && git commit -m 'Restore AGENTS.md'
                                         take back an edit that was committed")]
pub struct Args {
    /// The files and folders; everything that is governed, where nothing is said.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Say what would change, and write nothing.
    #[arg(long, short = 'n')]
    dry_run: bool,
}

pub fn run(context: &Context, args: &Args) -> Result<Answer, Failure> {
    let repo = context.repo()?;
    let pin = context.pin(Some(&repo), None)?;
    let request = restore::Request { dir: &context.dir, paths: &args.paths, dry_run: args.dry_run };
    let restored = restore::restore(&repo, &request, pin.as_ref(), context.threads)?;
    Ok(Answer::new(Exit::Done, render::restore::restored(&restored), &restored))
}
