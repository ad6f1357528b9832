//! A lost key of the Chief: how far a recovery is.

use serde::Serialize;

use crate::canon::{Member, layout};
use crate::keys::PublicKey;
use crate::ledger::examine::Examined;
use crate::ledger::proposal::staleness;

use super::assess::Assessment;

/// How many recovery keys have signed a recovery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Progress {
    /// So many did.
    pub signed: u32,
    /// So many must.
    pub needed: u32,
    /// The keys that the Chief would have, as ssh shows them. Whoever signs asks the Chief for them, in another way than
    /// through this repository.
    pub keys: Vec<String>,
}

/// How far a recovery is; nothing for any other proposal.
pub fn progress(assessment: &Assessment, examined: &Examined<'_>) -> Option<Progress> {
    examined.proposal.record().recovery?;
    let law = assessment.judgement.ledger.law()?;
    let counts = |key| law.recovery_keys().contains(key);
    let signed = examined.folder.recovery.values().filter(|proof| counts(&proof.key)).count();
    let needed = law.consensus.recovery.as_ref().map_or(1, |recovery| recovery.threshold);
    let keys = brought(assessment, examined).map(|chief| chief.keys.iter().map(PublicKey::fingerprint).collect());
    Some(Progress { signed: u32::try_from(signed).unwrap_or(u32::MAX), needed, keys: keys.unwrap_or_default() })
}

/// The Chief as a recovery would have him.
pub fn brought(assessment: &Assessment, examined: &Examined<'_>) -> Option<Member> {
    let path = layout::member(&assessment.judgement.ledger.law()?.roster.chief().name);
    let change = examined.proposal.record().changes.iter().find(|change| change.path == path)?;
    Member::parse(assessment.evidence.bytes.get(&change.after?)?).ok()
}

/// Whether a recovery can still be ruled. The key that signed it may be in force only by that ruling, so the standing
/// of the resolution does not say it.
pub fn is_alive(assessment: &Assessment, examined: &Examined<'_>) -> bool {
    let ledger = &assessment.judgement.ledger;
    let proposal = examined.proposal.record();
    let base = proposal.base.and_then(|base| ledger.sequence_of(&base));
    let fresh = base.is_some_and(|base| staleness(ledger, proposal, base, &assessment.evidence.bytes).is_none());
    proposal.recovery.is_some() && fresh && examined.folder.is_untouched()
}
