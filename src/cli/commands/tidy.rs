use crate::cli::Answer;
use crate::ops::tidy;
use crate::render::human;
use crate::terminal::context::Context;
use crate::terminal::failure::{Exit, Failure};
use crate::terminal::signing;

/// Remove records that came too late for the ruling that closed their resolution.
#[derive(Debug, clap::Args)]
pub struct Args {}

pub fn run(context: &Context, _args: &Args) -> Result<Answer, Failure> {
    let repo = context.repo()?;
    let (signer, member) = signing::find(context, &repo, false)?;
    let desk = context.desk(&repo, &signer, member.as_str())?;
    let tidied = tidy::tidy(&desk)?;
    Ok(Answer::new(Exit::Done, human::tidy(&tidied), &tidied))
}
