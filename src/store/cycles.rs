//! Cycles of the loop, and what each saw.

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::words::{count, maybe_number, maybe_time, time, words};
use super::{Recorded, Step, Store, StoreError, history, step};
use crate::clock::Timestamp;

words! {
    /// How a service was found.
    Grade {
        /// As expected.
        Healthy = "healthy",
        /// It answers, but not as expected.
        Degraded = "degraded",
        /// It does not answer.
        Down = "down",
        /// The watch could not know.
        Unknown = "unknown",
    }
}

words! {
    /// How a whole cycle went.
    Health {
        /// All is well.
        Healthy = "healthy",
        /// Something is not as expected.
        Degraded = "degraded",
        /// Something critical is down after healing, or there is drift.
        Critical = "critical",
        /// The watch could not know.
        Unknown = "unknown",
        /// Not to be counted: the clock jumped, or the machine slept.
        Discarded = "discarded",
    }
}

/// A cycle that begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// When.
    pub at: Timestamp,
    /// Which start of the machine it belongs to, if the machine tells.
    pub boot: Option<String>,
}

/// What was seen of one service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sight {
    /// The service.
    pub service: String,
    /// How it was found.
    pub grade: Grade,
    /// The state that the loop holds it to be in, in its own words.
    pub state: String,
    /// Why it is not healthy, in the loop's words.
    pub cause: Option<String>,
    /// How long the answer took, in milliseconds.
    pub latency_ms: Option<u64>,
}

/// A cycle that ends.
#[derive(Clone, Debug)]
pub struct Cycle {
    /// Its number, as [`Store::begin_cycle`] gave it.
    pub id: i64,
    /// The last step; its `at` is the end of the cycle. Its `cycle` is not looked at: it is this one.
    pub step: Step,
    /// How long it took, in milliseconds by a clock that does not jump.
    pub took_ms: u64,
    /// How it went.
    pub health: Health,
    /// Whether every critical probe was run and healthy before anything was healed.
    pub clean: bool,
    /// How many anomalies were recorded in it.
    pub anomalies: u32,
    /// What was seen before anything was healed: every service once.
    pub before: Vec<Sight>,
    /// What was seen afterwards, of those that were looked at again.
    pub after: Vec<Sight>,
}

/// A cycle as it is remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CycleRow {
    /// Its number.
    pub id: i64,
    /// When it began.
    pub started_at: Timestamp,
    /// Which start of the machine it belongs to.
    pub boot: Option<String>,
    /// When it ended; nothing if it was interrupted, or is still running.
    pub ended_at: Option<Timestamp>,
    /// How long it took, in milliseconds.
    pub took_ms: Option<u64>,
    /// How it went.
    pub health: Option<Health>,
    /// Whether all was well before anything was healed.
    pub clean: bool,
    /// How many anomalies were recorded in it.
    pub anomalies: u32,
}

/// What a cycle saw of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SightRow {
    /// Whether this was after healing.
    pub healed: bool,
    /// What was seen.
    pub sight: Sight,
}

