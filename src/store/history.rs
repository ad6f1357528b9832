//! What happened by the hour and by the day, kept while it happens.

use rusqlite::{Connection, Row, params};

use super::words::service_id;
use super::words::{count, number, time};
use super::{Cycle, CycleEnd, Store, StoreError};
use crate::clock::Timestamp;
use crate::watch::{Grade, Health};

/// How much time one row stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// An hour.
    Hour,
    /// A day in UTC.
    Day,
}

impl Span {
    fn seconds(self) -> i64 {
        match self {
            Self::Hour => 3600,
            Self::Day => 86_400,
        }
    }
}

/// How services were found in one hour or day.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[schemars(rename = "SpanReport")]
pub struct ServiceSpan {
    /// The beginning of the hour or day.
    pub from: Timestamp,
    /// The service.
    pub service: String,
    /// How often it was healthy.
    pub healthy: u64,
    /// How often it was degraded.
    pub degraded: u64,
    /// How often it was down.
    pub down: u64,
    /// How often nothing could be known.
    pub unknown: u64,
    /// The mean time of an answer, in milliseconds.
    #[serde(rename = "mean_ms", skip_serializing_if = "Option::is_none")]
    pub latency_mean_ms: Option<u64>,
    /// The longest, in milliseconds.
    #[serde(rename = "most_ms", skip_serializing_if = "Option::is_none")]
    pub latency_max_ms: Option<u64>,
}

/// How cycles went in one hour or day.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct CycleSpan {
    /// The beginning of the hour or day.
    pub from: Timestamp,
    /// How many there were; those that did not count are not among them.
    pub cycles: u64,
    /// How many found all critical services healthy before anything was healed.
    pub clean: u64,
    /// How many ended healthy.
    pub healthy: u64,
    /// How many ended degraded.
    pub degraded: u64,
    /// How many ended with something critical down, or drift.
    pub critical: u64,
    /// How many could not know.
    pub unknown: u64,
    /// How many anomalies were recorded.
    pub anomalies: u64,
}

impl Store {
    /// How services were found, before anything was healed, from one time on and before another, oldest first, in whole hours or
    /// days.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn service_history(&self, span: Span, from: Timestamp, until: Timestamp) -> Result<Vec<ServiceSpan>, StoreError> {
        let mut query = self.db.prepare_cached(match span {
            Span::Hour => {
                "SELECT t.hour, s.name, healthy, degraded, down, unknown, timed, latency_sum_ms, latency_max_ms
                 FROM services s JOIN service_hours t ON t.service = s.id
                 WHERE t.hour >= ?2 / ?1 * ?1 AND t.hour < ?3 ORDER BY 1, s.id"
            }
            Span::Day => {
                "SELECT t.day, s.name, healthy, degraded, down, unknown, timed, latency_sum_ms, latency_max_ms
                 FROM services s JOIN service_days t ON t.service = s.id
                 WHERE t.day >= ?2 / ?1 * ?1 AND t.day < ?3 ORDER BY 1, s.id"
            }
        })?;
        let read = |row: &Row<'_>| {
            let (timed, sum): (u64, u64) = (number(row, 6)?, number(row, 7)?);
            Ok(ServiceSpan {
                from: time(row, 0)?,
                service: row.get(1)?,
                healthy: number(row, 2)?,
                degraded: number(row, 3)?,
                down: number(row, 4)?,
                unknown: number(row, 5)?,
                latency_mean_ms: sum.checked_div(timed),
                latency_max_ms: if timed > 0 { Some(number(row, 8)?) } else { None },
            })
        };
        Ok(query.query_map(params![span.seconds(), from.unix(), until.unix()], read)?.collect::<Result<_, _>>()?)
    }

    /// How cycles went from one time on and before another, oldest first, in whole hours or days.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn cycle_history(&self, span: Span, from: Timestamp, until: Timestamp) -> Result<Vec<CycleSpan>, StoreError> {
        let mut query = self.db.prepare_cached(
            "SELECT hour / ?1 * ?1, sum(cycles), sum(clean), sum(healthy), sum(degraded), sum(critical), sum(unknown), sum(anomalies)
             FROM cycle_hours WHERE hour >= ?2 / ?1 * ?1 AND hour < ?3 GROUP BY 1 ORDER BY 1",
        )?;
        let read = |row: &Row<'_>| {
            Ok(CycleSpan {
                from: time(row, 0)?,
                cycles: number(row, 1)?,
                clean: number(row, 2)?,
                healthy: number(row, 3)?,
                degraded: number(row, 4)?,
                critical: number(row, 5)?,
                unknown: number(row, 6)?,
                anomalies: number(row, 7)?,
            })
        };
        Ok(query.query_map(params![span.seconds(), from.unix(), until.unix()], read)?.collect::<Result<_, _>>()?)
    }
}

/// Adds a cycle to the hour that it began in.
pub(super) fn add(db: &Connection, started_at: i64, cycle: &Cycle) -> Result<(), StoreError> {
    let hour = started_at / 3600 * 3600;
    let was = |health| i64::from(cycle.health == CycleEnd::Counted(health));
    db.prepare_cached(
        "INSERT INTO cycle_hours (hour, cycles, clean, healthy, degraded, critical, unknown, anomalies) VALUES (?1, 1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (hour) DO UPDATE SET cycles = cycles + 1, clean = clean + excluded.clean, healthy = healthy + excluded.healthy,
         degraded = degraded + excluded.degraded, critical = critical + excluded.critical, unknown = unknown + excluded.unknown,
         anomalies = anomalies + excluded.anomalies",
    )?
    .execute(params![
        hour,
        cycle.clean,
        was(Health::Healthy),
        was(Health::Degraded),
        was(Health::Critical),
        was(Health::Blind),
        cycle.anomalies
    ])?;
    for sight in &cycle.before {
        let was = |grade| i64::from(sight.grade == grade);
        let latency = count(sight.latency_ms.unwrap_or_default(), "a latency")?;
        for (table, column, span) in [("service_hours", "hour", Span::Hour), ("service_days", "day", Span::Day)] {
            let mut add = db.prepare_cached(&format!(
                "INSERT INTO {table} (service, {column}, healthy, degraded, down, unknown, timed, latency_sum_ms, latency_max_ms)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)
                 ON CONFLICT (service, {column}) DO UPDATE SET healthy = healthy + excluded.healthy, degraded = degraded + excluded.degraded,
                 down = down + excluded.down, unknown = unknown + excluded.unknown, timed = timed + excluded.timed,
                 latency_sum_ms = latency_sum_ms + excluded.latency_sum_ms, latency_max_ms = max(latency_max_ms, excluded.latency_max_ms)"
            ))?;
            add.execute(params![
                service_id(db, &sight.service)?,
                started_at / span.seconds() * span.seconds(),
                was(Grade::Healthy),
                was(Grade::Degraded),
                was(Grade::Down),
                was(Grade::Unknown),
                sight.latency_ms.is_some(),
                latency
            ])?;
        }
    }
    Ok(())
}
