//! All that the loop remembers from one step to the next.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::answer::Class;
use super::clock::{Clock, Moment};
use super::incident::Incident;
use super::service::ServiceStatus;

/// All that the loop remembers. It is written to the store after each step, as one document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// The loop's own time; nothing before the first cycle.
    pub clock: Option<Clock>,
    /// The number of the cycle that was begun last.
    pub cycle: u64,
    /// The cycle under way; nothing between cycles.
    pub current: Option<Current>,
    /// Whether the canon holds.
    pub canon: Canon,
    /// The services by name.
    pub services: BTreeMap<String, ServiceStatus>,
    /// Deployed copies that differ, with what is wrong.
    pub drifted: BTreeMap<String, String>,
    /// What went wrong with the watcher itself in the last cycle.
    pub faults: Vec<String>,
    /// Other runs that were turned away of late.
    #[serde(default)]
    pub turned_away: u32,
    /// Rounds in a row in which too much failed at once.
    pub failing_rounds: u32,
    /// How what failed all at once is brought back; nothing, where nothing did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery: Option<Recovering>,
    /// What is wrong now, by subject.
    pub incidents: BTreeMap<String, Incident>,
    /// The number of the next incident.
    pub next_incident: u64,
    /// The number of the next restart.
    pub next_intent: u64,
    /// What this day has seen.
    pub day: Day,
}

/// The cycle under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Current {
    /// When it began, by the wall clock.
    pub from: i64,
    /// What was seen first, before anything was healed.
    pub before: BTreeMap<String, Class>,
    /// Why what was seen does not count.
    pub discarded: Option<String>,
    /// How many anomalies were recorded in it.
    pub anomalies: u32,
}

/// How services that failed all at once are brought back: after a pause, one at a time, each shown to last before the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recovering {
    /// The service that was restarted and has yet to show that it lasts.
    pub probe: Option<String>,
    /// Restarts in a row that did not help.
    pub failed: u32,
    /// Before this nothing is restarted, in the loop's own time.
    pub not_before: u64,
}

/// Whether the canon holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Canon {
    /// It has not been looked at.
    #[default]
    NotSeen,
    /// Every governed byte is ratified.
    Holds,
    /// It does not verify, since then.
    Broken(String, i64),
    /// Nothing can be said of it, since then.
    Unknown(String, i64),
}

impl Canon {
    /// Whether the loop may act.
    pub fn holds(&self) -> bool {
        *self == Self::Holds
    }
}

/// What one UTC day has seen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Day {
    /// Days since 1970.
    pub number: i64,
    /// How often each event came.
    pub counts: BTreeMap<String, u32>,
    /// Budgets that were told to be spent.
    pub told: BTreeSet<String>,
}

impl State {
    /// Seconds in the loop's own time.
    pub fn elapsed(&self) -> u64 {
        self.clock.as_ref().map_or(0, |clock| clock.elapsed)
    }

    /// Seconds since 1970 at the last step.
    pub fn wall(&self) -> i64 {
        self.clock.as_ref().map_or(0, |clock| clock.last.wall)
    }

    /// Goes forward to now; says why what is seen now cannot be compared with what was seen before, if so.
    pub fn advance(&mut self, now: &Moment) -> Option<&'static str> {
        match &mut self.clock {
            Some(clock) => clock.advance(now),
            None => {
                self.clock = Some(Clock::start(now));
                // People count from one.
                (self.next_incident, self.next_intent) = (self.next_incident.max(1), self.next_intent.max(1));
                None
            }
        }
    }

    /// Whether what this cycle sees does not count.
    pub fn is_discarded(&self) -> bool {
        self.current.as_ref().is_some_and(|current| current.discarded.is_some())
    }

    /// The services that were restarted or answer again, and have yet to show that they last.
    pub fn to_verify(&self) -> Vec<&str> {
        let verifying = |standing: &ServiceStatus| standing.phase == super::Phase::Verifying;
        self.services.iter().filter(|(_, standing)| verifying(standing)).map(|(name, _)| name.as_str()).collect()
    }

    /// How long until the last of them may be asked again, in seconds.
    pub fn grace_left(&self) -> u64 {
        let verifying = self.services.values().filter(|standing| standing.phase == super::Phase::Verifying);
        verifying.map(|standing| standing.grace_until.saturating_sub(self.elapsed())).max().unwrap_or(0)
    }

    /// The service of this name, known or new.
    pub fn standing(&mut self, name: &str) -> &mut ServiceStatus {
        let wall = self.wall();
        self.services.entry(name.to_owned()).or_insert_with(|| ServiceStatus::new(wall))
    }

    /// Begins a new day, if it is one. A clock that goes back by less than a day does not begin a day anew.
    pub fn begin_day(&mut self) {
        let today = self.wall().div_euclid(86_400);
        if today > self.day.number || today + 1 < self.day.number {
            self.day = Day { number: today, ..Day::default() };
        }
    }

    /// Counts events of this day.
    pub fn count(&mut self, event: &str, times: u32) {
        self.begin_day();
        let count = self.day.counts.entry(event.to_owned()).or_default();
        *count = count.saturating_add(times);
    }

    /// Records that something out of the ordinary was stored in this cycle.
    pub fn anomaly(&mut self) {
        if let Some(current) = &mut self.current {
            current.anomalies = current.anomalies.saturating_add(1);
        }
        self.count("ANOMALY", 1);
    }
}
