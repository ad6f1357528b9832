use crate::cli::Answer;
use crate::cli::commands::print::{self, Print};
use crate::ops::withdraw;
use crate::render::human;
use crate::terminal::context::Context;
use crate::terminal::failure::{Exit, Failure};
use crate::terminal::{decision, signing};

/// Take your own proposal back.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  omega withdraw say-it --reason \"Overtaken by events.\"")]
pub struct Args {
    /// The resolution, or a part of its id.
    id: String,
    /// Why.
    #[arg(short, long)]
    reason: Option<String>,
    #[command(flatten)]
    print: Print,
}

pub fn run(context: &Context, args: Args) -> Result<Answer, Failure> {
    let repo = context.repo()?;
    let id = context.resolution(&repo, &args.id)?;
    let asked = |given| decision::reason(context, &repo, &id, given, "Why is it withdrawn?");
    if args.print.print {
        let reason = asked(args.reason)?;
        return print::record(context, &repo, |desk| withdraw::withdraw(desk, &id, &reason).map(drop));
    }
    let (signer, member) = signing::find(context, &repo, false)?;
    let reason = asked(args.reason)?;
    let desk = context.desk(&repo, &signer, member.as_str())?;
    let withdrawn = withdraw::withdraw(&desk, &id, &reason)?;
    Ok(Answer::new(Exit::Done, human::withdraw(&withdrawn), &withdrawn))
}
