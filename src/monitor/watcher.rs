//! The watcher: opens what it needs, goes round, tells, and tidies up.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::clock::Timestamp;
use crate::git::{Repo, Sharing};
use crate::process;
use crate::store::{Holder, Lease, NewEvent, RestartEnd, Retention, Step, Store, StoreError, Taken};
use crate::watch::{CanonSeen, Health, Rules};
use crate::workspace::Error;

use super::canon;
use super::check;
use super::cycle::{Hands as _, Record, cycle};
use super::deliver;
use super::hands::RealHands;
use super::kept::Kept;
use super::post::Post;
use super::remember;
use super::unstored::Unstored;
use super::world::{TURNED_AWAY, World};

/// Where the store lies.
#[derive(Clone, Debug)]
pub struct Place {
    /// The file.
    pub store: PathBuf,
}

/// The store of a repository, where none is named.
pub fn store_path(repo: &Repo) -> PathBuf {
    repo.common_dir().join("omega").join("watch.db")
}

/// Opens the store, and what is beside it, to those who share the repository. Fails for files of somebody else, who did it.
fn share(store: &Path, sharing: Sharing) {
    let (Some(folder), Some(name)) = (store.parent(), store.file_name()) else { return };
    for item in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if item.file_name().as_encoded_bytes().starts_with(name.as_encoded_bytes()) {
            let _ = sharing.adjust(&item.path());
        }
    }
}

/// What came of going round once.
#[derive(Clone, Debug)]
pub struct Round {
    /// The cycle.
    pub record: Record,
    /// How all of it is.
    pub health: Health,
    /// What is to be said loudly: rules that are refused, channels that are not set up, faults.
    pub warnings: Vec<String>,
    /// Whether all of it is in the store.
    pub stored: bool,
}

/// A watch that holds the lease of its store.
pub struct Watcher {
    store: Store,
    lease: Lease,
    holder: Holder,
    kept: Kept,
    memory: Unstored,
    post: Post,
    pruned: Option<u64>,
    /// Why the store could not be opened, where something stands in for it.
    shut: Option<String>,
}

/// How much is given up after one round at most, in batches.
const BATCHES: usize = 20;

impl Watcher {
    /// Opens the store and takes its lease.
    ///
    /// # Errors
    /// Held, if another run has the lease; blind, if the store cannot be used.
    pub fn open(place: &Place, world: &World<'_>, name: &str) -> Result<Self, Error> {
        let now = (world.now)();
        let shared = (place.store == store_path(world.repo)).then(|| world.repo.sharing()).filter(|rule| *rule != Sharing::default());
        if let (Some(sharing), Some(folder)) = (shared, place.store.parent()) {
            sharing.make_folder(folder).map_err(|error| Error::io("make", folder, &error))?;
        }
        // Before the store: a newer omega does not change what an older one is writing.
        let Taken::Ours(lease) = Lease::try_acquire(&place.store)? else { return Err(turned_away(&place.store, now)) };
        // A store that is there and cannot be opened now, as on a disk that is full, keeps nobody from looking and telling.
        let (store, shut) = match Store::open(&place.store) {
            Err(error) if error.may_pass() && place.store.exists() => (Store::stand_in(&place.store)?, Some(error.to_string())),
            opened => (opened?, None),
        };
        if let Some(sharing) = shared {
            share(&place.store, sharing);
        }
        let holder = Holder { name: name.to_owned(), pid: std::process::id(), boot: process::boot(), since: now, heartbeat: now };
        let kept = Kept::read(&store)?;
        let mut watcher = Self { store, lease, holder, kept, memory: Unstored::default(), post: Post::default(), pruned: None, shut };
        match &watcher.shut {
            Some(why) => watcher.memory.fault(why.clone()),
            None => watcher.take_over(now),
        }
        if watcher.shut.is_some() && watcher.kept == Kept::default() {
            // Its numbers are none that the store, which nobody can read now, has given already.
            let beyond = u64::try_from(now.unix()).unwrap_or(1);
            (watcher.kept.state.next_incident, watcher.kept.state.next_intent) = (beyond, beyond);
        }
        Ok(watcher)
    }

