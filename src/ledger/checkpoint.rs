//! A checkpoint: a ruling of a canon that somebody has seen.

use serde::{Deserialize, Serialize};

use crate::digest::Digest;

use super::state::Ledger;

/// A ruling of a canon, by its number and digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// The root of the canon.
    pub root: Digest,
    /// The number of the ruling.
    pub sequence: u32,
    /// The digest of the ruling.
    pub head: Digest,
}

impl Checkpoint {
    /// Where a ledger ends; nothing, if it has not begun.
    pub fn of(ledger: &Ledger) -> Option<Self> {
        Some(Self { root: ledger.root()?, sequence: ledger.last()?, head: ledger.head()?.digest })
    }
}
