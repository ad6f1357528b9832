use super::StoreArg;
use crate::cli::Answer;
use crate::monitor::read;
use crate::render;
use crate::terminal::context::Context;
use crate::terminal::failure::{Exit, Failure};

/// Show what the loop has earned and lost.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// So many days back.
    #[arg(long, default_value_t = 7, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=3650))]
    days: u32,
    #[command(flatten)]
    store: StoreArg,
}

pub fn run(context: &Context, args: &Args) -> Result<Answer, Failure> {
    let place = args.store.place(context)?;
    let credits = read::credits(&read::open(&place.store)?, args.days, context.now)?;
    let exit = if credits.wrong.is_empty() { Exit::Done } else { Exit::Violated };
    Ok(Answer::new(exit, render::watch::credits(&credits), &credits))
}
