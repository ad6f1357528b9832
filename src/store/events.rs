//! Events: written once, each bound to the one before it.

use rusqlite::{Connection, Row, params};
use serde_json::Value;

use super::chain::{self, Head};
use super::words::time;
use super::{Store, StoreError};
use crate::clock::Timestamp;
use crate::digest::Digest;

/// The most bytes that the payload of an event has.
const MOST: usize = 64 << 10;

/// An event that is to be remembered.
#[derive(Clone, Debug, PartialEq)]
pub struct NewEvent {
    kind: String,
    /// JSON, as it is stored: as a value it takes many times the room.
    payload: String,
}

impl NewEvent {
    /// An event of a kind of capitals, digits and underscores, as in `HEALTH_CHANGE`. What happened is at most 64 KiB of text. It is
    /// shown to people: no secrets.
    pub fn new(kind: &str, payload: &Value) -> Self {
        Self { kind: kind.to_owned(), payload: payload.to_string() }
    }

    /// The same, or where the payload is more than so many bytes of text, what it begins with.
    pub fn cut(kind: &str, payload: &Value, most: usize) -> Self {
        let event = Self::new(kind, payload);
        if event.payload.len() <= most {
            return event;
        }
        Self::new(kind, &serde_json::json!({ "cut": event.payload.chars().take(most / 8).collect::<String>() }))
    }
}

/// An event as it is remembered.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its number; they rise by one.
    pub id: i64,
    /// Its kind.
    pub kind: String,
    /// The cycle, if it belonged to one.
    pub cycle: Option<i64>,
    /// What happened, exactly as it was written.
    pub payload: String,
    /// When.
    pub at: Timestamp,
    /// The digest of the chain up to and with this event.
    pub hash: Digest,
}

impl Store {
    /// Events after a number, oldest first; of one kind, if one is given.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn events_after(&self, id: i64, kind: Option<&str>, limit: u32) -> Result<Vec<Event>, StoreError> {
        // Two queries, so that each has its index.
        let (filter, order) = if kind.is_some() { ("AND type = ?3", "id") } else { ("AND ?3 IS NULL", "id") };
        let sql = format!(
            "SELECT id, type, cycle_id, payload, created_at, hash FROM omega_events WHERE id > ?1 {filter} ORDER BY {order} LIMIT ?2"
        );
        let mut query = self.db.prepare_cached(&sql)?;
        Ok(query.query_map(params![id, limit, kind], event)?.collect::<Result<_, _>>()?)
    }

    /// How many events of a kind came after a time; a hundred, if it were more.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn count_events(&self, kind: &str, after: Timestamp) -> Result<u32, StoreError> {
        let sql =
            "SELECT count(*) FROM (SELECT created_at FROM omega_events WHERE type = ?1 ORDER BY id DESC LIMIT 100) WHERE created_at > ?2";
        Ok(self.db.prepare_cached(sql)?.query_row(params![kind, after.unix()], |row| row.get(0))?)
    }

    /// The last events, oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn last_events(&self, limit: u32) -> Result<Vec<Event>, StoreError> {
        let sql = "SELECT id, type, cycle_id, payload, created_at, hash FROM omega_events ORDER BY id DESC LIMIT ?1";
        let mut events: Vec<Event> = self.db.prepare_cached(sql)?.query_map([limit], event)?.collect::<Result<_, _>>()?;
        events.reverse();
        Ok(events)
    }
}

pub(super) fn event(row: &Row<'_>) -> rusqlite::Result<Event> {
    Ok(Event {
        id: row.get(0)?,
        kind: row.get(1)?,
        cycle: row.get(2)?,
        payload: row.get(3)?,
        at: time(row, 4)?,
        hash: chain::digest(row, 5)?,
    })
}

/// Appends events to the chain.
pub(super) fn append(db: &Connection, events: &[NewEvent], cycle: Option<i64>, at: Timestamp) -> Result<Vec<i64>, StoreError> {
    let mut ids = Vec::with_capacity(events.len());
    if events.is_empty() {
        return Ok(ids);
    }
    let mut head = chain::head(db)?;
    let mut insert =
        db.prepare_cached("INSERT INTO omega_events (id, type, cycle_id, payload, created_at, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
    for event in events {
        let payload = &event.payload;
        if payload.len() > MOST {
            return Err(StoreError::refused(format!("an event holds more than {MOST} bytes")));
        }
        let id = head.id + 1;
        let hash = chain::next(&head.hash, id, &event.kind, cycle, payload, at.unix());
        insert.execute(params![id, event.kind, cycle, payload, at.unix(), chain::bytes(&hash)])?;
        head = Head { id, hash };
        ids.push(id);
    }
    chain::set_head(db, &head)?;
    Ok(ids)
}
