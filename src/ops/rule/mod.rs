//! The Chief's ruling: it closes a resolution, and brings what it ratifies onto the main branch.

mod land;
mod powers;
mod remote;
mod write;

use serde::Serialize;

use crate::canon::policy::Bypass;
use crate::canon::{RepoPath, ResolutionId};
use crate::digest::Digest;
use crate::git::Oid;
use crate::ledger::kinds::Verdict;

use super::Error;
use super::desk::{Desk, Publication};
use super::open::must_be_open;
use super::provisional::EmergencyReport;
use super::report::{CountReport, Made};

use powers::{allow, ruler};
use write::keep_ungoverned;

pub(super) use land::{finish, report, ruling_message, take_up};
pub(super) use remote::must_not_fork;
pub(super) use write::{restore, seal_state, write_ruling};

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
}

/// Rules on an open resolution. Repeating a ruling that was killed half-way finishes it.
///
/// # Errors
/// Denied, if the signer is not the Chief, or the canon does not let the Chief rule so. A recovery is ruled by the key
/// that it gives the Chief.
pub fn rule(desk: &Desk<'_>, request: &Request<'_>) -> Result<RuledReport, Error> {
    let id = request.id;
    let found = desk.locate(id)?;
    let before = desk.assess(desk.basis(&found.tips)?.tree)?;
    let main = before.law()?.protected_refs[0].clone();
    if request.merge {
        desk.must_be_free(&main, "rule with --no-merge, and merge the branch there with git")?;
    }
    let main_tip = desk.repo.find_ref(&main)?;
    let tips: Vec<Oid> = found.tips.iter().copied().chain(main_tip).collect();
    // Drafts may collide with what was ratified meanwhile: the ruling writes these paths in any case.
    let drafted: Vec<RepoPath> = before
        .evidence
        .folders
        .get(id)
        .and_then(|f| f.proposal.as_ref())
        .map(|p| p.record().changes.iter().map(|c| c.path.clone()).collect())
        .unwrap_or_default();
    let basis = desk.basis_with(&tips, &|path| drafted.iter().any(|drafted| drafted.as_str().as_bytes() == path))?;
    let assessment = desk.assess(basis.tree)?;
    if let Some(sequence) = assessment.judgement.ledger.closed.get(id).copied() {
        return finish(desk, &assessment, request, &found, (&main, main_tip), sequence);
    }
    remote::must_not_fork(desk.repo, &assessment.judgement.ledger, &main, desk.threads)?;
    must_be_open(desk, &assessment, id)?;
    let examined = assessment.examine(id)?;
    let ledger = &assessment.judgement.ledger;
    let chief = ruler(desk, &assessment, &examined, request)?;
    allow(&assessment, &examined, request)?;
    let (mut edits, report) = write_ruling(desk, &assessment, &examined, basis.tree, request, &chief)?;
    if let Some(main_tip) = main_tip.filter(|_| !changes_state(request.verdict)) {
        keep_ungoverned(desk, main_tip, &assessment, examined.proposal.record(), &mut edits)?;
    }
    let publication = Publication {
        branch: &found.branch,
        tip: found.tip,
        basis: &basis,
        edits: &edits,
        message: ruling_message(id, report.sequence, request.verdict, &chief),
    };
    let commit = desk.publish(&publication)?;
    let merged = if request.merge { take_up(desk, &found, (&main, main_tip), commit, &publication.message)? } else { None };
    let made = Made { resolution: id.clone(), by: chief, branch: found.branch.clone(), commit: commit.to_string() };
    Ok(RuledReport { made, merged, root: ledger.root().unwrap_or(report.head), ..report })
}

/// Whether the changes of the proposal hold after such a ruling.
fn changes_state(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Approve | Verdict::Recover)
}
