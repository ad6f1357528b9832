//! The watch's shell: goes round by the clock, until it is told to stop.

mod metrics;
mod signals;

use std::path::Path;
use std::time::{Duration, Instant};

use crate::clock::Timestamp;
use crate::monitor::{Channels, Place, Round, Secrets, Watcher, World};
use crate::workspace::Error;

pub use metrics::serve;
pub use signals::Signals;

/// What the daemon is given.
pub struct Daemon<'a> {
    /// What the watch works with.
    pub world: World<'a>,
    /// Where its store lies.
    pub place: Place,
    /// What it is told by.
    pub signals: &'a Signals,
    /// Reads the secrets of the channels again.
    pub secrets: &'a dyn Fn() -> Result<Secrets, Error>,
    /// Is told of every round, and of what could not be read again.
    pub tell: &'a mut dyn FnMut(Result<&Round, &Error>),
}

/// Goes round until it is told to stop. The act in hand is finished first.
///
/// # Errors
/// Held, if another run has the lease; anything that keeps it from going round at all.
pub fn run(daemon: Daemon<'_>) -> Result<(), Error> {
    let Daemon { mut world, place, signals, secrets, tell } = daemon;
    let mut watcher = Watcher::open(&place, &world, "omega watch")?;
    loop {
        let began = Instant::now();
        let round = match watcher.round(&world) {
            Ok(round) => round,
            Err(error) => {
                watcher.close();
                return Err(error);
            }
        };
        tell(Ok(&round));
        let period = watcher.rules().map_or(30, |rules| rules.watch().period_s);
        if !signals.idle(Duration::from_secs(u64::from(period)).saturating_sub(began.elapsed())) {
            break;
        }
        if signals.take_reload() {
            match secrets().and_then(|fresh| Ok((Channels::new(&fresh)?, fresh))) {
                Ok((channels, fresh)) => (world.channels, world.secrets) = (channels, fresh),
                // What was read before is kept, loudly.
                Err(error) => tell(Err(&error)),
            }
        }
    }
    watcher.close();
    Ok(())
}

/// The metrics of a store, as they are now.
///
/// # Errors
/// When there is no store, or it cannot be read.
pub fn metrics_of(store: &Path, now: Timestamp) -> Result<String, Error> {
    let store = crate::monitor::read::open(store)?;
    Ok(crate::monitor::metrics::metrics(&crate::monitor::read::status(&store)?, now))
}
