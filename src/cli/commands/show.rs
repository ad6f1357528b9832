use crate::cli::Answer;
use crate::render;
use crate::survey;
use crate::terminal::context::Context;
use crate::terminal::failure::{Exit, Failure};

/// Show a resolution with all that was said and voted, and who acts next.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The resolution, or a part of its id.
    id: String,
}

pub fn run(context: &Context, args: &Args) -> Result<Answer, Failure> {
    let repo = context.repo()?;
    let id = context.resolution(&repo, &args.id)?;
    let shown = survey::show(&repo, &id, context.now, context.threads)?;
    Answer::new(Exit::Done, render::survey::show(&shown), &shown).read_only(context, &repo)
}
