//! Months of failures in a moment: the real cycle in a world that is made up, with crashes, lost clocks, a store that
//! fails and channels that do not deliver.

use std::collections::{BTreeMap, BTreeSet};

use omega::canon::policy::{self, Level};
use omega::monitor::cycle::{Hands, Step, cycle};
use omega::watch::heal::HealEnd;
use omega::watch::outbox::{MOST, Waiting, compose};
use omega::watch::trouble::troubles;
use omega::watch::{Action, Alert, AlertKind, CanonSeen, Cause, Class, Heal, Moment, Phase, Round, Rules, State};

use crate::kit::random::Random;

const OXYSPINE: &str = include_str!("../../../canon/OXYSPINE_TRINITY.md");
const ECONOMY: &str = include_str!("../../../canon/ECONOMY_MODEL.md");

fn rules() -> Rules {
    let spine = policy::oxyspine(OXYSPINE.as_bytes()).unwrap();
    Rules::new(spine, Some(policy::economy(ECONOMY.as_bytes()).unwrap())).unwrap()
}

/// What is so with a service, whoever looks.
#[derive(Clone)]
struct Truth {
    class: Class,
    /// Whether a restart makes it healthy.
    heals: bool,
    until: u64,
}

/// What the store holds: it outlives crashes.
#[derive(Default)]
struct Disk {
    state: Option<String>,
    waiting: Vec<(i64, Alert)>,
    heard: BTreeSet<u64>,
    next_row: i64,
}

/// What an observer outside wrote down, to hold the watch to it.
#[derive(Default)]
struct Seen {
    restarts: BTreeMap<String, Vec<u64>>,
    intents: BTreeSet<u64>,
    alerts: Vec<(u64, Alert)>,
    delivered: Vec<Alert>,
    clean: u64,
    cycles: u64,
    messages: u64,
    crashes: u64,
    discarded: u64,
    crashloops: u64,
    lost_keeps: u64,
    outages: Vec<(String, i64, i64)>,
    /// What is wrong without a break, and nobody's silence covers: its outage, its level, for how many rounds, and since when.
    begun: BTreeMap<String, (u64, u64)>,
    lasting: BTreeMap<String, (Option<u64>, Level, u32, u64)>,
    lasted: u64,
    turns: u64,
    acknowledgements: u64,
    /// The services in the order in which they were restarted, and how often that was while too much failed at once.
    order: Vec<String>,
    one_by_one: u64,
    open: BTreeMap<String, i64>,
}

struct World {
    dice: Random,
    rules: Rules,
    time: u64,
    slept: u64,
    wall_error: i64,
    boot: u64,
    boot_at: u64,
    truth: BTreeMap<String, Truth>,
    canon: CanonSeen,
    canon_until: u64,
    mass_until: u64,
    blind_until: u64,
    store_until: u64,
    wire_until: u64,
    quiet: bool,
    /// Nothing happens in the world by itself.
    still: bool,
    /// Rounds in a row in which three services or more were seen to fail.
    mass_rounds: u32,
    round_from: u64,
    acknowledged: BTreeMap<u64, i64>,
    disk: Disk,
    backlog: Vec<Alert>,
    faults: Vec<String>,
    /// The watcher is dead: nothing that it does from now on happens.
    dead: bool,
    /// Steps until it dies.
    dies_in: Option<u64>,
    looked: Option<(bool, BTreeMap<String, Class>)>,
    seen: Seen,
}

const START: i64 = 1_772_000_000;

impl World {
    fn new(seed: u64) -> Self {
        let rules = rules();
        let healthy = Truth { class: Class::Healthy, heals: true, until: 0 };
        let truth = rules.services().iter().map(|service| (service.name.clone(), healthy.clone())).collect();
        Self {
            dice: Random(seed),
            rules,
            time: 1000,
            slept: 0,
            wall_error: 0,
            boot: 0,
            boot_at: 0,
            truth,
            canon: CanonSeen::Holds,
            canon_until: 0,
            mass_until: 0,
            blind_until: 0,
            store_until: 0,
            wire_until: 0,
            quiet: false,
            still: false,
            mass_rounds: 0,
            round_from: 0,
            acknowledged: BTreeMap::new(),
            disk: Disk::default(),
            backlog: Vec::new(),
            faults: Vec::new(),
            dead: false,
            dies_in: None,
            looked: None,
            seen: Seen::default(),
        }
    }

    /// Every call of the watcher's hands is a moment at which it may die.
    fn tick(&mut self) {
        if let Some(steps) = &mut self.dies_in {
            if *steps == 0 {
                self.dead = true;
            } else {
                *steps -= 1;
            }
        }
    }

