//! Asking services how they are. What they answer is judged in the domain, by what is ratified.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use crate::canon::policy::{Probe, Service};
use crate::net::{self, HttpProbe, TcpProbe, Verdict};
use crate::process::{End, Purpose};
use crate::watch::answer::classify;
use crate::watch::{Answer, Class, Ended, Rules};

use super::tell;
use super::watcher::World;

/// How much of what a probe's program says is read.
const SAID: usize = 64 << 10;

/// What was heard of a service.
#[derive(Clone, Debug)]
pub(super) struct Heard {
    /// What it means.
    pub class: Class,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
}

/// Asks services, all at once as far as the rules allow.
pub(super) fn all<'a>(world: &World<'_>, rules: &Rules, services: impl Iterator<Item = &'a Service>) -> BTreeMap<String, Heard> {
    let deadline = Duration::from_secs(u64::from(rules.watch().deadline_s));
    let parallel = rules.watch().parallel as usize;
    let (mut asked, mut probes, mut commands) = (Vec::new(), Vec::new(), Vec::new());
    let mut answers: Vec<(&Service, Answer)> = Vec::new();
    for service in services {
        let probe = match service.probe() {
            Some(Probe::Http(url)) => HttpProbe::new(url, any_status()).map(net::Probe::Http),
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
                probes.push((probe, deadline));
            }
            Err(error) => answers.push((service, fault(error.to_string()))),
        }
    }
    if !probes.is_empty() {
        let now = (world.now)().unix();
        // Whatever hangs is given up with its own deadline; many of them wait in turns.
        let turns = u32::try_from(probes.len().div_ceil(256)).unwrap_or(u32::MAX);
        let results = world.runtime.block_on(net::probe_all(probes, &world.trust, parallel, deadline * turns + Duration::from_secs(1)));
        answers.extend(asked.into_iter().zip(results.into_iter().map(|result| of_network(result, now))));
    }
    answers.extend(run_all(world, rules, &commands, deadline));
    answers
        .into_iter()
        .map(|(service, answer)| (service.name.clone(), Heard { class: classify(service, &answer), took_ms: answer.took_ms }))
        .collect()
}

/// Whatever comes back is judged later.
fn any_status() -> net::Expect {
    net::Expect { status: (100..=999).collect(), ..net::Expect::default() }
}

fn of_network(result: net::ProbeResult, now: i64) -> Answer {
    let ended = match result.verdict {
        Verdict::Healthy | Verdict::Slow | Verdict::Expiring => result.status.map_or(Ended::Accepted, Ended::Status),
        Verdict::Failed(net::Cause::Refused) => Ended::Refused,
        Verdict::Failed(net::Cause::Timeout(_)) => Ended::Timeout,
        Verdict::Failed(net::Cause::Dns) => Ended::Dns,
        Verdict::Failed(net::Cause::Tls) => Ended::Tls,
        Verdict::Failed(net::Cause::Status(status)) => Ended::Status(status),
        Verdict::Failed(net::Cause::Body) => Ended::Body,
        Verdict::WatcherFault => Ended::WatcherFault,
    };
    Answer {
        ended,
        took_ms: u64::try_from(result.timings.total.as_millis()).unwrap_or(u64::MAX),
        body: String::from_utf8_lossy(&result.body).into_owned(),
        tls_days: result.tls_until.map(|until| (until - now).div_euclid(86_400)),
        detail: result.detail.unwrap_or_default(),
    }
}

fn fault(detail: String) -> Answer {
    Answer { ended: Ended::WatcherFault, took_ms: 0, body: String::new(), tls_days: None, detail }
}

/// Runs probes that are programs, a few at once, each on a thread of its own.
fn run_all<'a>(
    world: &World<'_>,
    rules: &Rules,
    commands: &[(&'a Service, &'a [String])],
    deadline: Duration,
) -> Vec<(&'a Service, Answer)> {
    let ready: Vec<_> = commands.iter().map(|(service, argv)| (*service, tell::ready(world, rules, argv))).collect();
    let (next, answers) = (Mutex::new(ready.into_iter()), Mutex::new(Vec::new()));
    let take = || next.lock().unwrap_or_else(std::sync::PoisonError::into_inner).next();
    std::thread::scope(|scope| {
        for _ in 0..commands.len().min(rules.watch().parallel as usize).min(32) {
            scope.spawn(|| {
                while let Some((service, ready)) = take() {
                    let answer = match ready.and_then(|ready| ready.run(None, deadline, Purpose::Answer(SAID))) {
                        Err(why) => fault(why),
                        Ok(outcome) => {
                            let ended = match outcome.end {
                                End::Exited(status) => Ended::Exited(status),
                                End::Signalled(signal) => Ended::Exited(128 + signal),
                                End::TimedOut => Ended::Timeout,
                                End::TooMuch => Ended::Body,
                            };
                            let took_ms = u64::try_from(outcome.took.as_millis()).unwrap_or(u64::MAX);
                            Answer { ended, took_ms, body: String::new(), tls_days: None, detail: String::new() }
                        }
                    };
                    answers.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((service, answer));
                }
            });
        }
    });
    answers.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
}
