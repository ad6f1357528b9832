//! The consent of a recovery key to a recovery of the Chief's.

use crate::canon::ResolutionId;
use crate::workspace::Error;
use crate::workspace::desk::Desk;

use super::enrol::{Countersign, Enrolled, countersign};

/// Signs a recovery with the recovery key at hand.
///
/// # Errors
/// Denied, if the proposal is no recovery, or the key no recovery key.
pub fn sign(desk: &Desk<'_>, id: &ResolutionId) -> Result<Enrolled, Error> {
    countersign(desk, id, Countersign::Recovery)
}