    fn any_failure(&mut self) -> Class {
        match self.dice.below(9) {
            0..=2 => Class::Down(Cause::Refused, "nobody listens".into()),
            3 => Class::Down(Cause::Timeout, "no answer".into()),
            4 => Class::Down(Cause::ServerError, "status 500".into()),
            5 => Class::Down(Cause::Dns, "no such name".into()),
            6 => Class::Down(Cause::Tls, "expired".into()),
            7 => Class::Down(Cause::Body, "cut short".into()),
            _ => Class::Degraded("status 404".into()),
        }
    }

    /// Things happen in the world.
    fn happen(&mut self) {
        if self.still {
            return;
        }
        let names: Vec<String> = self.truth.keys().cloned().collect();
        for name in names {
            let time = self.time;
            let is_over = self.truth[&name].until <= time;
            if self.quiet || (is_over && self.truth[&name].class != Class::Healthy) {
                self.truth.insert(name, Truth { class: Class::Healthy, heals: true, until: 0 });
            } else if self.dice.one_in(120) {
                let class = self.any_failure();
                let heals = self.dice.below(3) > 0;
                let lasts = [40, 100, 400, 3000, 30_000][self.dice.below(5)];
                self.truth.insert(name, Truth { class, heals, until: time + lasts });
            }
        }
        if self.quiet {
            (self.mass_until, self.blind_until, self.store_until, self.wire_until) = (0, 0, 0, 0);
            self.canon = CanonSeen::Holds;
            return;
        }
        let time = self.time;
        if self.canon_until <= time {
            self.canon = CanonSeen::Holds;
        }
        if self.dice.one_in(700) {
            let broken = self.dice.one_in(2);
            self.canon = if broken { CanonSeen::Broken("AGENTS.md is not ratified".into()) } else { CanonSeen::Unknown("no pin".into()) };
            self.canon_until = time + 20 + self.dice.below(2000);
        }
        let mut maybe = |chances, most| if self.dice.one_in(chances) { time + self.dice.below(most) } else { 0 };
        let until = [maybe(500, 900), maybe(500, 300), maybe(400, 200), maybe(300, 4000)];
        self.mass_until = self.mass_until.max(until[0]);
        self.blind_until = self.blind_until.max(until[1]);
        self.store_until = self.store_until.max(until[2]);
        self.wire_until = self.wire_until.max(until[3]);
        if self.dice.one_in(800) {
            self.wall_error += self.dice.below(400_000) - 200_000;
        }
        if self.dice.one_in(2000) {
            let sleep = 60 + self.dice.below(7200);
            self.time += sleep;
            self.slept += sleep;
        }
    }

    fn class_of(&self, name: &str) -> Class {
        if self.blind_until > self.time {
            return Class::Unknown("no network".into());
        }
        if self.mass_until > self.time {
            return Class::Down(Cause::Refused, "nobody listens".into());
        }
        self.truth[name].class.clone()
    }

    /// The outbox: one message a cycle.
    fn deliver(&mut self) {
        if self.dead || self.wire_until > self.time {
            return;
        }
        let rows: Vec<Waiting> = self
            .disk
            .waiting
            .iter()
            .map(|(id, alert)| Waiting {
                id: *id,
                incident: alert.incident.to_string(),
                kind: alert.kind,
                level: alert.level,
                text: alert.text.clone(),
                heard: self.disk.heard.contains(&alert.incident),
            })
            .collect();
        let Some(message) = compose(&rows, MOST) else { return };
        self.seen.messages += 1;
        for line in message.text.lines().filter(|line| line.starts_with("[RESOLVED]")) {
            let told = rows.iter().any(|row| {
                row.kind == AlertKind::Resolved && self.seen.delivered.iter().any(|other| other.incident.to_string() == row.incident)
            });
            assert!(told, "`{line}` is told to somebody who never heard that it began");
        }
        self.seen.delivered.extend(self.disk.waiting.iter().map(|(_, alert)| alert.clone()));
        self.tick();
        if self.dead {
            // It died between the message and its mark: the same is told again.
            return;
        }
        for (_, alert) in self.disk.waiting.drain(..) {
            self.disk.heard.insert(alert.incident);
        }
    }

