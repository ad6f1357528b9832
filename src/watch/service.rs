//! One service from failure to failure: what its history of answers makes of it.

use serde::{Deserialize, Serialize};

use super::answer::{Class, Took};
use crate::canon::policy::Watch;
use crate::words::words;

/// A day, in seconds of the loop's own time.
const DAY: u64 = 86_400;

words! {
    /// Where a service stands.
    pub enum Phase {
        /// It has not been asked yet.
        Unknown = "unknown",
        /// It answers.
        Up = "up",
        /// It failed, and not yet often enough to be down.
        Suspect = "suspect",
        /// It failed often enough.
        Down = "down",
        /// Its heal command is meant to run, or runs.
        Healing = "healing",
        /// It was restarted, or answers again, and has yet to show that it lasts.
        Verifying = "verifying",
        /// It was restarted as often as it may be, and is still down: only its own health ends this.
        Crashloop = "crashloop",
    }
}

impl Phase {
    /// Whether an outage is under way.
    pub fn is_outage(self) -> bool {
        matches!(self, Self::Down | Self::Healing | Self::Verifying | Self::Crashloop)
    }
}

/// Where a service stands, and the history that decides what happens next. Moments without a name of their own are in
/// the loop's own time. It is written with each step, so what it does not say is not written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceStatus {
    /// Where it stands.
    pub phase: Phase,
    /// Since when, by the wall clock.
    pub since: i64,
    /// What was seen last.
    pub last: Class,
    /// How long the last answer took.
    #[serde(default, skip_serializing_if = "is_default")]
    pub took: Option<Took>,
    /// Failures in a row.
    #[serde(default, skip_serializing_if = "is_default")]
    pub fails: u32,
    /// Answers in a row.
    #[serde(default, skip_serializing_if = "is_default")]
    pub oks: u32,
    /// Degraded answers in a row.
    #[serde(default, skip_serializing_if = "is_default")]
    pub degraded: u32,
    /// What was wrong with its answers, where they were degraded often enough, until it is healthy often enough.
    #[serde(default, skip_serializing_if = "is_default")]
    pub poor: Option<String>,
    /// Healthy answers in a row.
    #[serde(default, skip_serializing_if = "is_default")]
    pub well: u32,
    /// Rounds in a row in which it could not be asked.
    #[serde(default, skip_serializing_if = "is_default")]
    pub unknown: u32,
    /// When this outage began, by the wall clock: with the first failure.
    #[serde(default, skip_serializing_if = "is_default")]
    pub failing_from: Option<i64>,
    /// The number of this outage, or of the last one. Alerts and acknowledgements belong to one outage.
    #[serde(default, skip_serializing_if = "is_default")]
    pub outages: u64,
    /// How it was down last, in this outage.
    #[serde(default, skip_serializing_if = "is_default")]
    pub down: Option<Class>,
    /// Until when a failure after a restart does not count.
    #[serde(default, skip_serializing_if = "is_default")]
    pub grace_until: u64,
    /// When it was restarted within the last day, whatever came of it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub restarts: Vec<u64>,
    /// Restarts since it was last healthy for long: the pause doubles with each.
    #[serde(default, skip_serializing_if = "is_default")]
    pub attempts: u32,
    /// Restarts in this outage.
    #[serde(default, skip_serializing_if = "is_default")]
    pub tried: u32,
    /// Before this it is not restarted again.
    #[serde(default, skip_serializing_if = "is_default")]
    pub next_heal: u64,
    /// Since when it has been healthy without a break.
    #[serde(default, skip_serializing_if = "is_default")]
    pub healthy_from: Option<u64>,
    /// When it changed between up and down.
    #[serde(default, skip_serializing_if = "is_default")]
    pub changes: Vec<u64>,
    /// Whether it comes and goes.
    #[serde(default, skip_serializing_if = "is_default")]
    pub flapping: bool,
    /// The restart that is meant, or runs.
    #[serde(default, skip_serializing_if = "is_default")]
    pub intent: Option<u64>,
    /// Whether the last one that was meant could not be run, because it could not be stored.
    #[serde(default, skip_serializing_if = "is_default")]
    pub unrun: bool,
    /// How the last heal command of this outage failed, as the end of a sentence that begins with it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub unhealed: Option<String>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl ServiceStatus {
    /// A service that has not been asked yet.
    pub fn new(wall: i64) -> Self {
        Self {
            phase: Phase::Unknown,
            since: wall,
            last: Class::Unknown("it has not been asked yet".to_owned()),
            took: None,
            fails: 0,
            oks: 0,
            degraded: 0,
            poor: None,
            well: 0,
            unknown: 0,
            failing_from: None,
            outages: 0,
            down: None,
            grace_until: 0,
            restarts: Vec::new(),
            attempts: 0,
            tried: 0,
            next_heal: 0,
            healthy_from: None,
            changes: Vec::new(),
            flapping: false,
            intent: None,
            unrun: false,
            unhealed: None,
        }
    }

    /// Goes to another phase.
    pub fn enter(&mut self, phase: Phase, wall: i64) {
        if self.phase != phase {
            self.phase = phase;
            self.since = wall;
        }
    }

    /// Takes in what was seen at `t` in the loop's own time.
    pub fn see(&mut self, class: &Class, watch: &Watch, t: u64, wall: i64) {
        self.last = class.clone();
        match class {
            Class::Unknown(_) => {
                self.unknown = self.unknown.saturating_add(1);
                self.healthy_from = None;
                return self.forget(watch, t);
            }
            Class::Down(..) => {
                self.down = Some(class.clone());
                self.failed(watch, t, wall);
            }
            Class::Healthy => self.answered(None, watch, t, wall),
            Class::Degraded(why) => self.answered(Some(why), watch, t, wall),
        }
        self.unknown = 0;
        self.forget(watch, t);
    }

    fn failed(&mut self, watch: &Watch, t: u64, wall: i64) {
        self.fails = self.fails.saturating_add(1);
        (self.oks, self.well, self.degraded, self.healthy_from) = (0, 0, 0, None);
        self.failing_from.get_or_insert(wall);
        match self.phase {
            Phase::Verifying if t < self.grace_until => {}
            // It answered for a while, or was restarted: it is not given the whole threshold again.
            Phase::Verifying => self.enter(Phase::Down, wall),
            Phase::Up | Phase::Suspect | Phase::Unknown if self.fails >= watch.failures => {
                self.changes.push(t);
                self.outages = self.outages.saturating_add(1);
                self.enter(Phase::Down, wall);
            }
            Phase::Up | Phase::Unknown => self.enter(Phase::Suspect, wall),
            Phase::Suspect | Phase::Down | Phase::Healing | Phase::Crashloop => {}
        }
    }

    fn answered(&mut self, lacks: Option<&String>, watch: &Watch, t: u64, wall: i64) {
        self.oks = self.oks.saturating_add(1);
        self.fails = 0;
        if let Some(why) = lacks {
            self.degraded = self.degraded.saturating_add(1);
            (self.well, self.healthy_from) = (0, None);
            if self.degraded >= watch.failures && self.poor.replace(why.clone()).is_none() {
                self.changes.push(t);
            }
        } else {
            self.degraded = 0;
            self.well = self.well.saturating_add(1);
            if self.well >= watch.successes && self.poor.take().is_some() {
                self.changes.push(t);
            }
            let from = *self.healthy_from.get_or_insert(t);
            if t - from >= u64::from(watch.restarts.healthy_s) {
                self.attempts = 0;
                self.next_heal = 0;
            }
        }
        match self.phase {
            Phase::Unknown | Phase::Suspect | Phase::Up => {
                (self.failing_from, self.down) = (None, None);
                self.enter(Phase::Up, wall);
            }
            Phase::Down | Phase::Healing | Phase::Verifying | Phase::Crashloop if self.oks >= watch.successes => {
                self.changes.push(t);
                (self.tried, self.failing_from, self.down, self.intent, self.unrun) = (0, None, None, None, false);
                self.unhealed = None;
                self.enter(Phase::Up, wall);
            }
            Phase::Down | Phase::Healing => {
                self.grace_until = 0;
                self.enter(Phase::Verifying, wall);
            }
            // A loop is over when it has been shown to be, and not before.
            Phase::Verifying | Phase::Crashloop => {}
        }
    }

    /// Forgets what is too long ago to count, and decides whether it comes and goes.
    fn forget(&mut self, watch: &Watch, t: u64) {
        self.restarts.retain(|at| t.saturating_sub(*at) < DAY);
        let within = u64::from(watch.flapping.within_s);
        self.changes.retain(|at| t.saturating_sub(*at) < within);
        let many = watch.flapping.changes as usize;
        if self.changes.len() > 4 * many {
            self.changes.drain(..self.changes.len() - 4 * many);
        }
        // It is steady again only after a whole window without a change.
        self.flapping = self.changes.len() >= many || (self.flapping && !self.changes.is_empty());
    }

    /// Whether it has failed for as long again as it took to be called down.
    pub fn lasts(&self, watch: &Watch) -> bool {
        self.phase.is_outage() && self.fails >= watch.failures.saturating_mul(2)
    }

    /// How many restarts lie within the last `seconds`.
    pub fn restarts_within(&self, seconds: u64, t: u64) -> usize {
        self.restarts.iter().filter(|at| t.saturating_sub(**at) < seconds).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canon::policy;
    use crate::watch::Cause;

    #[test]
    fn poor_answers_are_over_only_after_enough_good_ones() {
        let watch = policy::oxyspine(include_bytes!("../../canon/OXYSPINE_TRINITY.md")).expect("a policy").watch.expect("rules");
        assert_eq!((watch.failures, watch.successes), (3, 2));
        let mut standing = ServiceStatus::new(0);
        let mut see = |class: Class, poor: bool| {
            standing.see(&class, &watch, 0, 0);
            assert_eq!(standing.poor.is_some(), poor, "{class:?}");
        };
        let slow = || Class::Degraded("slow".to_owned());
        let down = Class::Down(Cause::Refused, String::new());
        for (class, poor) in [
            (slow(), false),
            (slow(), false),
            (slow(), true),
            (Class::Healthy, true),
            (slow(), true),
            (Class::Healthy, true),
            (down, true),
            (Class::Healthy, true),
            (Class::Healthy, false),
            (slow(), false),
        ] {
            see(class, poor);
        }
        assert_eq!(standing.changes.len(), 2, "each turn counts for coming and going");
    }

    #[test]
    fn what_a_standing_does_not_say_is_not_written() {
        let watch = policy::oxyspine(include_bytes!("../../canon/OXYSPINE_TRINITY.md")).expect("a policy").watch.expect("rules");
        let mut standing = ServiceStatus::new(0);
        let down = Class::Down(Cause::Refused, "nobody listens".to_owned());
        for class in [Class::Healthy, down.clone(), down.clone(), down, Class::Unknown("no room".to_owned())] {
            standing.see(&class, &watch, 40, 50);
            let text = serde_json::to_string(&standing).expect("text");
            assert_eq!(serde_json::from_str::<ServiceStatus>(&text).expect("a standing"), standing);
        }
        let plain = r#"{"phase":"up","since":7,"last":"healthy"}"#;
        let standing = ServiceStatus { phase: Phase::Up, last: Class::Healthy, ..ServiceStatus::new(7) };
        assert_eq!(serde_json::to_string(&standing).expect("text"), plain);
        // As it was written once: whole.
        let whole = r#"{"phase":"up","since":7,"last":"healthy","took":null,"fails":0,"oks":0,"degraded":0,"poor":null,"well":0,
            "unknown":0,"failing_from":null,"down":null,"grace_until":0,"restarts":[],"attempts":0,"tried":0,"next_heal":0,
            "healthy_from":null,"changes":[],"flapping":false,"intent":null,"unrun":false}"#;
        assert_eq!(serde_json::from_str::<ServiceStatus>(whole).expect("a standing"), standing);
    }
}
