//! The records of one resolution.

use std::collections::BTreeMap;

use crate::canon::{MemberName, RepoPath};
use crate::council::tally::Choice;
use crate::digest::Digest;
use crate::keys::{KeyId, PublicKey};

use super::kinds::{Proposal, Reveal, Seal, Synthesis, Turn, Vote, Withdrawal};
use super::record::Signed;

/// A signature of a key over a proposal, without a record of its own: an enrolment or a recovery.
#[derive(Clone, Debug)]
pub struct Proof {
    /// Where it lies.
    pub path: RepoPath,
    /// The digest of the armor.
    pub digest: Digest,
    /// The key that made it; it holds over the proposal.
    pub key: PublicKey,
}

/// All that lies in one resolution folder and is what it should be.
#[derive(Clone, Debug, Default)]
pub struct Folder {
    /// The proposal.
    pub proposal: Option<Signed<Proposal>>,
    /// Turns by number.
    pub turns: BTreeMap<u32, Signed<Turn>>,
    /// Seals by member.
    pub seals: BTreeMap<MemberName, Signed<Seal>>,
    /// Reveals by member.
    pub reveals: BTreeMap<MemberName, Signed<Reveal>>,
    /// The synthesis.
    pub synthesis: Option<Signed<Synthesis>>,
    /// Votes by ballot number and member: the order in which they can be replayed.
    pub votes: BTreeMap<(u32, MemberName), Signed<Vote>>,
    /// The withdrawal.
    pub withdrawal: Option<Signed<Withdrawal>>,
    /// Enrolments of added keys.
    pub enrolments: BTreeMap<KeyId, Proof>,
    /// Signatures by recovery keys.
    pub recovery: BTreeMap<KeyId, Proof>,
    /// Digest of transcript.md.
    pub transcript: Option<Digest>,
    /// Digest of docket.md.
    pub docket: Option<Digest>,
}

impl Folder {
    /// Every record and signature with its digest; not the renderings.
    pub fn records(&self) -> BTreeMap<RepoPath, Digest> {
        fn put<R>(out: &mut BTreeMap<RepoPath, Digest>, signed: &Signed<R>) {
            out.insert(signed.path().clone(), signed.digest());
            out.insert(signed.path().signature(), signed.signature());
        }
        let mut out = BTreeMap::new();
        self.proposal.iter().for_each(|r| put(&mut out, r));
        self.turns.values().for_each(|r| put(&mut out, r));
        self.seals.values().for_each(|r| put(&mut out, r));
        self.reveals.values().for_each(|r| put(&mut out, r));
        self.synthesis.iter().for_each(|r| put(&mut out, r));
        self.votes.values().for_each(|r| put(&mut out, r));
        self.withdrawal.iter().for_each(|r| put(&mut out, r));
        out.extend(self.enrolments.values().chain(self.recovery.values()).map(|p| (p.path.clone(), p.digest)));
        out
    }

    /// Only what `keeps` says yes to, by path: the folder as a ruling saw it.
    pub fn restricted(&self, keeps: &dyn Fn(&RepoPath) -> bool) -> Self {
        fn some<R: Clone>(signed: &Option<Signed<R>>, keeps: &dyn Fn(&RepoPath) -> bool) -> Option<Signed<R>> {
            signed.as_ref().filter(|r| keeps(r.path())).cloned()
        }
        fn all<K: Ord + Clone, R: Clone>(records: &BTreeMap<K, Signed<R>>, keeps: &dyn Fn(&RepoPath) -> bool) -> BTreeMap<K, Signed<R>> {
            records.iter().filter(|(_, r)| keeps(r.path())).map(|(k, r)| (k.clone(), r.clone())).collect()
        }
        let proofs =
            |proofs: &BTreeMap<KeyId, Proof>| proofs.iter().filter(|(_, p)| keeps(&p.path)).map(|(k, p)| (*k, p.clone())).collect();
        Self {
            proposal: some(&self.proposal, keeps),
            turns: all(&self.turns, keeps),
            seals: all(&self.seals, keeps),
            reveals: all(&self.reveals, keeps),
            synthesis: some(&self.synthesis, keeps),
            votes: all(&self.votes, keeps),
            withdrawal: some(&self.withdrawal, keeps),
            enrolments: proofs(&self.enrolments),
            recovery: proofs(&self.recovery),
            transcript: self.transcript,
            docket: self.docket,
        }
    }

    /// Each member's last ballot.
    pub fn ballots(&self) -> BTreeMap<MemberName, Choice> {
        self.votes.iter().map(|((_, by), vote)| (by.clone(), vote.record().choice)).collect()
    }

    /// A member's last vote.
    pub fn last_vote(&self, by: &MemberName) -> Option<&Signed<Vote>> {
        self.votes.iter().rev().find(|((_, name), _)| name == by).map(|(_, vote)| vote)
    }

    /// What a synthesis must name: all turns in order, then all reveals by member name.
    pub fn statements(&self) -> Vec<Digest> {
        self.turns.values().map(Signed::digest).chain(self.reveals.values().map(Signed::digest)).collect()
    }

    /// Whether anything was said or voted.
    pub fn is_untouched(&self) -> bool {
        self.turns.is_empty() && self.seals.is_empty() && self.reveals.is_empty() && self.synthesis.is_none() && self.votes.is_empty()
    }
}
