//! News that could not be stored yet.

use super::remember;
use crate::canon::policy::Channel;
use crate::store::RestartEnd;
use crate::watch::{Action, Alert};
use std::collections::{BTreeMap, BTreeSet};

/// How much news waits in memory while the store cannot be written.
const MOST: usize = 1000;

/// What the watch holds only in memory: news that could not be stored yet.
#[derive(Debug, Default)]
pub struct Unstored {
    /// What went wrong since the last look.
    pub faults: Vec<String>,
    /// Actions of steps that could not be stored.
    pub backlog: Vec<Action>,
    /// Which of those alerts a channel was told of, by key.
    pub told: BTreeMap<String, Vec<String>>,
    /// Rows of the outbox that a channel took, where that could not be written down.
    pub sent: BTreeSet<(i64, String)>,
    /// Channels that are left alone for a while, where that could not be written down.
    pub rests: BTreeMap<String, Rest>,
    /// The row of the restart that was stored last, until its end is.
    pub restart: Option<i64>,
    /// How it ended.
    pub ended: Option<RestartEnd>,
}

/// A channel is left alone.
#[derive(Clone, Copy, Debug)]
pub struct Rest {
    /// How often it did not take something.
    pub attempts: u32,
    /// Until when, in milliseconds since the machine was started.
    pub until_ms: u64,
}

impl Unstored {
    pub(super) fn fault(&mut self, why: String) {
        if !self.faults.contains(&why) && self.faults.len() < 20 {
            self.faults.push(why);
        }
    }

    /// Forgets what is too much: first the oldest of what happened, and of what nobody was told yet only where that is too much
    /// by itself.
    pub(super) fn shorten(&mut self) {
        let mut over = self.backlog.len().saturating_sub(MOST);
        let mut forget = |is_meant: fn(&Action) -> bool| {
            self.backlog.retain(|action| {
                let goes = over > 0 && is_meant(action);
                over -= usize::from(goes);
                !goes
            });
        };
        forget(|action| !matches!(action, Action::Alert(_)));
        forget(|_| true);
    }

    /// The alerts that could not be stored and that a channel has yet to be told.
    pub(super) fn untold<'a>(&'a self, channel: &'a Channel) -> impl Iterator<Item = &'a Alert> {
        let is_told = |alert: &Alert| self.told.get(&remember::key(alert)).is_some_and(|told| told.contains(&channel.name));
        self.alerts().filter(move |alert| alert.level >= channel.least && !is_told(alert))
    }

    /// The alerts that could not be stored.
    pub(super) fn alerts(&self) -> impl Iterator<Item = &Alert> {
        self.backlog.iter().filter_map(|action| if let Action::Alert(alert) = action { Some(alert) } else { None })
    }
}
