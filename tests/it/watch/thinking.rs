//! Short stories for the loop's mind: rounds of answers go in, and what it does and says comes out.

use std::collections::{BTreeMap, BTreeSet};

use omega::canon::policy::{self, Level};
use omega::watch::heal::{self, HealEnd};
use omega::watch::{Action, Alert, AlertKind, CanonSeen, Cause, Class, Heal, Healed, Moment, Phase, Round, Rules, Seen, State, think};

const OXYSPINE: &str = include_str!("../../../canon/OXYSPINE_TRINITY.md");
const START: i64 = 1_772_000_000;

/// A watch with a history. Its clock stands still unless it is told to go on.
struct Story {
    rules: Rules,
    state: State,
    passed: u64,
    acknowledged: Vec<(u64, i64)>,
}

/// What a round came to.
struct Came {
    healed: Vec<Heal>,
    alerts: Vec<Alert>,
}

impl Came {
    fn said(&self) -> Vec<(&str, AlertKind, Level)> {
        self.alerts.iter().map(|alert| (alert.subject.as_str(), alert.kind, alert.level)).collect()
    }
}

impl Story {
    fn new() -> Self {
        Self::with(OXYSPINE)
    }

    fn with(spine: &str) -> Self {
        let rules = Rules::new(policy::oxyspine(spine.as_bytes()).unwrap(), None).unwrap();
        Self { rules, state: State::default(), passed: 0, acknowledged: Vec::new() }
    }

    fn step(&mut self, seen: &Seen) -> Vec<Action> {
        let wall = START + i64::try_from(self.passed).unwrap();
        let now = Moment { wall, boot: "a".to_owned(), since_boot: self.passed, awake: self.passed };
        let (state, actions) = think(&self.state, seen, &self.rules, &now);
        self.state = state;
        actions
    }

    /// One round in which these fail and the others are healthy; each restart ends so. Then a period passes.
    fn round(&mut self, failing: &[(&str, Class)], end: HealEnd) -> Came {
        self.round_with(CanonSeen::Holds, failing, end)
    }

    fn round_with(&mut self, canon: CanonSeen, failing: &[(&str, Class)], end: HealEnd) -> Came {
        let mut services: BTreeMap<String, Class> =
            self.rules.services().iter().map(|service| (service.name.clone(), Class::Healthy)).collect();
        services.extend(failing.iter().map(|(name, class)| ((*name).to_owned(), class.clone())));
        let round = Round {
            canon,
            services,
            took: BTreeMap::new(),
            copies: Vec::new(),
            faults: Vec::new(),
            acknowledged: self.acknowledged.clone(),
            turned_away: 0,
        };
        let mut came = Came { healed: Vec::new(), alerts: Vec::new() };
        let mut actions = self.step(&Seen::Round(round));
        while let Some(heal) = actions.iter().find_map(|action| if let Action::Heal(heal) = action { Some(heal.clone()) } else { None }) {
            came.healed.push(heal.clone());
            let healed = Healed { intent: heal.intent, service: heal.service, end, said: String::new(), more: true };
            actions = self.step(&Seen::Healed(healed));
        }
        let end = self.step(&Seen::End);
        came.alerts.extend(end.into_iter().filter_map(|action| if let Action::Alert(alert) = action { Some(alert) } else { None }));
        self.passed += 30;
        came
    }

    fn rounds(&mut self, count: usize, failing: &[(&str, Class)]) -> Vec<Came> {
        (0..count).map(|_| self.round(failing, HealEnd::Exited(0))).collect()
    }

    fn phase(&self, name: &str) -> Phase {
        self.state.services[name].phase
    }
}

fn down(cause: Cause) -> Class {
    Class::Down(cause, "as the story wants it".to_owned())
}

