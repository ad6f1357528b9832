//! What is wrong now, by subject, and how much each matters.

use super::incident::{Quiet, Trouble};
use std::collections::BTreeMap;

use super::answer::Class;
use super::heal;
use super::rules::Rules;
use super::service::{Phase, ServiceStatus};
use super::state::{Canon, State};
use super::window::is_in_maintenance;
use crate::canon::policy::{Level, Service};

/// All that is wrong.
pub fn troubles(state: &State, rules: &Rules) -> BTreeMap<String, Trouble> {
    let wall = state.wall();
    let mut found = BTreeMap::new();
    let mut add = |subject: String, level, what: String, from| {
        found.insert(subject, Trouble { level, what, from, given_up: false, outage: None, wavers: false, quiet: None });
    };
    match &state.canon {
        Canon::Broken(why, from) => {
            add("canon".to_owned(), Level::Critical, format!("the canon does not hold, and nothing is restarted: {why}"), *from)
        }
        Canon::Unknown(why, from) => {
            add("canon".to_owned(), Level::Critical, format!("the canon cannot be judged, and nothing is restarted: {why}"), *from);
        }
        Canon::Holds | Canon::NotSeen => {}
    }
    for (file, why) in &state.drifted {
        add(format!("copy:{file}"), Level::Critical, format!("{file} is not what is ratified: {why}"), wall);
    }
    if !state.faults.is_empty() {
        add("store".to_owned(), Level::Warning, format!("the watch is in trouble itself: {}", state.faults.join("; ")), wall);
    }
    if state.turned_away >= rules.watch().failures {
        let minutes = rules.lately_s() / 60;
        let what = format!(
            "{} other runs of the watch were turned away in the last {minutes} minutes: two are set up, or one round takes too long",
            state.turned_away
        );
        add("overlap".to_owned(), Level::Warning, what, wall);
    }
    let mute = |standing: &&ServiceStatus| standing.unknown >= rules.watch().failures;
    if let Some(standing) = state.services.values().find(mute) {
        let names = listed(state.services.iter().filter(|(_, standing)| mute(standing)).map(|(name, _)| name.as_str()));
        add("watcher".to_owned(), Level::Warning, format!("the watcher cannot ask {names}: {}", standing.last.detail()), wall);
    }
    if state.failing_rounds >= rules.watch().failures {
        let down = |standing: &ServiceStatus| matches!(standing.last, Class::Down(..));
        let names: Vec<&str> = state.services.iter().filter(|(_, s)| down(s)).map(|(name, _)| name.as_str()).collect();
        let what = format!(
            "{} of {} services fail at once, and {}: {}",
            names.len(),
            state.services.len(),
            brought_back(state, rules),
            listed(names)
        );
        add("mass".to_owned(), Level::Critical, what, wall);
    }
    for service in rules.services() {
        if let Some(trouble) = state.services.get(&service.name).and_then(|standing| of_service(state, rules, service, standing)) {
            found.insert(format!("service:{}", service.name), trouble);
        }
    }
    found
}

