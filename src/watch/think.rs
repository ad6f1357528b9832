//! One step of the loop: from what was and what is seen to what is and what is to be done.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::answer::{Class, Took};
use super::clock::Moment;
use super::heal::{self, Heal, Healed};
use super::incident::Quiet;
use super::incident::{self, Alert, AlertKind, Now};
use super::rules::Rules;
use super::service::Phase;
use super::state::{Canon, Current, State};
use super::trouble::troubles;
use super::window::is_in_maintenance;
use crate::canon::policy::{Level, Service};

/// What is seen at one step of a cycle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// The first look at everything: a cycle begins.
    Round(Round),
    /// A restart has ended.
    Healed(Healed),
    /// A second look at what was restarted.
    Again(BTreeMap<String, Class>),
    /// The cycle ends.
    End,
}

/// The first look at everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Round {
    /// Whether the canon holds.
    pub canon: CanonSeen,
    /// What each service answered.
    pub services: BTreeMap<String, Class>,
    /// How long each took.
    pub took: BTreeMap<String, Took>,
    /// The deployed copies.
    pub copies: Vec<CopySeen>,
    /// What went wrong with the watcher itself since the last cycle.
    pub faults: Vec<String>,
    /// Incidents that somebody knows of, and when they said so last, by the wall clock of the store.
    pub acknowledged: Vec<(u64, i64)>,
    /// How many other runs were turned away of late: within [`Rules::lately_s`](super::Rules::lately_s).
    pub turned_away: u32,
}

/// Whether the canon holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CanonSeen {
    /// Every governed byte is ratified.
    Holds,
    /// It does not verify.
    Broken(String),
    /// Nothing can be said of it.
    Unknown(String),
}

impl CanonSeen {
    /// The words for it, after "the canon".
    pub fn describe(&self) -> String {
        match self {
            Self::Holds => "holds".to_owned(),
            Self::Broken(why) => format!("does not hold: {why}"),
            Self::Unknown(why) => format!("cannot be judged: {why}"),
        }
    }
}

/// A deployed copy of a governed file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopySeen {
    /// Its path.
    pub file: String,
    /// What is wrong with it; nothing, if it is what is ratified.
    pub differs: Option<String>,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Restart a service, once the intent is stored.
    Heal(Heal),
    /// Tell somebody.
    Alert(Alert),
    /// Record what happened.
    Event(Event),
    /// Book what a cycle is worth.
    Earn {
        /// The event of ECONOMY_MODEL.
        event: &'static str,
        /// How often it came.
        times: u32,
    },
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// What kind, in capital letters.
    pub kind: String,
    /// More about it.
    pub data: Value,
}

impl Event {
    fn of(kind: &str, data: Value) -> Action {
        Action::Event(Self { kind: kind.to_owned(), data })
    }
}

/// Takes one step. At most one of the actions is a restart, and its budget is taken already.
pub fn think(state: &State, seen: &Seen, rules: &Rules, now: &Moment) -> (State, Vec<Action>) {
    let mut next = state.clone();
    let disturbed = next.advance(now);
    let mut actions = Vec::new();
    if let (Some(why), Some(current)) = (disturbed, &mut next.current) {
        current.discarded.get_or_insert_with(|| why.to_owned());
    }
    match seen {
        Seen::Round(round) => begin(&mut next, round, rules, disturbed, &mut actions),
        Seen::Healed(healed) => {
            let data = json!({ "intent": healed.intent, "service": healed.service, "end": healed.end.describe(), "said": healed.said });
            actions.push(Event::of("HEALED", data));
            heal::ended(&mut next, rules, healed);
            if healed.end.ran() {
                next.count("RESTART", 1);
            }
            if healed.more {
                choose(&mut next, rules, &mut actions);
            }
        }
        Seen::Again(classes) => {
            let (t, wall) = (next.elapsed(), next.wall());
            if disturbed.is_none() {
                for (name, class) in classes {
                    if let Some(standing) = next.services.get_mut(name).filter(|standing| standing.phase == Phase::Verifying) {
                        standing.see(class, rules.watch(), t, wall);
                    }
                }
            }
        }
        Seen::End => end(&mut next, rules, &mut actions),
    }
    heal::prove(&mut next, rules);
    for (name, standing) in &next.services {
        let before = state.services.get(name).map_or(Phase::Unknown, |standing| standing.phase);
        if before != standing.phase {
            let data = json!({
                "service": name, "from": before, "to": standing.phase,
                "cause": standing.last.cause(), "detail": standing.last.detail(),
            });
            actions.insert(0, Event::of("PHASE", data));
        }
    }
    (next, actions)
}

