use crate::cli::Answer;
use crate::cli::commands::propose::{self, Change, How};
use crate::ops::revert;
use crate::terminal::context::Context;
use crate::terminal::failure::Failure;
use crate::terminal::signing;

/// Propose the way back: the files of a ruling as they were before it.
///
/// Later rulings must not have changed the same files. Like any other change, it counts when it is ratified.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  omega revert 7
  omega revert let-agents-push --reason \"It went wrong twice.\"")]
pub struct Args {
    /// The ruling: its number, or a part of its resolution's id.
    #[arg(value_name = "RULING")]
    ruling: String,
    #[command(flatten)]
    how: How,
}

pub fn run(context: &Context, args: Args) -> Result<Answer, Failure> {
    let repo = context.repo()?;
    let ratified = signing::in_force(context, &repo)?.sound()?;
    let sequence = revert::ruling(&ratified.judgement.ledger, &args.ruling)?;
    let (signer, member) = signing::find(context, &repo, false)?;
    let change = Change {
        title: format!("Take back ruling {sequence}"),
        reason: format!("The files that ruling {sequence} changed are to be as they were before."),
        enrol: &[],
        recovery: false,
    };
    propose::change(context, &repo, (&signer, &member), args.how, change, &|state| revert::revert(state, sequence))
}
