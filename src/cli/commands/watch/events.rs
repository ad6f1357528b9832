use std::time::Duration;

use super::StoreArg;
use crate::canon::text;
use crate::cli::args::Format;
use crate::cli::{Answer, say};
use crate::digest::Digest;
use crate::monitor::read;
use crate::render;
use crate::terminal::context::Context;
use crate::terminal::failure::{Exit, Failure};

/// Show what happened, or prove that it is what was written.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// So many.
    #[arg(short = 'n', long, default_value_t = 20, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    number: u32,
    /// Only those of this kind, as in `INTENT`.
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// Only those after this number.
    #[arg(long, value_name = "ID")]
    after: Option<i64>,
    /// Go on showing what happens, a line each, until you press Ctrl-C.
    #[arg(long)]
    follow: bool,
    #[command(flatten)]
    store: StoreArg,
}

/// What is done with events.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Prove that the events are what was written, each bound to the one before it.
    Verify(Verify),
}

/// Prove that the events are what was written.
#[derive(Debug, clap::Args)]
pub struct Verify {
    /// The end of the chain as it was noted elsewhere, as in `42:sha256:DIGEST`; finds out if later events were cut off.
    #[arg(long, value_name = "ID:DIGEST")]
    head: Option<String>,
    #[command(flatten)]
    store: StoreArg,
}

impl Args {
    pub(crate) fn name(&self) -> &'static str {
        if self.command.is_some() { "events verify" } else { "events" }
    }

    pub(crate) fn run(self, context: &Context, format: Format) -> Result<Answer, Failure> {
        if let Some(Command::Verify(args)) = &self.command {
            return verify(context, args);
        }
        let place = self.store.place(context)?;
        let store = read::open(&place.store)?;
        let events = read::events(&store, self.after, self.kind.as_deref(), self.number)?;
        if !self.follow {
            return Ok(Answer::new(Exit::Done, render::watch::events(&events), &events));
        }
        let mut last = events.last().map(|event| event.id).or(self.after).unwrap_or(0);
        let mut fresh = events;
        loop {
            for event in &fresh {
                let line = match format {
                    Format::Human => render::watch::events(std::slice::from_ref(event)),
                    Format::Json => text::json(&serde_json::to_string(event).expect("reports are maps with string keys")) + "\n",
                };
                // Whoever listened has gone away.
                if !say(&line) {
                    return Ok(Answer::new(Exit::Done, String::new(), &fresh));
                }
                last = event.id;
            }
            std::thread::sleep(Duration::from_millis(500));
            fresh = read::events(&store, Some(last), self.kind.as_deref(), 1000)?;
        }
    }
}

fn verify(context: &Context, args: &Verify) -> Result<Answer, Failure> {
    let place = args.store.place(context)?;
    let parse = |text: &String| -> Option<(i64, Digest)> {
        let (id, digest) = text.split_once(':')?;
        Some((id.parse().ok().filter(|id| *id >= 0)?, digest.parse().ok()?))
    };
    let no_end = |text| Failure::usage(format!("`{text}` is not the end of a chain, as in `42:sha256:…`"), "omega events verify");
    let head = args.head.as_ref().map(|text| parse(text).ok_or_else(|| no_end(text))).transpose()?;
    let report = read::verify_events(&read::open(&place.store)?, head)?;
    let exit = match (report.holds, report.outlived) {
        (false, _) => Exit::Violated,
        (true, true) => Exit::Unknown,
        (true, false) => Exit::Done,
    };
    Ok(Answer::new(exit, render::watch::chain(&report), &report))
}
