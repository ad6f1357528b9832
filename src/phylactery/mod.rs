//! Identity entries: what the system holds to be true of itself, each with its origin and its versions.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::canon::front::{self, FrontError};
use crate::canon::{DocumentName, Domain, EntryKey, ResolutionId, Version};
use crate::clock::Timestamp;
use crate::digest::Digest;

/// The front matter of `canon/phylactery/<domain>/<key>.md`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Equal to the folder's name.
    pub domain: Domain,
    /// Equal to the file's name.
    pub key: EntryKey,
    /// Rises above every version that this entry ever had.
    pub version: u32,
    /// What is so.
    pub value: String,
    /// Where it comes from.
    pub source: String,
    /// How sure, from 0 to 100.
    pub confidence: u8,
    /// When this version was written.
    pub created_at: Timestamp,
    /// The resolution that brought these bytes.
    pub council_resolution_id: ResolutionId,
    /// Evidence kept elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact: Option<Artifact>,
    /// Digest of the version that this one replaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supersedes: Option<Digest>,
    /// Random hex digits, so that purged bytes cannot be guessed from their digest.
    pub salt: String,
}

/// Which entry: its domain and key, written `style/tone`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EntryId {
    /// The folder.
    pub domain: Domain,
    /// The file.
    pub key: EntryKey,
}

/// A text that names no entry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAnEntry {
    /// It has no `/`.
    #[error("an entry is named by domain and key, as in `style/tone`")]
    NoDomain,
    /// What stands before the `/` is no domain.
    #[error("the domain is one of value, style, fact, invariant and memory, as in `style/tone`")]
    BadDomain,
    /// What stands after the `/` is no key.
    #[error("{0}")]
    BadKey(#[from] crate::canon::names::BadName),
}

impl FromStr for EntryId {
    type Err = NotAnEntry;

    fn from_str(text: &str) -> Result<Self, NotAnEntry> {
        let (domain, key) = text.split_once('/').ok_or(NotAnEntry::NoDomain)?;
        let domain = domain.parse().map_err(|_| NotAnEntry::BadDomain)?;
        Ok(Self { domain, key: key.parse()? })
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.domain.as_str(), self.key)
    }
}

/// Evidence kept elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Artifact {
    /// Where.
    pub url: String,
    /// Its digest.
    pub digest: Digest,
}

impl Entry {
    /// Reads an entry from the exact bytes of its file.
    pub fn parse(bytes: &[u8]) -> Result<Self, FrontError> {
        let (entry, _): (Self, _) = front::parse(bytes)?;
        let refuse = |what: &str| Err(FrontError::Form(crate::canon::text::TextError { line: 1, column: 1, what: what.to_owned() }));
        if entry.version == 0 {
            return refuse("versions of an entry count from 1");
        }
        if entry.confidence > 100 {
            return refuse("a confidence is between 0 and 100");
        }
        if !(16..=64).contains(&entry.salt.len()) || !entry.salt.bytes().all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase()) {
            return refuse("a salt is 16 to 64 lowercase hex digits");
        }
        Ok(entry)
    }

    /// The exact bytes of an entry without a text below it.
    pub fn render(&self) -> String {
        front::render(self, "")
    }

    /// The value of the fact that keeps a document's version and digest.
    pub fn fact_value(version: Version, digest: &Digest) -> String {
        format!("{version} {digest}")
    }

    /// The key of the fact that keeps a document's version and digest.
    pub fn fact_key(document: &DocumentName) -> EntryKey {
        document.as_str().parse().expect("document names are entry keys")
    }
}
