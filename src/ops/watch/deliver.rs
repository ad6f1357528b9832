//! Telling people: one message a cycle and channel, tried again until it is taken.

use crate::canon::policy::{Channel, Level};
use crate::clock::Timestamp;
use crate::net::Receipt;
use crate::store::{self, Attempt, Delivery, Severity, Store, StoreError, Undelivered};
use crate::watch::outbox::{Waiting, compose};
use crate::watch::{AlertKind, Rules};

use super::hands::Memory;
use super::remember;
use super::tell;
use super::watcher::World;

/// How many alerts one message is made of at most.
const MOST: u32 = 500;
/// The pause after the first try that failed, and the longest, in seconds.
const PAUSE: (i64, i64) = (5, 300);
/// The longest pause that a channel may ask for, in seconds.
const LONGEST: i64 = 3601;

/// Sends what is due. Gives what is worth a warning.
pub(super) fn deliver(world: &World<'_>, rules: &Rules, store: &mut Store, memory: &mut Memory) -> Vec<String> {
    let mut warnings = Vec::new();
    let now = (world.now)();
    if memory.backlog.is_empty() {
        if let Err(error) = from_store(world, rules, store, now, &mut warnings) {
            memory.fault(error.to_string());
        }
    } else {
        from_memory(world, rules, store, memory, &mut warnings);
    }
    warnings
}

fn from_store(world: &World<'_>, rules: &Rules, store: &mut Store, now: Timestamp, warnings: &mut Vec<String>) -> Result<(), StoreError> {
    for channel in &rules.watch().channels {
        let rows = store.waiting_for(&channel.name, MOST)?;
        // A channel that did not take something is left alone as a whole: what is new must not overtake what is old, or an
        // end would be told before its beginning.
        // A pause longer than any was noted by a clock that went wrong.
        let rests = |row: &Undelivered| row.attempts > 0 && (1..=LONGEST).contains(&(row.next_at.unix() - now.unix()));
        if rows.iter().any(rests) {
            continue;
        }
        let waiting: Vec<Waiting> = rows.iter().map(|row| waiting(store, row)).collect();
        let Some(message) = compose(&waiting) else { continue };
        world.step("watch: send");
        let began = world.since_boot_ms();
        let told = redacted(world, tell::tell(world, rules, store.path(), channel, &message));
        let took = world.since_boot_ms().saturating_sub(began);
        world.step("watch: sent");
        if let Receipt::Again { why, .. } | Receipt::Refused { why } = &told {
            warnings.push(format!("{} was not told: {why}", channel.name));
        }
        let told_of: Vec<Undelivered> = rows.into_iter().filter(|row| message.covers.contains(&row.alert.id)).collect();
        note(store, &told_of, (world.now)(), &told, took, warnings);
    }
    let is_ratified = |row: &Undelivered| rules.watch().channels.iter().any(|channel| channel.name == row.channel);
    let gone: Vec<Undelivered> = store.undelivered(MOST)?.into_iter().filter(|row| !is_ratified(row)).collect();
    note(store, &gone, now, &Receipt::Refused { why: "the channel is no longer ratified".to_owned() }, 0, warnings);
    Ok(())
}

fn redacted(world: &World<'_>, told: Receipt) -> Receipt {
    match told {
        Receipt::Sent => Receipt::Sent,
        Receipt::Again { after, why } => Receipt::Again { after, why: world.secrets.redact(&why) },
        Receipt::Refused { why } => Receipt::Refused { why: world.secrets.redact(&why) },
    }
}

/// Writes down what became of a message, for each alert in it.
fn note(store: &mut Store, rows: &[Undelivered], now: Timestamp, told: &Receipt, took_ms: u64, warnings: &mut Vec<String>) {
    let of = |row: &Undelivered| {
        let (attempt, detail, pause) = match told {
            Receipt::Sent => (Attempt::Sent, None, 0),
            Receipt::Refused { why } => (Attempt::Refused, Some(why.clone()), 0),
            Receipt::Again { why, after } => {
                let doubled = PAUSE.0.saturating_mul(1 << row.attempts.min(10)).min(PAUSE.1);
                let asked = after.map_or(0, |after| i64::try_from(after.as_secs() + 1).unwrap_or(LONGEST));
                (Attempt::Again, Some(why.clone()), doubled.max(asked).min(LONGEST))
            }
        };
        let next_at = Timestamp::from_unix(now.unix() + pause).unwrap_or(now);
        Delivery { alert: row.alert.id, channel: row.channel.clone(), at: now, attempt, next_at, detail, took_ms }
    };
    let deliveries: Vec<Delivery> = rows.iter().map(of).collect();
    if let Err(error) = store.delivered(&deliveries) {
        warnings.push(format!("what became of a message could not be stored: {error}"));
    }
}

fn waiting(store: &Store, row: &Undelivered) -> Waiting {
    let alert = &row.alert;
    Waiting {
        id: alert.id,
        incident: alert.incident.clone(),
        kind: match alert.kind {
            store::AlertKind::Firing => AlertKind::Firing,
            store::AlertKind::Reminder => AlertKind::Reminder,
            store::AlertKind::Resolved => AlertKind::Resolved,
            store::AlertKind::Notice => AlertKind::Notice,
        },
        level: match alert.severity {
            Severity::Info => Level::Notice,
            Severity::Warning => Level::Warning,
            Severity::Critical => Level::Critical,
        },
        text: alert.text.clone(),
        heard: store.was_told_by(&alert.incident, store::AlertKind::Firing, &row.channel).unwrap_or(false),
    }
}

/// Tells what the store could not take. What a channel took is remembered until the store takes it.
fn from_memory(world: &World<'_>, rules: &Rules, store: &Store, memory: &mut Memory, warnings: &mut Vec<String>) {
    let channels: Vec<&Channel> = rules.watch().channels.iter().collect();
    for channel in channels {
        let untold = |alert: &&crate::watch::Alert| {
            alert.level >= channel.least && !memory.told.get(&remember::key(alert)).is_some_and(|told| told.contains(&channel.name))
        };
        let alerts: Vec<_> = memory.alerts().filter(untold).cloned().collect();
        let rows: Vec<Waiting> = (0..)
            .zip(&alerts)
            .map(|(id, alert)| Waiting {
                id,
                incident: alert.incident.to_string(),
                kind: alert.kind,
                level: alert.level,
                text: alert.text.clone(),
                heard: store.was_told_by(&alert.incident.to_string(), store::AlertKind::Firing, &channel.name).unwrap_or(false),
            })
            .collect();
        let Some(message) = compose(&rows) else { continue };
        match tell::tell(world, rules, store.path(), channel, &message) {
            Receipt::Sent => {
                let told = (0..).zip(alerts).filter(|(id, _)| message.covers.contains(id));
                for (_, alert) in told {
                    memory.told.entry(remember::key(&alert)).or_default().push(channel.name.clone());
                }
            }
            Receipt::Again { why, .. } | Receipt::Refused { why } => {
                warnings.push(format!("{} was not told: {}", channel.name, world.secrets.redact(&why)));
            }
        }
    }
}
