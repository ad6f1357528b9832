//! The hands of the real watch: probes, heal commands, the store.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::canon::RepoPath;
use crate::digest::Digest;
use crate::process;
use crate::store::{self, CycleEnd, RestartEnd, Start, Store, StoreError};
use crate::watch::heal::HealEnd;
use crate::watch::{Action, CanonSeen, Class, CopySeen, Heal, Moment, Round, Rules};

use super::cycle::{Hands, Step};
use super::kept::Kept;
use super::post::Post;
use super::remember;
use super::unstored::Unstored;
use super::world::{TURNED_AWAY, World};
use super::{ask, deliver, tell};

/// What touches the world for the watch, for one cycle.
pub(super) struct RealHands<'a> {
    pub world: &'a World<'a>,
    pub rules: &'a Rules,
    pub store: &'a mut Store,
    pub memory: &'a mut Unstored,
    pub post: &'a mut Post,
    /// What the canon was found to say at the beginning of this cycle.
    pub canon: CanonSeen,
    pub ratified: BTreeMap<RepoPath, Digest>,
    pub ruling: Option<String>,
    /// The row of this cycle.
    pub cycle: Option<i64>,
    /// When the cycle began, in milliseconds since the machine was started.
    pub started_ms: u64,
    /// What was asked again.
    pub again: BTreeMap<String, ask::Heard>,
    /// Whether the last step was stored.
    pub stored: bool,
    /// What is worth a warning.
    pub warnings: Vec<String>,
}

/// What the machine's clocks say.
pub(super) fn moment(world: &World<'_>) -> Moment {
    let seconds = |time: Option<std::time::Duration>| time.map_or(0, |time| time.as_secs());
    Moment {
        wall: (world.now)().unix(),
        boot: process::boot().unwrap_or_default(),
        since_boot: seconds(process::since_boot()),
        awake: seconds(process::awake()),
    }
}

/// Deployed copies against what is ratified.
pub(super) fn copies(rules: &Rules, canon: &CanonSeen, ratified: &BTreeMap<RepoPath, Digest>) -> Vec<CopySeen> {
    if *canon != CanonSeen::Holds {
        return Vec::new();
    }
    let differs = |file: &str, is: &RepoPath| {
        let Some(wanted) = ratified.get(is) else { return Some(format!("{is} is not ratified")) };
        match read_copy(file) {
            Err(error) => Some(format!("it cannot be read: {error}")),
            Ok(bytes) => (Digest::of(&bytes) != *wanted).then(|| format!("it differs from {is}")),
        }
    };
    let deployed = rules.watch().deployed.iter();
    deployed.map(|copy| CopySeen { file: copy.file.clone(), differs: differs(&copy.file, &copy.is) }).collect()
}

/// A whole file, if it is one, and no larger than a governed file may be.
fn read_copy(file: &str) -> Result<Vec<u8>, String> {
    let about = std::fs::metadata(file).map_err(|error| error.to_string())?;
    if !about.is_file() || about.len() > crate::canon::text::MAX_BYTES {
        return Err("it is not a plain file, or it is too large".to_owned());
    }
    std::fs::read(file).map_err(|error| error.to_string())
}

