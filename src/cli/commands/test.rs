use crate::canon::DocumentName;
use crate::cli::Answer;
use crate::render;
use crate::terminal::context::Context;
use crate::terminal::failure::{Exit, Failure};
use crate::terminal::signing;
use crate::workspace::cases::{self, Tested};
use crate::workspace::here;

/// Run the enforcement cases of the documents, and show which rules they hold in place.
///
/// A case puts a question to the policy of its document, and omega answers with the same code that obeys the
/// policy. A rule is covered where another value of it would change the answer to some case. Ends with exit code 11
/// where a case does not hold or a rule has no case.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  omega test                       all documents of the work tree
  omega test CONSENSUS_ENGINE      one of them
  omega test --rev HEAD            as they are committed
  omega test --verbose             each case, with what came of it")]
pub struct Args {
    /// The document; all where nothing is said.
    #[arg(value_name = "DOC")]
    document: Option<DocumentName>,
    /// Read the documents of a revision instead of the work tree.
    #[arg(long, value_name = "REV")]
    rev: Option<String>,
    /// Show every case, not only those that do not hold.
    #[arg(short, long)]
    verbose: bool,
}

pub fn run(context: &Context, args: &Args) -> Result<Answer, Failure> {
    let repo = context.repo()?;
    let ratified = signing::in_force(context, &repo)?;
    let report = match &args.rev {
        Some(rev) => {
            let commit = repo.resolve(rev)?;
            cases::test(&repo.revision(commit)?, rev, &ratified, args.document.as_ref())?
        }
        None => {
            let tree = repo.worktree()?;
            here::must_have_canon(&tree)?;
            cases::test(&tree, "worktree", &ratified, args.document.as_ref())?
        }
    };
    let exit = if report.documents.iter().all(Tested::holds) { Exit::Done } else { Exit::Violated };
    Ok(Answer::new(exit, render::cases::report(&report, args.verbose || args.document.is_some()), &report))
}
