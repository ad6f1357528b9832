//! What happened, and what it came to.

use serde::Serialize;

use crate::clock::Timestamp;
use crate::store::{self, CycleSpan, Direction, RestartEnd, ServiceSpan, Span, Store};
use crate::workspace::Error;

use super::balance;
use crate::monitor::remember;

/// What happened in the last days, by the hour or by the day.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
pub struct History {
    /// How cycles went.
    pub cycles: Vec<CycleSpan>,
    /// How services were found.
    pub spans: Vec<ServiceSpan>,
    /// The last restarts, newest first.
    pub restarts: Vec<RestartReport>,
}

/// A restart.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
pub struct RestartReport {
    /// Its number.
    pub id: i64,
    /// The service.
    pub service: String,
    /// When it was meant.
    pub at: Timestamp,
    /// Why.
    pub cause: String,
    /// The command.
    pub argv: Vec<String>,
    /// How it ended; nothing, while that is not known.
    pub end: Option<String>,
    /// Its exit status or signal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<i32>,
    /// The end of what it said.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub said: String,
}

/// What happened in so many days up to now.
///
/// # Errors
/// When the store cannot be read.
pub fn history(store: &Store, by_hour: bool, days: u32, now: Timestamp) -> Result<History, Error> {
    let from = remember::at(now.unix() - i64::from(days) * 86_400);
    let until = remember::at(now.unix() + 3600);
    let span = if by_hour { Span::Hour } else { Span::Day };
    let cycles = store.cycle_history(span, from, until)?;
    let spans = store.service_history(span, from, until)?;
    let restarts = store.last_restarts(50)?.into_iter().filter(|restart| restart.at >= from).map(|restart| {
        let end = restart.end.map(|(_, end)| end);
        RestartReport {
            id: restart.id,
            service: restart.service,
            at: restart.at,
            cause: restart.cause,
            argv: restart.argv,
            end: end.as_ref().map(|end| end.word().to_owned()),
            code: end.as_ref().and_then(RestartEnd::code),
            said: end.map(|end| end.tail).unwrap_or_default(),
        }
    });
    Ok(History { cycles, spans, restarts: restarts.collect() })
}

/// An event.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
pub struct EventReport {
    /// Its number.
    pub id: i64,
    /// What kind.
    pub kind: String,
    /// When.
    pub at: Timestamp,
    /// The cycle.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cycle: Option<i64>,
    /// More about it.
    pub data: serde_json::Value,
    /// The digest of the chain up to it.
    pub hash: crate::digest::Digest,
}

/// The last events, or those after a number; of one kind, if one is given. Oldest first.
///
/// # Errors
/// When the store cannot be read.
pub fn events(store: &Store, after: Option<i64>, kind: Option<&str>, limit: u32) -> Result<Vec<EventReport>, Error> {
    let rows = match (after, kind) {
        (Some(id), kind) => store.events_after(id, kind, limit)?,
        (None, None) => store.last_events(limit)?,
        (None, Some(_)) => {
            let mut all = Vec::new();
            loop {
                let more = store.events_after(all.last().map_or(0, |event: &store::Event| event.id), kind, 1000)?;
                if more.is_empty() {
                    break;
                }
                all.extend(more);
                all.drain(..all.len().saturating_sub(limit as usize));
            }
            all
        }
    };
    let report = |event: store::Event| EventReport {
        id: event.id,
        kind: event.kind,
        at: event.at,
        cycle: event.cycle,
        data: serde_json::from_str(&event.payload).unwrap_or_default(),
        hash: event.hash,
    };
    Ok(rows.into_iter().map(report).collect())
}

/// Whether the events are what was written.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
pub struct ChainReport {
    /// Whether the chain is whole.
    pub holds: bool,
    /// Whether the remembered end was given up since: then nothing can be said of what was there before.
    pub outlived: bool,
    /// How many events it has.
    pub events: u64,
    /// The number of the last event that retention gave up; the chain begins after it.
    pub anchor: i64,
    /// The number of the last event.
    pub head: i64,
    /// The digest of the chain up to it, to be remembered elsewhere.
    pub hash: crate::digest::Digest,
    /// The first event where it breaks, if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub broken_at: Option<i64>,
    /// How.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// Walks the chain of events, and holds it to an end that was remembered elsewhere.
///
/// # Errors
/// When the store cannot be read.
pub fn verify_events(store: &Store, remembered: Option<(i64, crate::digest::Digest)>) -> Result<ChainReport, Error> {
    let remembered = remembered.map(|(id, hash)| store::Head { id, hash });
    let chain = store.verify_events(remembered.as_ref())?;
    let why = chain.broken.as_ref().map(|broken| match broken.kind {
        store::BreakKind::Changed => "the event, or the one before it, is not what was written",
        store::BreakKind::Gap => "one or more events are missing before it",
        store::BreakKind::Cut => "the end of the chain is missing from here on",
        store::BreakKind::Forgotten => "the remembered event is not in this chain",
        store::BreakKind::Unreadable => "the event holds what was never written there",
    });
    Ok(ChainReport {
        holds: chain.broken.is_none(),
        outlived: chain.outlived,
        events: chain.events,
        anchor: chain.anchor.id,
        head: chain.head.id,
        hash: chain.head.hash,
        broken_at: chain.broken.map(|broken| broken.id),
        why: why.map(str::to_owned),
    })
}

/// What was earned and lost.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
pub struct Credits {
    /// Tenths of a credit that the loop has.
    pub tenths: i64,
    /// Day by day, oldest first.
    pub days: Vec<CreditDay>,
    /// What does not add up; empty, if all of it does.
    pub wrong: Vec<String>,
}

/// What one event came to on one day.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
pub struct CreditDay {
    /// The day.
    pub day: String,
    /// The event.
    pub event: String,
    /// How often it was booked.
    pub times: u64,
    /// Tenths of a credit; below zero for what was lost.
    pub tenths: i64,
}

/// What was earned and lost in so many days up to now.
///
/// # Errors
/// When the store cannot be read.
pub fn credits(store: &Store, days: u32, now: Timestamp) -> Result<Credits, Error> {
    let from = remember::at(now.unix() - i64::from(days) * 86_400);
    let signed = |tenths: u64| i64::try_from(tenths).unwrap_or(i64::MAX);
    let rows = store.credit_days(from)?.into_iter().map(|row| CreditDay {
        day: row.day.date(),
        event: row.event,
        times: row.times,
        tenths: if row.direction == Direction::Award { signed(row.tenths) } else { -signed(row.tenths) },
    });
    Ok(Credits { tenths: balance(store)?, days: rows.collect(), wrong: store.check_credits()? })
}
