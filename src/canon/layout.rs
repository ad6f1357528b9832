//! What each path under `canon/` is. Every file there is exactly one of these kinds.

use std::fmt;

use crate::digest::Digest;
use crate::keys::KeyId;
use crate::words::words;

use super::names::{DocumentName, EntryKey, MemberName, ResolutionId};
use super::path::RepoPath;
use super::policy::LawDocuments;

words! {
    /// The five kinds of identity entries.
    pub enum Domain {
        /// What the system holds dear.
        Value = "value",
        /// How it sounds.
        Style = "style",
        /// What is so.
        Fact = "fact",
        /// What must never change without a ruling.
        Invariant = "invariant",
        /// What it remembers for good.
        Memory = "memory",
    }
}

/// The kind of a file under `canon/`, with what its path says of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// A canonical document. State.
    Document(DocumentName),
    /// A member of the council. State.
    Member(MemberName),
    /// The newest version of one identity entry. State.
    Entry(Domain, EntryKey),
    /// The Chief's signature beside a state file.
    StateSignature(RepoPath),
    /// A record of an open or closed resolution.
    Record(ResolutionId, RecordPlace),
    /// The signature of that record.
    RecordSignature(ResolutionId, RecordPlace),
    /// Proof that the holder of an added key agrees: a signature over the proposal.
    Enrolment(ResolutionId, KeyId),
    /// A recovery key's signature over the proposal.
    Recovery(ResolutionId, KeyId),
    /// The rendered minutes.
    Transcript(ResolutionId),
    /// The rendered summary.
    Docket(ResolutionId),
    /// A ruling.
    Ruling(u32),
    /// The signature of a ruling.
    RulingSignature(u32),
    /// The signers in force after a ruling that changed them.
    Signers(u32),
    /// The signers in force now, for git.
    AllowedSigners,
    /// Proposed bytes under their digest.
    Bytes(Digest),
}

/// Which record of a resolution folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordPlace {
    /// `proposal.md`
    Proposal,
    /// `turns/<nnn>.md`
    Turn(u32),
    /// `seals/<by>.md`
    Seal(MemberName),
    /// `reveals/<by>.md`
    Reveal(MemberName),
    /// `synthesis.md`
    Synthesis,
    /// `votes/<by>.<ballot>.md`
    Vote(MemberName, u32),
    /// `withdrawal.md`
    Withdrawal,
}

/// The largest ruling number that a file name can hold.
pub const MAX_SEQUENCE: u32 = 999_999;

impl Place {
    /// Reads a path under `canon/`; nothing if no kind of file has such a path.
    pub fn of(path: &RepoPath) -> Option<Self> {
        let inner = path.as_str().strip_prefix("canon/")?;
        let segments: Vec<&str> = inner.split('/').collect();
        if let Some(signed) = inner.strip_suffix(".sig").filter(|rest| rest.ends_with(".md")) {
            let signed = RepoPath::known(format!("canon/{signed}"));
            return Some(match Self::of(&signed)? {
                Self::Document(_) | Self::Member(_) | Self::Entry(..) => Self::StateSignature(signed),
                Self::Record(id, record) => Self::RecordSignature(id, record),
                Self::Ruling(sequence) => Self::RulingSignature(sequence),
                _ => return None,
            });
        }
        match segments.as_slice() {
            ["allowed_signers"] => Some(Self::AllowedSigners),
            [name] => name.strip_suffix(".md")?.parse().ok().map(Self::Document),
            ["council", name] => name.strip_suffix(".md")?.parse().ok().map(Self::Member),
            ["phylactery", domain, key] => {
                let domain = domain.parse().ok()?;
                Some(Self::Entry(domain, key.strip_suffix(".md")?.parse().ok()?))
            }
            ["bytes", hex] => Digest::from_hex(hex).ok().map(Self::Bytes),
            ["ledger", name] => {
                let (number, kind) = name.split_once('.')?;
                let sequence = number_of(number, 6)?;
                match kind {
                    "md" => Some(Self::Ruling(sequence)),
                    "signers" => Some(Self::Signers(sequence)),
                    _ => None,
                }
            }
            ["resolutions", id, rest @ ..] => Self::of_resolution(id.parse().ok()?, rest),
            _ => None,
        }
    }

