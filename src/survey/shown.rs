//! One resolution whole: what it changes, what was said and voted, and who acts next.

use super::{Summary, holding, summary};
use crate::canon::{MemberName, ResolutionId};
use crate::clock::Timestamp;
use crate::council::tally::Choice;
use crate::digest::Digest;
use crate::git::Repo;
use crate::ledger::examine::Examined;
use crate::ledger::kinds::Change;
use crate::workspace::Error;
use crate::workspace::cases::{self, DocumentShifts};
use crate::workspace::lint::{self, ReturningLine};
use crate::workspace::next::{NextStep, next_steps};
use crate::workspace::provisional::{self};
use crate::workspace::recovery::{Progress, progress};
use crate::workspace::report::CountReport;
use serde::Serialize;

/// One resolution whole.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Shown {
    /// At a glance.
    #[serde(flatten)]
    pub summary: Summary,
    /// When it was proposed.
    pub at: Timestamp,
    /// The case for it.
    pub reason: String,
    /// What it changes.
    pub changes: Vec<Change>,
    /// The bytes that it purges.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub purge: Vec<Digest>,
    /// The lines of its draft that a ruling removed once; looked for until it is ruled itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub returning: Vec<ReturningLine>,
    /// The cases whose outcome it changes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shifts: Vec<DocumentShifts>,
    /// The last ballot of each member.
    pub votes: Vec<VoteReport>,
    /// What was said.
    pub statements: Vec<StatementReport>,
    /// What the ballots say.
    pub count: CountReport,
    /// How many recovery keys have signed, in an open recovery.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recovery: Option<Progress>,
    /// Where the protocol stands.
    pub stage: String,
    /// Why the Chief ruled so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ruling_reason: Option<String>,
    /// Who acts next.
    pub next: Vec<NextStep>,
}

/// A ballot.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct VoteReport {
    /// Whose.
    pub member: MemberName,
    /// Its number.
    pub ballot: u32,
    /// What it says.
    pub choice: Choice,
    /// How sure.
    pub confidence: u8,
    /// Its weight.
    pub weight: u32,
    /// Why.
    pub reason: String,
}

/// A statement.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct StatementReport {
    /// Whose.
    pub member: MemberName,
    /// `turn`, `skip`, `seal`, `reveal` or `synthesis`.
    pub kind: String,
    /// The text; nothing, while it is sealed.
    pub text: String,
}

/// One resolution with everything that was said and voted.
///
/// # Errors
/// Usage, if there is no such resolution.
pub fn show(repo: &Repo, id: &ResolutionId, now: Timestamp, threads: usize) -> Result<Shown, Error> {
    let assessment = holding(repo, id, threads)?;
    let missing = || Error::usage(format!("there is no resolution {id}"), "omega list");
    let folder = assessment.evidence.folders.get(id).ok_or_else(missing)?;
    let proposal = folder.proposal.as_ref().ok_or_else(missing)?;
    let mut summary = summary(&assessment, id).ok_or_else(missing)?;
    summary.emergency = provisional::of(&assessment, id, &provisional::settlements(repo)?, now);
    let examined = assessment.examine(id)?;
    let law = examined.law;
    let mut statements: Vec<StatementReport> = folder
        .turns
        .values()
        .map(|turn| StatementReport {
            member: turn.record().skips.clone().unwrap_or_else(|| turn.record().by.clone()),
            kind: if turn.record().skips.is_some() { "skip" } else { "turn" }.to_owned(),
            text: turn.body().to_owned(),
        })
        .collect();
    statements.extend(folder.seals.keys().filter(|by| !folder.reveals.contains_key(*by)).map(|by| StatementReport {
        member: by.clone(),
        kind: "seal".to_owned(),
        text: String::new(),
    }));
    statements.extend(folder.reveals.values().map(|reveal| StatementReport {
        member: reveal.record().by.clone(),
        kind: "reveal".to_owned(),
        text: reveal.body().to_owned(),
    }));
    statements.extend(folder.synthesis.iter().map(|s| StatementReport {
        member: s.record().by.clone(),
        kind: "synthesis".to_owned(),
        text: s.body().to_owned(),
    }));
    let bytes = &assessment.evidence.bytes;
    let drafts = proposal.record().changes.iter().filter_map(|change| Some((&change.path, bytes.get(&change.after?)?.as_slice())));
    Ok(Shown {
        at: proposal.record().at,
        reason: proposal.body().to_owned(),
        changes: proposal.record().changes.clone(),
        purge: proposal.record().purge.clone().unwrap_or_default(),
        returning: if summary.ruling.is_none() { lint::returning(&assessment, drafts) } else { Vec::new() },
        shifts: cases::shifts(proposal.record().changes.iter().map(|change| {
            let side = |digest: Option<Digest>| digest.and_then(|digest| bytes.get(&digest)).map(Vec::as_slice);
            (&change.path, side(change.before), side(change.after))
        })),
        votes: votes(&examined),
        statements,
        count: CountReport::of(&examined.count, law, proposal.record().risk),
        recovery: progress(&assessment, &examined).filter(|_| summary.ruling.is_none()),
        stage: examined.session.stage().as_str().to_owned(),
        ruling_reason: summary
            .ruling
            .and_then(|n| assessment.evidence.rulings.get(&n))
            .map(|ruling| ruling.body().to_owned())
            .filter(|reason| !reason.is_empty()),
        next: next_steps(&assessment, &examined),
        summary,
    })
}

/// The last ballot of each member, in seat order.
pub(crate) fn votes(examined: &Examined<'_>) -> Vec<VoteReport> {
    let votes = examined.law.roster.voters().into_iter().filter_map(|member| {
        let vote = examined.folder.last_vote(&member.name)?;
        let record = vote.record();
        Some(VoteReport {
            member: member.name.clone(),
            ballot: record.ballot,
            choice: record.choice,
            confidence: record.confidence,
            weight: member.weight,
            reason: vote.body().to_owned(),
        })
    });
    votes.collect()
}
