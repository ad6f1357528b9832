use std::path::PathBuf;

use crate::cli::Answer;
use crate::demo;
use crate::terminal::context::Context;
use crate::terminal::failure::Failure;

/// Show the whole way on a throw-away repository, in a few seconds: an edit of AGENTS.md that was not approved is found, then
/// proposed, voted on and ratified.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  omega demo               watch, and leave nothing behind
  omega demo /tmp/demo     keep the repository to look around in")]
pub struct Args {
    /// Keep everything in this new folder.
    #[arg(value_name = "DIR")]
    dir: Option<PathBuf>,
}

pub fn run(context: &Context, args: Args) -> Result<Answer, Failure> {
    let (story, report) = demo::run(context, args.dir.as_deref())?;
    Ok(Answer::new(report.conclusion.into(), story, &report))
}
