//! What the rulings so far ratify.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::canon::policy::{Consensus, LawDocuments, PeacePipe, Presence};
use crate::canon::{MemberName, RepoPath, ResolutionId, Risk, Roster, Version, Who};
use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::keys::PublicKey;

use super::kinds::{Content, Verdict};

/// Where proposed bytes are found. Bytes that were purged are nothing.
pub type Bytes = BTreeMap<Digest, Vec<u8>>;

/// The part of a state that judges: council, protocol, consensus, security, and what `who` names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Law {
    /// The council.
    pub roster: Roster,
    /// The protocol.
    pub protocol: PeacePipe,
    /// The rules of consensus.
    pub consensus: Consensus,
    /// The governed paths outside `canon/`.
    pub who: Who,
    /// Full names of the protected refs; the first is the main branch.
    pub protected_refs: Vec<String>,
    /// What rulings are signed with.
    pub presence: Presence,
    /// The documents in which it stands.
    pub documents: LawDocuments,
    /// The bytes behind council, protocol, consensus and security: a proposal that is judged by other
    /// bytes than these is stale.
    pub fixed: BTreeMap<RepoPath, Content>,
}

impl Law {
    /// All keys with the name that they belong to; recovery keys belong to nobody.
    pub fn keys(&self) -> impl Iterator<Item = (&PublicKey, Option<&MemberName>)> {
        let members = self.roster.iter().flat_map(|m| m.keys.iter().map(move |k| (k, Some(&m.name))));
        members.chain(self.recovery_keys().iter().map(|k| (k, None)))
    }

    /// The keys that can replace a lost Chief key.
    pub fn recovery_keys(&self) -> &[PublicKey] {
        self.consensus.recovery.as_ref().map_or(&[], |recovery| &recovery.keys)
    }
}

/// The version that a document or entry has: it only rises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Height {
    /// Of a document.
    Document(Version),
    /// Of an entry.
    Entry(u32),
}

/// One ruling, as the ledger remembers it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Ruled {
    /// Digest of the ruling.
    pub digest: Digest,
    /// The resolution that it closed.
    pub resolution: ResolutionId,
    /// What was ruled.
    pub verdict: Verdict,
    /// Who ruled.
    pub by: MemberName,
    /// When, by that member's clock.
    pub at: Timestamp,
    /// The rendering of the signers in force, where this ruling changed it.
    pub signers: Option<String>,
}

/// An emergency that nobody has settled.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Unsettled {
    /// Digest of the ruling.
    pub ruling: Digest,
    /// Its number.
    pub sequence: u32,
    /// The resolution.
    pub resolution: ResolutionId,
    /// When it was ruled, by the Chief's clock.
    pub at: Timestamp,
    /// When it no longer holds.
    pub expires: Timestamp,
    /// The risk that it declared.
    pub risk: Risk,
    /// What each path held before.
    pub before: BTreeMap<RepoPath, Option<Content>>,
}

/// The ledger up to a ruling: every state so far, and what later rulings are held to. State n is
/// what rulings 0 to n say.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Ledger {
    /// The rulings in order.
    pub rulings: Vec<Ruled>,
    /// The law of each state.
    #[serde(with = "laws")]
    pub laws: Vec<Arc<Law>>,
    /// What each path held, by the number of the ruling that changed it.
    pub timeline: BTreeMap<RepoPath, Vec<(u32, Option<Content>)>>,
    /// Which ruling closed a resolution.
    pub closed: BTreeMap<ResolutionId, u32>,
    /// The owner of every key that ever was in force, and the ruling that brought it.
    #[serde(with = "pairs")]
    pub keys: BTreeMap<[u8; 32], (u32, Option<MemberName>)>,
    /// The versions that each document and entry reached, undone ones too, by the number of the ruling
    /// that brought them: each above the one before.
    pub heights: BTreeMap<RepoPath, Vec<(u32, Height)>>,
    /// Emergencies that are not settled.
    pub unsettled: Vec<Unsettled>,
    /// Paths whose emergency was undone and that no council has touched since.
    pub undone: BTreeSet<RepoPath>,
    /// Every digest that a ruled proposal named, with the paths that it was named at, or nothing if
    /// what lies at one of them can never be purged.
    pub named: BTreeMap<Digest, Option<BTreeSet<RepoPath>>>,
    /// Paths that ever held a link: whether they lead to a governed file is held at every step.
    pub links: BTreeSet<RepoPath>,
    /// Digests that were purged, and the ruling that did it.
    pub purged: BTreeMap<Digest, u32>,
}

impl Ledger {
    /// The root: the digest of the genesis ruling.
    pub fn root(&self) -> Option<Digest> {
        self.rulings.first().map(|ruled| ruled.digest)
    }

    /// The last ruling's number.
    pub fn last(&self) -> Option<u32> {
        self.rulings.len().checked_sub(1).and_then(|n| u32::try_from(n).ok())
    }

    /// The last ruling.
    pub fn head(&self) -> Option<&Ruled> {
        self.rulings.last()
    }

    /// The law in force.
    pub fn law(&self) -> Option<&Arc<Law>> {
        self.laws.last()
    }

    /// The number of the ruling with this digest.
    pub fn sequence_of(&self, ruling: &Digest) -> Option<u32> {
        self.rulings.iter().rposition(|ruled| ruled.digest == *ruling).and_then(|n| u32::try_from(n).ok())
    }

