use std::time::Duration;

use super::StoreArg;
use super::run::of_health;
use crate::cli::Answer;
use crate::monitor::read;
use crate::render;
use crate::terminal::context::Context;
use crate::terminal::failure::{Exit, Failure};
use crate::terminal::{ask, environment};

/// Show how things are.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Show it live, until you press Ctrl-C.
    #[arg(long)]
    follow: bool,
    #[command(flatten)]
    store: StoreArg,
}

pub fn run(context: &Context, args: &Args) -> Result<Answer, Failure> {
    let place = args.store.place(context)?;
    if args.follow && !ask::is_shown() {
        return Err(Failure::usage("--follow needs a terminal", "omega watch status"));
    }
    loop {
        let status = read::status(&read::open(&place.store)?)?;
        let human = render::watch::status(&status, environment::now());
        if !args.follow {
            let exit = status.health.map_or(Exit::Unknown, of_health);
            return Ok(Answer::new(exit, human, &status));
        }
        // Back to the top, and each line wiped before it is written: the screen does not flicker.
        ask::tell(&format!("\x1b[H{}\x1b[J", human.replace('\n', "\x1b[K\n")));
        std::thread::sleep(Duration::from_secs(1));
    }
}
