//! The record kinds of version 1 and their fields. What is written here is frozen.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::canon::layout::RecordPlace;
use crate::canon::policy::Bypass;
use crate::canon::{MemberName, RepoPath, ResolutionId, Risk};
use crate::clock::Timestamp;
use crate::council::tally::{Choice, Tally};
use crate::digest::Digest;
use crate::keys::Namespace;
use crate::tree::Mode;
use crate::words::words;

/// What all records have in common.
pub trait Record: DeserializeOwned + Serialize + Send + Sync + 'static {
    /// The value of `kind`.
    const KIND: &'static str;
    /// The namespace of its signature.
    const NAMESPACE: Namespace;

    /// Version of the rules; 1.
    fn omega(&self) -> u32;
    /// The `kind` that the record says.
    fn kind(&self) -> &str;
    /// The root of the canon; absent in genesis.
    fn canon(&self) -> Option<&Digest>;
    /// The resolution it belongs to.
    fn resolution(&self) -> &ResolutionId;
    /// Who made it.
    fn by(&self) -> &MemberName;
    /// When, by that member's clock; information only.
    fn at(&self) -> Timestamp;
    /// The digest of the proposal; absent in the proposal itself.
    fn proposal(&self) -> Option<&Digest>;
    /// Which file of the resolution folder it must be; nothing for a ruling.
    fn place(&self) -> Option<RecordPlace>;
}

macro_rules! record {
    (
        $(#[$doc:meta])* $name:ident, $kind:literal, $namespace:expr, $place:expr,
        { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* }
        proposal: $($proposal:ident)?
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            /// Version of the rules that the record follows.
            pub omega: u32,
            /// The kind of record.
            pub kind: String,
            /// Root of the canon; absent in genesis.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub canon: Option<Digest>,
            /// The resolution it belongs to.
            pub resolution: ResolutionId,
            /// Who made it.
            pub by: MemberName,
            /// When, by that member's clock; information only.
            pub at: Timestamp,
            $(
                /// Digest of the proposal.
                pub $proposal: Digest,
            )?
            $($(#[$field_doc])* pub $field: $type,)*
        }

        impl Record for $name {
            const KIND: &'static str = $kind;
            const NAMESPACE: Namespace = $namespace;

            fn omega(&self) -> u32 { self.omega }
            fn kind(&self) -> &str { &self.kind }
            fn canon(&self) -> Option<&Digest> { self.canon.as_ref() }
            fn resolution(&self) -> &ResolutionId { &self.resolution }
            fn by(&self) -> &MemberName { &self.by }
            fn at(&self) -> Timestamp { self.at }
            fn proposal(&self) -> Option<&Digest> {
                $(return Some(&self.$proposal);)?
                #[allow(unreachable_code)]
                None
            }
            fn place(&self) -> Option<RecordPlace> {
                let place: fn(&Self) -> Option<RecordPlace> = $place;
                place(self)
            }
        }
    };
}

record!(
    /// What is proposed, in final bytes. Never changes once signed.
    Proposal, "proposal", Namespace::Proposal, |_| Some(RecordPlace::Proposal),
    {
        /// One line that says what it does.
        title: String,
        /// How risky the proposer holds it to be; at least the floor for what it touches.
        risk: Risk,
        /// The ruling by whose state it is judged; absent in genesis.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        base: Option<Digest>,
        /// What it changes, sorted by path.
        changes: Vec<Change>,
        /// The earlier proposal that this one replaces.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        supersedes: Option<ResolutionId>,
        /// The emergency ruling that this one confirms or undoes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        settles: Option<Digest>,
        /// Bytes that are to be forgotten.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        purge: Option<Vec<Digest>>,
        /// Whether this replaces a lost Chief key.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        recovery: Option<bool>,
    }
    proposal:
);

record!(
    /// A statement in the circle, or the Clerk's mark that a member stayed silent.
    Turn, "turn", Namespace::Turn, |r| Some(RecordPlace::Turn(r.turn)),
    {
        /// Number of the turn, from 1.
        turn: u32,
        /// Digest of the turn before, or of the proposal.
        previous: Digest,
        /// What the speaker leans to; absent in a skip.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        position: Option<Choice>,
        /// How sure, 0 to 100; absent in a skip.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        confidence: Option<u8>,
        /// The member that is skipped.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        skips: Option<MemberName>,
    }
    proposal: proposal
);

record!(
    /// A commitment to a statement that is shown later.
    Seal, "seal", Namespace::Seal, |r| Some(RecordPlace::Seal(r.by.clone())),
    {
        /// SHA-256 over the statement, see [`Reveal::hash`].
        hash: Digest,
    }
    proposal: proposal
);

record!(
    /// The statement behind a seal.
    Reveal, "reveal", Namespace::Reveal, |r| Some(RecordPlace::Reveal(r.by.clone())),
    {
        /// Digest of the seal that this opens.
        seal: Digest,
        /// Digests of all seals, by member.
        seals: BTreeMap<MemberName, Digest>,
        /// 32 to 64 random lowercase hex digits that went into the hash.
        nonce: String,
        /// What the speaker leans to.
        position: Choice,
        /// How sure, 0 to 100.
        confidence: u8,
    }
    proposal: proposal
);

record!(
    /// The statements drawn together by the Clerk.
    Synthesis, "synthesis", Namespace::Synthesis, |_| Some(RecordPlace::Synthesis),
    {
        /// Digests of all turns in order, then of all reveals by member name.
        turns: Vec<Digest>,
    }
    proposal: proposal
);

record!(
    /// A ballot. The body is the reason.
    Vote, "vote", Namespace::Vote, |r| Some(RecordPlace::Vote(r.by.clone(), r.ballot)),
    {
        /// Number of this member's ballot, from 1.
        ballot: u32,
        /// Digest of the ballot before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        replaces: Option<Digest>,
        /// Digest of the synthesis that was before the member, if there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        synthesis: Option<Digest>,
        /// The ballot.
        choice: Choice,
        /// How sure, 0 to 100.
        confidence: u8,
    }
    proposal: proposal
);

record!(
    /// The proposer takes the proposal back. The body is the reason.
    Withdrawal, "withdrawal", Namespace::Withdrawal, |_| Some(RecordPlace::Withdrawal),
    {}
    proposal: proposal
);

record!(
    /// What the Chief rules. The body is the reason.
    Ruling, "ruling", Namespace::Ruling, |_| None,
    {
        /// Number of the ruling; 0 is genesis.
        sequence: u32,
        /// Digest of the ruling before; absent in genesis.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        previous: Option<Digest>,
        /// The ruling.
        verdict: Verdict,
        /// Every record, signature and rendering that this ruling closes, with its digest.
        records: BTreeMap<RepoPath, Digest>,
        /// What the ballots say.
        tally: Tally,
        /// Why this approves what the tally does not.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bypass: Option<Bypass>,
        /// When an emergency no longer holds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires: Option<Timestamp>,
    }
    proposal: proposal
);

words! {
    /// What a ruling says.
    pub enum Verdict {
        /// The changes hold, or the emergency is confirmed.
        Approve = "approve",
        /// They do not, or the emergency is undone.
        Reject = "reject",
        /// Back to the proposer.
        Amend = "amend",
        /// The changes hold at once, until settled.
        Emergency = "emergency",
        /// An emergency that nobody settled is undone.
        Expire = "expire",
        /// A lost Chief key is replaced.
        Recover = "recover",
    }
}

/// What kind of file a governed path holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum FileMode {
    /// A plain file.
    File,
    /// An executable file.
    Exec,
    /// A symbolic link; its bytes are the target.
    Link,
}

impl FileMode {
    /// The kind of a file in a tree; submodules and special files are none.
    pub fn of(mode: Mode) -> Option<Self> {
        match mode {
            Mode::File => Some(Self::File),
            Mode::Exec => Some(Self::Exec),
            Mode::Link => Some(Self::Link),
            Mode::Submodule | Mode::Other => None,
        }
    }
}

impl From<FileMode> for Mode {
    fn from(mode: FileMode) -> Self {
        match mode {
            FileMode::File => Self::File,
            FileMode::Exec => Self::Exec,
            FileMode::Link => Self::Link,
        }
    }
}

/// The content of one governed path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Content {
    /// What kind of file.
    pub mode: FileMode,
    /// The digest of its bytes.
    pub digest: Digest,
}

