use crate::canon::MemberName;
use crate::cli::Answer;
use crate::cli::commands::propose::{self, Change, How};
use crate::ops::council;
use crate::terminal::context::Context;
use crate::terminal::failure::Failure;
use crate::terminal::signing;

/// Propose another voting weight for a member; 0 keeps the seat and takes the vote.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  omega council weight ann 3
  omega council weight grok 0 --reason \"Away until autumn.\"")]
pub struct Args {
    /// The member.
    name: MemberName,
    /// The weight: a whole number.
    #[arg(value_parser = whole)]
    weight: u32,
    #[command(flatten)]
    how: How,
}

fn whole(text: &str) -> Result<u32, String> {
    text.parse().map_err(|_| "a weight is a whole number, and 0 takes the vote".to_owned())
}

pub fn run(context: &Context, args: Args) -> Result<Answer, Failure> {
    let repo = context.repo()?;
    let (signer, member) = signing::find(context, &repo, false)?;
    let name = args.name;
    let weight = args.weight;
    let change = Change {
        title: format!("Give {name} the weight {weight}"),
        reason: format!("The ballots of {name} are to count {weight}."),
        enrol: &[],
        recovery: false,
    };
    propose::change(context, &repo, (&signer, &member), args.how, change, &|state| council::weight(state, &name, weight))
}
