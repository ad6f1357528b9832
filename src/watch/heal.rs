//! Which service is restarted next, and with what: at most one at a time, and never in doubt.

use serde::{Deserialize, Serialize};

use super::answer::{Cause, Class};
use super::rules::Rules;
use super::service::{Phase, ServiceStatus};
use super::state::{Recovering, State};
use super::window::is_in_maintenance;
use crate::canon::policy::{Restarts, Service};

/// A day, in seconds.
const DAY: u64 = 86_400;

/// A restart that is meant. It has used up its budget already.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heal {
    /// Its number, never used again.
    pub intent: u64,
    /// The service.
    pub service: String,
    /// The ratified program and its arguments.
    pub argv: Vec<String>,
    /// Seconds that it may take.
    pub timeout_s: u32,
    /// Why.
    pub cause: Cause,
    /// The how manieth of this outage.
    pub attempt: u32,
}

/// What came of a restart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Healed {
    /// The number of the restart.
    pub intent: u64,
    /// The service.
    pub service: String,
    /// How the command ended.
    pub end: HealEnd,
    /// The end of what it said.
    pub said: String,
    /// Whether this cycle has time for another.
    pub more: bool,
}

/// How a heal command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HealEnd {
    /// By itself, with this status.
    Exited(i32),
    /// By this signal.
    Signalled(i32),
    /// It took too long, and was stopped.
    TimedOut,
    /// It could not be started.
    NotStarted,
    /// Its intent could not be stored, so it was not run.
    NotRun,
}

impl HealEnd {
    /// The words for it.
    pub fn describe(self) -> String {
        match self {
            Self::Exited(status) => format!("ended with status {status}"),
            Self::Signalled(signal) => format!("was killed by signal {signal}"),
            Self::TimedOut => "took too long and was stopped".to_owned(),
            Self::NotStarted => "could not be started".to_owned(),
            Self::NotRun => "was not run, because its intent could not be stored".to_owned(),
        }
    }

    /// Whether the command ran at all. What did not run was no restart.
    pub fn ran(self) -> bool {
        !matches!(self, Self::NotStarted | Self::NotRun)
    }
}

/// The most characters of what a heal command said that people are told.
const SAID: usize = 200;

/// How a heal command failed, and the last line of what it said; nothing where it ended well, or was not tried.
fn failure(healed: &Healed) -> Option<String> {
    if matches!(healed.end, HealEnd::Exited(0) | HealEnd::NotRun) {
        return None;
    }
    let last = healed.said.lines().map(str::trim).rfind(|line| !line.is_empty());
    let said = last.map(|line| format!(": {}", line.chars().take(SAID).collect::<String>())).unwrap_or_default();
    Some(format!("{}{said}", healed.end.describe()))
}

/// The command that heals a service of a cause; nothing where a restart would not help, or is a person's.
pub fn argv<'a>(rules: &Rules, service: &'a Service, cause: Cause) -> Option<&'a [String]> {
    let allowed = rules.watch().restarts.most > 0 && cause.is_healed_by_restart(&rules.watch().heal_on);
    service.heal.as_deref().filter(|_| allowed)
}

/// Whether nothing but its turn and a pause stands between a service and its restart: the canon holds, what was meant last could be
/// stored, and what the service needs can be asked.
pub fn may_restart(state: &State, rules: &Rules, service: &Service) -> bool {
    let is_mute = |name: &String| state.services.get(name).is_some_and(|needed| needed.unknown >= rules.watch().failures);
    let could_not = state.services.get(&service.name).is_some_and(|standing| standing.unrun);
    state.canon.holds() && !could_not && !service.needs.iter().any(is_mute)
}

/// A service that is down of something that a restart heals, and that nobody works on: where it stands, why, and what heals it.
fn healable<'a>(state: &'a State, rules: &Rules, service: &'a Service) -> Option<(&'a ServiceStatus, Cause, &'a [String])> {
    let standing = state.services.get(&service.name).filter(|standing| standing.phase == Phase::Down)?;
    let Class::Down(cause, _) = standing.last else { return None };
    let argv = argv(rules, service, cause)?;
    (!is_in_maintenance(&rules.watch().maintenance, &service.name, state.wall())).then_some((standing, cause, argv))
}

