//! Open resolutions: only they take more records.

use crate::canon::ResolutionId;
use crate::keys::PublicKey;
use crate::ledger::examine::Examined;
use crate::ledger::state::Ledger;
use crate::ledger::verdict::Standing;

use super::assess::Assessment;
use super::desk::{Basis, Desk, departed};
use super::find::Found;
use super::{Error, find};

/// A resolution that takes records, and what they are built upon.
pub struct Opened {
    /// Where it is worked on.
    pub found: Found,
    /// What the next record is committed upon.
    pub basis: Basis,
    /// What lies there.
    pub assessment: Assessment,
}

/// Finds a resolution that takes a record of the desk's key.
///
/// # Errors
/// Denied, if it is over, or the key has left meanwhile.
pub fn open(desk: &Desk<'_>, id: &ResolutionId) -> Result<Opened, Error> {
    open_for(desk, id, desk.public_key())
}

/// The same for a record that was signed elsewhere, by this key.
pub(crate) fn open_for(desk: &Desk<'_>, id: &ResolutionId, key: Option<&PublicKey>) -> Result<Opened, Error> {
    let found = desk.locate(id)?;
    let basis = desk.basis(&found.tips)?;
    let mut assessment = desk.assess(basis.tree)?;
    must_be_open_for(desk, &assessment, id, key)?;
    // What the main branch ratified meanwhile can make it stale.
    if let Some(ledger) = moved_on(desk, &assessment, id)? {
        assessment.age(&ledger);
    }
    Ok(Opened { found, basis, assessment })
}

/// A recovery is ruled without statements and votes: one of them would spoil it.
pub fn must_be_voted_on(examined: &Examined<'_>) -> Result<(), Error> {
    if examined.proposal.record().recovery.is_none() {
        return Ok(());
    }
    Err(Error::denied(
        format!("{} is a recovery: the recovery keys decide on it, and members neither speak nor vote", examined.id),
        format!("with a recovery key: omega key recovery sign {} --key FILE", examined.id),
    ))
}

/// Only an open resolution takes more records; a stale one still takes ballots, for the Chief can
/// still reject it. A branch may not know yet that a ruling on the main branch closed it, or took the signer's key.
pub fn must_be_open(desk: &Desk<'_>, assessment: &Assessment, id: &ResolutionId) -> Result<(), Error> {
    must_be_open_for(desk, assessment, id, desk.public_key())
}

/// The same for a record that was signed elsewhere, by this key.
pub(crate) fn must_be_open_for(desk: &Desk<'_>, assessment: &Assessment, id: &ResolutionId, key: Option<&PublicKey>) -> Result<(), Error> {
    let closed = |why: String| Err(Error::denied(why, format!("omega show {id}")));
    let ruled = || closed(format!("{id} is ruled: nothing can be added"));
    match assessment.standing(id) {
        Some(Standing::Open | Standing::Stale(_) | Standing::Revoked(_)) => {
            let Some(ledger) = moved_on(desk, assessment, id)? else { return Ok(()) };
            if ledger.closed.contains_key(id) {
                return ruled();
            }
            // The branch knows the key; the main branch knows that it has left.
            match key.and_then(|key| departed(&format!("the key {}", key.fingerprint()), &ledger, key)) {
                Some((fact, hint)) => Err(Error::denied(fact, hint)),
                None => Ok(()),
            }
        }
        Some(Standing::Withdrawn) => closed(format!("{id} was withdrawn")),
        Some(Standing::Superseded(newer)) => closed(format!("{newer} replaces {id}")),
        None => ruled(),
    }
}

/// The ledger of the main branch, where that has rulings which a branch does not know, or the resolution itself.
fn moved_on(desk: &Desk<'_>, assessment: &Assessment, id: &ResolutionId) -> Result<Option<Ledger>, Error> {
    let Some(main) = desk.repo.find_ref(&assessment.law()?.protected_refs[0])? else { return Ok(None) };
    let moved = find::has_ruling(desk.repo, main, assessment.judgement.ledger.last().map_or(0, |last| last + 1))?;
    if !moved && !find::holds(desk.repo, main, id)? {
        return Ok(None);
    }
    Ok(Some(desk.assess(main)?.judgement.ledger))
}