    fn go_round(&mut self, mut state: State) -> State {
        self.happen();
        self.round_from = self.time;
        if !self.quiet && self.dice.one_in(25) {
            self.dies_in = Some(self.dice.below(14));
        }
        let rules = self.rules.clone();
        let (next, record) = cycle(state, &rules, self);
        state = next;
        self.deliver();
        self.watch_outages(&state);
        self.watch_levels(&state);
        self.seen.cycles += 1;
        self.seen.discarded += u64::from(record.discarded.is_some());
        if self.dead {
            self.seen.crashes += 1;
            (self.dead, self.dies_in) = (false, None);
            (self.backlog, self.faults) = (Vec::new(), Vec::new());
            state = self.disk.state.as_deref().map(|text| serde_json::from_str(text).unwrap()).unwrap_or_default();
            if self.dice.one_in(4) {
                self.boot += 1;
                self.time += 45;
                self.boot_at = self.time - 20;
                self.slept = 0;
            }
        }
        self.dies_in = None;
        self.time += 3 + self.dice.below(28);
        state
    }

    /// Whatever is wrong for a while was told at its level since it began, whatever was told and acknowledged before.
    fn watch_levels(&mut self, state: &State) {
        // A watcher that died may have stored what it told in its last round.
        for (name, standing) in &state.services {
            if standing.phase.is_outage() && self.seen.begun.get(name).is_none_or(|(outage, _)| *outage != standing.outages) {
                // The round took a while, and may have told of it at its beginning.
                self.seen.begun.insert(name.clone(), (standing.outages, self.round_from));
            }
        }
        if self.dead {
            return;
        }
        let mut now = troubles(state, &self.rules);
        now.retain(|_, trouble| trouble.quiet.is_none());
        self.seen.lasting.retain(|subject, _| now.contains_key(subject));
        for (subject, trouble) in now {
            let begun = (trouble.outage, trouble.level, 0, self.time);
            let lasting = self.seen.lasting.entry(subject.clone()).or_insert(begun);
            if lasting.0 != trouble.outage {
                self.seen.turns += 1;
                *lasting = begun;
            }
            (lasting.1, lasting.2) = (trouble.level, if trouble.level > lasting.1 { 0 } else { lasting.2 + 1 });
            let (outage, level, rounds, since) = *lasting;
            if outage.is_some() && rounds >= 12 {
                self.seen.lasted += 1;
                // Counted from the first failure of this outage, as it is stored.
                let from = subject.strip_prefix("service:").and_then(|name| self.seen.begun.get(name)).map_or(0, |(_, at)| *at);
                let was_told = |alert: &Alert| alert.subject == subject && alert.level >= level;
                let stored = self.seen.alerts.iter().any(|(at, alert)| *at >= from && was_told(alert));
                assert!(
                    stored || self.backlog.iter().any(was_told),
                    "{subject} is {level} for {rounds} rounds, since {since}, and nobody is told of that: {:?}",
                    state.incidents.get(&subject)
                );
            }
            if let Some(incident) = state.incidents.get(&subject).filter(|_| self.dice.one_in(20)) {
                self.acknowledged.insert(incident.id, state.wall());
                self.seen.acknowledgements += 1;
            }
        }
    }

    /// Outages as the watch itself sees them, in what it has stored.
    fn watch_outages(&mut self, state: &State) {
        if self.dead {
            return;
        }
        let wall = state.wall();
        for (name, standing) in &state.services {
            match (standing.phase.is_outage(), self.seen.open.contains_key(name)) {
                (true, false) => drop(self.seen.open.insert(name.clone(), standing.failing_from.unwrap_or(wall))),
                (false, true) => {
                    let from = self.seen.open.remove(name).unwrap();
                    self.seen.outages.push((name.clone(), from, wall));
                }
                _ => {}
            }
            self.seen.crashloops += u64::from(standing.phase == Phase::Crashloop);
        }
    }
}

impl Hands for World {
    fn now(&mut self) -> Moment {
        let since_boot = self.time - self.boot_at;
        Moment {
            wall: START + i64::try_from(self.time).unwrap() + self.wall_error,
            boot: self.boot.to_string(),
            since_boot,
            awake: since_boot.saturating_sub(self.slept),
        }
    }

    fn look(&mut self, rules: &Rules) -> Round {
        self.tick();
        self.time += self.dice.below(5);
        let services: BTreeMap<String, Class> =
            rules.services().iter().map(|service| (service.name.clone(), self.class_of(&service.name))).collect();
        self.looked = Some((self.canon == CanonSeen::Holds, services.clone()));
        let down = services.values().filter(|class| matches!(class, Class::Down(..))).count();
        self.mass_rounds = if down >= 3 { self.mass_rounds + 1 } else { 0 };
        Round {
            canon: self.canon.clone(),
            services,
            took: BTreeMap::new(),
            copies: Vec::new(),
            faults: std::mem::take(&mut self.faults),
            acknowledged: self.acknowledged.iter().map(|(id, at)| (*id, *at)).collect(),
            turned_away: 0,
        }
    }