    /// Takes over from the run before this one: says who holds the lease now, and ends the restarts whose end nobody saw. Whether
    /// they ran is not known; their budget is gone all the same.
    fn take_over(&mut self, now: Timestamp) {
        let mut take = || -> Result<(), StoreError> {
            self.store.hold(&self.lease, &self.holder)?;
            let lost = RestartEnd { end: None, took_ms: None, tail: String::new() };
            let mut step = Step::new(now, None);
            step.ended = self.store.open_restarts()?.iter().map(|restart| (restart.id, lost.clone())).collect();
            if step.ended.is_empty() { Ok(()) } else { self.store.record(&step).map(drop) }
        };
        // A disk that is full keeps nobody from looking and telling.
        if let Err(error) = take() {
            self.memory.fault(error.to_string());
        }
    }

    /// The rules that hold, once a round was gone.
    pub fn rules(&self) -> Option<&Rules> {
        self.kept.rules.as_ref()
    }

    /// Goes round once: observes, thinks, acts, verifies, remembers, and tells whom it has to.
    ///
    /// # Errors
    /// Where there are no rules to watch by: none are ratified, and none ever were.
    pub fn round(&mut self, world: &World<'_>) -> Result<Round, Error> {
        let now = (world.now)();
        self.open_again(now);
        let mut found = canon::look(world, now);
        if let Some(newest) = found.newest.take() {
            world.seen.learn(&newest);
        }
        let mut warnings = Vec::new();
        if let Some(why) = self.kept.unread.take() {
            warnings.push(format!("the rules that the last run kept are not valid for this version of omega, and are read again: {why}"));
        }
        let mut seen = found.seen;
        match found.rules {
            Some(Ok(rules)) => self.obey(rules, found.ruling, now),
            Some(Err(why)) if self.kept.rules.is_none() => {
                return Err(canon::without_rules(&why));
            }
            Some(Err(why)) => {
                let why = format!("the ratified rules cannot be obeyed, and the last ones that could are kept: {why}");
                self.memory.fault(why.clone());
                warnings.push(why);
                // Healing by rules that are no longer ratified would be acting on a draft of the past.
                seen = CanonSeen::Broken("its rules for the watch cannot be obeyed".to_owned());
            }
            None => {}
        }
        let Some(rules) = self.kept.rules.take() else {
            let why = match &seen {
                CanonSeen::Broken(why) | CanonSeen::Unknown(why) => why.clone(),
                CanonSeen::Holds => String::new(),
            };
            return Err(Error::blind(
                format!("there are no rules to watch by: the canon does not verify ({why}), and no valid rules are kept in this store"),
                "omega verify",
            ));
        };
        warnings.extend(check::warnings(world, &rules));
        if self.shut.is_none()
            && let Err(error) = self.store.hold(&self.lease, &Holder { heartbeat: now, ..self.holder.clone() })
        {
            self.memory.fault(error.to_string());
        }
        let mut hands = RealHands {
            world,
            rules: &rules,
            store: &mut self.store,
            memory: &mut self.memory,
            post: &mut self.post,
            canon: seen,
            ratified: found.ratified,
            ruling: self.kept.ruling.clone(),
            cycle: None,
            started_ms: world.since_boot_ms(),
            again: BTreeMap::new(),
            stored: false,
            warnings,
        };
        let (state, record) = cycle(std::mem::take(&mut self.kept.state), &rules, &mut hands);
        hands.tell();
        let (stored, mut warnings) = (hands.stored, hands.warnings);
        self.kept.state = state;
        if stored && record.discarded.is_none() {
            warnings.extend(deliver::alive(world, &mut self.store, &mut self.memory, &mut self.post));
        }
        self.prune(&rules);
        self.kept.rules = Some(rules);
        warnings.extend(self.memory.faults.iter().cloned());
        Ok(Round { health: record.health, record, warnings, stored })
    }