impl Store {
    /// Opens a cycle and gives its number. Numbers are never used again.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn begin_cycle(&mut self, start: &Start) -> Result<i64, StoreError> {
        let transaction = self.begin()?;
        transaction
            .prepare_cached("INSERT INTO sovereign_cycles (started_at, boot) VALUES (?1, ?2)")?
            .execute(params![start.at.unix(), start.boot])?;
        let id = transaction.last_insert_rowid();
        transaction.commit()?;
        Ok(id)
    }

    /// Closes a cycle with all that it wants remembered, in one transaction.
    ///
    /// # Errors
    /// When the cycle is not open, something breaks a rule, or the store cannot be written; then nothing of it is remembered.
    pub fn commit_cycle(&mut self, cycle: &Cycle) -> Result<Recorded, StoreError> {
        let transaction = self.begin()?;
        let mut close = transaction.prepare_cached(
            "UPDATE sovereign_cycles SET ended_at = ?2, took_ms = ?3, health = ?4, clean = ?5, anomalies = ?6
             WHERE cycle_id = ?1 RETURNING started_at",
        )?;
        let at = cycle.step.at.unix();
        let took = count(cycle.took_ms, "the time that a cycle took")?;
        let closed = close
            .query_row(params![cycle.id, at, took, cycle.health, cycle.clean, cycle.anomalies], |row| row.get::<_, i64>(0))
            .optional()?;
        drop(close);
        let Some(started_at) = closed else { return Err(StoreError::refused(format!("there is no cycle {}", cycle.id))) };
        for (healed, sights) in [(false, &cycle.before), (true, &cycle.after)] {
            for sight in sights {
                see(&transaction, cycle.id, healed, sight)?;
            }
        }
        if cycle.health != Health::Discarded {
            history::add(&transaction, started_at, cycle)?;
        }
        let recorded = step::write(&transaction, &cycle.step, Some(cycle.id))?;
        transaction.commit()?;
        Ok(recorded)
    }

    /// The last cycles, newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn last_cycles(&self, limit: u32) -> Result<Vec<CycleRow>, StoreError> {
        let mut query = self.db.prepare_cached(
            "SELECT cycle_id, started_at, boot, ended_at, took_ms, health, clean, anomalies FROM sovereign_cycles
             ORDER BY cycle_id DESC LIMIT ?1",
        )?;
        Ok(query.query_map([limit], cycle)?.collect::<Result<_, _>>()?)
    }

    /// What a cycle saw, before healing first, services in the order in which the store met them.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn sights(&self, cycle: i64) -> Result<Vec<SightRow>, StoreError> {
        let mut query = self.db.prepare_cached(
            "SELECT t.healed, s.name, t.grade, t.state, t.cause, t.latency_ms FROM service_states t JOIN services s ON s.id = t.service
             WHERE t.cycle_id = ?1 ORDER BY t.healed, t.service",
        )?;
        let read = |row: &Row<'_>| {
            Ok(SightRow {
                healed: row.get(0)?,
                sight: Sight {
                    service: row.get(1)?,
                    grade: row.get(2)?,
                    state: row.get(3)?,
                    cause: row.get(4)?,
                    latency_ms: maybe_number(row, 5)?,
                },
            })
        };
        Ok(query.query_map([cycle], read)?.collect::<Result<_, _>>()?)
    }
}

fn see(db: &Connection, cycle: i64, healed: bool, sight: &Sight) -> Result<(), StoreError> {
    let service = service_id(db, &sight.service)?;
    let latency = sight.latency_ms.map(|ms| count(ms, "a latency")).transpose()?;
    db.prepare_cached(
        "INSERT INTO service_states (cycle_id, healed, service, grade, state, cause, latency_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![cycle, healed, service, sight.grade, sight.state, sight.cause, latency])?;
    Ok(())
}

/// The number of a service; a new one gets one.
pub(super) fn service_id(db: &Connection, name: &str) -> Result<i64, StoreError> {
    let known = db.prepare_cached("SELECT id FROM services WHERE name = ?1")?.query_row([name], |row| row.get(0)).optional()?;
    if let Some(id) = known {
        return Ok(id);
    }
    db.prepare_cached("INSERT INTO services (name) VALUES (?1)")?.execute([name])?;
    Ok(db.last_insert_rowid())
}

fn cycle(row: &Row<'_>) -> rusqlite::Result<CycleRow> {
    Ok(CycleRow {
        id: row.get(0)?,
        started_at: time(row, 1)?,
        boot: row.get(2)?,
        ended_at: maybe_time(row, 3)?,
        took_ms: maybe_number(row, 4)?,
        health: row.get(5)?,
        clean: row.get::<_, Option<bool>>(6)?.unwrap_or_default(),
        anomalies: row.get::<_, Option<u32>>(7)?.unwrap_or_default(),
    })
}
