//! What is read from the store: how things are, what happened, what it came to.

use serde::Serialize;

use crate::canon::policy::Level;
use crate::clock::Timestamp;
use crate::ops::Error;
use crate::store::{self, Direction, Lease, Span, Store, Taken};
use crate::watch::state::Canon;
use crate::watch::{Health, Phase, health};

use super::kept::Kept;
use super::remember;

/// How things are, as the last cycle left them.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
pub struct Status {
    /// How all of it is; nothing, before the first cycle.
    pub health: Option<Health>,
    /// Who runs the loop now; nothing, if nobody does.
    pub running: Option<Running>,
    /// When the state was written last.
    pub at: Option<Timestamp>,
    /// Whether the canon holds: `holds`, `broken`, `unknown` or `not_seen`.
    pub canon: String,
    /// Why it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canon_detail: Option<String>,
    /// The ruling whose rules are obeyed.
    pub ruling: Option<String>,
    /// The services.
    pub services: Vec<ServiceStatus>,
    /// Copies of governed files that are not what is ratified, and why.
    pub drifted: Vec<Drifted>,
    /// What is wrong and not over.
    pub incidents: Vec<IncidentStatus>,
    /// Events of this UTC day, with what a day tolerates.
    pub budgets: Vec<BudgetStatus>,
    /// The last cycles, newest first.
    pub cycles: Vec<CycleStatus>,
    /// Alerts that are not delivered yet.
    pub undelivered: Vec<Waiting>,
    /// Tenths of a credit that the loop has.
    pub credits_tenths: i64,
}

/// Who runs the loop.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
pub struct Running {
    /// What it calls itself.
    pub name: String,
    /// Its process.
    pub pid: u32,
    /// Since when.
    pub since: Timestamp,
    /// When it last said that it lives.
    pub heartbeat: Timestamp,
}

/// Where a service stands.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
pub struct ServiceStatus {
    /// Its name.
    pub name: String,
    /// Whether its failure is an emergency.
    pub critical: bool,
    /// Where it stands.
    pub phase: Phase,
    /// Since when.
    pub since: Timestamp,
    /// What was seen last: `healthy`, `degraded`, `down` or `unknown`.
    pub seen: String,
    /// More about that.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// How long the last answer took, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub took_ms: Option<u64>,
    /// Restarts within the window, and what it allows.
    pub restarts: u32,
    /// What the window allows.
    pub restarts_most: u32,
    /// Restarts within a day.
    pub restarts_day: u32,
    /// What a day allows.
    pub restarts_day_most: u32,
    /// Whether it comes and goes.
    pub flapping: bool,
}

/// A copy that is not what is ratified.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
pub struct Drifted {
    /// The file.
    pub file: String,
    /// What is wrong.
    pub why: String,
}

/// Something that is wrong and not over.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
pub struct IncidentStatus {
    /// Its number, for `omega watch ack`.
    pub id: u64,
    /// What it is about, as in `service:Brain`.
    pub subject: String,
    /// What is so.
    pub what: String,
    /// Since when.
    pub from: Timestamp,
    /// The level that was told; nothing, if nobody was told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub told: Option<Level>,
    /// Whether somebody said that they know.
    pub acknowledged: bool,
}

/// How often an event came today.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
pub struct BudgetStatus {
    /// The event.
    pub event: String,
    /// How often it came.
    pub count: u32,
    /// What a day tolerates; nothing, if it has no budget.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_day: Option<u32>,
}

/// A cycle.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
pub struct CycleStatus {
    /// Its number.
    pub id: i64,
    /// When it began.
    pub from: Timestamp,
    /// How it went; nothing, if it was cut short or runs.
    pub health: Option<String>,
    /// Whether every critical service was healthy at the first look.
    pub clean: bool,
    /// How long it took, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub took_ms: Option<u64>,
}

/// An alert that is not delivered.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
pub struct Waiting {
    /// The channel.
    pub channel: String,
    /// What is to be told.
    pub text: String,
    /// Since when it waits.
    pub since: Timestamp,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next.
    pub next: Timestamp,
}

