//! The Chief's ruling: it closes a resolution, and brings what it ratifies onto the main branch.

mod land;
mod powers;
mod remote;
mod write;

use serde::Serialize;

use crate::canon::policy::Bypass;
use crate::canon::{RepoPath, ResolutionId};
use crate::digest::Digest;
use crate::ledger::kinds::Verdict;

use crate::workspace::Error;
use crate::workspace::desk::Desk;
use crate::workspace::open::must_be_open;
use crate::workspace::provisional::EmergencyReport;
use crate::workspace::report::{CountReport, Made};

use land::{bring, finish};
use powers::{allow, ruler};

pub(super) use land::{Onto, conclude};
pub(super) use remote::must_not_fork;
pub(super) use write::{Written, restore, seal_state, write_ruling};

/// What the Chief wants to rule.
pub struct Request<'a> {
    /// The resolution.
    pub id: &'a ResolutionId,
    /// What is ruled. An emergency or an expiry comes with its proposal, see [`super::emergency`].
    pub verdict: Verdict,
    /// Why it approves what the council does not.
    pub bypass: Option<Bypass>,
    /// The reason, for the record.
    pub reason: &'a str,
    /// Whether the main branch takes it up at once.
    pub merge: bool,
}

/// What a ruling did.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct RuledReport {
    /// The record that was made.
    #[serde(flatten)]
    pub made: Made,
    /// The verdict.
    pub verdict: Verdict,
    /// The number of the ruling.
    pub sequence: u32,
    /// The digest of the ruling: with the root and the number, the new checkpoint.
    pub head: Digest,
    /// The root of the canon.
    pub root: Digest,
    /// What it bypassed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bypass: Option<Bypass>,
    /// The paths that it changed.
    pub changed: Vec<RepoPath>,
    /// What the council said.
    pub count: CountReport,
    /// The emergency that it rules, or that it confirms or undoes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub emergency: Option<EmergencyReport>,
    /// The full name of the main branch, if that took the ruling up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merged: Option<String>,
    /// The paths outside of the resolution that commits on its branch change. The ruling leaves them behind, and the branch
    /// stays.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_behind: Vec<String>,
}

/// Rules on an open resolution. Repeating a ruling that was killed half-way finishes it.
///
/// The ruling is made on the main branch and the records of the resolution; nothing else on the branch of the resolution
/// comes along.
///
/// # Errors
/// Denied, if the signer is not the Chief, or the canon does not let the Chief rule so. A recovery is ruled by the key
/// that it gives the Chief.
pub fn rule(desk: &Desk<'_>, request: &Request<'_>) -> Result<RuledReport, Error> {
    let id = request.id;
    let found = desk.locate(id)?;
    let docket = desk.docket(&found, id)?;
    let main = &docket.main;
    if request.merge {
        desk.must_be_free(&main.name)?;
    }
    let assessment = &docket.assessment;
    if let Some(sequence) = assessment.judgement.ledger.closed.get(id).copied() {
        return finish(desk, &docket, request, &found, sequence);
    }
    if let Some(sequence) = docket.branch.judgement.ledger.closed.get(id).copied() {
        return bring(desk, &docket, request, &found, sequence);
    }
    must_not_fork(desk.repo, &assessment.judgement.ledger, &main.name, desk.threads)?;
    must_be_open(desk, assessment, id)?;
    let examined = assessment.examine(id)?;
    let chief = ruler(desk, assessment, &examined, request)?;
    allow(assessment, &examined, request)?;
    let written = write_ruling(desk, assessment, &examined, docket.tree, request, &chief)?;
    let onto = Onto { id, found: &found, main, left: &docket.left, merge: request.merge };
    conclude(desk, &onto, docket.tree, assessment, written)
}
