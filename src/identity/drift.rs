//! Whether a measured distance from the style anchors means that the voice has drifted.

use serde::{Deserialize, Serialize};

use crate::canon::Ratio;
use crate::canon::policy::Drift;

/// What a measurement came to. That there is none is a result of its own, and never written as zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DriftVerdict {
    /// Too few anchors or too few new outputs.
    Unmeasured,
    /// The anchors and the outputs are of one voice.
    Stable,
    /// They differ more than by chance, and by less than the threshold.
    Watch,
    /// They differ more than by chance, and by the threshold or more, twice in a row.
    Drift,
}

/// A measurement within one stratum.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Measured {
    /// How many anchors the stratum has.
    pub anchors: u32,
    /// How many new outputs each window holds.
    pub outputs: u32,
    /// The distance of each window that does not overlap another, oldest first.
    pub distances: Vec<Ratio>,
    /// Whether the permutation test tells the newest window from the anchors.
    pub significant: bool,
}

/// Judges a measurement by the ratified bounds. The test alone grows with the sample and the distance alone
/// has no error rate, so both must speak, and the distance in two windows.
pub fn judge(policy: &Drift, measured: &Measured) -> DriftVerdict {
    if measured.anchors < policy.minimum_anchors || measured.outputs < policy.window || measured.distances.is_empty() {
        return DriftVerdict::Unmeasured;
    }
    if !measured.significant {
        return DriftVerdict::Stable;
    }
    let far = |distance: &Ratio| policy.threshold.is_reached_by_ratio(*distance);
    match measured.distances.as_slice() {
        [.., before, newest] if far(before) && far(newest) => DriftVerdict::Drift,
        _ => DriftVerdict::Watch,
    }
}
