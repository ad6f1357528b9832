//! `omega watch`: the loop, and what it remembers.

mod ack;
pub mod events;
mod history;
mod install;
mod metrics;
mod run;
mod secrets;
mod status;

pub mod credits;

pub use install::InstallReport;
pub use metrics::MetricsReport;
pub use run::WatchReport;

use std::path::PathBuf;

use clap::Subcommand;

use crate::cli::Answer;
use crate::cli::args::Format;
use crate::monitor::{Place, store_path};
use crate::terminal::context::Context;
use crate::terminal::failure::Failure;

/// Where the store lies.
#[derive(Debug, Default, clap::Args)]
pub struct StoreArg {
    /// The file in which the watch remembers; where nothing is said, omega/watch.db in the repository's git folder.
    #[arg(long, env = "OMEGA_STORE", value_name = "FILE")]
    store: Option<PathBuf>,
}

impl StoreArg {
    pub(super) fn place(&self, context: &Context) -> Result<Place, Failure> {
        let store = match &self.store {
            Some(file) => context.dir.join(file),
            None => store_path(&context.repo()?),
        };
        Ok(Place { store })
    }
}

/// The commands of the watch.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Watch the services of the canon, heal them, and tell people.
    Watch(Args),
    /// Show what the watch has recorded, or prove that it is what was written.
    Events(events::Args),
    /// Show what the watch has earned and lost.
    Credits(credits::Args),
}

impl Verb {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Watch(args) => args.name(),
            Self::Events(args) => args.name(),
            Self::Credits(_) => "credits",
        }
    }

    /// Whether the command goes on until it is told to stop, and hears signals by itself.
    pub(crate) fn hears_signals(&self) -> bool {
        matches!(self, Self::Watch(Args { command: None, .. }))
    }

    pub(crate) fn run(self, context: &Context, format: Format) -> Result<Answer, Failure> {
        match self {
            Self::Watch(args) => args.run(context),
            Self::Events(args) => args.run(context, format),
            Self::Credits(args) => credits::run(context, &args),
        }
    }
}

/// Watch the services of the canon: observe, think, act, verify, remember.
///
/// What is watched and what may be done stands in the ratified documents. While the canon does not verify, nothing is
/// restarted.
#[derive(Debug, clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:
  omega watch                  go round until told to stop
  omega watch --once           go round once, for cron
  omega watch --dry-run        look and think, act on nothing
  omega watch check            test each channel, look for each program
  omega watch status --follow  see it live
  omega watch install --print systemd

Exit codes of --once: 0 healthy, 14 critical or drift, 15 degraded, 16 the watcher could not know,
75 another run holds the lease."
)]
pub struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: run::Running,
}

/// What the watch remembers.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show how things are.
    Status(status::Args),
    /// Look whether this machine has all that the rules name, and send each channel a test. Heals nothing.
    Check(run::Machine),
    /// Print or serve how things are, for Prometheus.
    Metrics(metrics::Args),
    /// Show what happened by the hour or by the day.
    History(history::Args),
    /// Say that you know of something that is wrong, so that it is not repeated.
    Ack(ack::Args),
    /// Print what starts the watch on this machine.
    Install(install::Args),
}

impl Args {
    fn name(&self) -> &'static str {
        match self.command {
            None => "watch",
            Some(Command::Status(_)) => "watch status",
            Some(Command::Check(_)) => "watch check",
            Some(Command::Metrics(_)) => "watch metrics",
            Some(Command::History(_)) => "watch history",
            Some(Command::Ack(_)) => "watch ack",
            Some(Command::Install(_)) => "watch install",
        }
    }

    fn run(self, context: &Context) -> Result<Answer, Failure> {
        match self.command {
            None => run::run(context, &self.run),
            Some(Command::Status(args)) => status::run(context, &args),
            Some(Command::Check(args)) => run::check(context, &args),
            Some(Command::Metrics(args)) => metrics::run(context, &args),
            Some(Command::History(args)) => history::run(context, &args),
            Some(Command::Ack(args)) => ack::run(context, &args),
            Some(Command::Install(args)) => install::run(context, &args),
        }
    }
}
