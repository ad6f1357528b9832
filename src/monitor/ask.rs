//! Asking services how they are. What they answer is judged in the domain, by what is ratified.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::canon::policy::{Probe, Service};
use crate::digest::Digest;
use crate::net::{self, HttpProbe, Outcome, Planned, TcpProbe};
use crate::process::{self, End, Purpose};
use crate::watch::answer::{Took, classify};
use crate::watch::{Answer, Class, Ended, Rules};

use super::tell::{self, Ready};
use super::world::World;

/// How much of what a probe's program says is read.
const SAID: usize = 64 << 10;

/// What was heard of a service.
#[derive(Clone, Debug)]
pub(super) struct Heard {
    /// What it means.
    pub class: Class,
    /// How long it took.
    pub took: Took,
}

/// Asks services, all at once as far as the rules allow.
pub(super) fn all<'a>(world: &World<'_>, rules: &Rules, services: impl Iterator<Item = &'a Service>) -> BTreeMap<String, Heard> {
    let deadline = Duration::from_secs(u64::from(rules.watch().deadline_s));
    let parallel = rules.watch().parallel as usize;
    let (mut asked, mut probes, mut commands) = (Vec::new(), Vec::new(), Vec::new());
    let mut answers: Vec<(&'a Service, Answer, Took)> = Vec::new();
    for service in services {
        let probe = match service.probe() {
            Some(Probe::Http(url)) => HttpProbe::new(url).map(net::Probe::Http),
            Some(Probe::Tcp(place)) => TcpProbe::new(place).map(net::Probe::Tcp),
            Some(Probe::Command(argv)) => {
                commands.push((service, argv));
                continue;
            }
            // Rules exist only where each service has exactly one probe.
            None => continue,
        };
        match probe {
            Ok(probe) => {
                asked.push(service);
                probes.push(Planned { probe, deadline, after: phase(&service.name, rules.services().len()) });
            }
            Err(error) => answers.push(alone(service, fault(error.to_string()))),
        }
    }
    // Whatever hangs is given up with its own deadline; many of them wait in turns.
    let turns = probes.len().div_ceil(net::WAITING).max(commands.len().div_ceil(parallel.max(1))).max(1);
    let all = deadline.saturating_mul(u32::try_from(turns).unwrap_or(u32::MAX)).saturating_add(Duration::from_secs(1));
    let ready: Vec<_> = commands.into_iter().map(|(service, argv)| (service, tell::ready(world, rules, argv))).collect();
    std::thread::scope(|scope| {
        let programs = (!ready.is_empty()).then(|| scope.spawn(|| run_all(ready, parallel, deadline, all)));
        if !probes.is_empty() {
            let now = (world.now)().unix();
            let results = world.runtime.block_on(net::probe_all(probes, &world.trust, parallel, all));
            answers
                .extend(asked.into_iter().zip(results).map(|(service, result)| (service, of_network(&result, now), took(&result.timings))));
        }
        let ended = programs.and_then(|programs| programs.join().ok()).unwrap_or_default();
        answers.extend(ended.into_iter().map(|(service, answer)| alone(service, answer)));
    });
    answers.into_iter().map(|(service, answer, took)| (service.name.clone(), Heard { class: classify(service, &answer), took })).collect()
}

/// When in a round a service is asked: the same moment each time, and with many services not all at one, which neither
/// this machine nor theirs would like. The round is longer by a millisecond a service.
fn phase(name: &str, services: usize) -> Duration {
    let number = u64::from_str_radix(&Digest::of(name.as_bytes()).hex()[..15], 16).unwrap_or_default();
    Duration::from_millis(number % u64::try_from(services.max(1)).unwrap_or(u64::MAX))
}

/// An answer without parts.
fn alone(service: &Service, answer: Answer) -> (&Service, Answer, Took) {
    let took = Took { total_ms: answer.took_ms, ..Took::default() };
    (service, answer, took)
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn took(timings: &net::Timings) -> Took {
    Took {
        total_ms: milliseconds(timings.total),
        resolve_ms: timings.resolve.map(milliseconds),
        connect_ms: timings.connect.map(milliseconds),
        tls_ms: timings.tls.map(milliseconds),
        first_byte_ms: timings.first_byte.map(milliseconds),
        body_ms: timings.body.map(milliseconds),
    }
}

fn of_network(result: &net::ProbeResult, now: i64) -> Answer {
    let ended = match result.outcome {
        Outcome::Status(status) => Ended::Status(status),
        Outcome::Endless => Ended::Endless,
        Outcome::Accepted => Ended::Accepted,
        Outcome::Failed(net::Cause::Refused) => Ended::Refused,
        // A name that is not resolved in time says nothing of the service: no restart would help.
        Outcome::Failed(net::Cause::Dns | net::Cause::Timeout(net::Stage::Resolve)) => Ended::Dns,
        Outcome::Failed(net::Cause::Timeout(_)) => Ended::Timeout,
        Outcome::Failed(net::Cause::Tls) => Ended::Tls,
        Outcome::Failed(net::Cause::Body) => Ended::Body,
        Outcome::WatcherFault => Ended::WatcherFault,
    };
    Answer {
        ended,
        took_ms: milliseconds(result.timings.total),
        body: String::from_utf8_lossy(&result.body).into_owned(),
        tls_days: result.tls_until.map(|until| (until - now).div_euclid(86_400)),
        detail: result.detail.clone().unwrap_or_default(),
    }
}

fn fault(detail: String) -> Answer {
    Answer { ended: Ended::WatcherFault, took_ms: 0, body: String::new(), tls_days: None, detail }
}

/// Runs probes that are programs, a few at once, each on a thread of its own, until the time for all of them is over.
fn run_all(ready: Vec<(&Service, Result<Ready, String>)>, parallel: usize, deadline: Duration, all: Duration) -> Vec<(&Service, Answer)> {
    let (end, threads) = (Instant::now() + all, ready.len().min(parallel));
    let (next, answers) = (Mutex::new(ready.into_iter()), Mutex::new(Vec::new()));
    let take = || next.lock().unwrap_or_else(std::sync::PoisonError::into_inner).next();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((service, ready)) = take() {
                    let left = end.saturating_duration_since(Instant::now()).min(deadline);
                    let answer = match ready {
                        _ if left.is_zero() => fault("there was no time left in this cycle".to_owned()),
                        Err(why) => fault(why),
                        Ok(ready) => match of_program(ready.run(None, left, Purpose::Answer(SAID))) {
                            // It did not have the time that it may take.
                            Answer { ended: Ended::Timeout, .. } if left < deadline => fault("the time of this cycle ended".to_owned()),
                            answer => answer,
                        },
                    };
                    answers.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((service, answer));
                }
            });
        }
    });
    answers.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn of_program(ran: Result<process::Outcome, String>) -> Answer {
    let outcome = match ran {
        Ok(outcome) => outcome,
        Err(why) => return fault(why),
    };
    let ended = match outcome.end {
        End::Exited(status) => Ended::Exited(status),
        End::Signalled(signal) => Ended::Exited(128 + signal),
        End::TimedOut => Ended::Timeout,
        End::TooMuch => Ended::Body,
    };
    Answer { ended, took_ms: milliseconds(outcome.took), body: String::new(), tls_days: None, detail: String::new() }
}