/// One change of a proposal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// What changes.
    pub path: RepoPath,
    /// What kind of file it becomes; absent where the path goes away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<FileMode>,
    /// Digest of the bytes that are ratified now; absent where there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Digest>,
    /// Digest of the bytes that are proposed; absent where the path goes away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Digest>,
    /// Whether the path is no longer governed, because `who` no longer names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub released: Option<bool>,
}

impl Change {
    /// What the path holds if this is ratified.
    pub fn content(&self) -> Option<Content> {
        Some(Content { mode: self.mode?, digest: self.after? })
    }

    /// Whether the path leaves the governed set.
    pub fn is_release(&self) -> bool {
        self.released == Some(true)
    }
}

impl Reveal {
    /// The hash that the seal must hold: over the lines `omega-seal-v1`, root, proposal, member,
    /// nonce, position, confidence and body, joined by LF.
    pub fn hash(&self, body: &str) -> Digest {
        let canon = self.canon.map(|d| d.to_string()).unwrap_or_default();
        seal_hash(&canon, &self.proposal, &self.by, &self.nonce, self.position, self.confidence, body)
    }
}

/// The hash of a sealed statement, see [`Reveal::hash`].
pub fn seal_hash(canon: &str, proposal: &Digest, by: &MemberName, nonce: &str, position: Choice, confidence: u8, body: &str) -> Digest {
    let text =
        ["omega-seal-v1", canon, &proposal.to_string(), by.as_str(), nonce, position.as_str(), &confidence.to_string(), body].join("\n");
    Digest::of(text.as_bytes())
}
