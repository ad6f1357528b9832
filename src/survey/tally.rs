//! Explaining a count: who counts and who does not, what is asked for, and what is still missing.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::canon::policy::Class;
use crate::canon::{Member, MemberName, ResolutionId, Risk, Role};
use crate::council::tally::{Choice, Count, Requirement, count};
use crate::git::Repo;
use crate::ledger::examine::Examined;

use crate::survey::holding;
use crate::workspace::Error;
use crate::workspace::assess::Assessment;
use crate::workspace::next::{NextStep, next_steps};
use crate::workspace::report::CountReport;

/// A count, line by line.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct TallyReport {
    /// The resolution.
    pub resolution: ResolutionId,
    /// Its title.
    pub title: String,
    /// Its risk.
    pub risk: Risk,
    /// Where the protocol stands.
    pub stage: String,
    /// Whether ballots are assumed that nobody has cast.
    pub hypothetical: bool,
    /// Every ballot, and everybody who has cast none, in seat order.
    pub ballots: Vec<BallotLine>,
    /// What the counting ballots say.
    pub count: CountReport,
    /// The conditions of a quorum.
    pub quorum: Vec<Requirement>,
    /// The part of all voting weight that must be cast, as the policy says it.
    pub quorum_ratio: String,
    /// The part of the cast weight that approves, as the policy says it.
    pub threshold: String,
    /// The faulty voters that the class claims to tolerate; nothing, where it claims none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub faults: Option<Faults>,
    /// What it would still take; nothing, where the council approves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<Missing>,
    /// Who acts next, whatever was assumed.
    pub next: Vec<NextStep>,
}

/// One ballot, or a member who has cast none.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct BallotLine {
    /// Whose.
    pub member: MemberName,
    /// The weight.
    pub weight: u32,
    /// Who answers for it: the operator of an agent, else the member.
    pub answers: MemberName,
    /// What it says; nothing, if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub choice: Option<Choice>,
    /// Its number; nothing, if there is none, or if it is assumed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ballot: Option<u32>,
    /// Whether it is only assumed.
    pub assumed: bool,
    /// Whether it counts.
    pub counts: bool,
    /// Why it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why_not: Option<String>,
}

/// A claim to tolerate faulty voters: 3f+1 voters for f of them (Lamport, Shostak and Pease 1982).
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Faults {
    /// How many.
    pub claimed: u32,
    /// How many voters that takes.
    pub needed: u64,
    /// How many there are.
    pub voters: usize,
    /// Whether there are enough.
    pub met: bool,
}

/// What it would still take for the council to approve.
#[derive(Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Missing {
    /// The fewest further members whose approval would do; empty, if no further ballot would.
    pub members: Vec<MemberName>,
    /// Their weight, if all who have not voted have the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub each: Option<u32>,
    /// Why no further ballot would do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why_not: Option<String>,
}

/// Explains the count of a resolution. `what_if` adds and changes ballots in the count alone.
///
/// # Errors
/// Usage, if there is no such resolution, or if somebody is assumed to vote who is not on the council.
pub fn tally(repo: &Repo, id: &ResolutionId, what_if: &BTreeMap<MemberName, Choice>, threads: usize) -> Result<TallyReport, Error> {
    let assessment = holding(repo, id, threads)?;
    let examined = assessment.examine(id)?;
    if let Some(stranger) = what_if.keys().find(|name| examined.law.roster.get(name).is_none()) {
        return Err(Error::usage(format!("`{stranger}` is not on the council that judges {id}"), format!("omega tally {id}")));
    }
    Ok(explain(&assessment, &examined, what_if))
}

pub(crate) fn explain(assessment: &Assessment, examined: &Examined<'_>, what_if: &BTreeMap<MemberName, Choice>) -> TallyReport {
    let proposal = examined.proposal.record();
    let roster = &examined.law.roster;
    let class = examined.law.consensus.classes.of(proposal.risk);
    let mut ballots = examined.folder.ballots();
    ballots.extend(what_if.iter().map(|(name, choice)| (name.clone(), *choice)));
    let counted = count(roster, class, &ballots);
    let mut members: Vec<&Member> = roster.iter().collect();
    members.sort_by_key(|member| member.seat);
    TallyReport {
        resolution: examined.id.clone(),
        title: proposal.title.clone(),
        risk: proposal.risk,
        stage: examined.session.stage().as_str().to_owned(),
        hypothetical: !what_if.is_empty(),
        ballots: members.into_iter().flat_map(|member| lines(examined, member, what_if.get(&member.name).copied())).collect(),
        count: CountReport::of(&counted, examined.law, proposal.risk),
        quorum: counted.requirements(class),
        quorum_ratio: class.quorum.to_string(),
        threshold: class.threshold.to_string(),
        faults: (class.faults > 0).then(|| Faults {
            claimed: class.faults,
            needed: 3 * u64::from(class.faults) + 1,
            voters: counted.voters,
            met: counted.tolerant,
        }),
        missing: missing(examined, class, &ballots, &counted),
        next: next_steps(assessment, examined),
    }
}

