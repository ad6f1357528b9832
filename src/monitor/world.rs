//! What the watch works with on this machine.

use super::channels::Channels;
use super::secrets::Secrets;
use crate::clock::Timestamp;
use crate::git::Repo;
use crate::net::Trust;
use crate::process;
use crate::workspace::Error;
use crate::workspace::pin::Pin;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What the watch works with on this machine.
pub struct World<'a> {
    /// The repository of the canon.
    pub repo: &'a Repo,
    /// What it is trusted by: read anew each time, as it may be pinned anew.
    pub pin: &'a dyn Fn() -> Result<Option<Pin>, Error>,
    /// The rulings that were seen before.
    pub seen: crate::workspace::seen::RollbackMemory,
    /// How many threads verify.
    pub threads: usize,
    /// What is secret about the channels.
    pub secrets: Secrets,
    /// What carries alerts out of this machine.
    pub channels: Channels,
    /// Whose certificates are believed.
    pub trust: Trust,
    /// The variables that commands may see, by name.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
    /// What time it is.
    pub now: &'a dyn Fn() -> Timestamp,
    /// Waits; says no if the watch was told to stop in the meantime.
    pub wait: &'a dyn Fn(Duration) -> bool,
    /// Whether this is the only round of its run, so that all it began has to end with it.
    pub alone: bool,
    /// Runs what is asynchronous to its end.
    pub runtime: &'a tokio::runtime::Runtime,
}

impl World<'_> {
    /// A durable step is about to be taken, or a command to be run.
    pub(super) fn step(&self, name: &'static str) {
        self.repo.step(name);
    }

    pub(super) fn since_boot_ms(&self) -> u64 {
        process::since_boot().map_or(0, |time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
    }
}

/// The event of a run that found another one at work.
pub(super) const TURNED_AWAY: &str = "TURNED_AWAY";

/// The folder of a store, where channels of kind file write beside it.
pub(super) fn beside(store: &Path, name: &str) -> PathBuf {
    store.parent().unwrap_or_else(|| Path::new(".")).join(name)
}
