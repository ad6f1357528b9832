//! Real files, real transactions, and the attacks that the store is to find.

mod alerts;
mod chain;
mod crashes;
mod credits;
mod cycles;
mod leases;
mod ninety_days;
mod opening;
mod retention;

use std::path::PathBuf;

use super::*;
use crate::canon::policy::Level;
use crate::clock::Timestamp;
use crate::watch::{AlertKind, Grade, HealEnd, Health};

/// A store in a folder of its own.
pub(super) struct Place {
    dir: tempfile::TempDir,
}

impl Place {
    pub(super) fn new() -> Self {
        // Memory, where the system offers it: every transaction is synced.
        Self { dir: tempfile::TempDir::new_in("/dev/shm").or_else(|_| tempfile::TempDir::new()).unwrap() }
    }

    pub(super) fn path(&self) -> PathBuf {
        self.dir.path().join("watch.db")
    }

    pub(super) fn open(&self) -> Store {
        Store::open(&self.path()).unwrap()
    }

    /// The file, as somebody opens it who holds himself to nothing: without triggers and checks.
    pub(super) fn bare(&self) -> rusqlite::Connection {
        let db = rusqlite::Connection::open(self.path()).unwrap();
        let triggers: Vec<String> = db
            .prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        for trigger in triggers {
            db.execute_batch(&format!("DROP TRIGGER {trigger}")).unwrap();
        }
        db.execute_batch("PRAGMA ignore_check_constraints = ON").unwrap();
        db
    }
}

/// Seconds after 2026-02-26T00:00:00Z.
pub(super) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(1_772_064_000 + seconds).unwrap()
}

pub(super) fn event(kind: &str, payload: serde_json::Value) -> NewEvent {
    NewEvent::new(kind, &payload)
}

pub(super) fn alert(dedup: &str, incident: &str, kind: AlertKind) -> NewAlert {
    NewAlert {
        dedup: dedup.to_owned(),
        incident: incident.to_owned(),
        kind,
        level: Level::Critical,
        text: format!("{incident} {}", kind.as_str()),
        channels: vec!["telegram".to_owned(), "file".to_owned()],
        told: Vec::new(),
    }
}

pub(super) fn sight(service: &str, grade: Grade, latency_ms: Option<u64>) -> Sight {
    let cause = (grade != Grade::Healthy).then(|| "refused".to_owned());
    Sight { service: service.to_owned(), grade, state: "up".to_owned(), cause, latency_ms }
}

impl From<Health> for CycleEnd {
    fn from(health: Health) -> Self {
        Self::Counted(health)
    }
}

/// A cycle that only looked, opened and closed.
pub(super) fn cycle(store: &mut Store, from: i64, health: impl Into<CycleEnd>, before: Vec<Sight>) -> i64 {
    let id = store.begin_cycle(&Start { at: at(from), boot: None }).unwrap();
    let step = Step::new(at(from + 1), None);
    let health = health.into();
    let clean = health == CycleEnd::Counted(Health::Healthy);
    store.commit_cycle(&Cycle { id, step, took_ms: 900, health, clean, anomalies: 0, before, after: Vec::new() }).unwrap();
    id
}
