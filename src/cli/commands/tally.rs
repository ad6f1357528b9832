use clap::ValueEnum as _;

use super::vote::Ballot;
use crate::canon::MemberName;
use crate::cli::Answer;
use crate::council::tally::Choice;
use crate::render::tally as shown;
use crate::survey::tally;
use crate::terminal::context::Context;
use crate::terminal::failure::{Exit, Failure};

/// Explain what the ballots say, and what is still missing.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  omega tally say-it
  omega tally say-it --what-if grok=reject --what-if codex=abstain")]
pub struct Args {
    /// The resolution, or a part of its id.
    id: String,
    /// Count as if this member voted so; nothing is written.
    #[arg(long, value_name = "MEMBER=CHOICE", value_parser = assumption)]
    what_if: Vec<(MemberName, Choice)>,
}

fn assumption(text: &str) -> Result<(MemberName, Choice), String> {
    let (member, choice) = text.split_once('=').ok_or("say it as MEMBER=CHOICE")?;
    let member = member.parse().map_err(|error| format!("{error}"))?;
    let choice = Ballot::from_str(choice, true).map_err(|_| "the choice is approve, reject, amend or abstain")?;
    Ok((member, choice.into()))
}

pub fn run(context: &Context, args: Args) -> Result<Answer, Failure> {
    let repo = context.repo()?;
    let id = context.resolution(&repo, &args.id)?;
    let report = tally::tally(&repo, &id, &args.what_if.into_iter().collect(), context.threads)?;
    Answer::new(Exit::Done, shown::tally(&report), &report).read_only(context, &repo)
}
