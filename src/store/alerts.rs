//! Alerts: what people are to be told.

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::words::time;
use super::{Store, StoreError};
use crate::canon::policy::Level;
use crate::clock::Timestamp;
use crate::watch::AlertKind;

/// An alert that is to go out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAlert {
    /// Whoever gives the same key twice has one alert. At most 300 characters.
    pub dedup: String,
    /// The incident that it belongs to. At most 200 characters.
    pub incident: String,
    /// What it says of it.
    pub kind: AlertKind,
    /// How much it matters.
    pub level: Level,
    /// What people read. No secrets.
    pub text: String,
    /// The channels that it goes out by. Without any it is only remembered.
    pub channels: Vec<String>,
    /// The channels that took it already.
    pub told: Vec<String>,
}

/// An alert as it is remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// Its number.
    pub id: i64,
    /// Its key.
    pub dedup: String,
    /// The incident.
    pub incident: String,
    /// What it says of it.
    pub kind: AlertKind,
    /// How much it matters.
    pub level: Level,
    /// What people read.
    pub text: String,
    /// The cycle, if it belonged to one.
    pub cycle: Option<i64>,
    /// When it was entered.
    pub at: Timestamp,
    /// When somebody took the incident on, and who.
    pub acknowledged: Option<(Timestamp, String)>,
}

pub(super) const COLUMNS: &str = "a.id, a.dedup, a.incident, a.kind, a.severity, a.text, a.cycle_id, a.created_at, k.at, k.by_whom";

impl Store {
    /// The last alerts, newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn last_alerts(&self, limit: u32) -> Result<Vec<Alert>, StoreError> {
        let sql =
            format!("SELECT {COLUMNS} FROM alerts a LEFT JOIN acknowledgements k ON k.incident = a.incident ORDER BY a.id DESC LIMIT ?1");
        Ok(self.db.prepare_cached(&sql)?.query_map([limit], alert)?.collect::<Result<_, _>>()?)
    }

    /// The alerts of an incident, oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn alerts_of(&self, incident: &str) -> Result<Vec<Alert>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM alerts a LEFT JOIN acknowledgements k ON k.incident = a.incident WHERE a.incident = ?1 ORDER BY a.id"
        );
        Ok(self.db.prepare_cached(&sql)?.query_map([incident], alert)?.collect::<Result<_, _>>()?)
    }

    /// Whether any channel has taken an alert of this kind about an incident.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn was_told(&self, incident: &str, kind: AlertKind) -> Result<bool, StoreError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM alerts a JOIN outbox o ON o.alert = a.id
            WHERE a.incident = ?1 AND a.kind = ?2 AND o.status = 'sent')";
        Ok(self.db.prepare_cached(sql)?.query_row(params![incident, kind], |row| row.get(0))?)
    }

    /// Whether one channel has taken an alert of this kind about an incident.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn was_told_by(&self, incident: &str, kind: AlertKind, channel: &str) -> Result<bool, StoreError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM alerts a JOIN outbox o ON o.alert = a.id
            WHERE a.incident = ?1 AND a.kind = ?2 AND o.channel = ?3 AND o.status = 'sent')";
        Ok(self.db.prepare_cached(sql)?.query_row(params![incident, kind, channel], |row| row.get(0))?)
    }

    /// Notes that somebody takes an incident on, for the first time or again. Gives `false` if somebody had done so already.
    /// Whether there is such an incident is known where incidents are. The time is another one each time, whatever the clock
    /// says: so that somebody said it again can be seen.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn acknowledge(&mut self, incident: &str, by: &str, at: Timestamp) -> Result<bool, StoreError> {
        let transaction = self.begin()?;
        let known: bool =
            transaction.query_row("SELECT EXISTS (SELECT 1 FROM acknowledgements WHERE incident = ?1)", [incident], |row| row.get(0))?;
        transaction.execute(
            "INSERT INTO acknowledgements (incident, at, by_whom) VALUES (?1, ?2, ?3)
             ON CONFLICT (incident) DO UPDATE SET at = max(at + 1, excluded.at), by_whom = excluded.by_whom",
            params![incident, at.unix(), by],
        )?;
        transaction.commit()?;
        Ok(!known)
    }

    /// The incidents that somebody has taken on, and when.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn acknowledged(&self) -> Result<Vec<(String, Timestamp)>, StoreError> {
        let mut query = self.db.prepare_cached("SELECT incident, at FROM acknowledgements ORDER BY at, incident")?;
        Ok(query.query_map([], |row| Ok((row.get(0)?, time(row, 1)?)))?.collect::<Result<_, _>>()?)
    }
}

/// Enters an alert with its deliveries, or finds the one with the same key.
pub(super) fn enter(db: &Connection, alert: &NewAlert, cycle: Option<i64>, at: Timestamp) -> Result<i64, StoreError> {
    let known = db.prepare_cached("SELECT id FROM alerts WHERE dedup = ?1")?.query_row([&alert.dedup], |row| row.get(0)).optional()?;
    if let Some(id) = known {
        return Ok(id);
    }
    db.prepare_cached(
        "INSERT INTO alerts (dedup, incident, kind, severity, text, cycle_id, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![alert.dedup, alert.incident, alert.kind, alert.level, alert.text, cycle, at.unix()])?;
    let id = db.last_insert_rowid();
    let mut send = db.prepare_cached("INSERT INTO outbox (alert, channel, next_at) VALUES (?1, ?2, ?3)")?;
    for channel in &alert.channels {
        send.execute(params![id, channel, at.unix()])?;
    }
    let mut sent =
        db.prepare_cached("INSERT INTO outbox (alert, channel, status, attempts, next_at, done_at) VALUES (?1, ?2, 'sent', 1, ?3, ?3)")?;
    for channel in &alert.told {
        sent.execute(params![id, channel, at.unix()])?;
    }
    Ok(id)
}

pub(super) fn alert(row: &Row<'_>) -> rusqlite::Result<Alert> {
    let acknowledged = match super::words::maybe_time(row, 8)? {
        Some(at) => Some((at, row.get(9)?)),
        None => None,
    };
    Ok(Alert {
        id: row.get(0)?,
        dedup: row.get(1)?,
        incident: row.get(2)?,
        kind: row.get(3)?,
        level: row.get(4)?,
        text: row.get(5)?,
        cycle: row.get(6)?,
        at: time(row, 7)?,
        acknowledged,
    })
}