/// Whether a service is down of something that a restart heals.
pub fn is_healable(state: &State, rules: &Rules, service: &Service) -> bool {
    healable(state, rules, service).is_some()
}

/// Whether a service is to be restarted as soon as its turn comes and its pause is over.
pub fn is_next(state: &State, rules: &Rules, service: &Service) -> bool {
    let is_left = |standing: &ServiceStatus| !is_spent(standing, &rules.watch().restarts, state.elapsed());
    healable(state, rules, service).is_some_and(|(standing, ..)| is_left(standing)) && may_restart(state, rules, service)
}

/// Chooses the next restart, and takes its budget. A service that has none left is crash-looping from now on.
pub fn choose(state: &mut State, rules: &Rules) -> Option<Heal> {
    if !state.canon.holds() || state.is_discarded() || !lets_through(state) {
        return None;
    }
    if state.services.values().any(|standing| standing.phase == Phase::Healing) {
        return None;
    }
    let (t, wall) = (state.elapsed(), state.wall());
    let restarts = &rules.watch().restarts;
    for service in rules.in_recovery_order() {
        let Some((standing, cause, argv)) = healable(state, rules, service) else { continue };
        if !service.needs.iter().all(|needed| state.services.get(needed).is_some_and(is_ready)) {
            continue;
        }
        if is_spent(standing, restarts, t) {
            state.standing(&service.name).enter(Phase::Crashloop, wall);
            continue;
        }
        if t < standing.next_heal {
            continue;
        }
        let (intent, argv) = (state.next_intent, argv.to_vec());
        state.next_intent += 1;
        let standing = state.standing(&service.name);
        standing.restarts.push(t);
        (standing.attempts, standing.tried) = (standing.attempts.saturating_add(1), standing.tried + 1);
        standing.intent = Some(intent);
        standing.next_heal = t + pause(restarts, standing.attempts, &service.name, intent);
        let attempt = standing.tried;
        standing.enter(Phase::Healing, wall);
        if let Some(recovery) = &mut state.recovery {
            recovery.probe = Some(service.name.clone());
        }
        return Some(Heal { intent, service: service.name.clone(), argv, timeout_s: service.heal_timeout_s(), cause, attempt });
    }
    None
}

/// Whether the breaker lets a restart through. It lets none through while too much fails at once, and nobody knows yet for how long.
/// Once that lasted, it lets one through after a pause, and the next when that one was shown to help.
fn lets_through(state: &State) -> bool {
    match &state.recovery {
        None => state.failing_rounds == 0,
        Some(recovery) => recovery.probe.is_none() && state.elapsed() >= recovery.not_before,
    }
}

/// Notes, when a round was seen, whether what failed all at once is to be brought back, or was.
pub fn recover(state: &mut State, rules: &Rules) {
    if state.failing_rounds >= rules.watch().failures {
        let not_before = state.elapsed() + plain_pause(&rules.watch().restarts, 1);
        state.recovery.get_or_insert(Recovering { probe: None, failed: 0, not_before });
    } else if state.failing_rounds == 0 {
        let is_left = |service: &Service| {
            let phase = state.services.get(&service.name).map(|standing| standing.phase);
            matches!(phase, Some(Phase::Healing | Phase::Verifying)) || is_healable(state, rules, service)
        };
        if !rules.services().iter().any(is_left) {
            state.recovery = None;
        }
    }
}

/// Takes in, after each step, what came of the restart that the breaker let through. One that did not help closes the way for a
/// pause, which doubles each time.
pub fn prove(state: &mut State, rules: &Rules) {
    let t = state.elapsed();
    let Some(recovery) = &mut state.recovery else { return };
    let Some(probe) = &recovery.probe else { return };
    match state.services.get(probe).map(|standing| standing.phase) {
        Some(Phase::Healing | Phase::Verifying) => return,
        Some(Phase::Up) => (recovery.failed, recovery.not_before) = (0, t),
        _ => {
            recovery.failed = recovery.failed.saturating_add(1);
            recovery.not_before = t + plain_pause(&rules.watch().restarts, recovery.failed.saturating_add(1));
        }
    }
    recovery.probe = None;
}

