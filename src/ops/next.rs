//! Who acts next on a resolution, and with which command.

use serde::Serialize;

use crate::canon::MemberName;
use crate::canon::policy::Stage;
use crate::council::tally::Outcome;
use crate::ledger::examine::Examined;
use crate::ledger::proposal::added_keys;
use crate::ledger::verdict::Standing;

use super::assess::Assessment;

/// One possible act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct NextStep {
    /// Whose act it is.
    pub member: MemberName,
    /// What to type.
    pub command: String,
    /// What it does, in a few words.
    pub what: String,
}

/// The acts that bring an open resolution forward, most natural first.
pub fn next_steps(assessment: &Assessment, examined: &Examined<'_>) -> Vec<NextStep> {
    let id = examined.id;
    let step = |member: &MemberName, command: String, what: &str| NextStep { member: member.clone(), command, what: what.to_owned() };
    let chief = &examined.law.roster.chief().name;
    match assessment.standing(id) {
        Some(Standing::Open) => {}
        Some(Standing::Revoked(_)) => return vec![step(chief, format!("omega canon rule {id} reject"), "close it")],
        Some(Standing::Stale(_)) => {
            let by = &examined.proposal.record().by;
            return vec![
                step(by, format!("omega canon propose --supersedes {id}"), "carry it over"),
                step(chief, format!("omega canon rule {id} reject"), "close it"),
            ];
        }
        _ => return Vec::new(),
    }
    let mut steps = Vec::new();
    for (key, name) in added_keys(examined.proposal.record(), examined.law, &assessment.evidence.bytes) {
        if !examined.folder.enrolments.contains_key(&key.id())
            && let Some(member) = name
        {
            steps.push(step(&member, format!("omega canon enrol {id} --key FILE"), "prove possession of the new key"));
        }
    }
    let session = &examined.session;
    let speaking = match session.stage() {
        Stage::PipeGranted => true,
        Stage::Open => session.deliberation_demanded(),
        _ => false,
    };
    if speaking && let Some(holder) = session.pipe_holder() {
        steps.push(step(holder, format!("omega canon speak {id} approve --reason …"), "speak"));
        return steps;
    }
    if session.stage() == Stage::Submission {
        let clerk = &examined.law.roster.clerk().name;
        steps.push(step(clerk, format!("omega canon synthesize {id} --reason …"), "draw the statements together"));
        return steps;
    }
    let ready = examined.count.bypass_to_approve().is_none();
    if !ready {
        for member in examined.law.roster.voters().into_iter().filter(|m| examined.folder.last_vote(&m.name).is_none()) {
            steps.push(step(&member.name, format!("omega canon vote {id} approve --reason …"), "vote"));
        }
    }
    if ready {
        steps.push(step(chief, format!("omega canon ratify {id}"), "ratify it"));
    } else if examined.count.quorum && examined.count.outcome == Outcome::Rejected {
        steps.push(step(chief, format!("omega canon rule {id} reject"), "reject it"));
    }
    steps
}