/// How things are.
///
/// # Errors
/// When there is no store, or it cannot be read.
pub fn status(store: &Store) -> Result<Status, Error> {
    let kept = Kept::read(store)?;
    let state = &kept.state;
    let at = store.state()?.map(|saved| saved.at);
    let (canon, canon_detail) = match &state.canon {
        Canon::NotSeen => ("not_seen", None),
        Canon::Holds => ("holds", None),
        Canon::Broken(why, _) => ("broken", Some(why.clone())),
        Canon::Unknown(why, _) => ("unknown", Some(why.clone())),
    };
    let services = kept.rules.iter().flat_map(|rules| {
        let limits = &rules.watch().restarts;
        rules.services().iter().filter_map(move |service| {
            let standing = state.services.get(&service.name)?;
            let within = |seconds: u64| u32::try_from(standing.restarts_within(seconds, state.elapsed())).unwrap_or(u32::MAX);
            Some(ServiceStatus {
                name: service.name.clone(),
                critical: service.critical,
                phase: standing.phase,
                since: remember::at(standing.since),
                seen: standing.last.word().to_owned(),
                detail: match standing.last.cause() {
                    Some(cause) => format!("{cause}: {}", standing.last.detail()),
                    None => standing.last.detail().to_owned(),
                },
                took_ms: standing.took_ms,
                restarts: within(u64::from(limits.window_s)),
                restarts_most: limits.most,
                restarts_day: within(86_400),
                restarts_day_most: limits.most_a_day,
                flapping: standing.flapping,
            })
        })
    });
    let incidents = state.incidents.iter().map(|(subject, incident)| IncidentStatus {
        id: incident.id,
        subject: subject.clone(),
        what: incident.what.clone(),
        from: remember::at(incident.from),
        told: incident.told,
        acknowledged: incident.acknowledged,
    });
    let cycles = store.last_cycles(10)?.into_iter().map(cycle_status);
    let undelivered = store.undelivered(50)?.into_iter().map(|row| Waiting {
        channel: row.channel,
        text: row.alert.text,
        since: row.alert.at,
        attempts: row.attempts,
        next: row.next_at,
    });
    Ok(Status {
        health: kept.rules.as_ref().filter(|_| state.cycle > 0).map(|rules| health::health(state, rules)),
        running: running(store)?,
        at,
        canon: canon.to_owned(),
        canon_detail,
        ruling: kept.ruling.clone(),
        services: services.collect(),
        drifted: state.drifted.iter().map(|(file, why)| Drifted { file: file.clone(), why: why.clone() }).collect(),
        incidents: incidents.collect(),
        budgets: budgets(&kept),
        cycles: cycles.collect(),
        undelivered: undelivered.collect(),
        credits_tenths: balance(store)?,
    })
}

/// Who runs the loop now. What stands in the store says who; only the lock says whether it still lives.
fn running(store: &Store) -> Result<Option<Running>, Error> {
    let Some(holder) = store.holder()? else { return Ok(None) };
    if matches!(Lease::try_acquire(store.path())?, Taken::Ours(_)) {
        return Ok(None);
    }
    Ok(Some(Running { name: holder.name, pid: holder.pid, since: holder.since, heartbeat: holder.heartbeat }))
}

fn budgets(kept: &Kept) -> Vec<BudgetStatus> {
    let budget = |event: &str| kept.rules.as_ref().and_then(|rules| rules.budget(event));
    let named = kept.rules.iter().filter_map(|rules| rules.economy()).flat_map(|economy| &economy.budgets).map(|budget| &budget.event);
    let mut events: Vec<&String> = named.chain(kept.state.day.counts.keys()).collect();
    events.sort();
    events.dedup();
    let count = |event: &str| kept.state.day.counts.get(event).copied().unwrap_or_default();
    events.into_iter().map(|event| BudgetStatus { event: event.clone(), count: count(event), per_day: budget(event) }).collect()
}

fn cycle_status(row: store::CycleRow) -> CycleStatus {
    let health = row.health.map(|health| health.word().to_owned());
    CycleStatus { id: row.id, from: row.started_at, health, clean: row.clean, took_ms: row.took_ms }
}

fn balance(store: &Store) -> Result<i64, Error> {
    Ok(store.balances()?.iter().find(|balance| balance.account == remember::ACCOUNT).map_or(0, |balance| balance.tenths))
}

/// How services were found in one hour or day.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
pub struct SpanReport {
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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean_ms: Option<u64>,
    /// The longest, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub most_ms: Option<u64>,
}

/// What happened in the last days, by the hour or by the day.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
pub struct History {
    /// How services were found.
    pub spans: Vec<SpanReport>,
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
    let spans = store.service_history(if by_hour { Span::Hour } else { Span::Day }, from, until)?;
    let spans = spans.into_iter().map(|span| SpanReport {
        from: span.from,
        service: span.service,
        healthy: span.healthy,
        degraded: span.degraded,
        down: span.down,
        unknown: span.unknown,
        mean_ms: span.latency_mean_ms,
        most_ms: span.latency_max_ms,
    });
    let restarts = store.last_restarts(50)?.into_iter().filter(|restart| restart.at >= from).map(|restart| {
        let end = restart.end.map(|(_, end)| end);
        RestartReport {
            id: restart.id,
            service: restart.service,
            at: restart.at,
            cause: restart.cause,
            argv: restart.argv,
            end: end.as_ref().map(|end| end.ending.word().to_owned()),
            code: end.as_ref().and_then(|end| end.code),
            said: end.map(|end| end.tail).unwrap_or_default(),
        }
    });
    Ok(History { spans: spans.collect(), restarts: restarts.collect() })
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

/// Somebody knows of an incident.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
pub struct Acknowledged {
    /// The incident.
    pub incident: u64,
    /// Whether nobody had said so before.
    pub first: bool,
}

/// Notes that somebody knows of an incident, so that it is not repeated. The loop takes it in with its next round.
///
/// # Errors
/// Denied, if no alert knows the incident.
pub fn acknowledge(store: &mut Store, incident: u64, by: &str, now: Timestamp) -> Result<Acknowledged, Error> {
    Ok(Acknowledged { incident, first: store.acknowledge(&incident.to_string(), by, now)? })
}

/// Opens a store to be read.
///
/// # Errors
/// When there is none, or it cannot be read.
pub fn open(path: &std::path::Path) -> Result<Store, Error> {
    Ok(Store::read(path)?)
}

/// Opens a store to note something in it beside the loop; it must be there already.
///
/// # Errors
/// When there is none, or it cannot be written.
pub fn open_to_note(path: &std::path::Path) -> Result<Store, Error> {
    drop(Store::read(path)?);
    Ok(Store::open(path)?)
}