#[test]
fn a_restart_that_was_never_run_costs_nothing_but_the_pause() {
    let mut story = Story::new();
    let failing = [("Gateway", down(Cause::Refused))];
    let mut meant = 0;
    // Its intent cannot be stored, for longer than the budget of a day could last.
    for _ in 0..40 {
        meant += story.round(&failing, HealEnd::NotRun).healed.len();
        assert_ne!(story.phase("Gateway"), Phase::Crashloop);
    }
    assert!(meant > 6, "{meant}");
    assert_eq!((story.state.services["Gateway"].restarts.len(), story.state.services["Gateway"].tried), (0, 0));
    // Once it can be, the whole budget is there: three restarts within the window.
    let ran: usize = story.rounds(40, &failing).iter().map(|came| came.healed.len()).sum();
    assert_eq!(ran, 3);
    assert_eq!(story.phase("Gateway"), Phase::Crashloop);
}

#[test]
fn a_restart_whose_end_nobody_saw_gets_the_time_that_it_may_take() {
    let mut story = Story::new();
    let failing = [("Gateway", down(Cause::Refused))];
    story.rounds(2, &failing);
    // The watcher dies while it heals.
    let services = [("Gateway".to_owned(), down(Cause::Refused))].into_iter().collect();
    let round = |services| {
        Seen::Round(Round {
            canon: CanonSeen::Holds,
            services,
            took: BTreeMap::new(),
            copies: Vec::new(),
            faults: Vec::new(),
            acknowledged: Vec::new(),
            turned_away: 0,
        })
    };
    let actions = story.step(&round(services));
    assert!(actions.iter().any(|action| matches!(action, Action::Heal(_))));
    assert_eq!(story.phase("Gateway"), Phase::Healing);
    story.passed += 30;
    // The next one cannot know whether the command is still at work: nothing else is begun until it must have ended.
    let may_take = u64::from(story.rules.service("Gateway").unwrap().heal_timeout_s()) + 10;
    let began = story.passed;
    let came = story.round(&failing, HealEnd::Exited(0));
    assert!(came.healed.is_empty());
    assert_eq!(story.phase("Gateway"), Phase::Verifying);
    let healed = loop {
        let came = story.round(&failing, HealEnd::Exited(0));
        if !came.healed.is_empty() {
            break story.passed - 30 - began;
        }
        assert!(story.passed < began + 10 * may_take, "it is never healed again");
    };
    assert!(healed >= may_take, "{healed} s, and the command may take {may_take} s");
    assert_eq!(story.state.services["Gateway"].restarts.len(), 2, "the one that was lost counts");
}

#[test]
fn what_is_expected_to_fail_does_not_trip_the_breaker() {
    // The story begins at 06:13.
    let window = "    maintenance: [{services: [Bridge, HUD], from: \"06:00\", minutes: 300}]\n    channels:\n";
    let spine = OXYSPINE.replacen("    channels:\n", window, 1);
    let failing = [("Gateway", down(Cause::Refused)), ("Bridge", down(Cause::Refused)), ("HUD", down(Cause::Refused))];
    // Three of four fail: that is the network, or the machine, and nothing is restarted at first.
    let mut story = Story::new();
    let came = story.rounds(3, &failing);
    assert!(came.iter().all(|came| came.healed.is_empty()));
    assert!(came.iter().flat_map(Came::said).any(|said| said == ("mass", AlertKind::Firing, Level::Critical)));
    // Two of them are being worked on: then one of two fails, and is healed.
    let mut story = Story::with(&spine);
    let came = story.rounds(4, &failing);
    let healed: BTreeSet<&str> = came.iter().flat_map(|came| &came.healed).map(|heal| heal.service.as_str()).collect();
    assert_eq!(healed, BTreeSet::from(["Gateway"]));
    assert!(came.iter().flat_map(Came::said).all(|said| said.0 != "mass" && said.0 != "service:HUD"));
}