    fn look_again(&mut self, _: &Rules, names: &[String]) -> BTreeMap<String, Class> {
        self.tick();
        names.iter().map(|name| (name.clone(), self.class_of(name))).collect()
    }

    fn pause(&mut self, seconds: u64) -> bool {
        self.tick();
        self.time += seconds;
        true
    }

    fn heal(&mut self, heal: &Heal) -> (HealEnd, String) {
        self.tick();
        if self.dead {
            return (HealEnd::Exited(0), String::new());
        }
        assert!(self.seen.intents.contains(&heal.intent), "a restart ran whose intent was not stored");
        assert!(self.seen.intents.remove(&heal.intent), "a restart ran twice");
        let (holds, classes) = self.looked.clone().unwrap();
        assert!(holds, "a restart although the canon did not hold");
        let cause = classes[&heal.service].cause().expect("only what is down is restarted");
        assert!(matches!(cause, Cause::Refused | Cause::Timeout | Cause::ServerError), "a restart because of {cause}");
        let down = classes.values().filter(|class| matches!(class, Class::Down(..))).count();
        // What fails all at once is left alone at first, and then brought back one at a time.
        assert!(down < 3 || self.mass_rounds >= self.rules.watch().failures, "a restart as soon as {down} of 4 services fail");
        self.seen.order.push(heal.service.clone());
        self.seen.one_by_one += u64::from(down >= 3);
        for needed in &self.rules.service(&heal.service).unwrap().needs {
            assert!(!matches!(classes[needed], Class::Down(..)), "{} is restarted before {needed}", heal.service);
        }
        let restarts = self.seen.restarts.entry(heal.service.clone()).or_default();
        restarts.push(self.time);
        // The budget is counted from the moment of the intent, a little before.
        let within = |seconds: u64| restarts.iter().filter(|at| self.time - **at + 120 < seconds).count();
        assert!(within(600) <= 3 && within(86_400) <= 6, "{} is restarted too often: {restarts:?}", heal.service);
        self.time += self.dice.below(10);
        let truth = self.truth.get_mut(&heal.service).unwrap();
        if truth.heals {
            truth.class = Class::Healthy;
        }
        let end = if self.dice.one_in(5) { HealEnd::TimedOut } else { HealEnd::Exited(0) };
        self.tick();
        (end, String::new())
    }

    fn tell(&mut self) {
        self.deliver();
    }

