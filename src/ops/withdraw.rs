//! Taking a proposal back.

use serde::Serialize;

use crate::canon::ResolutionId;
use crate::council::machine::Step;
use crate::ledger::kinds::Withdrawal;

use super::rule::restore;
use crate::workspace::Error;
use crate::workspace::desk::{Desk, Publication, message};
use crate::workspace::edits::Edits;
use crate::workspace::open::{Opened, open};
use crate::workspace::report::Made;

/// What a withdrawal did.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Withdrawn {
    /// The record that was made.
    #[serde(flatten)]
    pub made: Made,
}

/// Takes the signer's own proposal back and restores the ratified bytes on its branch.
///
/// # Errors
/// Denied, if the signer did not propose it.
pub fn withdraw(desk: &Desk<'_>, id: &ResolutionId, reason: &str) -> Result<Withdrawn, Error> {
    let Opened { found, basis, assessment } = open(desk, id)?;
    let examined = assessment.examine(id)?;
    let member = desk.member(examined.law)?;
    examined
        .session
        .clone()
        .take(&member.name, Step::Withdraw)
        .map_err(|refusal| Error::denied(refusal.to_string(), format!("omega show {id}")))?;
    let record = Withdrawal {
        omega: 1,
        kind: "withdrawal".into(),
        canon: assessment.judgement.ledger.root(),
        resolution: id.clone(),
        by: member.name.clone(),
        at: desk.now(),
        proposal: examined.proposal.digest(),
    };
    let mut edits = Edits::new();
    desk.record(&mut edits, &record, reason)?;
    restore(&assessment, examined.proposal.record(), &mut edits);
    let by = member.name.clone();
    let commit = desk.publish(&Publication {
        branch: &found.branch,
        tip: found.tip,
        basis: &basis,
        edits: &edits,
        message: message(id, "withdrawal", &by, "withdrawal"),
    })?;
    Ok(Withdrawn { made: Made { resolution: id.clone(), by, branch: found.branch, commit: commit.to_string() } })
}