#[test]
fn who_knew_of_it_before_it_got_worse_is_told_of_that_and_reminded() {
    let mut story = Story::new();
    let kinds = |rounds: &[Came]| -> Vec<(AlertKind, Level)> {
        rounds.iter().flat_map(|came| &came.alerts).map(|alert| (alert.kind, alert.level)).collect()
    };
    let slow = [("Gateway", Class::Degraded("it takes 4 s".to_owned()))];
    assert_eq!(kinds(&story.rounds(5, &slow)), [(AlertKind::Firing, Level::Warning)]);
    let incident = story.state.incidents["service:Gateway"].id;
    story.acknowledged = vec![(incident, START + i64::try_from(story.passed).unwrap())];
    assert_eq!(kinds(&story.rounds(500, &slow)), []);
    // Then it falls: that is news, to whoever knew of it too, and is repeated.
    let failing = [("Gateway", down(Cause::Tls))];
    let said = kinds(&story.rounds(500, &failing));
    assert_eq!(said[0], (AlertKind::Firing, Level::Critical), "{said:?}");
    assert!(said.len() > 2 && said[1..].iter().all(|said| *said == (AlertKind::Reminder, Level::Critical)), "{said:?}");
    // Until somebody says so again.
    story.acknowledged = vec![(incident, START + i64::try_from(story.passed).unwrap())];
    assert_eq!(kinds(&story.rounds(1000, &failing)), []);
    assert_eq!(kinds(&story.rounds(3, &[])), [(AlertKind::Resolved, Level::Critical)]);
}

#[test]
fn who_knows_of_it_before_anybody_is_told_is_told_once() {
    let mut story = Story::new();
    // What it needs is down, so nobody is told of it yet.
    let both = [("Gateway", down(Cause::Dns)), ("HUD", down(Cause::Tls))];
    let came = story.rounds(5, &both);
    assert!(came.iter().flat_map(Came::said).all(|said| said.0 == "service:Gateway"));
    let incident = story.state.incidents["service:HUD"].id;
    story.acknowledged = vec![(incident, START + i64::try_from(story.passed).unwrap())];
    let alone = [("HUD", down(Cause::Tls))];
    let said: Vec<AlertKind> = story
        .rounds(1000, &alone)
        .iter()
        .flat_map(|came| &came.alerts)
        .filter(|alert| alert.incident == incident)
        .map(|a| a.kind)
        .collect();
    assert_eq!(said, [AlertKind::Firing]);
    let said: Vec<AlertKind> = story.rounds(3, &[]).iter().flat_map(|came| &came.alerts).map(|alert| alert.kind).collect();
    assert_eq!(said, [AlertKind::Resolved]);
}

#[test]
fn only_what_a_restart_can_help_is_restarted() {
    for (cause, helps) in [
        (Cause::Refused, true),
        (Cause::Timeout, true),
        (Cause::ServerError, true),
        (Cause::Exit, true),
        (Cause::Dns, false),
        (Cause::Tls, false),
        (Cause::Body, false),
    ] {
        let mut story = Story::new();
        let came = story.rounds(4, &[("Gateway", down(cause))]);
        assert_eq!(came.iter().any(|came| !came.healed.is_empty()), helps, "{cause}");
        assert_eq!(heal::argv(&story.rules, story.rules.service("Gateway").unwrap(), cause).is_some(), helps);
    }
}

#[test]
fn what_fails_with_others_for_a_moment_is_told_by_itself() {
    let mut story = Story::new();
    let mut said = Vec::new();
    let hud = ("HUD", down(Cause::Refused));
    let others = [hud.clone(), ("Gateway", down(Cause::Refused)), ("Bridge", down(Cause::Refused))];
    // HUD fails three times, the others with it in the last of them and once more: too short to be told of as one.
    for failing in [&[hud.clone()][..], &[hud], &others, &others, &[], &[], &[]] {
        said.extend(story.round(failing, HealEnd::Exited(0)).alerts.into_iter().map(|alert| (alert.subject, alert.kind)));
    }
    assert_eq!(said, [("service:HUD".to_owned(), AlertKind::Over)]);
}