impl RealHands<'_> {
    /// Stores a step, with all that earlier steps could not store.
    fn store(&mut self, step: &Step<'_>) -> Result<(), StoreError> {
        let mut kept = store::Step::new(remember::at(step.state.wall()), self.cycle);
        kept.state = Some(Kept::document(step.state, self.rules, self.ruling.as_deref()));
        let all: Vec<&Action> = self.memory.backlog.iter().chain(step.actions).collect();
        kept.events = all.iter().filter_map(|action| remember::event(action)).collect();
        kept.restarts = step.actions.iter().filter_map(remember::restart).collect();
        kept.credits = step.actions.iter().filter_map(|action| remember::credit(action, self.rules)).collect();
        for action in all {
            if let Action::Alert(alert) = action {
                let told = self.memory.told.get(&remember::key(alert)).map_or(&[][..], Vec::as_slice);
                if !told.is_empty() {
                    // Whoever heard this must not hear of what came before it afterwards.
                    kept.withdrawn.extend(self.store.alerts_of(&alert.incident.to_string())?.iter().map(|earlier| earlier.id));
                }
                kept.alerts.push(remember::alert(alert, self.rules, told));
            }
        }
        if let (Some(row), Some(end)) = (self.memory.restart, &self.memory.ended) {
            kept.ended.push((row, end.clone()));
        }
        self.world.step("watch: store");
        let recorded = match (&step.cycle, self.cycle) {
            (Some(record), Some(id)) => {
                let standing = |name: &str| step.state.services.get(name);
                let took = |name: &str| standing(name).and_then(|standing| standing.took);
                let before = record.before.iter().map(|(name, class)| remember::sight(name, class, standing(name), took(name)));
                let again = self.again.iter();
                let after = again.map(|(name, heard)| remember::sight(name, &heard.class, standing(name), Some(heard.took)));
                self.store.commit_cycle(&store::Cycle {
                    id,
                    step: kept,
                    took_ms: self.world.since_boot_ms().saturating_sub(self.started_ms),
                    health: if record.discarded.is_some() { CycleEnd::Discarded } else { CycleEnd::Counted(record.health) },
                    clean: record.clean,
                    anomalies: record.anomalies,
                    before: before.collect(),
                    after: after.collect(),
                })?
            }
            _ => self.store.record(&kept)?,
        };
        if self.memory.ended.take().is_some() {
            self.memory.restart = None;
        }
        if let Some(row) = recorded.restarts.first() {
            self.memory.restart = Some(*row);
        }
        self.memory.backlog.clear();
        self.memory.told.clear();
        Ok(())
    }
}

impl Hands for RealHands<'_> {
    fn now(&mut self) -> Moment {
        moment(self.world)
    }

    fn look(&mut self, rules: &Rules) -> Round {
        let heard = ask::all(self.world, rules, rules.services().iter());
        // Without a row of its own a cycle is not remembered, but what it sees counts.
        let start = Start { at: remember::at((self.world.now)().unix()), boot: process::boot() };
        self.world.step("watch: cycle");
        match self.store.begin_cycle(&start) {
            Ok(id) => self.cycle = Some(id),
            Err(error) => self.memory.fault(error.to_string()),
        }
        let acknowledged = self.store.acknowledged().unwrap_or_default();
        let lately = (self.world.now)().unix() - i64::try_from(rules.lately_s()).unwrap_or(i64::MAX);
        let turned_away = self.store.count_events(TURNED_AWAY, remember::at(lately)).unwrap_or_default();
        Round {
            canon: self.canon.clone(),
            services: heard.iter().map(|(name, heard)| (name.clone(), heard.class.clone())).collect(),
            took: heard.iter().map(|(name, heard)| (name.clone(), heard.took)).collect(),
            copies: copies(rules, &self.canon, &self.ratified),
            faults: std::mem::take(&mut self.memory.faults),
            acknowledged: acknowledged.iter().filter_map(|(incident, at)| Some((incident.parse().ok()?, at.unix()))).collect(),
            turned_away,
        }
    }

    fn look_again(&mut self, rules: &Rules, names: &[String]) -> BTreeMap<String, Class> {
        self.again = ask::all(self.world, rules, rules.services().iter().filter(|service| names.contains(&service.name)));
        self.again.iter().map(|(name, heard)| (name.clone(), heard.class.clone())).collect()
    }

    fn pause(&mut self, seconds: u64) -> bool {
        (self.world.wait)(Duration::from_secs(seconds))
    }

    fn heal(&mut self, heal: &Heal) -> (HealEnd, String) {
        self.world.step("watch: heal");
        let (end, said, took_ms) = tell::heal(self.world, self.rules, heal);
        self.world.step("watch: healed");
        self.memory.ended = Some(RestartEnd { end: Some(end), took_ms, tail: said.clone() });
        (end, said)
    }

    fn tell(&mut self) {
        self.warnings.extend(deliver::deliver(self.world, self.rules, self.store, self.memory, self.post));
    }

    fn keep(&mut self, step: &Step<'_>) -> Result<(), String> {
        self.stored = false;
        if let Err(error) = self.store(step) {
            let why = error.to_string();
            self.memory.fault(why.clone());
            // What a cycle earns is not kept: a cycle that could not be remembered earns nothing.
            let news = step.actions.iter().filter(|action| matches!(action, Action::Event(_) | Action::Alert(_)));
            self.memory.backlog.extend(news.cloned());
            self.memory.shorten();
            return Err(why);
        }
        self.stored = true;
        Ok(())
    }
}