    fn keep(&mut self, step: &Step<'_>) -> Result<(), String> {
        self.tick();
        if self.dead {
            return Err("dead".into());
        }
        let alerts = step.actions.iter().filter_map(|action| if let Action::Alert(alert) = action { Some(alert.clone()) } else { None });
        self.backlog.extend(alerts);
        if self.store_until > self.time {
            self.seen.lost_keeps += 1;
            self.faults = vec!["the disk is full".into()];
            return Err("the disk is full".into());
        }
        let text = serde_json::to_string(step.state).unwrap();
        assert_eq!(&serde_json::from_str::<State>(&text).unwrap(), step.state);
        assert!(text.len() < 20_000, "the state grows: {} bytes", text.len());
        self.disk.state = Some(text);
        for alert in std::mem::take(&mut self.backlog) {
            self.seen.alerts.push((self.time, alert.clone()));
            self.disk.next_row += 1;
            self.disk.waiting.push((self.disk.next_row, alert));
        }
        for action in step.actions {
            match action {
                Action::Heal(heal) => assert!(self.seen.intents.insert(heal.intent), "a number of a restart is used twice"),
                Action::Earn { event: "CLEAN_CYCLE", times } => {
                    assert_eq!(*times, 1);
                    let (holds, classes) = self.looked.clone().unwrap();
                    let healthy = ["Gateway", "Brain"].iter().all(|name| classes[*name] == Class::Healthy);
                    assert!(holds && healthy, "an unclean cycle is rewarded");
                    self.seen.clean += 1;
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// Whether somebody was told of an outage, or of what caused it, at a time that touches it.
fn was_told(seen: &Seen, rules: &Rules, name: &str, from: i64, to: i64) -> bool {
    let mut subjects: Vec<String> = vec![format!("service:{name}"), "mass".to_owned()];
    subjects.extend(rules.ancestors(name).iter().map(|ancestor| format!("service:{ancestor}")));
    // The wall clock is set to and fro meanwhile, so times say little across a jump.
    let near = 400_000;
    seen.delivered.iter().any(|alert| subjects.contains(&alert.subject) && alert.from <= to + near && alert.at >= from - near)
}

fn live(seed: u64, cycles: u64) -> World {
    let mut world = World::new(seed);
    let mut state = State::default();
    for _ in 0..cycles {
        state = world.go_round(state);
    }
    world.quiet = true;
    for _ in 0..400 {
        state = world.go_round(state);
    }
    assert!(state.incidents.is_empty(), "{:?}", state.incidents);
    assert!(world.disk.waiting.is_empty(), "{:?}", world.disk.waiting);
    let fine = state.services.values().all(|standing| standing.phase == Phase::Up);
    assert!(fine, "all is well, and the watch does not see it");
    for (name, from, to) in &world.seen.outages {
        assert!(was_told(&world.seen, &world.rules, name, *from, *to), "seed {seed}: nobody was told that {name} was down, {from} to {to}");
    }
    let mut by_subject: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    for (time, alert) in &world.seen.alerts {
        by_subject.entry(&alert.subject).or_default().push(*time);
    }
    for (subject, times) in by_subject {
        let most = times.iter().map(|time| times.iter().filter(|other| (*time..*time + 900).contains(*other)).count()).max().unwrap();
        assert!(most <= 12, "seed {seed}: {most} alerts of {subject} within a quarter of an hour");
    }
    assert!(world.seen.messages <= world.seen.cycles);
    world
}

#[test]
fn months_of_failures_break_no_promise() {
    let (mut restarts, mut crashes, mut clean, mut delivered, mut discarded, mut lost, mut loops, mut outages) = (0, 0, 0, 0, 0, 0, 0, 0);
    let (mut lasted, mut turns, mut acknowledged, mut one_by_one) = (0, 0, 0, 0);
    for seed in 0..8 {
        let world = live(seed, 2500);
        restarts += world.seen.restarts.values().map(Vec::len).sum::<usize>();
        crashes += world.seen.crashes;
        clean += world.seen.clean;
        delivered += world.seen.delivered.len();
        discarded += world.seen.discarded;
        lost += world.seen.lost_keeps;
        loops += world.seen.crashloops;
        outages += world.seen.outages.len();
        lasted += world.seen.lasted;
        turns += world.seen.turns;
        acknowledged += world.seen.acknowledgements;
        one_by_one += world.seen.one_by_one;
    }
    println!(
        "{restarts} restarts, {crashes} crashes, {clean} clean, {delivered} told, {discarded} discarded, {lost} lost, {loops} in loops, {outages} outages"
    );
    println!("{lasted} lasted, {turns} turns, {acknowledged} acknowledged, {one_by_one} one by one");
    // All of it has to have happened, or nothing was shown.
    assert!(lasted > 1000 && turns > 5 && acknowledged > 100 && one_by_one > 10);
    assert!(
        restarts > 100 && crashes > 100 && clean > 1000 && delivered > 500 && discarded > 20 && lost > 100 && loops > 0 && outages > 200
    );
}

/// After a full stop, as when the machine was started anew: the watch may die meanwhile, and starts again.
#[test]
fn after_a_full_stop_every_service_that_can_come_back_does_and_in_its_order() {
    for seed in 0..60 {
        let mut world = World::new(seed);
        let order: Vec<String> = world.rules.in_recovery_order().map(|service| service.name.clone()).collect();
        world.still = true;
        let mut state = State::default();
        for _ in 0..4 {
            state = world.go_round(state);
        }
        let hopeless = (seed % 3 == 1).then(|| order[world.dice.below(order.len())].clone());
        for (name, truth) in &mut world.truth {
            let heals = hopeless.as_ref() != Some(name);
            *truth = Truth { class: Class::Down(Cause::Refused, "nobody listens".into()), heals, until: u64::MAX };
        }
        for _ in 0..400 {
            state = world.go_round(state);
        }
        let is_hopeless = |name: &str| hopeless.as_deref().is_some_and(|bad| bad == name || world.rules.ancestors(name).contains(&bad));
        for name in &order {
            let phase = state.services[name].phase;
            assert_eq!(phase == Phase::Up, !is_hopeless(name), "seed {seed}: {name} is {phase}, hopeless is {hopeless:?}");
        }
        let mut came: Vec<&String> = Vec::new();
        for name in &world.seen.order {
            if !came.contains(&name) {
                came.push(name);
            }
        }
        let expected: Vec<&String> = order.iter().filter(|name| came.contains(name)).collect();
        assert_eq!(came, expected, "seed {seed}");
        assert!(world.seen.delivered.iter().any(|alert| alert.subject == "mass" || alert.subject == "service:Gateway"), "seed {seed}");
    }
}
