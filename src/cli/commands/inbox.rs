use crate::cli::Answer;
use crate::render;
use crate::survey;
use crate::terminal::context::Context;
use crate::terminal::failure::{Exit, Failure};
use crate::terminal::signing;

/// List what waits for you: votes, turns, rulings, and emergencies that run out.
///
/// All branches count that are here or were fetched; nothing is fetched now. It is listed for the member whose key is at hand,
/// or that --as names, and for everybody where no key is a member's.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  omega inbox
  omega inbox --all                      what waits for everybody
  omega inbox --exit-code >/dev/null || echo 'the council waits for you'")]
pub struct Args {
    /// List what waits for everybody.
    #[arg(long, conflicts_with = "member")]
    all: bool,
    /// End with exit code 1 if something waits.
    #[arg(long)]
    exit_code: bool,
}

pub fn run(context: &Context, args: &Args) -> Result<Answer, Failure> {
    let repo = context.repo()?;
    let keys = if args.all || context.member.is_some() { Vec::new() } else { signing::keys_at_hand(context, &repo)? };
    let inbox = survey::inbox(&repo, context.member.clone(), &keys, args.all, context.now, context.threads)?;
    let exit = if args.exit_code && !inbox.is_empty() { Exit::Failed } else { Exit::Done };
    Answer::new(exit, render::survey::inbox(&inbox), &inbox).read_only(context, &repo)
}
