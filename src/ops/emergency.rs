//! What the Chief does alone, proposal and ruling in one commit: an emergency, and the end of one.

use crate::canon::ResolutionId;
use crate::git::Oid;
use crate::ledger::kinds::{Proposal, Verdict};
use crate::ledger::state::Ledger;

use super::assess::Assessment;
use super::desk::{Desk, Publication};
use super::propose::{self, Plan, Purpose, must_be_ratifiable, settle, worktree_is_edited, write_edits};
use super::rule::{self, RuledReport, finish, must_not_fork, report, ruling_message, take_up, write_ruling};
use super::{Error, find};

/// What is ruled at once.
pub struct Request<'a> {
    /// What is proposed: an emergency or an expiry.
    pub proposal: &'a propose::Request<'a>,
    /// Whether the main branch takes it up at once.
    pub merge: bool,
}

impl Request<'_> {
    fn verdict(&self) -> Verdict {
        if self.proposal.purpose == Purpose::Emergency { Verdict::Emergency } else { Verdict::Expire }
    }

    fn ruling<'r>(&'r self, id: &'r ResolutionId) -> rule::Request<'r> {
        rule::Request { id, verdict: self.verdict(), bypass: None, reason: &self.proposal.reason, merge: self.merge }
    }
}

/// Signs a plan and the ruling on it, writes both in one commit, and brings it onto the main branch.
///
/// # Errors
/// Denied, if the signer is not the Chief; violated, if the ledger would not hold with it.
pub fn rule_at_once(desk: &Desk<'_>, request: &Request<'_>, plan: &Plan) -> Result<RuledReport, Error> {
    let (id, start) = (&plan.id, &plan.start);
    let law = start.assessment.law()?;
    let chief = desk.member(law)?.name.clone();
    let main = law.protected_refs[0].clone();
    if request.merge {
        desk.must_be_free(&main, "say --no-merge, and merge the branch there with git")?;
    }
    must_not_fork(desk.repo, &start.assessment.judgement.ledger, &main, desk.threads)?;
    let branch = find::branch_of(id);
    let found = |tip: Oid| find::Found { branch: branch.clone(), tip: Some(tip), tips: vec![tip] };
    let overwrites: Vec<_> = plan.changes.iter().map(|planned| planned.change.path.clone()).collect();
    let take_worktree = || if start.switches && !desk.repo.is_bare() { desk.switch(&branch, &overwrites) } else { Ok(()) };
    if plan.existing {
        let gone = || Error::usage(format!("the branch `{branch}` is gone"), "say it again");
        let tip = desk.repo.find_ref(&branch)?.ok_or_else(gone)?;
        let assessment = desk.assess(tip)?;
        take_worktree()?;
        return land(desk, request, &assessment, id, &found(tip), &main);
    }
    let mut edits = write_edits(desk, request.proposal, plan, &chief)?;
    let tree = desk.repo.write_tree(Some(start.basis.tree), &edits)?;
    let proposed = desk.assess(tree)?;
    must_be_ratifiable(&proposed, id)?;
    let examined = proposed.examine(id)?;
    let (ruling, ruled) = write_ruling(desk, &proposed, &examined, tree, &request.ruling(id), &chief)?;
    edits.extend(ruling);
    let message = ruling_message(id, ruled.sequence, request.verdict(), &chief);
    let publication = Publication { branch: &branch, tip: None, basis: &start.basis, edits: &edits, message };
    let (commit, assessment) = desk.publish_assessed(&publication)?;
    take_worktree()?;
    land(desk, request, &assessment, id, &found(commit), &main)
}

/// What is left once the ruling lies on its branch.
fn land(
    desk: &Desk<'_>,
    request: &Request<'_>,
    assessment: &Assessment,
    id: &ResolutionId,
    found: &find::Found,
    main: &str,
) -> Result<RuledReport, Error> {
    let ledger = &assessment.judgement.ledger;
    let sequence = ledger.closed.get(id).copied().unwrap_or_default();
    let ruled = ledger.rulings.get(sequence as usize);
    let ruled = ruled.ok_or_else(|| Error::usage(format!("{id} is not ruled"), format!("omega canon show {id}")))?;
    let tip = found.tip.unwrap_or(found.tips[0]);
    let text = ruling_message(id, sequence, ruled.verdict, &ruled.by);
    let main_tip = desk.repo.find_ref(main)?;
    let merged = if request.merge { take_up(desk, found, (main, main_tip), tip, &text)? } else { None };
    Ok(RuledReport { merged, ..report(desk, assessment, id, ruled, sequence, found, tip) })
}

/// Finishes what a killed run left after its commit; nothing, if there is no such thing.
///
/// # Errors
/// When the repository cannot be read or written.
pub fn resume(desk: &Desk<'_>, request: &Request<'_>) -> Result<Option<RuledReport>, Error> {
    if !request.merge {
        return Ok(None);
    }
    for proposal in find::proposals(desk.repo)? {
        let id = &proposal.resolution;
        let Some(tip) = desk.repo.find_ref(&find::branch_of(id))? else { continue };
        if !could_be(request.proposal, &proposal) {
            continue;
        }
        let assessment = desk.assess(tip)?;
        let ledger = &assessment.judgement.ledger;
        let Some(sequence) = ledger.closed.get(id).copied() else { continue };
        let verdict = ledger.rulings.get(sequence as usize).map(|ruled| ruled.verdict);
        if verdict != Some(request.verdict()) || !is_meant(request.proposal, &proposal, ledger) {
            continue;
        }
        // Edits that are not taken up yet are another matter, or a run that was killed before it took them.
        if request.proposal.purpose == Purpose::Emergency && !desk.repo.is_bare() && worktree_is_edited(desk, &assessment)? {
            continue;
        }
        let main = assessment.law()?.protected_refs[0].clone();
        let main_tip = desk.repo.find_ref(&main)?;
        let found = find::Found { branch: find::branch_of(id), tip: Some(tip), tips: vec![tip] };
        desk.member(assessment.law()?)?;
        return finish(desk, &assessment, &request.ruling(id), &found, (&main, main_tip), sequence).map(Some);
    }
    Ok(None)
}

/// Whether a proposal can be the one of this request, as far as it says so itself.
fn could_be(request: &propose::Request<'_>, proposal: &Proposal) -> bool {
    match request.purpose {
        Purpose::Expiry(_) => proposal.settles.is_some() && proposal.changes.is_empty(),
        _ => proposal.settles.is_none() && proposal.title == request.title.trim(),
    }
}

fn is_meant(request: &propose::Request<'_>, proposal: &Proposal, after: &Ledger) -> bool {
    let Purpose::Expiry(target) = &request.purpose else { return true };
    let before = proposal.settles.and_then(|ruling| after.sequence_of(&ruling)).and_then(|n| after.rulings.get(n as usize));
    before.is_some_and(|ruled| settle::means(target, &ruled.resolution, &ruled.digest))
}
