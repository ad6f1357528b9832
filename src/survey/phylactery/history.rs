//! Every version that an entry ever had, and what became of it.

use serde::Serialize;

use crate::canon::{Domain, EntryKey, RepoPath, ResolutionId, layout};
use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::ledger::kinds::Content;
use crate::ledger::lines::{held, undoes};
use crate::ledger::state::Bytes;
use crate::ledger::state::Ledger;
use crate::phylactery::{Artifact, Entry, EntryId};

use crate::workspace::Error;
use crate::workspace::assess::Assessment;

/// All versions of one entry, oldest first.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct HistoryReport {
    /// Its domain.
    pub domain: Domain,
    /// Its key.
    pub key: EntryKey,
    /// Its versions.
    pub versions: Vec<VersionReport>,
}

/// One version that was ratified.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
pub struct VersionReport {
    /// Its number; nothing, if it was purged: the bytes said it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    /// The digest of its bytes, which stays when they are purged.
    pub digest: Digest,
    /// The ruling that made it canon.
    pub ruling: u32,
    /// The resolution.
    pub resolution: ResolutionId,
    /// When it was ruled, by the Chief's clock.
    pub ratified_at: Timestamp,
    /// What it says; nothing, if it was purged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<VersionContent>,
    /// Whether it is in force.
    pub live: bool,
    /// The digest of the version that took its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub superseded_by: Option<Digest>,
    /// The ruling that undid the emergency which brought it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undone_by: Option<u32>,
    /// The ruling that removed the entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub removed_by: Option<u32>,
    /// The ruling that purged its bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purged_by: Option<u32>,
    /// What came after it, by whatever ruling.
    #[serde(skip)]
    pub(super) next: Option<Digest>,
}

/// What a version says.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
pub struct VersionContent {
    /// What was so.
    pub value: String,
    /// Where it came from.
    pub source: String,
    /// How sure, from 0 to 100.
    pub confidence: u8,
    /// When it was written.
    pub created_at: Timestamp,
    /// Evidence kept elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artifact: Option<Artifact>,
}

/// Every version of an entry that was ever ratified.
///
/// # Errors
/// Usage, if there never was such an entry.
pub fn history(assessment: &Assessment, id: &EntryId) -> Result<HistoryReport, Error> {
    let path = layout::entry(id.domain, &id.key);
    let versions = versions(&assessment.judgement.ledger, &assessment.evidence.bytes, &path);
    if versions.is_empty() {
        return Err(super::unknown(assessment, id, "history"));
    }
    Ok(HistoryReport { domain: id.domain, key: id.key.clone(), versions })
}

/// The versions at a path, in the order in which they came.
pub(crate) fn versions(ledger: &Ledger, bytes: &Bytes, path: &RepoPath) -> Vec<VersionReport> {
    let timeline = ledger.timeline.get(path).map(Vec::as_slice).unwrap_or_default();
    held(ledger, path).into_iter().filter_map(|(ruling, digest)| version(ledger, bytes, timeline, ruling, digest)).collect()
}

fn version(ledger: &Ledger, bytes: &Bytes, timeline: &[(u32, Option<Content>)], ruling: u32, digest: Digest) -> Option<VersionReport> {
    // An emergency that was undone brings the version of before back: what ended it is its last end.
    let last = timeline.iter().rposition(|(_, content)| content.is_some_and(|content| content.digest == digest))?;
    let end = timeline.get(last + 1);
    let next = end.and_then(|(_, next)| next.map(|content| content.digest));
    let undone_by = end.map(|(at, _)| *at).filter(|at| undoes(ledger, *at));
    let removed_by = end.map(|(at, _)| *at).filter(|_| next.is_none() && undone_by.is_none());
    let ruled = ledger.rulings.get(ruling as usize)?;
    let entry = bytes.get(&digest).and_then(|bytes| Entry::parse(bytes).ok());
    Some(VersionReport {
        version: entry.as_ref().map(|entry| entry.version),
        digest,
        ruling,
        resolution: ruled.resolution.clone(),
        ratified_at: ruled.at,
        content: entry.map(|entry| VersionContent {
            value: entry.value,
            source: entry.source,
            confidence: entry.confidence,
            created_at: entry.created_at,
            artifact: entry.artifact,
        }),
        live: last + 1 == timeline.len(),
        superseded_by: next.filter(|_| undone_by.is_none()),
        undone_by,
        removed_by,
        purged_by: ledger.purged.get(&digest).copied(),
        next,
    })
}
