use crate::cli::Answer;
use crate::render;
use crate::survey;
use crate::terminal::context::Context;
use crate::terminal::failure::{Exit, Failure};

/// Show the rulings, newest first.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The revision; HEAD where nothing is said.
    #[arg(value_name = "REV", default_value = "HEAD")]
    rev: String,
}

pub fn run(context: &Context, args: &Args) -> Result<Answer, Failure> {
    let repo = context.repo()?;
    let entries = survey::log(&repo, repo.resolve(&args.rev)?, context.pin(Some(&repo), None)?, context.threads)?;
    Answer::new(Exit::Done, render::survey::log(&entries), &entries).read_only(context, &repo)
}
