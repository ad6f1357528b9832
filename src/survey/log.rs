//! The rulings of a ledger.

use crate::canon::{MemberName, RepoPath, ResolutionId};
use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::git::{Oid, Repo};
use crate::ledger::kinds::Verdict;
use crate::ledger::verdict::check_pin;
use crate::workspace::Error;
use crate::workspace::assess::assess;
use crate::workspace::pin::Pin;
use serde::Serialize;

/// One ruling.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Entry {
    /// Its number.
    pub sequence: u32,
    /// Its digest.
    pub digest: Digest,
    /// What was ruled.
    pub verdict: Verdict,
    /// The resolution.
    pub resolution: ResolutionId,
    /// Its title.
    pub title: String,
    /// Who ruled.
    pub by: MemberName,
    /// When, by that member's clock.
    pub at: Timestamp,
    /// The paths that it changed.
    pub changed: Vec<RepoPath>,
}

/// The rulings, newest first.
///
/// # Errors
/// When the repository cannot be read, or the ledger does not hold, or is not the pinned one.
pub fn log(repo: &Repo, rev: Oid, pin: Option<Pin>, threads: usize) -> Result<Vec<Entry>, Error> {
    let assessment = assess(&repo.revision(rev)?, threads)?;
    let ledger = &assessment.judgement.ledger;
    // Of an older revision the pinned ruling may be missing, but never the root.
    let wrong = pin.map(|pin| check_pin(ledger, &pin.root(), None)).unwrap_or_default();
    if !wrong.is_empty() {
        return Err(Error::Violated(wrong));
    }
    if ledger.rulings.is_empty() {
        return Err(assessment.lawless());
    }
    let entries = (0..).zip(&ledger.rulings).map(|(sequence, ruled)| {
        let proposal = assessment.evidence.folders.get(&ruled.resolution).and_then(|folder| folder.proposal.as_ref());
        Entry {
            sequence,
            digest: ruled.digest,
            verdict: ruled.verdict,
            resolution: ruled.resolution.clone(),
            title: proposal.map(|p| p.record().title.clone()).unwrap_or_default(),
            by: ruled.by.clone(),
            at: ruled.at,
            changed: ledger.changed_by(sequence).cloned().collect(),
        }
    });
    let mut entries: Vec<Entry> = entries.collect();
    entries.reverse();
    Ok(entries)
}
