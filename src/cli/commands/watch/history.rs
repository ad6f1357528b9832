use super::StoreArg;
use crate::cli::Answer;
use crate::monitor::read;
use crate::render;
use crate::terminal::context::Context;
use crate::terminal::failure::{Exit, Failure};

/// Show what happened by the hour or by the day.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// So many days back.
    #[arg(long, default_value_t = 7, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=3650))]
    days: u32,
    /// By the hour.
    #[arg(long)]
    hours: bool,
    #[command(flatten)]
    store: StoreArg,
}

pub fn run(context: &Context, args: &Args) -> Result<Answer, Failure> {
    let place = args.store.place(context)?;
    let history = read::history(&read::open(&place.store)?, args.hours, args.days, context.now)?;
    Ok(Answer::new(Exit::Done, render::watch::history(&history, args.hours), &history))
}
