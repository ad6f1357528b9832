//! One cycle: observe, think, act, verify, remember. What touches the world is behind [`Hands`], so that a simulator can
//! live through months of failures in a moment, with this very sequence of steps.

use std::collections::BTreeMap;

use crate::watch::heal::HealEnd;
use crate::watch::{Action, Class, Heal, Healed, Health, Moment, Round, Rules, Seen, State, health, think};

/// What touches the world.
pub trait Hands {
    /// What the machine's clocks say.
    fn now(&mut self) -> Moment;
    /// OBSERVE: looks at everything.
    fn look(&mut self, rules: &Rules) -> Round;
    /// VERIFY: asks some services again.
    fn look_again(&mut self, rules: &Rules, names: &[String]) -> BTreeMap<String, Class>;
    /// Waits; says no if it was told to stop in the meantime.
    fn pause(&mut self, seconds: u64) -> bool;
    /// ACT: runs a heal command to its end, and gives the end of what it said.
    fn heal(&mut self, heal: &Heal) -> (HealEnd, String);
    /// Tells people what is stored for them, before something that may take long.
    fn tell(&mut self);
    /// REMEMBER: stores a step, all or nothing.
    ///
    /// # Errors
    /// Why it could not be stored.
    fn keep(&mut self, step: &Step<'_>) -> Result<(), String>;
}

/// What is stored after a step.
#[derive(Debug)]
pub struct Step<'a> {
    /// All that the loop remembers.
    pub state: &'a State,
    /// What came of the step.
    pub actions: &'a [Action],
    /// Of the last step of a cycle: the cycle itself.
    pub cycle: Option<Record>,
}

/// A whole cycle, as it is remembered.
#[derive(Clone, Debug)]
pub struct Record {
    /// Its number.
    pub number: u64,
    /// When it began, by the wall clock.
    pub from: i64,
    /// When it ended, by the wall clock.
    pub to: i64,
    /// What was seen first, before anything was healed.
    pub before: BTreeMap<String, Class>,
    /// What was seen last.
    pub after: BTreeMap<String, Class>,
    /// How all of it was at the end.
    pub health: Health,
    /// Whether every critical service was healthy at the first look.
    pub clean: bool,
    /// Anomalies that were recorded in it.
    pub anomalies: u32,
    /// Why what it saw does not count.
    pub discarded: Option<String>,
}

/// Goes round once. The whole of it takes little more than the longest of a period and one heal command.
pub fn cycle(state: State, rules: &Rules, hands: &mut dyn Hands) -> (State, Record) {
    let started = hands.now();
    let left = |now: &Moment| u64::from(rules.watch().period_s).saturating_sub(now.since_boot.saturating_sub(started.since_boot));
    let round = hands.look(rules);
    let (mut state, mut actions) = step(&state, &Seen::Round(round), rules, hands);
    let mut stored = hands.keep(&Step { state: &state, actions: &actions, cycle: None });
    let mut healed_now = Vec::new();
    if meant(&actions).is_some() && actions.iter().any(|action| matches!(action, Action::Alert(_))) {
        hands.tell();
    }
    while let Some(heal) = meant(&actions) {
        healed_now.push(heal.service.clone());
        // What cannot be remembered is not done.
        let (end, said) = if stored.is_ok() { hands.heal(&heal) } else { (HealEnd::NotRun, String::new()) };
        // Whoever is told to stop finishes what is in hand, and begins nothing more.
        let more = stored.is_ok() && left(&hands.now()) > 0 && hands.pause(0);
        let healed = Healed { intent: heal.intent, service: heal.service, end, said, more };
        (state, actions) = step(&state, &Seen::Healed(healed), rules, hands);
        stored = hands.keep(&Step { state: &state, actions: &actions, cycle: None });
    }
    // What answers again by itself has to last until the next cycle.
    let names: Vec<String> =
        state.to_verify().into_iter().filter(|name| healed_now.iter().any(|healed| healed == name)).map(str::to_owned).collect();
    let grace = state.grace_left();
    if !names.is_empty() && grace < left(&hands.now()) && !state.is_discarded() && hands.pause(grace) {
        let seen = Seen::Again(hands.look_again(rules, &names));
        (state, actions) = step(&state, &seen, rules, hands);
        // Nothing was done that must be remembered before the cycle ends.
        let _ = hands.keep(&Step { state: &state, actions: &actions, cycle: None });
    }
    let health = health::health(&state, rules);
    let current = state.current.clone();
    (state, actions) = step(&state, &Seen::End, rules, hands);
    let clean = actions.iter().any(|action| matches!(action, Action::Earn { event: "CLEAN_CYCLE", .. }));
    let record = Record {
        number: state.cycle,
        from: current.as_ref().map_or(started.wall, |current| current.from),
        to: state.wall(),
        before: current.as_ref().map(|current| current.before.clone()).unwrap_or_default(),
        after: state.services.iter().map(|(name, standing)| (name.clone(), standing.last.clone())).collect(),
        health,
        clean,
        anomalies: current.as_ref().map_or(0, |current| current.anomalies),
        discarded: current.and_then(|current| current.discarded),
    };
    // A cycle that could not be stored is told by the next one, which begins with what went wrong.
    let _ = hands.keep(&Step { state: &state, actions: &actions, cycle: Some(record.clone()) });
    (state, record)
}

fn step(state: &State, seen: &Seen, rules: &Rules, hands: &mut dyn Hands) -> (State, Vec<Action>) {
    think(state, seen, rules, &hands.now())
}

fn meant(actions: &[Action]) -> Option<Heal> {
    actions.iter().find_map(|action| if let Action::Heal(heal) = action { Some(heal.clone()) } else { None })
}
