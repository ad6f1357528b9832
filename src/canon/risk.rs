//! How much a change can harm, and a value for each class.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The risk class of a proposal, from least to greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Risk {
    /// Style and memory entries.
    Low,
    /// New documents and what has no class of its own.
    Medium,
    /// Services, memory, instruction files.
    High,
    /// Identity, security, the council and its rules.
    Critical,
}

impl Risk {
    /// All classes, least first.
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Risk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Risk {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|risk| risk.as_str() == text).ok_or_else(|| format!("`{text}` is none of: low, medium, high, critical"))
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