    /// The resolution in whose folder it lies.
    pub fn resolution(&self) -> Option<&ResolutionId> {
        match self {
            Self::Record(id, _)
            | Self::RecordSignature(id, _)
            | Self::Enrolment(id, _)
            | Self::Recovery(id, _)
            | Self::Transcript(id)
            | Self::Docket(id) => Some(id),
            _ => None,
        }
    }

    fn of_resolution(id: ResolutionId, rest: &[&str]) -> Option<Self> {
        let record = match rest {
            ["proposal.md"] => RecordPlace::Proposal,
            ["synthesis.md"] => RecordPlace::Synthesis,
            ["withdrawal.md"] => RecordPlace::Withdrawal,
            ["transcript.md"] => return Some(Self::Transcript(id)),
            ["docket.md"] => return Some(Self::Docket(id)),
            ["keys", name] => return Some(Self::Enrolment(id, name.strip_suffix(".sig")?.parse().ok()?)),
            ["recover", name] => return Some(Self::Recovery(id, name.strip_suffix(".sig")?.parse().ok()?)),
            ["turns", name] => RecordPlace::Turn(number_of(name.strip_suffix(".md")?, 3).filter(|n| *n > 0)?),
            ["seals", name] => RecordPlace::Seal(name.strip_suffix(".md")?.parse().ok()?),
            ["reveals", name] => RecordPlace::Reveal(name.strip_suffix(".md")?.parse().ok()?),
            ["votes", name] => {
                let (by, ballot) = name.strip_suffix(".md")?.split_once('.')?;
                let number: u32 = ballot.parse().ok().filter(|n| *n > 0)?;
                if number.to_string() != ballot {
                    return None;
                }
                RecordPlace::Vote(by.parse().ok()?, number)
            }
            _ => return None,
        };
        Some(Self::Record(id, record))
    }

    /// What this is, where nobody writes it but omega; nothing, if it is a file that people propose.
    pub fn written_by_omega(&self) -> Option<&'static str> {
        Some(match self {
            Self::Document(_) | Self::Member(_) | Self::Entry(..) => return None,
            Self::StateSignature(_) | Self::RulingSignature(_) | Self::RecordSignature(..) => "a signature",
            Self::Record(..) => "a signed record",
            Self::Enrolment(..) | Self::Recovery(..) => "the signature of a key",
            Self::Transcript(_) | Self::Docket(_) => "derived from signed records",
            Self::Ruling(_) => "a ruling",
            Self::Signers(_) | Self::AllowedSigners => "derived from the council",
            Self::Bytes(_) => "a copy of what was proposed",
        })
    }

    /// Whether this is a state file: a document, member or entry.
    pub fn is_state(&self) -> bool {
        matches!(self, Self::Document(_) | Self::Member(_) | Self::Entry(..))
    }
}

