//! Emergencies: until when they hold, whether a council has opened, and what became of them.

use serde::Serialize;

use crate::canon::{RepoPath, ResolutionId};
use crate::clock::Timestamp;
use crate::council::emergency::{Hold, hold};
use crate::digest::Digest;
use crate::git::Repo;
use crate::ledger::kinds::{Proposal, Ruling, Verdict};
use crate::ledger::state::{Law, Ledger, Unsettled};
use crate::ledger::verdict::Standing;

use super::assess::Assessment;
use super::{Error, find};

/// What stands wherever an emergency ruling is shown.
pub const MARK: &str = "[EMERGENCY_RULING]";

/// Where an emergency stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum EmergencyState {
    /// It holds until it is settled or runs out.
    Provisional,
    /// It holds, and no council has opened in time.
    Overdue,
    /// It ran out, and is not undone yet.
    Expired,
    /// The council confirmed it.
    Confirmed,
    /// It was undone: the bytes of before are back.
    Undone,
}

/// An emergency, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct EmergencyReport {
    /// Its resolution.
    pub resolution: ResolutionId,
    /// The number of its ruling.
    pub sequence: u32,
    /// The digest of its ruling.
    pub ruling: Digest,
    /// The paths that it changed.
    pub paths: Vec<RepoPath>,
    /// When a council must have opened: a proposal to settle it must lie there.
    pub settle_by: Timestamp,
    /// When it no longer holds, if nobody settles it before.
    pub expires: Timestamp,
    /// Where it stands.
    pub state: EmergencyState,
    /// The proposal that is to settle it, or that did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settlement: Option<ResolutionId>,
    /// What to type next; nothing, once it is settled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl EmergencyReport {
    fn with_next(mut self) -> Self {
        let id = &self.resolution;
        self.next = match (self.state, &self.settlement) {
            (EmergencyState::Confirmed | EmergencyState::Undone, _) => None,
            (EmergencyState::Expired, _) => Some(format!("omega expire {id}")),
            (_, Some(settlement)) => Some(format!("omega show {settlement}")),
            (_, None) => Some(format!("omega propose --settles {id}")),
        };
        self
    }
}

/// The proposals on branches that settle emergencies.
///
/// # Errors
/// When the repository cannot be read.
pub fn settlements(repo: &Repo) -> Result<Vec<Proposal>, Error> {
    Ok(find::proposals(repo)?.into_iter().filter(|proposal| proposal.settles.is_some()).collect())
}

/// All emergencies that wait to be settled. `settlements` are proposals that lie elsewhere.
pub fn unsettled(assessment: &Assessment, settlements: &[Proposal], now: Timestamp) -> Vec<EmergencyReport> {
    let ledger = &assessment.judgement.ledger;
    ledger
        .unsettled
        .iter()
        .map(|unsettled| {
            let settlement = open_settlement(assessment, settlements, unsettled);
            let settle_by = settle_by(ledger, unsettled.sequence, unsettled.at, unsettled.expires);
            let state = match hold(settle_by, unsettled.expires, settlement.is_some(), now) {
                Hold::Expired => EmergencyState::Expired,
                Hold::Overdue => EmergencyState::Overdue,
                Hold::Provisional => EmergencyState::Provisional,
            };
            EmergencyReport {
                resolution: unsettled.resolution.clone(),
                sequence: unsettled.sequence,
                ruling: unsettled.ruling,
                paths: unsettled.before.keys().cloned().collect(),
                settle_by,
                expires: unsettled.expires,
                state,
                settlement,
                next: None,
            }
            .with_next()
        })
        .collect()
}

