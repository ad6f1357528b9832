//! Turning edited files into final bytes: versions and stamps are written before anybody votes.

use rand_core::RngCore as _;

use crate::canon::document::set_fields;
use crate::canon::{
    Document, DocumentName, Domain, EntryKey, FrontError, MemberName, Place, RepoPath, ResolutionId, Version, front, layout,
};
use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::ledger::kinds::Content;
use crate::ledger::state::{Height, Ledger};
use crate::phylactery::Entry;

use super::Error;

/// What stamps are made of.
pub struct Stamps<'a> {
    /// The ledger that the proposal is judged by; empty for genesis.
    pub ledger: &'a Ledger,
    /// The resolution.
    pub resolution: &'a ResolutionId,
    /// The Chief of that state.
    pub chief: &'a MemberName,
    /// When.
    pub now: Timestamp,
}

impl Stamps<'_> {
    /// A document with a version above every earlier one, and the stamps of this resolution. A version
    /// that its editor raised already is kept.
    pub fn document(&self, name: &DocumentName, path: &RepoPath, bytes: &[u8]) -> Result<Vec<u8>, Error> {
        let lacks = |what: &str| {
            Error::usage(format!("`{path}` {what}"), "docs/format.md says what a document looks like; compare with another one in canon/")
        };
        let highest = match self.ledger.highest(path) {
            Some(Height::Document(version)) => Some(version),
            _ => None,
        };
        let fallback = highest.map_or(Some(Version::FIRST), Version::next).ok_or_else(|| lacks("has no version left"))?;
        // Only the stamps may be missing a value for now; everything else is read strictly.
        let stamped = Document::restamp(bytes, fallback, self.resolution, self.chief)
            .ok_or_else(|| lacks("has no front matter with `version`, `council_resolution_id` and `ratified_by` on lines of their own"))?;
        let own = self.own_version(bytes).map_err(|error| lacks(&format!("is not valid: {error}")))?;
        let own = own.filter(|own| highest.is_none_or(|highest| *own > highest));
        let version = own.unwrap_or(fallback);
        let stamped =
            if version == fallback { stamped } else { Document::restamp(bytes, version, self.resolution, self.chief).unwrap_or(stamped) };
        let (document, _) = Document::parse(&stamped).map_err(|error| lacks(&format!("is not valid: {error}")))?;
        if document.document != *name {
            return Err(lacks(&format!("calls itself {}", document.document)));
        }
        crate::canon::policy::check(name, &stamped).map_err(|error| lacks(&format!("has a policy that is not valid: {error}")))?;
        Ok(stamped)
    }

    /// The version that an editor wrote; nothing where the value is left out.
    fn own_version(&self, bytes: &[u8]) -> Result<Option<Version>, FrontError> {
        let text = std::str::from_utf8(bytes).unwrap_or_default();
        if text.lines().any(|line| line.strip_prefix("version:").is_some_and(|value| value.trim().is_empty())) {
            return Ok(None);
        }
        let others = set_fields(text, &[("council_resolution_id", self.resolution.as_str()), ("ratified_by", self.chief.as_str())])
            .unwrap_or_default();
        Document::parse(others.as_bytes()).map(|(document, _)| Some(document.version))
    }

    /// The fact that keeps a document's version and digest.
    pub fn fact(&self, name: &DocumentName, document: &[u8]) -> Result<(RepoPath, Vec<u8>), Error> {
        let (parsed, _) = Document::parse(document)
            .map_err(|error| Error::usage(format!("{name} is not valid: {error}"), "fix it, and propose again"))?;
        let path = layout::fact_of(name);
        let entry = Entry {
            domain: Domain::Fact,
            key: Entry::fact_key(name),
            version: self.next_version(&path)?,
            value: Entry::fact_value(parsed.version, &Digest::of(document)),
            source: layout::document(name).to_string(),
            confidence: 100,
            created_at: self.now,
            council_resolution_id: self.resolution.clone(),
            artifact: None,
            supersedes: self.ledger.content(&path).map(|content| content.digest),
            salt: salt(),
        };
        Ok((path, entry.render().into_bytes()))
    }

    /// An entry with the next version and the stamps of this resolution. Fields that omega knows
    /// better than its editor may be missing.
    pub fn entry(&self, domain: Domain, key: &EntryKey, path: &RepoPath, bytes: &[u8]) -> Result<Vec<u8>, Error> {
        let invalid = |error: &dyn std::fmt::Display| {
            Error::usage(format!("`{path}` is not valid: {error}"), "docs/format.md says what an entry looks like")
        };
        let (draft, body): (EntryDraft, &str) = front::parse(bytes).map_err(|error| invalid(&error))?;
        let entry = Entry {
            domain,
            key: key.clone(),
            version: self.next_version(path)?,
            value: draft.value,
            source: draft.source,
            confidence: draft.confidence,
            created_at: self.now,
            council_resolution_id: self.resolution.clone(),
            artifact: draft.artifact,
            supersedes: self.ledger.content(path).map(|content: Content| content.digest),
            salt: salt(),
        };
        let rendered = front::render(&entry, body).into_bytes();
        Entry::parse(&rendered).map_err(|error| invalid(&error))?;
        Ok(rendered)
    }

    fn next_version(&self, path: &RepoPath) -> Result<u32, Error> {
        let highest = match self.ledger.highest(path) {
            Some(Height::Entry(version)) => version,
            _ => 0,
        };
        highest.checked_add(1).ok_or_else(|| Error::denied(format!("`{path}` has no version left"), "use another key for the entry"))
    }
}

