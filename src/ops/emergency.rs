//! What the Chief does alone, proposal and ruling in one commit: an emergency, and the end of one.

use std::collections::BTreeSet;

use crate::canon::ResolutionId;
use crate::ledger::kinds::Verdict;

use super::propose::{self, Plan, Purpose, must_be_ratifiable, write_edits};
use super::rule::{self, Onto, RuledReport, Written, conclude, must_not_fork, write_ruling};
use crate::workspace::desk::Desk;
use crate::workspace::{Error, find};

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

/// Signs a plan and the ruling on it, and writes both in one commit on the main branch, or on a branch of its own where that
/// waits for a pull request.
///
/// # Errors
/// Denied, if the signer is not the Chief; violated, if the ledger would not hold with it.
pub fn rule_at_once(desk: &Desk<'_>, request: &Request<'_>, plan: &Plan) -> Result<RuledReport, Error> {
    let (id, start) = (&plan.id, &plan.start);
    let law = start.assessment.law()?;
    let chief = desk.member(law)?.name.clone();
    let main = desk.main(law)?;
    if request.merge {
        desk.must_be_free(&main.name)?;
    }
    must_not_fork(desk.repo, &start.assessment.judgement.ledger, &main.name, desk.threads)?;
    if plan.existing {
        // It waits on its own branch.
        return rule::rule(desk, &request.ruling(id));
    }
    let found = find::Found { branch: find::branch_of(id), tip: None, tips: Vec::new() };
    let mut edits = write_edits(desk, request.proposal, plan, &chief)?;
    let tree = desk.repo.write_tree(Some(start.basis.tree), &edits)?;
    let proposed = desk.assess(tree)?;
    must_be_ratifiable(&proposed, id)?;
    let examined = proposed.examine(id)?;
    let ruling = write_ruling(desk, &proposed, &examined, tree, &request.ruling(id), &chief)?;
    edits.extend(ruling.edits);
    let onto = Onto { id, found: &found, main: &main, left: &BTreeSet::new(), merge: request.merge };
    conclude(desk, &onto, start.basis.tree, &start.assessment, Written { edits, ..ruling })
}