/// The emergency of a resolution, settled or not; nothing, if it was ruled otherwise.
pub fn of(assessment: &Assessment, id: &ResolutionId, settlements: &[Proposal], now: Timestamp) -> Option<EmergencyReport> {
    let ledger = &assessment.judgement.ledger;
    let sequence = *ledger.closed.get(id)?;
    let ruled = ledger.rulings.get(sequence as usize).filter(|ruled| ruled.verdict == Verdict::Emergency && ruled.resolution == *id)?;
    if let Some(report) = unsettled(assessment, settlements, now).into_iter().find(|report| report.sequence == sequence) {
        return Some(report);
    }
    let proposal = |id| assessment.evidence.folders.get(id).and_then(|folder| folder.proposal.as_ref()).map(|signed| signed.record());
    let settling = ledger.rulings.iter().skip(sequence as usize + 1).find(|later| {
        // An amendment leaves the emergency as it is.
        later.verdict != Verdict::Amend && proposal(&later.resolution).is_some_and(|p| p.settles == Some(ruled.digest))
    })?;
    let expires = assessment.evidence.rulings.get(&sequence)?.record().expires?;
    Some(EmergencyReport {
        resolution: id.clone(),
        sequence,
        ruling: ruled.digest,
        paths: proposal(id)?.changes.iter().map(|change| change.path.clone()).collect(),
        settle_by: settle_by(ledger, sequence, ruled.at, expires),
        expires,
        state: settled_state(settling.verdict),
        settlement: Some(settling.resolution.clone()),
        next: None,
    })
}

/// The emergency that a closed resolution ruled, confirmed or undid.
pub(crate) fn about(assessment: &Assessment, proposal: &Proposal, now: Timestamp) -> Option<EmergencyReport> {
    let ledger = &assessment.judgement.ledger;
    let ruling = proposal.settles.and_then(|ruling| ledger.sequence_of(&ruling));
    let emergency = ruling.and_then(|n| ledger.rulings.get(n as usize)).map_or(&proposal.resolution, |ruled| &ruled.resolution);
    of(assessment, emergency, &[], now)
}

/// The emergency that a ruling on a proposal is about, as it is after that ruling. `ledger` and `law`
/// are those before it.
pub(crate) fn ruled(ledger: &Ledger, proposal: &Proposal, record: &Ruling, digest: Digest, law: &Law) -> Option<EmergencyReport> {
    if let Some(expires) = record.expires {
        let report = EmergencyReport {
            resolution: record.resolution.clone(),
            sequence: record.sequence,
            ruling: digest,
            paths: proposal.changes.iter().map(|change| change.path.clone()).collect(),
            settle_by: record.at.plus_hours(law.protocol.emergency.settle_hours).unwrap_or(expires),
            expires,
            state: EmergencyState::Provisional,
            settlement: None,
            next: None,
        };
        return Some(report.with_next());
    }
    let unsettled = ledger.unsettled.iter().find(|unsettled| Some(unsettled.ruling) == proposal.settles)?;
    (record.verdict != Verdict::Amend).then(|| EmergencyReport {
        resolution: unsettled.resolution.clone(),
        sequence: unsettled.sequence,
        ruling: unsettled.ruling,
        paths: unsettled.before.keys().cloned().collect(),
        settle_by: settle_by(ledger, unsettled.sequence, unsettled.at, unsettled.expires),
        expires: unsettled.expires,
        state: settled_state(record.verdict),
        settlement: Some(record.resolution.clone()),
        next: None,
    })
}

fn settled_state(verdict: Verdict) -> EmergencyState {
    if verdict == Verdict::Approve { EmergencyState::Confirmed } else { EmergencyState::Undone }
}

/// By the protocol that the emergency was ruled under.
fn settle_by(ledger: &Ledger, sequence: u32, at: Timestamp, expires: Timestamp) -> Timestamp {
    let law = sequence.checked_sub(1).and_then(|before| ledger.laws.get(before as usize));
    law.and_then(|law| at.plus_hours(law.protocol.emergency.settle_hours)).unwrap_or(expires)
}

/// An open proposal that is to settle an emergency, in the tree or on a branch.
fn open_settlement(assessment: &Assessment, settlements: &[Proposal], unsettled: &Unsettled) -> Option<ResolutionId> {
    let closed = &assessment.judgement.ledger.closed;
    let open_here = assessment.judgement.open.iter().filter(|(_, standing)| matches!(standing, Standing::Open | Standing::Stale(_)));
    let here = open_here.filter_map(|(id, _)| assessment.evidence.folders.get(id)?.proposal.as_ref()).map(|signed| signed.record());
    here.chain(settlements)
        .find(|proposal| proposal.settles == Some(unsettled.ruling) && !closed.contains_key(&proposal.resolution))
        .map(|proposal| proposal.resolution.clone())
}
