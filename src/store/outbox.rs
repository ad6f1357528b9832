//! The outbox: every alert on its way through every channel, until it is taken, refused or withdrawn.

use rusqlite::{Connection, Row, params};

use super::alerts::{self, Alert, COLUMNS};
use super::words::{count, number, stored, time};
use super::{Store, StoreError};
use crate::clock::Timestamp;
use crate::words::words;

/// An alert that waits for a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undelivered {
    /// The alert.
    pub alert: Alert,
    /// The channel.
    pub channel: String,
    /// How often it was tried.
    pub attempts: u32,
    /// Not to be tried before.
    pub next_at: Timestamp,
}

words! {
    /// What a channel made of an alert.
    pub enum Attempt {
        /// It took it.
        Sent = "sent",
        /// Not now; it is to be tried again.
        Again = "again",
        /// Never.
        Refused = "refused",
    }
}

stored!(Attempt);

/// One try to send an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The alert.
    pub alert: i64,
    /// The channel.
    pub channel: String,
    /// When it was tried.
    pub at: Timestamp,
    /// What the channel made of it.
    pub attempt: Attempt,
    /// When to try again; looked at for [`Attempt::Again`] only, and then not before `at`.
    pub next_at: Timestamp,
    /// What the channel said, already redacted; longer than 2000 characters it is cut.
    pub detail: Option<String>,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
}

impl Store {
    /// Alerts that may be sent now, oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<Undelivered>, StoreError> {
        self.waiting(now.unix(), limit)
    }

    /// All alerts that are not delivered yet, oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn undelivered(&self, limit: u32) -> Result<Vec<Undelivered>, StoreError> {
        self.waiting(i64::MAX, limit)
    }

    /// The alerts that wait for one channel, due or not, oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn waiting_for(&self, channel: &str, limit: u32) -> Result<Vec<Undelivered>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS}, o.channel, o.attempts, o.next_at FROM outbox o JOIN alerts a ON a.id = o.alert
             LEFT JOIN acknowledgements k ON k.incident = a.incident
             WHERE o.status = 'waiting' AND o.channel = ?1 ORDER BY o.alert LIMIT ?2"
        );
        Ok(self.db.prepare_cached(&sql)?.query_map(params![channel, limit], undelivered)?.collect::<Result<_, _>>()?)
    }

    /// How many deliveries wait.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn backlog(&self) -> Result<u64, StoreError> {
        let sql = "SELECT count(*) FROM outbox WHERE status = 'waiting'";
        Ok(self.db.prepare_cached(sql)?.query_row([], |row| number(row, 0))?)
    }

    /// Notes a try to send alerts, in one transaction: in the outbox, and in the log. A try that failed as the one before it
    /// is not logged again: a channel that stays away for months must not fill the disk.
    ///
    /// # Errors
    /// When one of the alerts does not wait for that channel, or the store cannot be written; then nothing is noted.
    pub fn delivered(&mut self, deliveries: &[Delivery]) -> Result<(), StoreError> {
        let transaction = self.begin()?;
        for delivery in deliveries {
            note(&transaction, delivery)?;
        }
        transaction.commit()?;
        Ok(())
    }

    fn waiting(&self, until: i64, limit: u32) -> Result<Vec<Undelivered>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS}, o.channel, o.attempts, o.next_at FROM outbox o JOIN alerts a ON a.id = o.alert
             LEFT JOIN acknowledgements k ON k.incident = a.incident
             WHERE o.status = 'waiting' AND o.next_at <= ?1 ORDER BY o.alert, o.channel LIMIT ?2"
        );
        Ok(self.db.prepare_cached(&sql)?.query_map(params![until, limit], undelivered)?.collect::<Result<_, _>>()?)
    }
}

fn note(db: &Connection, delivery: &Delivery) -> Result<(), StoreError> {
    let at = delivery.at.unix();
    let (status, done_at, next_at) = match delivery.attempt {
        Attempt::Sent => ("sent", Some(at), at),
        Attempt::Refused => ("refused", Some(at), at),
        Attempt::Again => ("waiting", None, delivery.next_at.unix().max(at)),
    };
    let changed = db
        .prepare_cached(
            "UPDATE outbox SET status = ?3, attempts = attempts + 1, next_at = ?4, done_at = ?5
             WHERE alert = ?1 AND channel = ?2 AND status = 'waiting'",
        )?
        .execute(params![delivery.alert, delivery.channel, status, next_at, done_at])?;
    if changed != 1 {
        return Err(StoreError::refused(format!("alert {} does not wait for this channel", delivery.alert)));
    }
    let detail: Option<String> = delivery.detail.as_ref().map(|detail| detail.chars().take(2000).collect());
    db.prepare_cached(
        "INSERT INTO deliveries (alert, channel, at, result, detail, took_ms) SELECT ?1, ?2, ?3, ?4, ?5, ?6
         WHERE ?4 <> 'again' OR (?4, ?5) IS NOT (SELECT result, detail FROM deliveries WHERE alert = ?1 AND channel = ?2 ORDER BY id DESC LIMIT 1)",
    )?
    .execute(params![
        delivery.alert,
        delivery.channel,
        at,
        delivery.attempt,
        detail,
        count(delivery.took_ms, "the time that a delivery took")?
    ])?;
    Ok(())
}

fn undelivered(row: &Row<'_>) -> rusqlite::Result<Undelivered> {
    Ok(Undelivered { alert: alerts::alert(row)?, channel: row.get(10)?, attempts: row.get(11)?, next_at: time(row, 12)? })
}

/// Takes alerts out of the outbox where they still wait.
pub(super) fn withdraw(db: &Connection, alerts: &[i64], at: Timestamp) -> Result<usize, StoreError> {
    let mut withdrawn = 0;
    let mut update = db.prepare_cached("UPDATE outbox SET status = 'withdrawn', done_at = ?2 WHERE alert = ?1 AND status = 'waiting'")?;
    for alert in alerts {
        withdrawn += update.execute(params![alert, at.unix()])?;
    }
    Ok(withdrawn)
}
