//! Whether one ledger goes on from another.

use crate::digest::Digest;
use crate::ledger::state::Ledger;

/// The rulings of a ledger, in order.
pub(in crate::gates) fn digests(ledger: &Ledger) -> Vec<Digest> {
    ledger.rulings.iter().map(|ruled| ruled.digest).collect()
}

/// Why the rulings of a ledger do not go on from older ones.
pub(in crate::gates) fn departs(old: &[Digest], new: &[Digest]) -> Option<String> {
    if new.len() < old.len() {
        return Some(format!("its ledger ends at ruling {}, and ruling {} is here", new.len().saturating_sub(1), old.len() - 1));
    }
    let at = old.iter().zip(new).position(|(old, new)| old != new)?;
    Some(format!("its ruling {at} is another one"))
}
