//! Cycles of the loop, and what each saw.

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::words::{count, maybe_number, maybe_time, service_id, time};
use super::{Cycle, CycleEnd, Recorded, Sight, Start, Store, StoreError, history, step};
use crate::clock::Timestamp;

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
    pub health: Option<CycleEnd>,
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
        if cycle.health != CycleEnd::Discarded {
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
