use crate::cli::Answer;
use crate::ops::council::list;
use crate::render::roster;
use crate::terminal::context::Context;
use crate::terminal::failure::{Exit, Failure};
use crate::terminal::signing;

/// List the members in seat order, with their keys.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  omega council list
  omega council list --format json | jq -r '.report.members[].name'")]
pub struct Args {}

pub fn run(context: &Context, _args: &Args) -> Result<Answer, Failure> {
    let repo = context.repo()?;
    let commit = repo.head()?.commit.ok_or_else(|| Failure::usage("there is no commit yet", "omega init"))?;
    let keys = signing::keys_at_hand(context, &repo)?;
    let report = list(&repo, commit, &keys, context.threads)?;
    Ok(Answer::new(Exit::Done, roster::list(&report), &report))
}
