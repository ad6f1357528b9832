//! How things are, in the text form that Prometheus reads.

use std::fmt::Write as _;

use crate::clock::Timestamp;
use crate::watch::{Health, Phase};

use super::read::Status;

/// The text. Names of services are letters, digits, `-` and `_`; nothing needs to be escaped.
pub fn metrics(status: &Status, now: Timestamp) -> String {
    let mut out = String::new();
    let mut family = |name: &str, help: &str, kind: &str, rows: Vec<(String, i64)>| {
        let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
        for (labels, value) in rows {
            let _ = writeln!(out, "{name}{labels} {value}");
        }
    };
    let one = |value: i64| vec![(String::new(), value)];
    let flag = i64::from;
    let number = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
    let per = |value: &dyn Fn(&super::read::ServiceStatus) -> Option<i64>| {
        let label = |name: &str| format!("{{service=\"{name}\"}}");
        status.services.iter().filter_map(|service| Some((label(&service.name), value(service)?))).collect::<Vec<_>>()
    };
    let health = match status.health {
        Some(Health::Healthy) => 0,
        Some(Health::Degraded) => 1,
        Some(Health::Critical) => 2,
        Some(Health::Blind) | None => 3,
    };
    family("omega_watch_health", "How all of it is: 0 healthy, 1 degraded, 2 critical, 3 not known.", "gauge", one(health));
    family("omega_watch_running", "Whether the loop runs.", "gauge", one(flag(status.running.is_some())));
    let age = status.at.map_or(-1, |at| (now.unix() - at.unix()).max(0));
    family("omega_watch_state_age_seconds", "Seconds since the loop last wrote what it knows, -1 if never.", "gauge", one(age));
    family("omega_watch_canon_holds", "Whether the canon verifies.", "gauge", one(flag(status.canon == "holds")));
    family(
        "omega_watch_drifted_copies",
        "Deployed copies that are not what is ratified.",
        "gauge",
        one(number(status.drifted.len() as u64)),
    );
    family("omega_watch_incidents", "What is wrong and not over.", "gauge", one(number(status.incidents.len() as u64)));
    family("omega_watch_undelivered_alerts", "Alerts that wait, up to 50.", "gauge", one(number(status.undelivered.len() as u64)));
    family("omega_watch_credits_tenths", "Tenths of a credit that the loop has.", "gauge", one(status.credits_tenths));
    family("omega_service_up", "Whether the service is up.", "gauge", per(&|service| Some(flag(service.phase == Phase::Up))));
    family(
        "omega_service_healthy",
        "Whether the last answer was as expected.",
        "gauge",
        per(&|service| Some(flag(service.seen == "healthy"))),
    );
    family("omega_service_critical", "Whether its failure is an emergency.", "gauge", per(&|service| Some(flag(service.critical))));
    family("omega_service_flapping", "Whether it comes and goes.", "gauge", per(&|service| Some(flag(service.flapping))));
    family(
        "omega_service_answer_milliseconds",
        "How long the last answer took.",
        "gauge",
        per(&|service| service.took.map(|took| number(took.total_ms))),
    );
    let parts = status.services.iter().flat_map(|service| {
        let parts = service.took.iter().flat_map(crate::watch::answer::Took::parts);
        parts.map(|(part, ms)| (format!("{{service=\"{}\",part=\"{part}\"}}", service.name), number(ms)))
    });
    family("omega_service_answer_part_milliseconds", "How long each part of the last answer took.", "gauge", parts.collect());
    family("omega_service_restarts_day", "Restarts within a day.", "gauge", per(&|service| Some(i64::from(service.restarts_day))));
    out
}
