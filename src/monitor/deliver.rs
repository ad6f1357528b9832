//! Telling people: one message a cycle and channel, tried again until it is taken.

use std::time::{Duration, Instant};

use crate::canon::policy::Channel;
use crate::clock::Timestamp;
use crate::net::Receipt;
use crate::store::{Attempt, Delivery, Store, StoreError, Undelivered};
use crate::watch::outbox::{self, Waiting, compose};
use crate::watch::{Alert, AlertKind, Rules};

use super::post::{Back, Load, Post};
use super::remember;
use super::tell;
use super::unstored::{Rest, Unstored};
use super::world::World;

/// How many alerts one message is made of at most.
const MOST: u32 = 500;
/// The pause after the first try that failed, and the longest, in seconds.
const PAUSE: (i64, i64) = (5, 300);
/// The longest pause that a channel may ask for, in seconds.
const LONGEST: i64 = 3601;
/// From here on the numbers of alerts count those that are only in memory: above every row that a store could have.
const REMEMBERED: i64 = 1 << 62;

/// Where the dead man's switch is; no channel has this name.
const DEAD_MAN: &str = "";
/// The longest that a round waits for what it sends, where the next one notes what comes later.
const BRIEFLY: Duration = Duration::from_secs(1);
/// The longest that a run waits which is the only one: longer than any channel may take.
const PATIENTLY: Duration = Duration::from_secs(20);

/// Sends what is due, from the store and from memory, all channels at once. Gives what is worth a warning.
///
/// A run of one round waits for all of it. One of many waits no longer than is left of its period, and notes with the next round
/// what came back later; until then nothing more is sent there.
pub(super) fn deliver(world: &World<'_>, rules: &Rules, store: &mut Store, memory: &mut Unstored, post: &mut Post) -> Vec<String> {
    let mut warnings = settle(world, store, memory, post, if world.alone { PATIENTLY } else { Duration::ZERO });
    for channel in &rules.watch().channels {
        if post.is_under_way(&channel.name) {
            continue;
        }
        let rows = store.waiting_for(&channel.name, MOST).unwrap_or_else(|error| {
            memory.fault(error.to_string());
            Vec::new()
        });
        to_channel(world, rules, channel, rows, store, memory, post);
    }
    match store.undelivered(MOST) {
        Ok(rows) => {
            let is_known = |row: &Undelivered| {
                rules.watch().channels.iter().any(|channel| channel.name == row.channel) || post.is_under_way(&row.channel)
            };
            let gone: Vec<Undelivered> = rows.into_iter().filter(|row| !is_known(row)).collect();
            let why = Receipt::Refused { why: "the channel is no longer ratified".to_owned() };
            if let Err(error) = note(store, &gone, (world.now)(), &why, 0) {
                memory.fault(error.to_string());
            }
        }
        Err(error) => memory.fault(error.to_string()),
    }
    let brief = BRIEFLY.min(Duration::from_secs(u64::from(rules.watch().period_s)) / 4);
    warnings.extend(settle(world, store, memory, post, if world.alone { PATIENTLY } else { brief }));
    warnings
}

/// Tells the dead man's switch that a whole cycle went round, unless it has yet to answer the one before. It is not paused after
/// a failure: a pause would look like a watch that has stopped.
pub(super) fn alive(world: &World<'_>, store: &mut Store, memory: &mut Unstored, post: &mut Post) -> Vec<String> {
    if let Some(errand) = world.channels.alive()
        && !post.is_under_way(DEAD_MAN)
    {
        post.send(world, DEAD_MAN, Load::default(), errand);
    }
    if world.alone { settle(world, store, memory, post, PATIENTLY) } else { Vec::new() }
}

/// Notes what became of the errands that come back in time.
fn settle(world: &World<'_>, store: &mut Store, memory: &mut Unstored, post: &mut Post, patience: Duration) -> Vec<String> {
    let until = Instant::now() + patience;
    let mut warnings = Vec::new();
    while let Some(Back { to, load, told, took_ms }) = post.back(world, until) {
        if let Receipt::Again { why, .. } | Receipt::Refused { why } = &told {
            warnings.push(match to.as_str() {
                DEAD_MAN => format!("the dead man's switch was not reached: {why}"),
                name => format!("{name} was not told: {why}"),
            });
        }
        if to == DEAD_MAN {
            continue;
        }
        world.step("watch: sent");
        let noted = note(store, &load.rows, (world.now)(), &told, took_ms);
        if let Err(error) = &noted {
            warnings.push(format!("what became of a message could not be stored: {error}"));
        }
        let is_noted = noted.is_ok() && load.remembered.is_empty();
        match &told {
            Receipt::Again { after, .. } if !is_noted => {
                let attempts = memory.rests.get(&to).map_or(0, |rest| rest.attempts);
                let pause_ms = u64::try_from(pause(attempts, *after)).unwrap_or(0) * 1000;
                memory.rests.insert(to, Rest { attempts: attempts + 1, until_ms: world.since_boot_ms() + pause_ms });
            }
            Receipt::Again { .. } => {}
            Receipt::Sent | Receipt::Refused { .. } => {
                memory.rests.remove(&to);
                if noted.is_err() {
                    memory.sent.extend(load.rows.iter().map(|row| (row.alert.id, row.channel.clone())));
                }
                for key in load.remembered {
                    memory.told.entry(key).or_default().push(to.clone());
                }
            }
        }
    }
    warnings
}

