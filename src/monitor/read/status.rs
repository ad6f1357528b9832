//! How things are, as the last cycle left them.

use serde::Serialize;

use crate::canon::policy::Level;
use crate::clock::Timestamp;
use crate::store::{self, Holder, Lease, Store};
use crate::watch::answer::Took;
use crate::watch::state::Canon;
use crate::watch::{Health, Phase, health};
use crate::workspace::Error;

use super::balance;
use crate::monitor::kept::Kept;
use crate::monitor::remember;

/// How things are, as the last cycle left them.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
pub struct Status {
    /// How all of it is; nothing, before the first cycle.
    pub health: Option<Health>,
    /// Who runs the loop now; nothing, if nobody does.
    pub running: Option<Holder>,
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
    /// How long the last answer took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub took: Option<Took>,
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
                took: standing.took,
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
fn running(store: &Store) -> Result<Option<Holder>, Error> {
    let Some(holder) = store.holder()? else { return Ok(None) };
    Ok(Lease::is_held(store.path())?.then_some(holder))
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
    let health = row.health.map(|health| health.as_str().to_owned());
    CycleStatus { id: row.id, from: row.started_at, health, clean: row.clean, took_ms: row.took_ms }
}