fn number_of(text: &str, width: usize) -> Option<u32> {
    (text.len() == width && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

/// The folder of a resolution, without a trailing `/`.
pub fn folder(id: &ResolutionId) -> String {
    format!("canon/resolutions/{id}")
}

/// `canon/<document>.md`
pub fn document(name: &DocumentName) -> RepoPath {
    RepoPath::known(format!("canon/{name}.md"))
}

/// `canon/council/<member>.md`
pub fn member(name: &MemberName) -> RepoPath {
    RepoPath::known(format!("canon/council/{name}.md"))
}

/// `canon/phylactery/<domain>/<key>.md`
pub fn entry(domain: Domain, key: &EntryKey) -> RepoPath {
    RepoPath::known(format!("canon/phylactery/{}/{key}.md", domain.as_str()))
}

/// Whether an entry keeps the version and digest of a document. Of a CONSTITUTION there is none: a canon that has it may do
/// without any entries.
pub fn has_fact(document: &DocumentName) -> bool {
    document.as_str() != LawDocuments::CONSTITUTION
}

/// The entry that keeps a document's version and digest: `canon/phylactery/fact/<document>.md`
pub fn fact_of(document: &DocumentName) -> RepoPath {
    RepoPath::known(format!("canon/phylactery/fact/{document}.md"))
}

/// `canon/ledger/<n>.md`
pub fn ruling(sequence: u32) -> RepoPath {
    RepoPath::known(format!("canon/ledger/{sequence:06}.md"))
}

/// `canon/ledger/<n>.signers`
pub fn signers(sequence: u32) -> RepoPath {
    RepoPath::known(format!("canon/ledger/{sequence:06}.signers"))
}

/// `canon/allowed_signers`
pub fn allowed_signers() -> RepoPath {
    RepoPath::known("canon/allowed_signers".to_owned())
}

/// `canon/bytes/<sha256>`
pub fn bytes(digest: &Digest) -> RepoPath {
    RepoPath::known(format!("canon/bytes/{}", digest.hex()))
}

/// A file of a resolution's folder.
pub fn in_folder(id: &ResolutionId, name: impl fmt::Display) -> RepoPath {
    RepoPath::known(format!("{}/{name}", folder(id)))
}

impl fmt::Display for RecordPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Proposal => f.write_str("proposal.md"),
            Self::Turn(number) => write!(f, "turns/{number:03}.md"),
            Self::Seal(by) => write!(f, "seals/{by}.md"),
            Self::Reveal(by) => write!(f, "reveals/{by}.md"),
            Self::Synthesis => f.write_str("synthesis.md"),
            Self::Vote(by, ballot) => write!(f, "votes/{by}.{ballot}.md"),
            Self::Withdrawal => f.write_str("withdrawal.md"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(path: &str) -> Option<Place> {
        Place::of(&path.parse().ok()?)
    }

    #[test]
    fn every_path_has_one_kind_or_none() {
        let id: ResolutionId = "2026-02-26-x".parse().expect("valid");
        for (name, record) in [
            ("proposal.md", RecordPlace::Proposal),
            ("turns/001.md", RecordPlace::Turn(1)),
            ("votes/ry.2.md", RecordPlace::Vote("ry".parse().expect("valid"), 2)),
        ] {
            let path = in_folder(&id, &record);
            assert_eq!(path.as_str(), format!("canon/resolutions/2026-02-26-x/{name}"));
            assert_eq!(Place::of(&path), Some(Place::Record(id.clone(), record.clone())));
            assert_eq!(Place::of(&path.signature()), Some(Place::RecordSignature(id.clone(), record)));
        }
        assert_eq!(place("canon/ledger/000007.md.sig"), Some(Place::RulingSignature(7)));
        assert_eq!(place("canon/ledger/000007.signers"), Some(Place::Signers(7)));
        assert!(matches!(place("canon/council/ry.md.sig"), Some(Place::StateSignature(_))));
        for stray in [
            "canon/Readme.md",
            "canon/ledger/7.md",
            "canon/ledger/000007.md.sig.sig",
            "canon/bytes/ab",
            "canon/x/y.md",
            "canon/council/ry.txt",
            "canon/resolutions/2026-02-26-x/votes/ry.0.md",
            "canon/resolutions/2026-02-26-x/votes/ry.01.md",
            "canon/resolutions/2026-02-26-x/turns/000.md",
            "canon/resolutions/2026-02-26-x/transcript.md.sig",
            "canon/allowed_signers.sig",
            "canon/phylactery/hope/x.md",
        ] {
            assert_eq!(place(stray), None, "{stray}");
        }
    }
}
