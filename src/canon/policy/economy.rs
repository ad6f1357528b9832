use serde::{Deserialize, Serialize};

use super::watch::first_twice;

/// The policy of ECONOMY_MODEL.md. Amounts are in tenths of a Neuro-Credit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Economy {
    /// The unit's name.
    pub unit: String,
    /// Whether agents may give credits to one another.
    pub transferable: bool,
    /// What is credited.
    pub awards: Vec<Amount>,
    /// What is debited.
    pub penalties: Vec<Amount>,
    /// The most that is credited in one day, in tenths.
    pub daily_award_cap_tenths: u32,
    /// The most that is debited in one day, in tenths.
    pub daily_penalty_cap_tenths: u32,
    /// How many of an event one day tolerates before the Chief is told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub budgets: Vec<Budget>,
}

/// How many of an event one day tolerates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// The event, as in `RESTART`.
    pub event: String,
    /// So many within one UTC day are tolerated; the next one is told.
    pub per_day: u32,
}

/// What one event is worth.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Amount {
    /// The event, as in `CLEAN_CYCLE`.
    pub event: String,
    /// Tenths of a credit.
    pub tenths: u32,
}

impl Economy {
    /// What is wrong with these rules.
    pub fn defect(&self) -> Option<String> {
        let worth: Vec<&str> = self.awards.iter().chain(&self.penalties).map(|amount| amount.event.as_str()).collect();
        let budgets: Vec<&str> = self.budgets.iter().map(|budget| budget.event.as_str()).collect();
        if let Some(event) = worth.iter().chain(&budgets).find(|event| !is_event(event)) {
            return Some(format!("`{event}` is not an event: capital letters, digits and `_` are expected"));
        }
        if let Some(event) = first_twice(&worth) {
            return Some(format!("the event {event} has two amounts"));
        }
        if let Some(event) = first_twice(&budgets) {
            return Some(format!("the event {event} has two budgets"));
        }
        self.transferable.then(|| "credits are a signal inside the system, and cannot be transferable".to_owned())
    }
}

fn is_event(name: &str) -> bool {
    name.len() <= 64
        && name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}