fn of_service(state: &State, rules: &Rules, service: &Service, standing: &ServiceStatus) -> Option<Trouble> {
    let name = &service.name;
    let from = standing.failing_from.unwrap_or(standing.since);
    let turns = standing.flapping.then(|| format!("comes and goes, {} changes of late", standing.changes.len()));
    let lasts = standing.lasts(rules.watch());
    let (level, what) = if standing.phase.is_outage() {
        let why = match &standing.down {
            Some(Class::Down(cause, detail)) => format!(" ({cause}: {detail})"),
            _ => String::new(),
        };
        let is_passing = matches!(standing.phase, Phase::Healing | Phase::Verifying);
        let healable = standing.last.cause().is_none_or(|cause| heal::argv(rules, service, cause).is_some());
        let failed = standing.unhealed.as_ref().map(|how| format!("; its heal command {how}")).unwrap_or_default();
        let (what, grave) = match standing.phase {
            Phase::Crashloop if standing.tried == 0 && !failed.is_empty() => {
                (format!("{name} is down{why}, and its heal command was tried as often as it may be{failed}"), true)
            }
            Phase::Crashloop => (format!("{name} keeps falling{why}; it was restarted as often as it may be{failed}"), true),
            _ if is_passing && standing.tried > 0 => (format!("{name} was down{why}, and was given {}", times(standing.tried)), false),
            _ if is_passing => (format!("{name} was down{why}"), false),
            _ if standing.tried > 0 => (format!("{name} is still down{why} after {}{failed}", times(standing.tried)), true),
            _ if !failed.is_empty() => (format!("{name} is still down{why}{failed}"), true),
            _ if !healable => (format!("{name} is down{why}; a restart is not for the watch to try"), true),
            _ if !heal::may_restart(state, rules, service) => (format!("{name} is down{why}, and cannot be restarted now"), true),
            _ => (format!("{name} is down{why}"), false),
        };
        let critical = service.critical || carries_critical(state, rules, name);
        let level = match (grave && critical, is_passing && !critical) {
            (true, _) => Level::Critical,
            (false, true) => Level::Notice,
            (false, false) => Level::Warning,
        };
        let what = match turns {
            None => what,
            Some(turns) if grave || lasts => format!("{what}; it {turns}"),
            Some(turns) => format!("{name} {turns}"),
        };
        (level, what)
    } else if let Some(turns) = turns {
        (Level::Warning, format!("{name} {turns}"))
    } else if let Some(why) = &standing.poor {
        (Level::Warning, format!("{name} answers, and not as expected: {why}"))
    } else {
        return None;
    };
    let given_up = standing.phase == Phase::Crashloop;
    let outage = standing.phase.is_outage().then_some(standing.outages);
    let wavers = standing.flapping && !lasts;
    Some(Trouble { level, what, from, given_up, outage, wavers, quiet: quiet(state, rules, service, standing) })
}

/// How what fails all at once is brought back, in words.
fn brought_back(state: &State, rules: &Rules) -> String {
    let can_be = || rules.services().iter().any(|service| heal::is_healable(state, rules, service));
    match &state.recovery {
        Some(recovery) if state.canon.holds() && (recovery.probe.is_some() || can_be()) => {
            let pause = recovery.not_before.saturating_sub(state.elapsed());
            let now = recovery.probe.as_ref().map_or_else(|| format!("the next after {pause} s"), |probe| format!("{probe} now"));
            format!("are restarted one after the other, {now}")
        }
        _ => "nothing is restarted".to_owned(),
    }
}

/// Whether a critical service is down that needs this one: nobody is told of that but by what is told of this.
fn carries_critical(state: &State, rules: &Rules, name: &str) -> bool {
    let is_out = |service: &&Service| state.services.get(&service.name).is_some_and(|standing| standing.phase.is_outage());
    let mut out = rules.services().iter().filter(|service| service.critical).filter(is_out);
    out.any(|service| rules.ancestors(&service.name).contains(&name))
}

fn quiet(state: &State, rules: &Rules, service: &Service, standing: &ServiceStatus) -> Option<Quiet> {
    if is_in_maintenance(&rules.watch().maintenance, &service.name, state.wall()) {
        return Some(Quiet::Maintenance);
    }
    let is_out = |name: &&str| state.services.get(*name).is_some_and(|other| other.phase.is_outage());
    let is_mass = state.failing_rounds >= rules.watch().failures;
    if standing.phase.is_outage() && (is_mass || rules.ancestors(&service.name).iter().any(is_out)) {
        return Some(Quiet::Covered);
    }
    // That much fails at once is told when it has lasted. Until then nobody knows which of the two it is.
    let may_be_mass = standing.phase.is_outage() && state.failing_rounds > 0;
    (may_be_mass || matches!(standing.phase, Phase::Healing | Phase::Verifying)).then_some(Quiet::Undecided)
}

/// `1 restart`, `2 restarts`.
pub fn times(restarts: u32) -> String {
    if restarts == 1 { "1 restart".to_owned() } else { format!("{restarts} restarts") }
}

/// Up to eight names, and how many more.
fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    let shown = names.iter().take(8).copied().collect::<Vec<_>>().join(", ");
    if names.len() > 8 { format!("{shown} and {} more", names.len() - 8) } else { shown }
}
