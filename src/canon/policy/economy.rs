use serde::{Deserialize, Serialize};

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
