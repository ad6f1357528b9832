use super::vote::reason;
use crate::cli::context::Context;
use crate::cli::failure::{Exit, Failure};
use crate::cli::{Answer, signing};
use crate::ops::withdraw;
use crate::render::human;

/// Take your own proposal back.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  omega canon withdraw say-it --reason \"Overtaken by events.\"")]
pub struct Args {
    /// The resolution, or a part of its id.
    id: String,
    /// Why.
    #[arg(short, long)]
    reason: Option<String>,
}

pub fn run(context: &Context, args: Args) -> Result<Answer, Failure> {
    let repo = context.repo()?;
    let id = context.resolution(&repo, &args.id)?;
    let (signer, member) = signing::find(context, &repo, false)?;
    let reason = reason(args.reason, "Why is it withdrawn?")?;
    let desk = context.desk(&repo, &signer, member.as_str())?;
    let withdrawn = withdraw::withdraw(&desk, &id, &reason)?;
    Ok(Answer::new(Exit::Done, human::withdraw(&withdrawn), &withdrawn))
}
