//! Restarts: what was intended, and how it ended.

use rusqlite::{Connection, Row, params};

use super::words::service_id;
use super::words::{count, maybe_number, maybe_time, number, time};
use super::{Store, StoreError};
use crate::clock::Timestamp;
use crate::watch::HealEnd;

/// A restart that is about to be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRestart {
    /// The service.
    pub service: String,
    /// Which attempt of the outage it is, from 1.
    pub attempt: u32,
    /// Why: the cause of the outage.
    pub cause: String,
    /// The command. It is shown to people: no secrets.
    pub argv: Vec<String>,
}

/// How a restart ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestartEnd {
    /// How its command ended; nothing if nobody knows, since the watch itself ended meanwhile.
    pub end: Option<HealEnd>,
    /// How long it took, in milliseconds.
    pub took_ms: Option<u64>,
    /// The end of what it said, already redacted.
    pub tail: String,
}

impl RestartEnd {
    /// The word that stands in the store.
    pub fn word(&self) -> &'static str {
        match self.end {
            Some(HealEnd::Exited(_)) => "exited",
            Some(HealEnd::Signalled(_)) => "signalled",
            Some(HealEnd::TimedOut) => "timed_out",
            Some(HealEnd::NotStarted | HealEnd::NotRun) => "not_started",
            None => "lost",
        }
    }

    /// The exit code or the number of the signal.
    pub fn code(&self) -> Option<i32> {
        match self.end {
            Some(HealEnd::Exited(code) | HealEnd::Signalled(code)) => Some(code),
            _ => None,
        }
    }
}

/// How a command ended, by a word and the code beside it.
fn ended(row: &Row<'_>) -> rusqlite::Result<Option<HealEnd>> {
    let word: String = row.get(8)?;
    Ok(Some(match word.as_str() {
        "exited" => HealEnd::Exited(row.get(9)?),
        "signalled" => HealEnd::Signalled(row.get(9)?),
        "timed_out" | "too_much" => HealEnd::TimedOut,
        "not_started" => HealEnd::NotStarted,
        "lost" => return Ok(None),
        _ => return Err(rusqlite::types::FromSqlError::InvalidType.into()),
    }))
}

/// A restart as it is remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restart {
    /// Its number.
    pub id: i64,
    /// The service.
    pub service: String,
    /// The cycle, if it belonged to one.
    pub cycle: Option<i64>,
    /// Which attempt of the outage it was.
    pub attempt: u32,
    /// Why.
    pub cause: String,
    /// The command.
    pub argv: Vec<String>,
    /// When it was intended.
    pub at: Timestamp,
    /// How and when it ended; nothing if that is not known yet.
    pub end: Option<(Timestamp, RestartEnd)>,
}

const COLUMNS: &str =
    "SELECT r.id, s.name, r.cycle_id, r.attempt, r.cause, r.argv, r.intended_at, e.ended_at, e.ending, e.code, e.took_ms, e.tail
    FROM restarts r JOIN services s ON s.id = r.service LEFT JOIN restart_ends e ON e.restart = r.id";

impl Store {
    /// Restarts whose end is not known. After the watch itself was killed they are to be ended without an end.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn open_restarts(&self) -> Result<Vec<Restart>, StoreError> {
        let mut query = self.db.prepare_cached(&format!("{COLUMNS} WHERE e.restart IS NULL ORDER BY r.id"))?;
        Ok(query.query_map([], restart)?.collect::<Result<_, _>>()?)
    }

    /// How often a restart of a service was intended at or after a time.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn restarts_since(&self, service: &str, since: Timestamp) -> Result<u64, StoreError> {
        let sql = "SELECT count(*) FROM restarts WHERE service = (SELECT id FROM services WHERE name = ?1) AND intended_at >= ?2";
        Ok(self.db.prepare_cached(sql)?.query_row(params![service, since.unix()], |row| number(row, 0))?)
    }

    /// The last restarts, newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn last_restarts(&self, limit: u32) -> Result<Vec<Restart>, StoreError> {
        let mut query = self.db.prepare_cached(&format!("{COLUMNS} ORDER BY r.id DESC LIMIT ?1"))?;
        Ok(query.query_map([limit], restart)?.collect::<Result<_, _>>()?)
    }
}

pub(super) fn intend(db: &Connection, restart: &NewRestart, cycle: Option<i64>, at: Timestamp) -> Result<i64, StoreError> {
    let service = service_id(db, &restart.service)?;
    let argv = serde_json::to_string(&restart.argv).expect("texts are valid JSON");
    db.prepare_cached("INSERT INTO restarts (service, cycle_id, attempt, cause, argv, intended_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
        .execute(params![service, cycle, restart.attempt, restart.cause, argv, at.unix()])?;
    Ok(db.last_insert_rowid())
}

pub(super) fn end(db: &Connection, restart: i64, end: &RestartEnd, at: Timestamp) -> Result<(), StoreError> {
    let took = end.took_ms.map(|took| count(took, "the time that a restart took")).transpose()?;
    db.prepare_cached("INSERT INTO restart_ends (restart, ended_at, ending, code, took_ms, tail) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
        .execute(params![restart, at.unix(), end.word(), end.code(), took, end.tail])?;
    Ok(())
}

fn restart(row: &Row<'_>) -> rusqlite::Result<Restart> {
    let argv: String = row.get(5)?;
    let broken = |error: serde_json::Error| rusqlite::Error::FromSqlConversionFailure(5, rusqlite::types::Type::Text, Box::new(error));
    let end = match maybe_time(row, 7)? {
        Some(at) => Some((at, RestartEnd { end: ended(row)?, took_ms: maybe_number(row, 10)?, tail: row.get(11)? })),
        None => None,
    };
    Ok(Restart {
        id: row.get(0)?,
        service: row.get(1)?,
        cycle: row.get(2)?,
        attempt: row.get(3)?,
        cause: row.get(4)?,
        argv: serde_json::from_str(&argv).map_err(broken)?,
        at: time(row, 6)?,
        end,
    })
}
