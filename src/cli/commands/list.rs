use crate::cli::Answer;
use crate::render;
use crate::survey;
use crate::terminal::context::Context;
use crate::terminal::failure::{Exit, Failure};

/// List all resolutions that this clone knows, newest first.
#[derive(Debug, clap::Args)]
pub struct Args {}

pub fn run(context: &Context, _args: &Args) -> Result<Answer, Failure> {
    let repo = context.repo()?;
    let all = survey::list(&repo, context.now, context.threads)?;
    Answer::new(Exit::Done, render::survey::list(&all), &all).read_only(context, &repo)
}
