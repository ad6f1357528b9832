//! Retention: what is old is given up, whole and in order; sums by the hour and day stay.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::{Store, StoreError};
use crate::clock::Timestamp;

/// How much one call gives up of each table at most, so that nobody waits long for the lock.
const BATCH: i64 = 20_000;
/// The same for cycles, each of which has a row for every service.
const CYCLES: i64 = 200;

/// Until when what is given up. Only what lies before the time goes, oldest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Cycles and what they saw.
    pub cycles: Timestamp,
    /// Events.
    pub events: Timestamp,
    /// Alerts with their deliveries. What has waited for a channel until then is withdrawn.
    pub alerts: Timestamp,
    /// Restarts whose end is known.
    pub restarts: Timestamp,
    /// Single transfers of credits; the sums of their days stay.
    pub transfers: Timestamp,
    /// Sums by the hour.
    pub hours: Timestamp,
}

impl Retention {
    /// Everything before one time.
    pub fn before(at: Timestamp) -> Self {
        Self { cycles: at, events: at, alerts: at, restarts: at, transfers: at, hours: at }
    }
}

/// How much was given up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Cycles.
    pub cycles: usize,
    /// Events.
    pub events: usize,
    /// Alerts.
    pub alerts: usize,
    /// Restarts.
    pub restarts: usize,
    /// Transfers.
    pub transfers: usize,
    /// Hours.
    pub hours: usize,
    /// Whether there is more: call again.
    pub more: bool,
}