/// All ballots of a member, the newest first; or one line that says that there is none.
fn lines(examined: &Examined<'_>, member: &Member, assumed: Option<Choice>) -> Vec<BallotLine> {
    let no_vote = match (member.role, member.weight) {
        (Role::Chief, _) => Some("the Chief does not vote"),
        (Role::Clerk, _) => Some("the Clerk does not vote"),
        (Role::Member, 0) => Some("a member of weight 0 has no vote"),
        _ => None,
    };
    let line = |choice: Option<Choice>, ballot: Option<u32>, newer: Option<String>| {
        let why_not = no_vote.map(str::to_owned).or(newer).or_else(|| choice.is_none().then(|| "not yet".to_owned()));
        BallotLine {
            member: member.name.clone(),
            weight: member.weight,
            answers: member.answers().clone(),
            choice,
            ballot,
            assumed: choice.is_some() && ballot.is_none(),
            counts: why_not.is_none(),
            why_not,
        }
    };
    let mut lines = Vec::new();
    let mut newer = None;
    if let Some(choice) = assumed {
        lines.push(line(Some(choice), None, None));
        newer = Some("replaced by what is assumed".to_owned());
    }
    for ((ballot, _), vote) in examined.folder.votes.iter().rev().filter(|((_, by), _)| *by == member.name) {
        lines.push(line(Some(vote.record().choice), Some(*ballot), newer.take()));
        newer = Some(format!("superseded by ballot {ballot}"));
    }
    if lines.is_empty() {
        lines.push(line(None, None, None));
    }
    lines
}

/// The fewest further approvals by which the council would approve.
fn missing(examined: &Examined<'_>, class: &Class, ballots: &BTreeMap<MemberName, Choice>, counted: &Count) -> Option<Missing> {
    counted.bypass_to_approve()?;
    let roster = &examined.law.roster;
    let voters = roster.voters();
    let silent: Vec<&Member> = voters.iter().copied().filter(|member| !ballots.contains_key(&member.name)).collect();
    let heard: Vec<&MemberName> = voters.iter().filter(|m| ballots.contains_key(&m.name)).map(|m| m.answers()).collect();
    let never = |why: &str| Some(Missing { members: Vec::new(), each: None, why_not: Some(why.to_owned()) });
    if !counted.tolerant {
        return never("there are too few voters for the faults that the class claims to tolerate");
    }
    // By weight, or first by people who are not heard yet: whichever takes fewer.
    let mut by_weight = silent.clone();
    by_weight.sort_by_key(|member| std::cmp::Reverse(member.weight));
    let mut by_people: Vec<&Member> = Vec::new();
    let mut known = heard;
    for member in &by_weight {
        if !known.contains(&member.answers()) {
            known.push(member.answers());
            by_people.push(member);
        }
    }
    let rest: Vec<&Member> = by_weight.iter().copied().filter(|m| !by_people.iter().any(|other| other.name == m.name)).collect();
    by_people.extend(rest);
    let enough = |order: &[&Member]| {
        let mut assumed = ballots.clone();
        order.iter().position(|member| {
            assumed.insert(member.name.clone(), Choice::Approve);
            count(roster, class, &assumed).bypass_to_approve().is_none()
        })
    };
    let best = [&by_weight, &by_people].into_iter().filter_map(|order| Some((enough(order)?, order))).min_by_key(|(last, _)| *last);
    let Some((last, order)) = best else {
        return never(if silent.is_empty() {
            "every member has voted: a member would have to change a ballot"
        } else {
            "even with all who have not voted: a member would have to change a ballot"
        });
    };
    let each = silent[0].weight;
    Some(Missing {
        members: order[..=last].iter().map(|member| member.name.clone()).collect(),
        each: silent.iter().all(|member| member.weight == each).then_some(each),
        why_not: None,
    })
}
