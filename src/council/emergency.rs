//! How long an emergency holds.

use serde::Serialize;

use crate::clock::Timestamp;

/// Where an emergency stands that nobody has settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Hold {
    /// It holds.
    Provisional,
    /// It holds, and no council has opened in time.
    Overdue,
    /// It holds no longer.
    Expired,
}

/// Where an emergency stands now, by when a council must have opened and when it runs out.
pub fn hold(settle_by: Timestamp, expires: Timestamp, council_is_open: bool, now: Timestamp) -> Hold {
    if expires <= now {
        Hold::Expired
    } else if settle_by <= now && !council_is_open {
        Hold::Overdue
    } else {
        Hold::Provisional
    }
}