/// An entry as its editor leaves it: what omega writes itself may be there or not.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "the stamps are accepted and replaced")]
struct EntryDraft {
    domain: Option<Domain>,
    key: Option<EntryKey>,
    version: Option<u32>,
    value: String,
    source: String,
    confidence: u8,
    created_at: Option<String>,
    council_resolution_id: Option<String>,
    artifact: Option<crate::phylactery::Artifact>,
    supersedes: Option<String>,
    salt: Option<String>,
}

fn salt() -> String {
    random_hex::<16>()
}

/// So many random bytes from the operating system, as lowercase hex digits.
pub(crate) fn random_hex<const BYTES: usize>() -> String {
    let mut bytes = [0; BYTES];
    rand_core::OsRng.fill_bytes(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether omega alone writes this file: the facts that keep the versions of documents.
pub fn is_document_fact(path: &RepoPath) -> bool {
    matches!(Place::of(path), Some(Place::Entry(Domain::Fact, key)) if key.as_str().parse::<DocumentName>().is_ok())
}

/// What omega itself writes into a document or an entry. It differs in every version, and is no edit.
const STAMPS: [&str; 6] = ["version", "council_resolution_id", "ratified_by", "created_at", "supersedes", "salt"];

/// `bytes` with the stamps that `current` has, so that they are not taken for edits; nothing, if one is no text.
pub fn with_stamps_of(current: &[u8], bytes: &[u8]) -> Option<Vec<u8>> {
    let mut text = std::str::from_utf8(bytes).ok()?.to_owned();
    for (name, value) in stamps(std::str::from_utf8(current).ok()?) {
        // An entry's first version supersedes nothing.
        text = set_fields(&text, &[(name, value)]).unwrap_or(text);
    }
    Some(text.into_bytes())
}

fn stamps(text: &str) -> impl Iterator<Item = (&'static str, &str)> {
    let head = text.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n")).map_or("", |(head, _)| head);
    head.lines().filter_map(|line| {
        let (name, value) = line.split_once(": ")?;
        let name = STAMPS.into_iter().find(|stamp| *stamp == name)?;
        Some((name, value.trim_matches('"')))
    })
}

/// Whether two versions of a document or an entry differ in nothing but their stamps. An entry may lack them.
pub fn same_but_for_stamps(one: &[u8], other: &[u8]) -> bool {
    one == other || with_stamps_of(one, other).is_some_and(|other| other == one) || is_same_entry(one, other)
}

fn is_same_entry(one: &[u8], other: &[u8]) -> bool {
    let said =
        |bytes| front::parse::<EntryDraft>(bytes).map(|(draft, body)| (draft.value, draft.source, draft.confidence, draft.artifact, body));
    matches!((said(one), said(other)), (Ok(one), Ok(other)) if one == other)
}