    /// Opens the store that something stands in for, if that is possible now. What happened meanwhile is in memory, and is stored
    /// with the next step; what the store remembers and nobody could read, counts for more than what was begun without it.
    fn open_again(&mut self, now: Timestamp) {
        if self.shut.is_none() {
            return;
        }
        let open = || -> Result<(Store, Option<Kept>), Error> {
            let store = Store::open(self.store.path())?;
            let is_news = self.store.state()?.is_none() && store.state()?.is_some();
            let kept = is_news.then(|| Kept::read(&store)).transpose()?;
            Ok((store, kept))
        };
        match open() {
            Ok((store, kept)) => {
                (self.store, self.shut) = (store, None);
                self.kept = kept.unwrap_or_else(|| std::mem::take(&mut self.kept));
                self.take_over(now);
            }
            Err(error) => {
                self.memory.fault(error.to_string());
                self.shut = Some(error.to_string());
            }
        }
    }

    /// Takes in newly ratified rules.
    fn obey(&mut self, rules: Rules, ruling: Option<String>, now: Timestamp) {
        if self.kept.rules.as_ref() == Some(&rules) && self.kept.ruling == ruling {
            return;
        }
        let mut step = Step::new(now, None);
        step.events.push(NewEvent::new("RULES", &serde_json::json!({ "ruling": ruling })));
        step.state = Some(Kept::document(&self.kept.state, &rules, ruling.as_deref()));
        if let Err(error) = self.store.record(&step) {
            self.memory.fault(error.to_string());
        }
        (self.kept.rules, self.kept.ruling) = (Some(rules), ruling);
    }

    /// Forgets what is old, with the first round of a run and then once an hour, if the clock is sure of what is old.
    fn prune(&mut self, rules: &Rules) {
        let (state, keep) = (&self.kept.state, &rules.watch().retention);
        if !state.clock.as_ref().is_some_and(crate::watch::clock::Clock::is_sure) {
            return;
        }
        if self.shut.is_some() || self.pruned.is_some_and(|at| state.elapsed() < at + 3600) {
            return;
        }
        self.pruned = Some(state.elapsed());
        let before = |days: u32| remember::at(state.wall() - i64::from(days) * 86_400);
        let retention = Retention {
            cycles: before(keep.cycles_days),
            events: before(keep.events_days),
            alerts: before(keep.events_days),
            restarts: before(keep.events_days),
            transfers: before(keep.events_days),
            hours: before(keep.hours_days),
        };
        for _ in 0..BATCHES {
            match self.store.prune(&retention, remember::at(state.wall())) {
                Ok(pruned) if pruned.more => {}
                Ok(_) => break,
                Err(error) => {
                    self.memory.fault(error.to_string());
                    break;
                }
            }
        }
    }

    /// Gives the lease back.
    pub fn close(mut self) {
        // The lock ends with this value, whatever stands in the store.
        let _ = self.store.let_go(&self.lease);
    }
}

fn turned_away(path: &Path, now: Timestamp) -> Error {
    // Whoever holds the lease reads it, and tells if it happens time and again. What this run says does not depend on it, and a
    // store of another format is left to the one who writes it.
    let mut step = Step::new(now, None);
    step.events.push(NewEvent::new(TURNED_AWAY, &serde_json::json!({ "process": std::process::id() })));
    let holder = Store::read(path).and_then(|store| {
        let _ = Store::open(path).and_then(|mut store| store.record(&step));
        store.holder()
    });
    let who = match holder {
        Ok(Some(holder)) => format!("{} (process {}) holds it since {}", holder.name, holder.pid, holder.since),
        _ => "another run holds it".to_owned(),
    };
    Error::Held { fact: format!("the watch runs already: {who}"), hint: "omega watch status".to_owned() }
}
