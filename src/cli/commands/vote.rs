use clap::ValueEnum;

use crate::cli::Answer;
use crate::cli::commands::print::{self, Print};
use crate::council::tally::Choice;
use crate::ops::vote;
use crate::render::human;
use crate::terminal::context::Context;
use crate::terminal::failure::{Exit, Failure};
use crate::terminal::{decision, signing};

/// Vote on a proposal; a second vote replaces the first.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  omega vote 2026-02-26-say-it-plainly approve --reason \"Shorter, and says the same.\"
  omega vote say-it reject --reason \"The second anchor is the one we need.\" --confidence 80
  omega vote say-it approve --reason … --print --as ann  sign it elsewhere")]
pub struct Args {
    /// The resolution, or a part of its id.
    id: String,
    /// The ballot.
    #[arg(value_enum)]
    choice: Ballot,
    /// Why; asked for in an editor where it is left out.
    #[arg(short, long)]
    reason: Option<String>,
    /// How sure you are, from 0 to 100.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u8).range(0..=100))]
    confidence: u8,
    #[command(flatten)]
    print: Print,
}

/// A ballot on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Ballot {
    /// Yes.
    Approve,
    /// No.
    Reject,
    /// Not like this.
    Amend,
    /// No opinion.
    Abstain,
}

impl From<Ballot> for Choice {
    fn from(ballot: Ballot) -> Self {
        match ballot {
            Ballot::Approve => Self::Approve,
            Ballot::Reject => Self::Reject,
            Ballot::Amend => Self::Amend,
            Ballot::Abstain => Self::Abstain,
        }
    }
}

pub fn run(context: &Context, args: Args) -> Result<Answer, Failure> {
    let repo = context.repo()?;
    let id = context.resolution(&repo, &args.id)?;
    let question = format!("Why do you vote `{}`?", Choice::from(args.choice).as_str());
    let asked = |given| decision::reason(context, &repo, &id, given, &question);
    if args.print.print {
        let reason = asked(args.reason)?;
        return print::record(context, &repo, |desk| vote::vote(desk, &id, args.choice.into(), args.confidence, &reason).map(drop));
    }
    let (signer, member) = signing::find(context, &repo, false)?;
    let reason = asked(args.reason)?;
    let desk = context.desk(&repo, &signer, member.as_str())?;
    let voted = vote::vote(&desk, &id, args.choice.into(), args.confidence, &reason)?;
    Ok(Answer::new(Exit::Done, human::vote(&voted), &voted))
}
