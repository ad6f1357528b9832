use super::StoreArg;
use crate::cli::Answer;
use crate::monitor::read;
use crate::render;
use crate::terminal::context::Context;
use crate::terminal::environment;
use crate::terminal::failure::{Exit, Failure};

/// Say that you know of something that is wrong, so that it is not repeated.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The number of the incident, as `omega watch status` shows it.
    #[arg(value_name = "INCIDENT")]
    incident: u64,
    /// Who you are; your user name where nothing is said.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    #[command(flatten)]
    store: StoreArg,
}

pub fn run(context: &Context, args: &Args) -> Result<Answer, Failure> {
    let place = args.store.place(context)?;
    let by = args.by.clone().or_else(|| environment::variable("USER")).unwrap_or_else(|| "somebody".to_owned());
    let mut store = read::open_to_note(&place.store)?;
    let done = read::acknowledge(&mut store, args.incident, &by, context.now)?;
    Ok(Answer::new(Exit::Done, render::watch::acknowledged(&done), &done))
}