/// OBSERVE and THINK: the first look, and the first restart.
fn begin(next: &mut State, round: &Round, rules: &Rules, disturbed: Option<&str>, actions: &mut Vec<Action>) {
    let (t, wall) = (next.elapsed(), next.wall());
    let cut_short = next.current.take();
    next.cycle += 1;
    let discarded = disturbed.map(str::to_owned);
    next.current = Some(Current { from: wall, before: round.services.clone(), discarded, anomalies: 0 });
    if cut_short.is_some() {
        actions.push(Event::of("CYCLE_CUT_SHORT", json!({ "cycle": next.cycle - 1 })));
        fault(next);
    }
    if let Some(why) = disturbed {
        actions.push(Event::of("CYCLE_DISCARDED", json!({ "cycle": next.cycle, "why": why })));
    }
    next.faults.clone_from(&round.faults);
    next.turned_away = round.turned_away;
    for why in &round.faults {
        actions.push(Event::of("CYCLE_FAULT", json!({ "cycle": next.cycle, "why": why })));
        fault(next);
    }
    next.begin_day();
    for incident in next.incidents.values_mut() {
        let said = round.acknowledged.iter().find(|(id, _)| *id == incident.id).map(|(_, at)| *at);
        // What was said before it got worse was taken in then, and does not count again.
        if said.is_some() && said != incident.heard {
            (incident.heard, incident.acknowledged) = (said, true);
        }
    }
    see_canon(next, &round.canon, actions);
    // Without a canon that holds there is nothing to compare with: what was known stays known.
    if next.canon.holds() {
        see_copies(next, round, actions);
    }
    next.services.retain(|name, _| rules.service(name).is_some());
    for service in rules.services() {
        let standing = next.standing(&service.name);
        if standing.phase == Phase::Healing {
            heal::lost(standing, rules, service, t, wall);
            next.count("RESTART", 1);
            actions.push(Event::of("HEAL_UNKNOWN", json!({ "service": service.name })));
        }
        let missing = Class::Unknown("it was not asked".to_owned());
        let class = round.services.get(&service.name).unwrap_or(&missing);
        let standing = next.standing(&service.name);
        if disturbed.is_none() {
            standing.see(class, rules.watch(), t, wall);
        }
        standing.took = round.took.get(&service.name).copied();
    }
    if disturbed.is_none() {
        // What is expected to fail is no sign of anything.
        let counts = |service: &&Service| !is_in_maintenance(&rules.watch().maintenance, &service.name, wall);
        let counted: Vec<&Service> = rules.services().iter().filter(counts).collect();
        let is_down = |service: &&&Service| matches!(round.services.get(&service.name), Some(Class::Down(..)));
        let (failing, all) = (counted.iter().filter(is_down).count() as u64, counted.len() as u64);
        let breaker = &rules.watch().breaker;
        let mass = failing >= u64::from(breaker.services) && breaker.more_than.is_passed_by(failing, all);
        next.failing_rounds = if mass { next.failing_rounds.saturating_add(1) } else { 0 };
        heal::prove(next, rules);
        heal::recover(next, rules);
    }
    choose(next, rules, actions);
    let mut troubles = troubles(next, rules);
    if next.services.values().all(|standing| standing.phase != Phase::Healing) {
        // All of it is told at the end of the cycle, which is soon.
        return incident::open(&mut next.incidents, &mut next.next_incident, &troubles);
    }
    // A heal command may take long: what does not depend on it is told before.
    for service in rules.services().iter().filter(|service| heal::is_next(next, rules, service)) {
        if let Some(trouble) = troubles.get_mut(&format!("service:{}", service.name)) {
            trouble.quiet.get_or_insert(Quiet::Undecided);
        }
    }
    let now = Now { t, wall };
    let alerts = incident::settle(&mut next.incidents, &mut next.next_incident, &troubles, rules, now);
    actions.extend(alerts.into_iter().map(Action::Alert));
}

fn choose(next: &mut State, rules: &Rules, actions: &mut Vec<Action>) {
    if let Some(heal) = heal::choose(next, rules) {
        actions.push(Event::of(
            "INTENT",
            json!({ "intent": heal.intent, "service": heal.service, "argv": heal.argv, "cause": heal.cause, "attempt": heal.attempt }),
        ));
        actions.push(Action::Heal(heal));
    }
}

