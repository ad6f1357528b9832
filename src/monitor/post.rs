//! Errands to the world outside, each on a thread of its own: a channel that hangs delays neither a round nor another channel.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use crate::net::Receipt;
use crate::store::Undelivered;

use super::channels::Errand;
use super::world::World;

/// How often a stop is looked for while an errand is waited for.
const TICK: Duration = Duration::from_millis(50);

/// What an errand carries.
#[derive(Debug, Default)]
pub(super) struct Load {
    /// The rows of the outbox.
    pub rows: Vec<Undelivered>,
    /// The keys of the alerts that are only in memory.
    pub remembered: Vec<String>,
}

/// An errand that came back.
#[derive(Debug)]
pub(super) struct Back {
    /// Where it went.
    pub to: String,
    /// What it carried.
    pub load: Load,
    /// What came of it, without secrets.
    pub told: Receipt,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
}

/// The errands that are under way: one to each place at most.
#[derive(Debug)]
pub(super) struct Post {
    under_way: BTreeMap<String, Load>,
    done: Sender<(String, Receipt, u64)>,
    comes: Receiver<(String, Receipt, u64)>,
}

impl Default for Post {
    fn default() -> Self {
        let (done, comes) = channel();
        Self { under_way: BTreeMap::new(), done, comes }
    }
}

impl Post {
    /// Whether a message to this place has not come back yet.
    pub(super) fn is_under_way(&self, to: &str) -> bool {
        self.under_way.contains_key(to)
    }

    /// Sends an errand on its way. What it says is rid of the secrets that hold now.
    pub(super) fn send(&mut self, world: &World<'_>, to: &str, load: Load, errand: Errand) {
        let (name, done, secrets) = (to.to_owned(), self.done.clone(), world.secrets.clone());
        self.under_way.insert(to.to_owned(), load);
        let run = move || {
            let began = Instant::now();
            // An errand that never came back would keep its place closed to all that follow.
            let lost = |_| Receipt::Again { after: None, why: "sending broke off with an internal error".to_owned() };
            let told = match catch_unwind(AssertUnwindSafe(errand)).unwrap_or_else(lost) {
                Receipt::Sent => Receipt::Sent,
                Receipt::Again { after, why } => Receipt::Again { after, why: secrets.redact(&why) },
                Receipt::Refused { why } => Receipt::Refused { why: secrets.redact(&why) },
            };
            // The receiver is gone once the watch has ended.
            let _ = done.send((name, told, u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX)));
        };
        if let Err(error) = std::thread::Builder::new().name("post".to_owned()).spawn(run) {
            let why = format!("this machine has no thread left: {error}");
            let _ = self.done.send((to.to_owned(), Receipt::Again { after: None, why }, 0));
        }
    }

    /// The next errand that comes back until then. Nothing, if none does, none is under way, or the watch was told to stop.
    pub(super) fn back(&mut self, world: &World<'_>, until: Instant) -> Option<Back> {
        while !self.under_way.is_empty() {
            let left = until.saturating_duration_since(Instant::now());
            match self.comes.recv_timeout(left.min(TICK)) {
                Ok((to, told, took_ms)) => {
                    let load = self.under_way.remove(&to).unwrap_or_default();
                    return Some(Back { to, load, told, took_ms });
                }
                Err(RecvTimeoutError::Timeout) if !left.is_zero() && (world.wait)(Duration::ZERO) => {}
                Err(_) => return None,
            }
        }
        None
    }
}
