//! How much a change can harm, and a value for each class.

use serde::{Deserialize, Serialize};

use crate::words::words;

words! {
    /// The risk class of a proposal, from least to greatest.
    pub enum Risk {
        /// Style and memory entries.
        Low = "low",
        /// New documents and what has no class of its own.
        Medium = "medium",
        /// Services, memory, instruction files.
        High = "high",
        /// Identity, security, the council and its rules.
        Critical = "critical",
    }
}

/// One value for each risk class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ByRisk<T> {
    /// For low risk.
    pub low: T,
    /// For medium risk.
    pub medium: T,
    /// For high risk.
    pub high: T,
    /// For critical risk.
    pub critical: T,
}

impl<T> ByRisk<T> {
    /// The value for a class.
    pub fn of(&self, risk: Risk) -> &T {
        match risk {
            Risk::Low => &self.low,
            Risk::Medium => &self.medium,
            Risk::High => &self.high,
            Risk::Critical => &self.critical,
        }
    }

    /// All classes and their values, least first.
    pub fn iter(&self) -> impl Iterator<Item = (Risk, &T)> {
        Risk::ALL.into_iter().map(|risk| (risk, self.of(risk)))
    }
}