#[test]
fn what_cannot_be_restarted_now_is_as_grave_as_it_is() {
    let failing = [("Gateway", down(Cause::Refused))];
    // While the canon does not hold, nothing is restarted.
    let mut story = Story::new();
    let broken = || CanonSeen::Broken("it was changed".to_owned());
    let said: Vec<_> = (0..4).flat_map(|_| story.round_with(broken(), &failing, HealEnd::Exited(0)).alerts).collect();
    let gateway = said.iter().find(|alert| alert.subject == "service:Gateway").unwrap();
    assert_eq!((gateway.level, gateway.text.contains("cannot be restarted now")), (Level::Critical, true), "{}", gateway.text);
    // Where it can be, what comes of that is waited for.
    let mut story = Story::new();
    let said: Vec<Level> = story.rounds(3, &failing).iter().flat_map(|came| &came.alerts).map(|alert| alert.level).collect();
    assert!(said.iter().all(|level| *level < Level::Critical), "{said:?}");
}

#[test]
fn what_others_lean_on_is_as_grave_as_they_are() {
    let spine = OXYSPINE.replacen("/health\n      critical: true\n      needs: []", "/health\n      critical: false\n      needs: []", 1);
    assert_ne!(spine, OXYSPINE);
    let gravest = |failing: &[(&str, Class)]| {
        let came = Story::with(&spine).rounds(5, failing);
        assert!(came.iter().flat_map(Came::said).all(|said| said.0 == "service:Gateway"), "only the first of them is told");
        came.iter().flat_map(|came| &came.alerts).map(|alert| alert.level).max()
    };
    assert_eq!(gravest(&[("Gateway", down(Cause::Tls))]), Some(Level::Warning));
    assert_eq!(gravest(&[("Gateway", down(Cause::Tls)), ("Brain", down(Cause::Refused))]), Some(Level::Critical));
}

#[test]
fn what_comes_and_goes_and_is_given_up_is_told_to_be_given_up() {
    let mut story = Story::new();
    let failing = [("Gateway", down(Cause::Refused))];
    let mut last = None;
    // It answers twice after each restart, and falls again.
    for _ in 0..30 {
        for failing in [&failing[..], &failing, &failing, &[], &[]] {
            let came = story.round(failing, HealEnd::Exited(0));
            last = came.alerts.into_iter().rfind(|alert| alert.kind == AlertKind::Firing).or(last);
        }
    }
    let last = last.unwrap();
    assert_eq!(last.level, Level::Critical);
    assert!(last.text.contains("restarted as often as it may be") && last.text.contains("comes and goes"), "{}", last.text);
}

#[test]
fn a_restart_that_was_never_run_is_not_one_of_the_day() {
    let mut story = Story::new();
    for _ in 0..40 {
        story.round(&[("Gateway", down(Cause::Refused))], HealEnd::NotRun);
    }
    assert_eq!(story.state.day.counts.get("RESTART"), None);
    story.rounds(40, &[("Gateway", down(Cause::Refused))]);
    assert_eq!(story.state.day.counts.get("RESTART"), Some(&3));
    // The next day begins with none.
    story.passed += 86_400;
    story.round(&[], HealEnd::Exited(0));
    assert_eq!(story.state.day.counts.get("RESTART"), None);
}

