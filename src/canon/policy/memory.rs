use serde::{Deserialize, Serialize};

use super::Sensitive;

/// The policy of MEMORY_CONSTITUTION.md.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Memory {
    /// The six layers.
    pub tiers: Vec<Tier>,
    /// In which order the layers are asked.
    pub retrieval_order: Vec<u8>,
    /// What may write a memory.
    pub write_triggers: Vec<WriteTrigger>,
    /// Kinds of content that are never written.
    pub never_written: Vec<Sensitive>,
    /// How long an unconfirmed memory waits before it lapses, in days.
    pub probation_days: u32,
    /// What promotes a memory out of probation.
    pub promoted_by: Vec<String>,
    /// How a memory is revised; the first is the default.
    pub revision: Vec<Revision>,
    /// What a purge takes.
    pub purge: Purge,
    /// What every memory carries from a layer up.
    pub provenance: Provenance,
}

/// One layer of memory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// 1 to 6.
    pub layer: u8,
    /// Its name.
    pub name: String,
    /// What it holds.
    pub holds: String,
    /// Hours until it is stale; absent where it never is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stale_after_hours: Option<u32>,
    /// Whether it outlives a restart.
    pub durable: bool,
}

/// What may write a memory, and where to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WriteTrigger {
    /// What happened.
    pub event: String,
    /// The layer that is written.
    pub layer: u8,
    /// Whether the memory waits for confirmation first.
    pub probation: bool,
}

/// A way to revise a memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Revision {
    /// A newer version stands in front of the old one.
    Supersede,
    /// Kept, and no longer retrieved.
    Archive,
    /// Gone but for its digest.
    Purge,
}

/// What a purge takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Purge {
    /// Only on an explicit command.
    pub explicit_command: bool,
    /// From this layer up also by a ratified resolution.
    pub resolution_from_layer: u8,
}

/// Fields that every memory carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// From this layer up.
    pub from_layer: u8,
    /// The names of the fields.
    pub fields: Vec<String>,
    /// From this layer up also the whole history.
    pub history_from_layer: u8,
}