impl Store {
    /// Gives up what is old, as much as goes in one short transaction, and gives the room back to the disk. What is dated after
    /// `now` was written by a clock that went wrong, and goes with what lies around it.
    ///
    /// # Errors
    /// When the store cannot be written; then nothing was given up.
    pub fn prune(&mut self, retention: &Retention, now: Timestamp) -> Result<Pruned, StoreError> {
        let transaction = self.begin()?;
        let db = &transaction;
        let cycles = prefix(
            db,
            "cycles",
            "SELECT max(cycle_id) FROM (SELECT cycle_id FROM sovereign_cycles
            WHERE cycle_id < coalesce((SELECT min(cycle_id) FROM sovereign_cycles WHERE started_at BETWEEN ?1 AND ?3), 9223372036854775807)
            ORDER BY cycle_id LIMIT ?2)",
            (retention.cycles, CYCLES),
            now,
        )?;
        db.execute("DELETE FROM service_states WHERE cycle_id <= ?1", [cycles])?;
        let mut pruned = Pruned { cycles: db.execute("DELETE FROM sovereign_cycles WHERE cycle_id <= ?1", [cycles])?, ..Pruned::default() };
        let events = prefix(
            db,
            "events",
            "SELECT max(id) FROM (SELECT id FROM omega_events
            WHERE id < coalesce((SELECT min(id) FROM omega_events WHERE created_at BETWEEN ?1 AND ?3), 9223372036854775807)
            ORDER BY id LIMIT ?2)",
            (retention.events, BATCH),
            now,
        )?;
        db.execute(
            "UPDATE event_chain SET (anchor_id, anchor_hash) = (SELECT id, hash FROM omega_events WHERE id = ?1)
             WHERE EXISTS (SELECT 1 FROM omega_events WHERE id = ?1)",
            [events],
        )?;
        pruned.events = db.execute("DELETE FROM omega_events WHERE id <= ?1", [events])?;
        db.execute(
            "UPDATE outbox SET status = 'withdrawn', done_at = ?2
             WHERE status = 'waiting' AND alert IN (SELECT id FROM alerts WHERE created_at < ?1)",
            params![retention.alerts.unix(), now.unix()],
        )?;
        let alerts = prefix(
            db,
            "alerts",
            "SELECT max(id) FROM (SELECT id FROM alerts
            WHERE id < coalesce((SELECT min(id) FROM alerts WHERE created_at BETWEEN ?1 AND ?3
                OR id IN (SELECT alert FROM outbox WHERE status = 'waiting')), 9223372036854775807)
            ORDER BY id LIMIT ?2)",
            (retention.alerts, BATCH),
            now,
        )?;
        db.execute("DELETE FROM deliveries WHERE alert <= ?1", [alerts])?;
        db.execute("DELETE FROM outbox WHERE alert <= ?1", [alerts])?;
        pruned.alerts = db.execute("DELETE FROM alerts WHERE id <= ?1", [alerts])?;
        db.execute(
            "DELETE FROM acknowledgements WHERE at < ?1 AND incident NOT IN (SELECT incident FROM alerts)",
            [retention.alerts.unix()],
        )?;
        let restarts = prefix(
            db,
            "restarts",
            "SELECT max(id) FROM (SELECT id FROM restarts
            WHERE id < coalesce((SELECT min(id) FROM restarts WHERE intended_at BETWEEN ?1 AND ?3
                OR id NOT IN (SELECT restart FROM restart_ends)), 9223372036854775807)
            ORDER BY id LIMIT ?2)",
            (retention.restarts, BATCH),
            now,
        )?;
        db.execute("DELETE FROM restart_ends WHERE restart <= ?1", [restarts])?;
        pruned.restarts = db.execute("DELETE FROM restarts WHERE id <= ?1", [restarts])?;
        let transfers = prefix(
            db,
            "transfers",
            "SELECT max(id) FROM (SELECT id FROM transfers
            WHERE id < coalesce((SELECT min(id) FROM transfers WHERE at BETWEEN ?1 AND ?3), 9223372036854775807)
            ORDER BY id LIMIT ?2)",
            (retention.transfers, BATCH),
            now,
        )?;
        pruned.transfers = db.execute("DELETE FROM transfers WHERE id <= ?1", [transfers])?;
        // Whole hours only.
        let hour = retention.hours.unix() / 3600 * 3600;
        pruned.hours = db.execute("DELETE FROM service_hours WHERE hour < ?1", [hour])?;
        pruned.hours += db.execute("DELETE FROM cycle_hours WHERE hour < ?1", [hour])?;
        db.execute("DELETE FROM service_days WHERE day < ?1 / 86400 * 86400", [hour])?;
        let is_full = |count: usize, most: i64| i64::try_from(count).is_ok_and(|count| count >= most);
        let others = [pruned.events, pruned.alerts, pruned.restarts, pruned.transfers];
        pruned.more = is_full(pruned.cycles, CYCLES) || others.into_iter().any(|count| is_full(count, BATCH));
        transaction.commit()?;
        // The room that became free is used again in any case; if somebody is reading, the disk gets it back another time.
        let _ = self.give_back();
        Ok(pruned)
    }

    fn give_back(&self) -> Result<(), StoreError> {
        // It gives back a page each time that it is stepped.
        let mut vacuum = self.db.prepare("PRAGMA incremental_vacuum")?;
        let mut pages = vacuum.query([])?;
        while pages.next()?.is_some() {}
        drop(pages);
        drop(vacuum);
        Ok(self.db.execute_batch("PRAGMA wal_checkpoint(PASSIVE);")?)
    }
}

/// Announces the rows of a table that go, and gives the number of the last of them.
fn prefix(db: &Connection, what: &str, last: &str, (before, most): (Timestamp, i64), now: Timestamp) -> Result<i64, StoreError> {
    let last: Option<i64> = db.query_row(last, params![before.unix(), most, now.unix()], |row| row.get(0))?;
    let given_up: i64 = db
        .query_row("SELECT id FROM kept_from WHERE what = ?1", [what], |row| row.get(0))
        .optional()?
        .ok_or_else(|| StoreError::damaged(format!("it does not say from where on {what} are kept")))?;
    let last = last.unwrap_or(given_up).max(given_up);
    db.execute("UPDATE kept_from SET id = ?2 WHERE what = ?1", params![what, last])?;
    Ok(last)
}
