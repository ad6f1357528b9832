//! What a step of the loop comes to in the store.

use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::economy;
use crate::store::{Credit, Direction, NewAlert, NewEvent, NewRestart, Sight};
use crate::watch::answer::Took;
use crate::watch::{Action, Alert, Class, Rules, ServiceStatus};

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
        kind: alert.kind,
        level: alert.level,
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

/// What was seen of a service, and how long its answer took.
pub(super) fn sight(service: &str, class: &Class, standing: Option<&ServiceStatus>, took: Option<Took>) -> Sight {
    let cause = match class {
        Class::Healthy => None,
        Class::Down(cause, detail) => Some(format!("{cause}: {detail}")),
        Class::Degraded(detail) | Class::Unknown(detail) => Some(detail.clone()),
    };
    Sight {
        service: service.to_owned(),
        grade: class.grade(),
        state: standing.map_or("unknown", |standing| standing.phase.as_str()).to_owned(),
        cause: cause.map(|cause| cause.chars().take(200).collect::<String>()).filter(|cause| !cause.is_empty()),
        latency_ms: took.map(|took| took.total_ms).filter(|_| matches!(class, Class::Healthy | Class::Degraded(_))),
    }
}
