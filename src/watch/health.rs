//! How all of it is, in one word.

use super::answer::Class;
use super::rules::Rules;
use super::service::Phase;
use super::state::{Canon, State};

use crate::words::words;

words! {
    /// How all of it is, from best to worst.
    pub enum Health {
        /// Every service is healthy, and the canon holds.
        Healthy = "healthy",
        /// Something is not as it should be, and nothing is an emergency.
        Degraded = "degraded",
        /// The watcher itself could not know.
        Blind = "blind",
        /// A critical service is down, a copy drifted, or the canon does not hold.
        Critical = "critical",
    }
}

/// How all of it is.
pub fn health(state: &State, rules: &Rules) -> Health {
    let mut worst = Health::Healthy;
    let mut note = |health: Health| worst = worst.max(health);
    match state.canon {
        Canon::Holds => {}
        Canon::Broken(..) => note(Health::Critical),
        Canon::Unknown(..) | Canon::NotSeen => note(Health::Blind),
    }
    if !state.drifted.is_empty() {
        note(Health::Critical);
    }
    if !state.faults.is_empty() || state.is_discarded() {
        note(Health::Blind);
    }
    for service in rules.services() {
        let Some(standing) = state.services.get(&service.name) else {
            note(Health::Blind);
            continue;
        };
        note(match (standing.phase, &standing.last) {
            (Phase::Down | Phase::Crashloop, _) if service.critical => Health::Critical,
            (_, Class::Unknown(_)) | (Phase::Unknown, _) => Health::Blind,
            (Phase::Up, Class::Healthy) => Health::Healthy,
            _ => Health::Degraded,
        });
    }
    worst
}
