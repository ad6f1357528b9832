use crate::cli::Answer;
use crate::render;
use crate::survey;
use crate::terminal::context::Context;
use crate::terminal::failure::{Exit, Failure};
use crate::terminal::signing;

/// Show what is ratified, open, pending and wrong, and what to do next.
#[derive(Debug, clap::Args)]
pub struct Args {}

pub fn run(context: &Context, _args: &Args) -> Result<Answer, Failure> {
    let repo = context.repo()?;
    let pin = context.pin(Some(&repo), None)?;
    let keys = signing::keys_at_hand(context, &repo)?;
    let status = survey::status(&repo, pin, &context.seen(&repo), &keys, context.now, context.threads)?;
    let exit = if status.findings.iter().any(|finding| finding.is_error()) {
        Exit::Violated
    } else if !status.pinned {
        Exit::Unknown
    } else if !status.drafts.is_empty() {
        Exit::Pending
    } else {
        Exit::Done
    };
    Ok(Answer::new(exit, render::survey::status(&status), &status))
}
