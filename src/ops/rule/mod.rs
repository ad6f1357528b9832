//! The Chief's ruling: it closes a resolution, and brings what it ratifies onto the main branch.

mod land;
mod write;

use serde::Serialize;

use crate::canon::policy::Bypass;
use crate::canon::{RepoPath, ResolutionId};
use crate::council::machine::Step;
use crate::digest::Digest;
use crate::git::Oid;
use crate::ledger::examine::Examined;
use crate::ledger::kinds::Verdict;
use crate::ledger::proposal::{added_keys, staleness};

use super::Error;
use super::assess::Assessment;
use super::desk::{Desk, Publication};
use super::next::refused;
use super::provisional::EmergencyReport;
use super::report::{CountReport, Made};
use super::vote::must_be_open;

use write::keep_ungoverned;

pub(super) use land::{finish, report, ruling_message, take_up};
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
/// Denied, if the signer is not the Chief, or the canon does not let the Chief rule so.
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
    must_be_open(desk, &assessment, id)?;
    let examined = assessment.examine(id)?;
    let ledger = &assessment.judgement.ledger;
    let law = assessment.law()?;
    let chief = desk.member(law)?;
    if chief.name != law.roster.chief().name {
        return Err(Error::denied(
            format!("only the Chief rules, and `{}` is the Chief", law.roster.chief().name),
            format!("say what you think of it: omega canon vote {id} approve"),
        ));
    }
    allow(&assessment, &examined, request)?;
    let (mut edits, report) = write_ruling(desk, &assessment, &examined, basis.tree, request, &chief.name)?;
    if let Some(main_tip) = main_tip.filter(|_| request.verdict != Verdict::Approve) {
        keep_ungoverned(desk, main_tip, &assessment, examined.proposal.record(), &mut edits)?;
    }
    let publication = Publication {
        branch: &found.branch,
        tip: found.tip,
        basis: &basis,
        edits: &edits,
        message: ruling_message(id, report.sequence, request.verdict, &chief.name),
    };
    let commit = desk.publish(&publication)?;
    let merged = if request.merge { take_up(desk, &found, (&main, main_tip), commit, &publication.message)? } else { None };
    let made = Made { resolution: id.clone(), by: chief.name.clone(), branch: found.branch.clone(), commit: commit.to_string() };
    Ok(RuledReport { made, merged, root: ledger.root().unwrap_or(report.head), ..report })
}

/// Holds the Chief to his powers, with the words that help him on.
fn allow(assessment: &Assessment, examined: &Examined<'_>, request: &Request<'_>) -> Result<(), Error> {
    let id = request.id;
    let by = &examined.law.roster.chief().name;
    let mut session = examined.session.clone();
    session.take(by, Step::Rule).map_err(|refusal| refused(examined, &refusal))?;
    if request.verdict != Verdict::Approve {
        return match request.bypass {
            Some(_) => Err(Error::usage("only an approval can bypass the council", "leave --bypass out")),
            None => Ok(()),
        };
    }
    let proposal = examined.proposal.record();
    let base = proposal.base.and_then(|base| assessment.judgement.ledger.sequence_of(&base)).unwrap_or(0);
    if let Some(why) = staleness(&assessment.judgement.ledger, proposal, base, &assessment.evidence.bytes) {
        return Err(Error::denied(format!("{id} is stale: {why}"), format!("carry it over: omega canon propose --supersedes {id}")));
    }
    let ledger = &assessment.judgement.ledger;
    if proposal.settles.is_some_and(|ruling| !ledger.unsettled.iter().any(|unsettled| unsettled.ruling == ruling)) {
        return Err(Error::denied("the emergency that this settles is settled already", format!("omega canon rule {id} reject")));
    }
    let under = |path: &RepoPath| ledger.unsettled.iter().find(|unsettled| unsettled.before.contains_key(path));
    if let Some((path, unsettled)) = proposal.changes.iter().find_map(|change| Some((&change.path, under(&change.path)?))) {
        return Err(Error::denied(
            format!("`{path}` is under the emergency of ruling {} until that is settled", unsettled.sequence),
            format!("omega canon propose --settles {}", unsettled.resolution),
        ));
    }
    let missing: Vec<String> = added_keys(proposal, examined.law, &assessment.evidence.bytes)
        .into_iter()
        .filter(|(key, _)| !examined.folder.enrolments.contains_key(&key.id()))
        .map(|(key, name)| format!("{} of `{}`", key.fingerprint(), name.map_or("the recovery keys".to_owned(), String::from)))
        .collect();
    if !missing.is_empty() {
        return Err(Error::denied(
            format!("the holder of each added key signs the proposal first; missing: {}", missing.join(", ")),
            format!("omega canon enrol {id} --key FILE"),
        ));
    }
    let needed = examined.count.bypass_to_approve();
    if needed == request.bypass {
        return match needed {
            Some(bypass) if !examined.law.consensus.classes.of(proposal.risk).bypass.contains(&bypass) => Err(Error::denied(
                format!("CONSENSUS_ENGINE does not permit {} for {} risk", bypass.as_str(), proposal.risk),
                format!("omega canon show {id}"),
            )),
            _ => Ok(()),
        };
    }
    match needed {
        None => Err(Error::usage("the council approves, and nothing is bypassed", "leave --bypass out")),
        Some(bypass) => {
            let why = match bypass {
                Bypass::QuorumUnavailable => {
                    format!("there is no quorum: {} of {} is cast", examined.count.tally.cast, examined.count.tally.eligible)
                }
                Bypass::StrictModeDisabled => "there are too few voters for the faults that this class claims to tolerate".to_owned(),
                Bypass::Override => "the council does not approve".to_owned(),
            };
            let permitted = examined.law.consensus.classes.of(proposal.risk).bypass.contains(&bypass);
            let hint = if permitted {
                format!("wait for votes; or, for the record, rule without them: omega canon ratify {id} --bypass {}", bypass.as_str())
            } else {
                format!("wait for votes, or: omega canon rule {id} reject")
            };
            Err(Error::denied(why, hint))
        }
    }
}
