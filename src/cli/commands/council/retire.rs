use crate::canon::MemberName;
use crate::cli::Answer;
use crate::cli::commands::propose::{self, Change, How};
use crate::ops::council;
use crate::terminal::context::Context;
use crate::terminal::failure::Failure;
use crate::terminal::signing;

/// Propose to let a member go, with all keys. What it signed stays valid.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  omega council retire grok
  omega council retire grok --reason \"Its key was stolen.\"")]
pub struct Args {
    /// The member.
    name: MemberName,
    #[command(flatten)]
    how: How,
}

pub fn run(context: &Context, args: Args) -> Result<Answer, Failure> {
    let repo = context.repo()?;
    let (signer, member) = signing::find(context, &repo, false)?;
    let name = args.name;
    let change = Change {
        title: format!("Retire {name} from the council"),
        reason: format!("{name} is to leave the council, and every key of {name} with it."),
        enrol: &[],
        recovery: false,
    };
    propose::change(context, &repo, (&signer, &member), args.how, change, &|state| council::retire(state, &name))
}
