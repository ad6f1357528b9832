//! What would become of a service with a given history: the loop's own mind, asked in advance.

use std::collections::BTreeMap;

use serde::Serialize;

use super::answer::{Cause, Class};
use super::clock::Moment;
use super::heal::{self, HealEnd, Healed};
use super::incident::AlertKind;
use super::rules::Rules;
use super::service::Phase;
use super::state::State;
use super::think::{Action, CanonSeen, Round, Seen, think};
use crate::canon::policy::Level;

/// How many rounds a history may have.
const MOST: usize = 2000;

/// A situation.
#[derive(Clone, Debug)]
pub struct Situation<'a> {
    /// The service that has the history.
    pub service: &'a str,
    /// Its answers, round by round: a class or cause, as in `ok`, `refused` or `dns*3`; `wait 600` lets seconds pass.
    pub history: &'a [String],
    /// What other services answer all the time; they are healthy where nothing is said.
    pub others: &'a BTreeMap<String, String>,
    /// Seconds from round to round; the period, where nothing is said.
    pub every: Option<u32>,
    /// When the first round is, in seconds since 1970.
    pub from: i64,
    /// Whether the canon holds.
    pub canon_holds: bool,
}

/// What becomes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rehearsal {
    /// Where the service stands at the end.
    pub phase: Phase,
    /// How often it was restarted.
    pub restarts: u32,
    /// The pause before it may be restarted again, without what is added at random, in seconds.
    pub pause_s: u64,
    /// Whether it comes and goes.
    pub flapping: bool,
    /// How many alerts were raised, of all kinds.
    pub alerts: u32,
    /// How many of them repeat an earlier one.
    pub reminders: u32,
    /// The gravest of them; `none` without any.
    pub level: String,
}

/// Lives through a situation. Restarts are taken to have run, and to have changed nothing by themselves.
///
/// # Errors
/// Where the situation makes no sense.
pub fn rehearse(rules: &Rules, situation: &Situation<'_>) -> Result<Rehearsal, String> {
    if rules.service(situation.service).is_none() {
        return Err(format!("there is no service `{}`", situation.service));
    }
    let every = u64::from(situation.every.unwrap_or(rules.watch().period_s));
    let mut others = BTreeMap::new();
    for (name, word) in situation.others {
        others.insert(name.clone(), class(word)?);
    }
    let (mut state, mut passed) = (State::default(), 0_u64);
    let mut seen =
        Rehearsal { phase: Phase::Unknown, restarts: 0, pause_s: 0, flapping: false, alerts: 0, reminders: 0, level: "none".to_owned() };
    let mut worst: Option<Level> = None;
    let mut take = |state: &mut State, step: &Seen, passed: u64, seen: &mut Rehearsal| {
        let wall = situation.from.saturating_add(i64::try_from(passed).unwrap_or(i64::MAX));
        let now = Moment { wall, boot: String::new(), since_boot: passed, awake: passed };
        let (next, actions) = think(state, step, rules, &now);
        *state = next;
        let mut meant = None;
        for action in actions {
            match action {
                Action::Alert(alert) => {
                    seen.alerts += 1;
                    seen.reminders += u32::from(alert.kind == AlertKind::Reminder);
                    worst = worst.max(Some(alert.level));
                }
                Action::Heal(heal) => {
                    seen.restarts += u32::from(heal.service == situation.service);
                    meant = Some(heal);
                }
                Action::Event(_) | Action::Earn { .. } => {}
            }
        }
        meant
    };
    for answer in rounds(situation.history)? {
        let answer = match answer {
            Entry::Wait(seconds) => {
                passed = passed.saturating_add(seconds);
                continue;
            }
            Entry::Seen(class) => class,
        };
        let mut services: BTreeMap<String, Class> = rules.services().iter().map(|service| (service.name.clone(), Class::Healthy)).collect();
        services.extend(others.clone());
        services.insert(situation.service.to_owned(), answer);
        let canon = if situation.canon_holds { CanonSeen::Holds } else { CanonSeen::Broken("it was changed".to_owned()) };
        let round = Round {
            canon,
            services,
            took: BTreeMap::new(),
            copies: Vec::new(),
            faults: Vec::new(),
            acknowledged: Vec::new(),
            turned_away: 0,
        };
        let mut meant = take(&mut state, &Seen::Round(round), passed, &mut seen);
        while let Some(heal) = meant {
            let healed = Healed { intent: heal.intent, service: heal.service, end: HealEnd::Exited(0), said: String::new(), more: false };
            meant = take(&mut state, &Seen::Healed(healed), passed, &mut seen);
        }
        take(&mut state, &Seen::End, passed, &mut seen);
        passed = passed.saturating_add(every);
    }
    let standing = state.services.get(situation.service).ok_or("the history is empty")?;
    let limits = &rules.watch().restarts;
    seen.phase = standing.phase;
    seen.flapping = standing.flapping;
    seen.pause_s = if standing.attempts == 0 { 0 } else { heal::plain_pause(limits, standing.attempts) };
    seen.level = worst.map_or("none", Level::as_str).to_owned();
    Ok(seen)
}

enum Entry {
    Seen(Class),
    Wait(u64),
}

fn rounds(history: &[String]) -> Result<Vec<Entry>, String> {
    let mut all = Vec::new();
    for text in history {
        if let Some(seconds) = text.strip_prefix("wait ") {
            all.push(Entry::Wait(seconds.parse().map_err(|_| format!("`{text}` is no time: as in `wait 600`"))?));
            continue;
        }
        let (word, times) = match text.split_once('*') {
            Some((word, times)) => (word, times.parse().map_err(|_| format!("`{text}` is no answer: as in `refused*3`"))?),
            None => (text.as_str(), 1),
        };
        let class = class(word)?;
        if all.len().saturating_add(times) > MOST {
            return Err(format!("the history has more than {MOST} rounds"));
        }
        all.extend((0..times).map(|_| Entry::Seen(class.clone())));
    }
    Ok(all)
}

/// The class that a word stands for.
pub fn class(word: &str) -> Result<Class, String> {
    let down = |cause| Ok(Class::Down(cause, String::new()));
    match word {
        "ok" | "healthy" => Ok(Class::Healthy),
        "degraded" => Ok(Class::Degraded(String::new())),
        "unknown" => Ok(Class::Unknown(String::new())),
        "refused" => down(Cause::Refused),
        "timeout" => down(Cause::Timeout),
        "dns" => down(Cause::Dns),
        "tls" => down(Cause::Tls),
        "server_error" => down(Cause::ServerError),
        "body" => down(Cause::Body),
        "exit" => down(Cause::Exit),
        _ => Err(format!("`{word}` is none of: ok, degraded, unknown, refused, timeout, dns, tls, server_error, body, exit")),
    }
}
