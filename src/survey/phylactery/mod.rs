//! The phylactery as it is ratified: entries with their provenance and every version that they had.
//!
//! What is read here comes from the last state of a ledger that holds. What lies in the tree as a draft is
//! never taken for an answer.

mod contradictions;
mod export;
mod history;

use serde::Serialize;
use similar::TextDiff;

use crate::canon::path::fold;
use crate::canon::{Domain, EntryKey, Place, ResolutionId, layout};
use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::ledger::state::Bytes;
use crate::ledger::state::Ledger;
use crate::ledger::verdict::{check_pin, expired};
use crate::phylactery::{Artifact, Entry, EntryId};
use crate::tree::Tree;

use crate::workspace::Error;
use crate::workspace::assess::{Assessment, assess};
use crate::workspace::pin::Pin;

pub use contradictions::{Contradiction, Side, contradictions};
pub use export::{Exported, Form, Selection, export};
pub(crate) use history::versions;
pub use history::{HistoryReport, VersionReport, history};

/// One ratified entry with where it comes from.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
pub struct EntryReport {
    /// Its domain.
    pub domain: Domain,
    /// Its key.
    pub key: EntryKey,
    /// The version that is in force.
    pub version: u32,
    /// What is so.
    pub value: String,
    /// Where it comes from.
    pub source: String,
    /// How sure, from 0 to 100.
    pub confidence: u8,
    /// When this version was written.
    pub created_at: Timestamp,
    /// The resolution that brought it.
    pub resolution: ResolutionId,
    /// The ruling that made it canon.
    pub ruling: u32,
    /// Evidence kept elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artifact: Option<Artifact>,
    /// The digest of its bytes.
    pub digest: Digest,
    /// When it no longer holds, if the emergency that brought it is not settled before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provisional_until: Option<Timestamp>,
}

impl EntryReport {
    /// Which entry it is.
    pub fn id(&self) -> EntryId {
        EntryId { domain: self.domain, key: self.key.clone() }
    }

    /// Whether omega alone writes it: it keeps the version of a document.
    pub fn is_document_fact(&self) -> bool {
        crate::workspace::stamp::is_document_fact(&layout::entry(self.domain, &self.key))
    }
}

/// Reads a tree whose ledger holds to its last ruling and is the pinned one.
///
/// # Errors
/// Violated, if it is not, or if an emergency ran out and its bytes are still in force.
pub fn ratified(tree: &dyn Tree, pin: &Pin, now: Timestamp, threads: usize) -> Result<Assessment, Error> {
    let assessment = assess(tree, threads)?;
    let ledger = &assessment.judgement.ledger;
    if ledger.rulings.is_empty() {
        return Err(assessment.lawless());
    }
    let mut wrong = check_pin(ledger, &pin.root(), pin.checkpoint());
    wrong.extend(expired(ledger, now));
    if ledger.rulings.len() < assessment.evidence.rulings.len() {
        wrong.extend(assessment.judgement.findings.iter().filter(|finding| finding.is_error()).cloned());
    }
    if wrong.is_empty() { Ok(assessment) } else { Err(Error::Violated(wrong)) }
}

/// All entries in force, by domain and key.
///
/// # Errors
/// When the bytes of an entry are missing.
pub fn entries(ledger: &Ledger, bytes: &Bytes) -> Result<Vec<EntryReport>, Error> {
    let mut all = Vec::new();
    for (path, content) in ledger.paths() {
        let Some(Place::Entry(..)) = Place::of(path) else { continue };
        let entry = bytes.get(&content.digest).and_then(|bytes| Entry::parse(bytes).ok());
        let entry = entry.ok_or_else(|| {
            Error::unknown(format!("the ratified bytes of `{path}` are missing"), "restore canon/bytes from a copy that verified")
        })?;
        let unsettled = ledger.unsettled.iter().find(|unsettled| unsettled.before.contains_key(path));
        all.push(EntryReport {
            domain: entry.domain,
            key: entry.key,
            version: entry.version,
            value: entry.value,
            source: entry.source,
            confidence: entry.confidence,
            created_at: entry.created_at,
            resolution: entry.council_resolution_id,
            ruling: ledger.since(path).unwrap_or(0),
            artifact: entry.artifact,
            digest: content.digest,
            provisional_until: unsettled.map(|unsettled| unsettled.expires),
        });
    }
    all.sort_by(|a, b| (a.domain, &a.key).cmp(&(b.domain, &b.key)));
    Ok(all)
}

/// All entries of an assessment, or those of one domain.
///
/// # Errors
/// As [`entries`].
pub fn list(assessment: &Assessment, domain: Option<Domain>) -> Result<Vec<EntryReport>, Error> {
    let mut all = entries(&assessment.judgement.ledger, &assessment.evidence.bytes)?;
    all.retain(|entry| domain.is_none_or(|domain| entry.domain == domain));
    Ok(all)
}

/// One entry in force.
///
/// # Errors
/// Usage, if there is none: the hint names the nearest ones.
pub fn get(assessment: &Assessment, id: &EntryId) -> Result<EntryReport, Error> {
    let all = list(assessment, None)?;
    match all.iter().find(|entry| entry.id() == *id) {
        Some(entry) => Ok(entry.clone()),
        None => Err(unknown(assessment, id, "get")),
    }
}

/// The entries whose key or value holds a text, whatever its case.
///
/// # Errors
/// As [`entries`].
pub fn search(assessment: &Assessment, text: &str) -> Result<Vec<EntryReport>, Error> {
    let wanted = fold(text);
    let mut all = list(assessment, None)?;
    all.retain(|entry| fold(&entry.id().to_string()).contains(&wanted) || fold(&entry.value).contains(&wanted));
    Ok(all)
}

/// Says that no such entry is in force, and which ones are near.
pub(crate) fn unknown(assessment: &Assessment, id: &EntryId, verb: &str) -> Error {
    let ledger = &assessment.judgement.ledger;
    let path = layout::entry(id.domain, &id.key);
    if let (Some(sequence), true) = (ledger.since(&path), verb != "history") {
        return Error::usage(format!("`{id}` was removed by ruling {sequence}"), format!("omega phylactery history {id}"));
    }
    let wanted = fold(id.key.as_str());
    let mut near: Vec<(f32, EntryId)> = ledger
        .paths()
        .filter_map(|(path, _)| match Place::of(path)? {
            Place::Entry(domain, key) => Some(EntryId { domain, key }),
            _ => None,
        })
        .map(|known| (TextDiff::from_chars(&wanted, fold(known.key.as_str())).ratio(), known))
        .filter(|(ratio, _)| *ratio > 0.6)
        .collect();
    near.sort_by(|(one, a), (other, b)| other.total_cmp(one).then_with(|| a.cmp(b)));
    let near: Vec<String> = near.iter().take(3).map(|(_, known)| format!("omega phylactery {verb} {known}")).collect();
    let hint = if near.is_empty() { "omega phylactery list".to_owned() } else { near.join("; or ") };
    Error::usage(format!("no entry `{id}` is ratified"), hint)
}
