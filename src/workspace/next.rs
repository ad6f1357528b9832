//! Who acts next on a resolution, and with which command.

use serde::Serialize;

use crate::canon::MemberName;
use crate::canon::policy::Stage;
use crate::council::machine::{Awaited, Refusal};
use crate::council::tally::Outcome;
use crate::ledger::examine::Examined;
use crate::ledger::kinds::Verdict;
use crate::ledger::proposal::added_keys;
use crate::ledger::verdict::Standing;

use super::Error;
use super::assess::Assessment;
use crate::workspace::recovery::{is_alive, progress};

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

fn step(member: &MemberName, command: String, what: impl Into<String>) -> NextStep {
    NextStep { member: member.clone(), command, what: what.into() }
}

/// Who still has to prove possession of an added key. Recovery keys are nobody's: the proposer asks their holders.
fn enrolments(assessment: &Assessment, examined: &Examined<'_>) -> Vec<NextStep> {
    let proposal = examined.proposal.record();
    let added = added_keys(proposal, examined.law, &assessment.evidence.bytes);
    let missing = added.into_iter().filter(|(key, _)| !examined.folder.enrolments.contains_key(&key.id()));
    let command = format!("omega enrol {} --key FILE", examined.id);
    missing
        .map(|(key, name)| match name {
            Some(name) => step(&name, command.clone(), "prove possession of the new key"),
            None => {
                let what = format!("let the holder of the recovery key {} prove possession", key.fingerprint());
                step(&proposal.by, command.clone(), what)
            }
        })
        .collect()
}

/// What an open recovery waits for; nothing for any other proposal, or one that can no longer be ruled.
fn recovery_steps(assessment: &Assessment, examined: &Examined<'_>) -> Option<Vec<NextStep>> {
    let id = examined.id;
    let progress = progress(assessment, examined)?;
    if !matches!(assessment.standing(id), Some(Standing::Open | Standing::Revoked(_))) || !is_alive(assessment, examined) {
        return None;
    }
    let chief = &examined.law.roster.chief().name;
    let mut steps = enrolments(assessment, examined);
    if progress.signed < progress.needed {
        let missing = progress.needed - progress.signed;
        let what = format!("let {missing} more of the recovery keys sign ({} of {} did)", progress.signed, progress.needed);
        steps.push(step(chief, format!("omega key recovery sign {id} --key FILE"), what));
    } else if steps.is_empty() {
        steps.push(step(chief, format!("omega key recovery finish {id} --key FILE"), "rule it with the new key"));
    }
    Some(steps)
}

/// The acts that bring a resolution forward, most natural first.
pub fn next_steps(assessment: &Assessment, examined: &Examined<'_>) -> Vec<NextStep> {
    let id = examined.id;
    let (chief, by) = (&examined.law.roster.chief().name, &examined.proposal.record().by);
    let unsettled = &assessment.judgement.ledger.unsettled;
    if let Some(steps) = recovery_steps(assessment, examined) {
        return steps;
    }
    match assessment.standing(id) {
        Some(Standing::Open) => {}
        Some(Standing::Revoked(_)) => return vec![step(chief, format!("omega rule {id} reject"), "close it")],
        Some(Standing::Stale(_)) => {
            return vec![
                step(by, format!("omega propose --supersedes {id}"), "carry it over"),
                step(chief, format!("omega rule {id} reject"), "close it"),
            ];
        }
        Some(Standing::Withdrawn | Standing::Superseded(_)) => return Vec::new(),
        None => return after_ruling(assessment, examined),
    }
    let settles = examined.proposal.record().settles;
    if settles.is_some_and(|ruling| !unsettled.iter().any(|u| u.ruling == ruling)) {
        return vec![
            step(by, format!("omega withdraw {id} --reason …"), "take it back: the emergency is settled already"),
            step(chief, format!("omega rule {id} reject"), "close it"),
        ];
    }
    let mut steps = enrolments(assessment, examined);
    let session = &examined.session;
    let clerk = &examined.law.roster.clerk().name;
    if session.is_deliberating() && session.awaited() != Awaited::Nobody {
        steps.extend(speakers(examined));
        return steps;
    }
    if session.stage() == Stage::Submission && session.enough_spoken() {
        steps.push(step(clerk, format!("omega synthesize {id} --reason …"), "draw the statements together"));
        return steps;
    }
    if session.stage() == Stage::Submission {
        steps.push(step(by, format!("omega propose --supersedes {id}"), "begin again: too few have spoken"));
        return steps;
    }
    let class = examined.law.consensus.classes.of(examined.proposal.record().risk);
    let ready = examined.count.bypass_to_approve().is_none();
    if !ready {
        for member in examined.law.roster.voters().into_iter().filter(|m| examined.folder.last_vote(&m.name).is_none()) {
            steps.push(step(&member.name, format!("omega vote {id} approve --reason …"), "vote"));
        }
    }
    let (yes, no) = if settles.is_some() { ("confirm the emergency", "undo the emergency") } else { ("ratify it", "reject it") };
    if ready {
        steps.push(step(chief, format!("omega ratify {id}"), yes));
    } else if examined.count.quorum && examined.count.outcome == Outcome::Rejected {
        steps.push(step(chief, format!("omega rule {id} reject"), no));
    } else if steps.is_empty() {
        // Everybody has voted, and the council is of two minds.
        if let Some(bypass) = examined.count.bypass_to_approve().filter(|bypass| class.bypass.contains(bypass)) {
            let command = format!("omega ratify {id} --bypass {}", bypass.as_str());
            steps.push(step(chief, command, "approve although the council is undecided"));
        }
        steps.push(step(chief, format!("omega rule {id} amend --reason …"), "send it back, with what should change"));
    }
    steps
}

