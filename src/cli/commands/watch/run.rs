use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;

use super::{StoreArg, secrets};
use crate::cli::Answer;
use crate::daemon::{self, Daemon, Signals};
use crate::digest::Digest;
use crate::monitor::{Channels, Place, Round, Secrets, Trust, Watcher, World, check, read, thoughts};
use crate::render;
use crate::terminal::context::Context;
use crate::terminal::failure::{Exit, Failure};
use crate::terminal::{ask, environment};
use crate::watch::Health;
use crate::workspace::Error;
use crate::workspace::pin::trusted;

/// How the loop runs.
#[derive(Debug, clap::Args)]
pub struct Running {
    /// Go round once and end, as cron wants it.
    #[arg(long)]
    once: bool,
    /// Look and think; act on nothing and write nothing.
    #[arg(long, conflicts_with = "once")]
    dry_run: bool,
    /// Serve metrics for Prometheus at this address, as in `127.0.0.1:9464`.
    #[arg(long, value_name = "ADDRESS", conflicts_with_all = ["once", "dry_run"])]
    metrics: Option<String>,
    #[command(flatten)]
    machine: Machine,
}

/// What the watch finds on this machine.
#[derive(Debug, clap::Args)]
pub struct Machine {
    /// A file of mode 0600 with the secrets of the channels, as in `OMEGA_TELEGRAM_TOKEN=…`; variables of the same names
    /// come first.
    #[arg(long, env = "OMEGA_WATCH_SECRETS", value_name = "FILE")]
    secrets: Option<PathBuf>,
    /// The root to trust, instead of the pinned one; else OMEGA_ROOT says it.
    #[arg(long, value_name = "DIGEST")]
    root: Option<Digest>,
    #[command(flatten)]
    store: StoreArg,
}

/// What going round came to.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct WatchReport {
    /// How all of it is; nothing, if it did not go round.
    pub health: Option<Health>,
    /// What it would do; for a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thoughts: Option<thoughts::Thoughts>,
    /// How things are, in full.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<read::Status>,
    /// What is worth a warning.
    pub warnings: Vec<String>,
}

pub fn run(context: &Context, args: &Running) -> Result<Answer, Failure> {
    args.machine.work(context, args.once, |place, world, signals, secrets| go(args, place, world, signals, secrets))
}

/// Checks what the watch needs on this machine.
pub fn check(context: &Context, machine: &Machine) -> Result<Answer, Failure> {
    machine.work(context, true, |place, world, _, _| {
        let checks = check::check(&place.store, &world)?;
        let exit = if checks.iter().all(|check| check.lacks.is_none()) { Exit::Done } else { Exit::Degraded };
        Ok(Answer::new(exit, render::watch::checks(&checks), &checks))
    })
}

impl Machine {
    fn work(
        &self,
        context: &Context,
        alone: bool,
        work: impl FnOnce(&Place, World<'_>, &Signals, &dyn Fn() -> Result<Secrets, Error>) -> Result<Answer, Failure>,
    ) -> Result<Answer, Failure> {
        let repo = context.repo()?;
        let place = self.store.place(context)?;
        let file = self.secrets.as_ref().map(|file| context.dir.join(file));
        let secrets = || secrets::read(file.as_deref());
        let signals = Signals::listen().map_err(|error| Error::blind(format!("signals cannot be heard: {error}"), "omega watch --help"))?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Error::blind(format!("the watch cannot start: {error}"), "free memory and file descriptors, then repeat"))?;
        let wait = |time: Duration| signals.pause(time);
        let known = secrets()?;
        let root = context.root(self.root)?;
        let pin = || trusted(Some(&repo), root);
        pin()?;
        let world = World {
            repo: &repo,
            pin: &pin,
            seen: context.seen(&repo),
            threads: context.threads,
            channels: Channels::new(&known)?,
            secrets: known,
            trust: Trust::new(&[]),
            variable: &environment::variable,
            now: &environment::now,
            wait: &wait,
            alone,
            runtime: &runtime,
        };
        let ran = work(&place, world, &signals, &secrets);
        // Do not wait for the thread that may still be resolving a name.
        runtime.shutdown_background();
        ran
    }
}

fn go(
    args: &Running,
    place: &Place,
    world: World<'_>,
    signals: &Signals,
    secrets: &dyn Fn() -> Result<Secrets, Error>,
) -> Result<Answer, Failure> {
    if args.dry_run {
        let thoughts = thoughts::thoughts(place, &world)?;
        let (health, human) = (thoughts.health, render::watch::thoughts(&thoughts));
        let report = WatchReport { health: Some(health), thoughts: Some(thoughts), status: None, warnings: Vec::new() };
        return Ok(Answer::new(of_health(health), human, &report));
    }
    if args.once { once(place, &world) } else { forever(args, place.clone(), world, signals, secrets) }
}

fn once(place: &Place, world: &World<'_>) -> Result<Answer, Failure> {
    let mut watcher = Watcher::open(place, world, "omega watch --once")?;
    let round = watcher.round(world);
    watcher.close();
    let round = round?;
    let health = if round.stored { round.health } else { round.health.max(Health::Blind) };
    let status = read::open(&place.store).and_then(|store| read::status(&store)).ok();
    let human = render::watch::round(&round, status.as_ref());
    let report = WatchReport { health: Some(health), thoughts: None, status, warnings: round.warnings };
    Ok(Answer::new(of_health(health), human, &report))
}

fn forever(
    args: &Running,
    place: Place,
    world: World<'_>,
    signals: &Signals,
    secrets: &dyn Fn() -> Result<Secrets, Error>,
) -> Result<Answer, Failure> {
    if let Some(address) = &args.metrics {
        let store = place.store.clone();
        let text = move || daemon::metrics_of(&store, environment::now()).map_err(|error| error.to_string());
        let at = daemon::serve(address, text)
            .map_err(|error| Error::usage(format!("cannot listen at `{address}`: {error}"), "choose another --metrics ADDRESS"))?;
        ask::tell(&format!("metrics at http://{at}/metrics\n"));
    }
    let (mut health, mut said) = (None, Vec::new());
    // The journal gets a line when something changes, not with every round.
    let mut tell = |round: Result<&Round, &Error>| match round {
        Err(error) => ask::tell(&render::watch::warning(&error.to_string())),
        Ok(round) => {
            if health != Some(round.health) {
                ask::tell(&render::watch::changed(health, round));
                health = Some(round.health);
            }
            for warning in round.warnings.iter().filter(|warning| !said.contains(*warning)) {
                ask::tell(&render::watch::warning(warning));
            }
            said.clone_from(&round.warnings);
        }
    };
    daemon::run(Daemon { world, place, signals, secrets, tell: &mut tell })?;
    let report = WatchReport { health, thoughts: None, status: None, warnings: said };
    Ok(Answer::new(Exit::Done, "the watch has ended\n".to_owned(), &report))
}

pub(super) fn of_health(health: Health) -> Exit {
    match health {
        Health::Healthy => Exit::Done,
        Health::Degraded => Exit::Degraded,
        Health::Critical => Exit::Critical,
        Health::Blind => Exit::Blind,
    }
}