    /// What a path holds in State n.
    pub fn content_at(&self, path: &RepoPath, sequence: u32) -> Option<Content> {
        let history = self.timeline.get(path)?;
        let later = history.partition_point(|(at, _)| *at <= sequence);
        later.checked_sub(1).and_then(|index| history[index].1)
    }

    /// What a path holds in the last state.
    pub fn content(&self, path: &RepoPath) -> Option<Content> {
        self.timeline.get(path)?.last()?.1
    }

    /// The highest version that a path ever had.
    pub fn highest(&self, path: &RepoPath) -> Option<Height> {
        self.heights.get(path)?.last().map(|(_, height)| *height)
    }

    /// The highest version that a path had up to State n.
    pub fn highest_at(&self, path: &RepoPath, sequence: u32) -> Option<Height> {
        self.heights.get(path)?.iter().rev().find(|(at, _)| *at <= sequence).map(|(_, height)| *height)
    }

    /// All paths of the last state.
    pub fn paths(&self) -> impl Iterator<Item = (&RepoPath, Content)> {
        self.timeline.iter().filter_map(|(path, history)| Some((path, history.last()?.1?)))
    }

    /// The paths that a ruling changed.
    pub fn changed_by(&self, sequence: u32) -> impl Iterator<Item = &RepoPath> {
        let changed = move |history: &[(u32, Option<Content>)]| history.iter().any(|(at, _)| *at == sequence);
        self.timeline.iter().filter(move |(_, history)| changed(history)).map(|(path, _)| path)
    }

    /// The ruling since which a path holds what it holds now.
    pub fn since(&self, path: &RepoPath) -> Option<u32> {
        self.timeline.get(path)?.last().map(|(at, _)| *at)
    }

    /// The ruling by which a key left, and whose it was (nobody's: a recovery key). Nothing for a key that
    /// is in force, or never was.
    pub fn departure(&self, key: &PublicKey) -> Option<(u32, Option<&MemberName>)> {
        let raw = key.raw();
        let (_, owner) = self.keys.get(&raw)?;
        let held = |law: &Arc<Law>| law.keys().any(|(other, _)| other.raw() == raw);
        let last = self.laws.iter().rposition(held)?;
        let left = u32::try_from(last + 1).ok().filter(|_| last + 1 < self.laws.len())?;
        Some((left, owner.as_ref()))
    }

    /// The laws of all states in which a path held these bytes, and of the one before each.
    pub fn laws_around<'a>(&'a self, path: &RepoPath, digest: &'a Digest) -> impl Iterator<Item = &'a Arc<Law>> {
        let history = self.timeline.get(path).map(Vec::as_slice).unwrap_or_default();
        let ends = history.iter().skip(1).map(|(at, _)| *at as usize).chain([self.laws.len()]);
        let held = history.iter().zip(ends).filter(move |((_, content), _)| content.is_some_and(|content| content.digest == *digest));
        held.flat_map(|((from, _), end)| self.laws.get((*from as usize).saturating_sub(1)..end).unwrap_or_default())
    }

    /// Whether a resolution is ruled by approval, here or through an emergency or recovery.
    pub fn is_approved(&self, id: &ResolutionId) -> bool {
        self.closed.get(id).and_then(|n| self.rulings.get(*n as usize)).is_some_and(|ruled| {
            ruled.resolution == *id && matches!(ruled.verdict, Verdict::Approve | Verdict::Emergency | Verdict::Recover)
        })
    }
}

/// Most states share the law of the one before: each is written once.
mod laws {
    use super::{Arc, Law};
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serialize as _, Serializer};

    pub fn serialize<S: Serializer>(laws: &[Arc<Law>], serializer: S) -> Result<S::Ok, S::Error> {
        let (mut distinct, mut indices): (Vec<&Arc<Law>>, Vec<usize>) = (Vec::new(), Vec::new());
        for law in laws {
            if !distinct.last().is_some_and(|last| Arc::ptr_eq(last, law)) {
                distinct.push(law);
            }
            indices.push(distinct.len() - 1);
        }
        (distinct.iter().map(AsRef::as_ref).collect::<Vec<&Law>>(), indices).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Arc<Law>>, D::Error> {
        let (distinct, indices): (Vec<Law>, Vec<usize>) = Deserialize::deserialize(deserializer)?;
        let distinct: Vec<Arc<Law>> = distinct.into_iter().map(Arc::new).collect();
        indices.into_iter().map(|index| distinct.get(index).cloned().ok_or_else(|| D::Error::custom("no such law"))).collect()
    }
}

/// A map whose keys are no texts, as a list of pairs.
mod pairs {
    use super::{BTreeMap, MemberName};
    use serde::{Deserialize, Deserializer, Serialize as _, Serializer};

    type Keys = BTreeMap<[u8; 32], (u32, Option<MemberName>)>;

    pub fn serialize<S: Serializer>(keys: &Keys, serializer: S) -> Result<S::Ok, S::Error> {
        keys.iter().collect::<Vec<_>>().serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Keys, D::Error> {
        Vec::<([u8; 32], (u32, Option<MemberName>))>::deserialize(deserializer).map(|pairs| pairs.into_iter().collect())
    }
}