/// Whose statements are waited for, with what they type; and the Clerk, who can go on without them.
fn speakers(examined: &Examined<'_>) -> Vec<NextStep> {
    let id = examined.id;
    let clerk = &examined.law.roster.clerk().name;
    let speak = format!("omega speak {id} approve --reason …");
    let (members, command, what) = match examined.session.awaited() {
        Awaited::Nobody => return Vec::new(),
        Awaited::Turn(holder) => (vec![holder], speak, "speak"),
        Awaited::Seals(members) => (members, speak, "seal a statement"),
        Awaited::Reveals(members) => (members, format!("omega reveal {id}"), "reveal the sealed statement"),
    };
    let mut steps: Vec<NextStep> = members.iter().map(|member| step(member, command.clone(), what)).collect();
    let silent = if let [one] = members.as_slice() { one.as_str() } else { "MEMBER" };
    steps.push(step(clerk, format!("omega skip {id} {silent} --reason …"), "go on without who stays silent"));
    steps
}

/// What a ruling leaves to be done.
fn after_ruling(assessment: &Assessment, examined: &Examined<'_>) -> Vec<NextStep> {
    let ledger = &assessment.judgement.ledger;
    let (id, proposal) = (examined.id, examined.proposal.record());
    let ruled = ledger.closed.get(id).and_then(|n| ledger.rulings.get(*n as usize)).filter(|ruled| ruled.resolution == *id);
    let proposals = || assessment.evidence.folders.values().filter_map(|folder| folder.proposal.as_ref());
    let taken_up = || proposals().any(|later| later.record().supersedes.as_ref() == Some(id));
    if ruled.is_none_or(|ruled| ruled.verdict != Verdict::Amend) || taken_up() {
        return Vec::new();
    }
    match proposal.settles.and_then(|ruling| ledger.unsettled.iter().find(|u| u.ruling == ruling)) {
        Some(unsettled) => vec![step(&proposal.by, format!("omega propose --settles {}", unsettled.resolution), "settle it again")],
        None if proposal.settles.is_some() => Vec::new(),
        None => vec![step(
            &proposal.by,
            format!("omega propose --supersedes {id} --title … --reason …"),
            "edit what the ruling asks for, and propose that",
        )],
    }
}

/// Why the protocol refuses an act now: with whose turn it is, and what is typed next.
pub fn refused(examined: &Examined<'_>, refusal: &Refusal) -> Error {
    let id = examined.id;
    let show = format!("omega show {id}");
    let Refusal::NotNow(fact) = refusal else { return Error::denied(refusal.to_string(), show) };
    let names = |members: &[&MemberName]| members.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let clerk = &examined.law.roster.clerk().name;
    let session = &examined.session;
    let waiting = match session.awaited() {
        Awaited::Turn(holder) => format!("it is the turn of `{holder}`"),
        Awaited::Seals(members) => format!("no sealed statement yet from {}", names(&members)),
        Awaited::Reveals(members) => format!("not revealed yet: the statement of {}", names(&members)),
        Awaited::Nobody if session.stage() == Stage::Submission && session.enough_spoken() => {
            return Error::denied(
                format!("{fact}: the Clerk (`{clerk}`) draws the statements together first"),
                format!("wait for `{clerk}`: omega synthesize {id} --reason …"),
            );
        }
        Awaited::Nobody if session.stage() == Stage::Submission => {
            return Error::denied(
                format!("{fact}, and nobody is left to speak"),
                format!("begin again, as `{}`: omega propose --supersedes {id}", examined.proposal.record().by),
            );
        }
        Awaited::Nobody => return Error::denied(fact.clone(), show),
    };
    let hints: Vec<String> = speakers(examined).iter().map(|step| format!("`{}`: {}", step.member, step.command)).collect();
    let says_so = fact.contains(&waiting) || fact.starts_with("not everybody has sealed");
    let fact = if says_so { waiting } else { format!("{fact}: {waiting}") };
    Error::denied(fact, format!("wait for {}", hints.join("; or ")))
}
