//! What may be remembered, for how long, and how it goes: the rules of MEMORY_CONSTITUTION.md as pure
//! functions. The stores of the layers are elsewhere.

use serde::{Deserialize, Serialize};

use crate::canon::policy::{Memory, Revision, Sensitive};

/// What becomes of a memory that somebody wants to write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(untagged)]
pub enum Writing {
    /// It is written.
    Written {
        /// To this layer.
        layer: u8,
        /// Whether it waits for confirmation.
        probation: bool,
    },
    /// It is not.
    Refused {
        /// Why.
        refused: String,
    },
}

/// What becomes of a memory in probation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Promotion {
    /// It is confirmed.
    Promoted,
    /// It still may be.
    Waits,
    /// It is too late.
    Lapsed,
    /// It contradicts another one, and a person decides.
    Conflict,
    /// What would confirm it cannot lift it into that layer.
    Denied,
}

/// A memory in probation, and what happens to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Probation {
    /// What would promote it; nothing has happened, where it is left out.
    #[serde(default)]
    pub by: Option<String>,
    /// How long it has waited.
    pub days: u32,
    /// The layer that it would enter.
    pub layer: u8,
    /// Whether it contradicts a confirmed one.
    #[serde(default)]
    pub conflict: bool,
}

/// Whether something that happened writes a memory, and where to.
pub fn write(policy: &Memory, event: &str, holds: &[Sensitive]) -> Writing {
    if let Some(kind) = holds.iter().find(|kind| policy.never_written.contains(kind)) {
        return Writing::Refused { refused: kind.title().to_owned() };
    }
    match policy.write_triggers.iter().find(|trigger| trigger.event == event) {
        Some(trigger) => Writing::Written { layer: trigger.layer, probation: trigger.probation },
        None => Writing::Refused { refused: "nothing writes a memory of this".to_owned() },
    }
}

/// What becomes of a memory in probation. Into the layer with a whole history only that leads which also writes there.
pub fn promote(policy: &Memory, memory: &Probation) -> Promotion {
    if memory.conflict {
        return Promotion::Conflict;
    }
    let Some(by) = &memory.by else {
        return if memory.days >= policy.probation_days { Promotion::Lapsed } else { Promotion::Waits };
    };
    if memory.days >= policy.probation_days {
        return Promotion::Lapsed;
    }
    let writes_there = policy.write_triggers.iter().any(|trigger| trigger.event == *by && trigger.layer == memory.layer);
    if !policy.promoted_by.contains(by) || (memory.layer >= policy.provenance.history_from_layer && !writes_there) {
        return Promotion::Denied;
    }
    Promotion::Promoted
}

/// Whether a memory of a layer is still offered as current; nothing, if there is no such layer.
pub fn is_fresh(policy: &Memory, layer: u8, age_hours: u32) -> Option<bool> {
    let tier = policy.tiers.iter().find(|tier| tier.layer == layer)?;
    Some(tier.stale_after_hours.is_none_or(|limit| age_hours < limit))
}

/// Whether a memory of a layer may be revised in a way.
pub fn may_revise(policy: &Memory, how: Revision, layer: u8, commanded: bool, resolved: bool) -> bool {
    let needs_resolution = layer >= policy.purge.resolution_from_layer;
    policy.revision.contains(&how)
        && (how != Revision::Purge || ((commanded || !policy.purge.explicit_command) && (resolved || !needs_resolution)))
}

/// The provenance that a memory of a layer must carry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Demanded {
    /// The fields that are missing.
    pub missing: Vec<String>,
    /// Whether all versions are kept.
    pub history: bool,
}

/// What a memory with these fields lacks.
pub fn provenance(policy: &Memory, layer: u8, fields: &[String]) -> Demanded {
    let rules = &policy.provenance;
    let missing =
        if layer < rules.from_layer { Vec::new() } else { rules.fields.iter().filter(|field| !fields.contains(field)).cloned().collect() };
    Demanded { missing, history: layer >= rules.history_from_layer }
}
