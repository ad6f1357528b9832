//! What a step of the loop comes to in the store.

use crate::canon::policy::Level;
use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::economy;
use crate::store::{self, Credit, Direction, Ending, NewAlert, NewEvent, NewRestart, RestartEnd, Severity, Sight};
use crate::watch::answer::Took;
use crate::watch::heal::HealEnd;
use crate::watch::{Action, Alert, AlertKind, Class, Health, Rules, ServiceStatus};

use super::cycle::Record;

/// The account that cycles earn for.
pub(super) const ACCOUNT: &str = "system";

/// Seconds since 1970 as a time; the beginning, where the machine's clock is lost.
pub(super) fn at(wall: i64) -> Timestamp {
    Timestamp::from_unix(wall.max(0)).or_else(|| Timestamp::from_unix(0)).expect("the beginning of 1970 is a time")
}

/// The most bytes that an event says of itself. What is seen may hold names of any length, and an event that the store refuses
/// would stand in the way of all that comes after it.
const EVENT: usize = 16 << 10;
/// The most characters of an alert.
const ALERT: usize = 2000;

/// The restart that a step is about to run.
pub(super) fn restart(action: &Action) -> Option<NewRestart> {
    let Action::Heal(heal) = action else { return None };
    Some(NewRestart { service: heal.service.clone(), attempt: heal.attempt, cause: heal.cause.to_string(), argv: heal.argv.clone() })
}

/// What happened.
pub(super) fn event(action: &Action) -> Option<NewEvent> {
    match action {
        Action::Event(event) => Some(NewEvent::cut(&event.kind, &event.data, EVENT)),
        Action::Alert(alert) => {
            let payload = serde_json::json!({
                "incident": alert.incident, "subject": alert.subject, "kind": alert.kind, "level": alert.level, "text": alert.text,
            });
            Some(NewEvent::cut("ALERT", &payload, EVENT))
        }
        Action::Heal(_) | Action::Earn { .. } => None,
    }
}

/// An alert for the channels that are told of its level, but those that were told of it already.
pub(super) fn alert(alert: &Alert, rules: &Rules, told: &[String]) -> NewAlert {
    let channels = rules.watch().channels.iter().filter(|channel| channel.least <= alert.level && !told.contains(&channel.name));
    NewAlert {
        dedup: key(alert),
        incident: alert.incident.to_string(),
        kind: match alert.kind {
            AlertKind::Firing => store::AlertKind::Firing,
            AlertKind::Reminder => store::AlertKind::Reminder,
            AlertKind::Resolved | AlertKind::Over => store::AlertKind::Resolved,
            AlertKind::Notice => store::AlertKind::Notice,
        },
        severity: match alert.level {
            Level::Notice => Severity::Info,
            Level::Warning => Severity::Warning,
            Level::Critical => Severity::Critical,
        },
        text: alert.text.chars().take(ALERT).collect(),
        channels: channels.map(|channel| channel.name.clone()).collect(),
        told: told.to_vec(),
    }
}

/// Tells alerts apart: two of one second, too.
pub(super) fn key(alert: &Alert) -> String {
    let text = Digest::of(alert.text.as_bytes());
    format!("{}/{}/{}/{}/{}", alert.incident, alert.kind.as_str(), alert.level.as_str(), alert.at, text.short())
}

/// What is booked; nothing for an event without an amount.
pub(super) fn credit(action: &Action, rules: &Rules) -> Option<Credit> {
    let Action::Earn { event, times } = action else { return None };
    let worth = economy::worth(rules.economy()?, event)?;
    let direction = if worth.tenths < 0 { Direction::Penalty } else { Direction::Award };
    Some(Credit {
        direction,
        event: (*event).to_owned(),
        account: ACCOUNT.to_owned(),
        tenths: worth.tenths.unsigned_abs() * u64::from(*times),
        daily_cap: Some(u64::from(worth.daily_cap)),
    })
}

/// How a heal command ended.
pub(super) fn ending(end: HealEnd, said: &str, took_ms: Option<u64>) -> RestartEnd {
    let (ending, code) = match end {
        HealEnd::Exited(code) => (Ending::Exited, Some(code)),
        HealEnd::Signalled(signal) => (Ending::Signalled, Some(signal)),
        HealEnd::TimedOut => (Ending::TimedOut, None),
        HealEnd::NotStarted | HealEnd::NotRun => (Ending::NotStarted, None),
    };
    RestartEnd { ending, code, took_ms, tail: said.to_owned() }
}

/// What was seen of a service, and how long its answer took.
pub(super) fn sight(service: &str, class: &Class, standing: Option<&ServiceStatus>, took: Option<Took>) -> Sight {
    let cause = match class {
        Class::Healthy => None,
        Class::Down(cause, detail) => Some(format!("{cause}: {detail}")),
        Class::Degraded(detail) | Class::Unknown(detail) => Some(detail.clone()),
    };
    Sight {
        service: service.to_owned(),
        grade: match class {
            Class::Healthy => store::Grade::Healthy,
            Class::Degraded(_) => store::Grade::Degraded,
            Class::Down(..) => store::Grade::Down,
            Class::Unknown(_) => store::Grade::Unknown,
        },
        state: standing.map_or("unknown", |standing| standing.phase.as_str()).to_owned(),
        cause: cause.map(|cause| cause.chars().take(200).collect::<String>()).filter(|cause| !cause.is_empty()),
        latency_ms: took.map(|took| took.total_ms).filter(|_| matches!(class, Class::Healthy | Class::Degraded(_))),
    }
}

/// How a cycle went.
pub(super) fn health(record: &Record) -> store::Health {
    match record.health {
        _ if record.discarded.is_some() => store::Health::Discarded,
        Health::Healthy => store::Health::Healthy,
        Health::Degraded => store::Health::Degraded,
        Health::Critical => store::Health::Critical,
        Health::Blind => store::Health::Unknown,
    }
}