/// Begins to tell one channel all that waits for it, in one message.
fn to_channel(
    world: &World<'_>,
    rules: &Rules,
    channel: &Channel,
    rows: Vec<Undelivered>,
    store: &mut Store,
    memory: &mut Unstored,
    post: &mut Post,
) {
    let now = (world.now)();
    // What the channel took while that could not be written down is not sent again.
    let (taken, rows): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| memory.sent.contains(&(row.alert.id, row.channel.clone())));
    if !taken.is_empty() && note(store, &taken, now, &Receipt::Sent, 0).is_ok() {
        memory.sent.retain(|(id, name)| *name != channel.name || taken.iter().all(|row| row.alert.id != *id));
    }
    // A channel that did not take something is left alone as a whole: what is new must not overtake what is old, or an
    // end would be told before its beginning.
    // A pause longer than any was noted by a clock that went wrong.
    let rests = |row: &Undelivered| row.attempts > 0 && (1..=LONGEST).contains(&(row.next_at.unix() - now.unix()));
    let rested = memory.rests.get(&channel.name).is_none_or(|rest| world.since_boot_ms() >= rest.until_ms);
    if rows.iter().any(rests) || !rested {
        return;
    }
    let remembered: Vec<Alert> = memory.untold(channel).cloned().collect();
    let mut all: Vec<Waiting> = rows.iter().map(|row| waiting(store, row)).collect();
    // What could not be stored is newer than all that could.
    all.extend((0..).zip(&remembered).map(|(at, alert)| held(store, memory, channel, REMEMBERED + at, alert)));
    // What did not take the message before takes a shorter one perhaps.
    let attempts = rows.iter().map(|row| row.attempts).min().unwrap_or(0);
    let Some(message) = compose(&all, outbox::MOST >> attempts.min(4)) else { return };
    world.step("watch: send");
    let errand = tell::errand(world, rules, store.path(), channel, &message);
    let covered = (REMEMBERED..).zip(&remembered).filter(|(id, _)| message.covers.contains(id));
    let remembered = covered.map(|(_, alert)| remember::key(alert)).collect();
    let rows = rows.into_iter().filter(|row| message.covers.contains(&row.alert.id)).collect();
    post.send(world, &channel.name, Load { rows, remembered }, errand);
}

/// Writes down what became of a message, for each alert in it.
fn note(store: &mut Store, rows: &[Undelivered], now: Timestamp, told: &Receipt, took_ms: u64) -> Result<(), StoreError> {
    let of = |row: &Undelivered| {
        let (attempt, detail, pause) = match told {
            Receipt::Sent => (Attempt::Sent, None, 0),
            Receipt::Refused { why } => (Attempt::Refused, Some(why.clone()), 0),
            Receipt::Again { why, after } => (Attempt::Again, Some(why.clone()), pause(row.attempts, *after)),
        };
        let next_at = Timestamp::from_unix(now.unix() + pause).unwrap_or(now);
        Delivery { alert: row.alert.id, channel: row.channel.clone(), at: now, attempt, next_at, detail, took_ms }
    };
    let deliveries: Vec<Delivery> = rows.iter().map(of).collect();
    if deliveries.is_empty() { Ok(()) } else { store.delivered(&deliveries) }
}

/// How long a channel is left alone after so many tries that failed before this one, in seconds.
fn pause(attempts: u32, after: Option<Duration>) -> i64 {
    let doubled = PAUSE.0.saturating_mul(1 << attempts.min(10)).min(PAUSE.1);
    let asked = after.map_or(0, |after| i64::try_from(after.as_secs() + 1).unwrap_or(LONGEST));
    doubled.max(asked).min(LONGEST)
}

fn waiting(store: &Store, row: &Undelivered) -> Waiting {
    let alert = &row.alert;
    Waiting {
        id: alert.id,
        incident: alert.incident.clone(),
        kind: alert.kind,
        level: alert.level,
        text: alert.text.clone(),
        heard: store.was_told_by(&alert.incident, AlertKind::Firing, &row.channel).unwrap_or(false),
    }
}

/// An alert that the store could not take.
fn held(store: &Store, memory: &Unstored, channel: &Channel, id: i64, alert: &Alert) -> Waiting {
    let incident = alert.incident.to_string();
    let sent = |incident: &str| {
        let mut rows = memory.sent.iter().filter(|(_, name)| *name == channel.name);
        let of = store.alerts_of(incident).unwrap_or_default();
        rows.any(|(id, _)| of.iter().any(|row| row.id == *id && row.kind == AlertKind::Firing))
    };
    let told = |other: &&Alert| memory.told.get(&remember::key(other)).is_some_and(|told| told.contains(&channel.name));
    let heard = memory.alerts().filter(told).any(|other| other.incident == alert.incident && other.kind == AlertKind::Firing);
    Waiting {
        id,
        kind: alert.kind,
        level: alert.level,
        text: alert.text.clone(),
        heard: heard || sent(&incident) || store.was_told_by(&incident, AlertKind::Firing, &channel.name).unwrap_or(false),
        incident,
    }
}