#[test]
fn what_comes_and_goes_and_then_falls_for_good_is_told_whatever_was_acknowledged_before() {
    for acknowledged in [false, true] {
        let mut story = Story::new();
        // A restart does not help against this: each fall is as grave as it is at once.
        let failing = [("Gateway", down(Cause::Dns))];
        for _ in 0..4 {
            story.rounds(5, &failing);
            story.rounds(3, &[]);
        }
        assert!(story.state.services["Gateway"].flapping);
        story.rounds(4, &failing);
        let incident = &story.state.incidents["service:Gateway"];
        assert_eq!(incident.told, Some(Level::Critical));
        if acknowledged {
            story.acknowledged = vec![(incident.id, START + i64::try_from(story.passed).unwrap())];
        }
        // What was said of one outage ends with it.
        story.rounds(4, &[]);
        assert!(!story.state.incidents["service:Gateway"].acknowledged);
        let came = story.rounds(12, &failing);
        let told: Vec<&Alert> = came.iter().flat_map(|came| &came.alerts).collect();
        let said: Vec<_> = told.iter().map(|alert| (alert.kind, alert.level)).collect();
        assert_eq!(said, [(AlertKind::Firing, Level::Critical)], "acknowledged: {acknowledged}");
        assert!(told[0].text.contains("is down") && told[0].text.contains("comes and goes"), "{}", told[0].text);
    }
}

#[test]
fn what_falls_all_at_once_is_brought_back_one_after_the_other() {
    let mut story = Story::new();
    let order: Vec<String> = story.rules.in_recovery_order().map(|service| service.name.clone()).collect();
    let mut failing: BTreeSet<String> = order.iter().cloned().collect();
    let (mut healed, mut told) = (Vec::<String>::new(), Vec::new());
    for _ in 0..40 {
        let now: Vec<(&str, Class)> = failing.iter().map(|name| (name.as_str(), down(Cause::Refused))).collect();
        let came = story.round(&now, HealEnd::Exited(0));
        told.extend(came.alerts);
        for heal in came.healed {
            // Whatever was restarted before was shown to last.
            for name in &healed {
                assert_eq!(story.phase(name), Phase::Up, "{} is restarted before {name} is up", heal.service);
            }
            failing.remove(&heal.service);
            healed.push(heal.service);
        }
    }
    assert_eq!(healed, order);
    assert!(order.iter().all(|name| story.phase(name) == Phase::Up) && story.state.recovery.is_none());
    let mass: Vec<&Alert> = told.iter().filter(|alert| alert.subject == "mass").collect();
    assert!(mass[0].text.contains("are restarted one after the other, the next after 10 s"), "{}", mass[0].text);
    assert_eq!(mass.last().unwrap().kind, AlertKind::Resolved);
}

#[test]
fn a_restart_that_does_not_help_closes_the_breaker_again_for_longer_each_time() {
    let mut story = Story::new();
    let names: Vec<String> = story.rules.services().iter().map(|service| service.name.clone()).collect();
    let failing: Vec<(&str, Class)> = names.iter().map(|name| (name.as_str(), down(Cause::Refused))).collect();
    let mut at = Vec::new();
    for _ in 0..60 {
        let passed = story.passed;
        let came = story.round(&failing, HealEnd::Exited(0));
        assert!(came.healed.len() <= 1);
        at.extend(came.healed.iter().map(|heal| (heal.service.clone(), passed)));
    }
    // The first one is given up after its budget; what needs it waits for it.
    let first = story.rules.in_recovery_order().next().unwrap().name.clone();
    assert_eq!(story.phase(&first), Phase::Crashloop);
    let gaps: Vec<u64> = at.windows(2).map(|pair| pair[1].1 - pair[0].1).collect();
    assert!(at.len() >= 3 && gaps.windows(2).all(|pair| pair[0] <= pair[1]) && gaps[0] >= 30, "{at:?}");
    assert!(at.iter().all(|(name, _)| *name == first), "{at:?}");
    // Whether or not the canon holds is a different matter: without it nothing is restarted at all.
    let mut story = Story::new();
    for _ in 0..20 {
        let came = story.round_with(CanonSeen::Broken("it was changed".to_owned()), &failing, HealEnd::Exited(0));
        assert!(came.healed.is_empty());
    }
    assert!(story.state.incidents["mass"].what.contains("nothing is restarted"));
}