/// Takes in what came of a restart.
pub fn ended(state: &mut State, rules: &Rules, healed: &Healed) {
    let (t, wall) = (state.elapsed(), state.wall());
    let Some(standing) = state.services.get_mut(&healed.service).filter(|standing| standing.intent == Some(healed.intent)) else {
        return;
    };
    (standing.intent, standing.unrun) = (None, healed.end == HealEnd::NotRun);
    let backoff = standing.next_heal.saturating_sub(standing.restarts.last().copied().unwrap_or(t));
    standing.next_heal = t + backoff;
    if healed.end == HealEnd::NotRun {
        // Nothing was done, so it costs nothing but the pause.
        standing.restarts.pop();
        standing.attempts = standing.attempts.saturating_sub(1);
    } else {
        standing.unhealed = failure(healed);
    }
    if healed.end.ran() {
        verify_from(standing, rules, t, wall);
    } else {
        // What could not be started uses up its budget, so that it is not tried for ever, and nobody is told of a restart.
        standing.tried = standing.tried.saturating_sub(1);
        standing.enter(Phase::Down, wall);
    }
}

/// A service whose restart was meant by a watcher that died: whether it ran is not known, its budget is gone.
/// The command may still be running, so it is given its whole time before anything else is done.
pub fn lost(standing: &mut ServiceStatus, rules: &Rules, service: &Service, t: u64, wall: i64) {
    standing.intent = None;
    verify_from(standing, rules, t, wall);
    standing.grace_until += u64::from(service.heal_timeout_s());
}

fn verify_from(standing: &mut ServiceStatus, rules: &Rules, t: u64, wall: i64) {
    (standing.oks, standing.grace_until) = (0, t + u64::from(rules.watch().grace_s));
    standing.enter(Phase::Verifying, wall);
}

/// What a service needs must be up, and known to be.
fn is_ready(standing: &ServiceStatus) -> bool {
    standing.phase == Phase::Up && standing.unknown == 0
}

fn is_spent(standing: &ServiceStatus, restarts: &Restarts, t: u64) -> bool {
    standing.restarts_within(u64::from(restarts.window_s), t) >= restarts.most as usize
        || standing.restarts_within(DAY, t) >= restarts.most_a_day as usize
}

/// The pause after the n-th restart: doubled each time, with up to a fifth more so that services that fell together do
/// not rise together.
fn pause(restarts: &Restarts, attempts: u32, service: &str, intent: u64) -> u64 {
    let pause = plain_pause(restarts, attempts);
    pause + spread(service, intent) % (pause / 5 + 1)
}

/// The same without what is added.
pub fn plain_pause(restarts: &Restarts, attempts: u32) -> u64 {
    let doubled = u64::from(restarts.backoff_s).saturating_mul(1 << attempts.saturating_sub(1).min(20));
    doubled.min(u64::from(restarts.backoff_most_s))
}

/// A number that looks random and depends on nothing but these (FNV-1a, 64 bit).
pub fn spread(name: &str, number: u64) -> u64 {
    let bytes = name.bytes().chain(number.to_le_bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_doubles_up_to_its_bound() {
        let restarts = Restarts { most: 3, window_s: 600, most_a_day: 6, backoff_s: 10, backoff_most_s: 300, healthy_s: 600 };
        let pauses: Vec<u64> = (1..=7).map(|n| pause(&restarts, n, "A", 7)).collect();
        for (pause, plain) in pauses.iter().zip([10, 20, 40, 80, 160, 300, 300]) {
            assert!((plain..=plain + plain / 5).contains(pause), "{pauses:?}");
        }
        assert!(pause(&restarts, u32::MAX, "A", 7) <= 360);
        assert_ne!(pause(&restarts, 6, "A", 1), pause(&restarts, 6, "B", 1));
    }
}