fn fault(next: &mut State) {
    next.anomaly();
    next.count("CYCLE_FAULT", 1);
}

fn see_canon(next: &mut State, seen: &CanonSeen, actions: &mut Vec<Action>) {
    let wall = next.wall();
    let since = match &next.canon {
        Canon::Broken(_, since) | Canon::Unknown(_, since) => *since,
        Canon::Holds | Canon::NotSeen => wall,
    };
    let canon = match seen {
        CanonSeen::Holds => Canon::Holds,
        CanonSeen::Broken(why) => Canon::Broken(why.clone(), since),
        CanonSeen::Unknown(why) => Canon::Unknown(why.clone(), since),
    };
    let before = std::mem::replace(&mut next.canon, canon);
    let is_new = std::mem::discriminant(&before) != std::mem::discriminant(&next.canon);
    match &next.canon {
        Canon::Broken(why, _) if is_new => {
            actions.push(Event::of("CANON_BROKEN", json!({ "why": why })));
            next.anomaly();
        }
        Canon::Unknown(why, _) if is_new => actions.push(Event::of("CANON_UNKNOWN", json!({ "why": why }))),
        Canon::Holds if is_new && before != Canon::NotSeen => actions.push(Event::of("CANON_HOLDS", json!({}))),
        _ => {}
    }
}

fn see_copies(next: &mut State, round: &Round, actions: &mut Vec<Action>) {
    let drifted: BTreeMap<String, String> =
        round.copies.iter().filter_map(|copy| Some((copy.file.clone(), copy.differs.clone()?))).collect();
    for (file, why) in drifted.iter().filter(|(file, _)| !next.drifted.contains_key(*file)) {
        actions.push(Event::of("IDENTITY_DRIFT", json!({ "file": file, "why": why })));
    }
    let fresh = drifted.keys().filter(|file| !next.drifted.contains_key(*file)).count();
    (0..fresh).for_each(|_| next.anomaly());
    for file in next.drifted.keys().filter(|file| !drifted.contains_key(*file)) {
        actions.push(Event::of("IDENTITY_RESTORED", json!({ "file": file })));
    }
    next.drifted = drifted;
}

/// REMEMBER: what is told, and what the cycle is worth.
fn end(next: &mut State, rules: &Rules, actions: &mut Vec<Action>) {
    let now = Now { t: next.elapsed(), wall: next.wall() };
    let troubles = troubles(next, rules);
    let alerts = incident::settle(&mut next.incidents, &mut next.next_incident, &troubles, rules, now);
    actions.extend(alerts.into_iter().map(Action::Alert));
    let is_clean = is_clean(next, rules);
    let Some(current) = next.current.take() else { return };
    if is_clean {
        actions.push(Action::Earn { event: "CLEAN_CYCLE", times: 1 });
    }
    if current.anomalies > 0 {
        actions.push(Action::Earn { event: "ANOMALY", times: current.anomalies });
    }
    budgets(next, rules, now, actions);
}

/// Whether every critical service was asked and healthy at the first look.
fn is_clean(state: &State, rules: &Rules) -> bool {
    let Some(current) = &state.current else { return false };
    let mut critical = rules.services().iter().filter(|service| service.critical).peekable();
    critical.peek().is_some()
        && critical.all(|service| current.before.get(&service.name) == Some(&Class::Healthy))
        && current.discarded.is_none()
        && state.canon.holds()
        && state.drifted.is_empty()
        && state.faults.is_empty()
}

/// Tells, once a day for each, that more came of an event than a day tolerates.
fn budgets(next: &mut State, rules: &Rules, now: Now, actions: &mut Vec<Action>) {
    let spent: Vec<(String, u32, u32)> = next
        .day
        .counts
        .iter()
        .filter(|(event, _)| !next.day.told.contains(*event))
        .filter_map(|(event, count)| rules.budget(event).filter(|most| count > most).map(|most| (event.clone(), *count, most)))
        .collect();
    for (event, count, most) in spent {
        let text = format!("{event} came {count} times today, and a day tolerates {most}");
        let incident = next.next_incident;
        next.next_incident += 1;
        actions.push(Action::Alert(Alert {
            incident,
            subject: format!("budget:{event}"),
            kind: AlertKind::Notice,
            level: Level::Warning,
            text,
            from: now.wall,
            at: now.wall,
        }));
        next.day.told.insert(event);
    }
}
