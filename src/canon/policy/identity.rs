use serde::{Deserialize, Serialize};

use crate::canon::{Ratio, Who};

/// What the fold reads of OMEGA_IDENTITY.md.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityCore {
    /// The paths outside `canon/` that are part of who the system is.
    pub who: Who,
}

/// The policy of OMEGA_IDENTITY.md.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// Globs of the paths outside `canon/` that are part of who the system is.
    pub who: Who,
    /// The name of the WHO.
    pub name: String,
    /// The name of the WHAT that carries it.
    pub vessel: String,
    /// What stays true whatever is replaced.
    pub invariants: Vec<String>,
    /// Phrases and principles that the voice is anchored on.
    pub anchors: Vec<String>,
    /// What the system never calls itself, nor says made it.
    pub never_claims: NeverClaims,
    /// Phrases in an output that show another identity speaking.
    pub contamination: Vec<String>,
    /// When style has drifted.
    pub drift: Drift,
}

/// What the system never says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NeverClaims {
    /// Names of other systems.
    pub to_be: Vec<String>,
    /// Makers of other systems.
    pub to_be_made_by: Vec<String>,
    /// Boilerplate.
    pub phrases: Vec<String>,
}

/// When style has drifted away from the style anchor set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Drift {
    /// The distance from the anchors at which drift is reported, on a scale from 0 to 1.
    pub threshold: Ratio,
    /// How many new outputs are compared at a time.
    pub window: u32,
    /// How many anchors a stratum needs before anything is measured.
    pub minimum_anchors: u32,
}
