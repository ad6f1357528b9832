//! The rarer rulings, each within bounds of its own: emergencies, recoveries, purges.

use std::collections::BTreeSet;

use crate::canon::policy::LawDocuments;
use crate::canon::{Document, DocumentName, Domain, Member, Place, RepoPath, front, layout};
use crate::digest::Digest;
use crate::finding::{Code, Finding};
use crate::ledger::examine::{Examined, check_signer};
use crate::ledger::kinds::{Change, Proposal};
use crate::ledger::state::{Law, Ledger};

use super::Effect;
use super::case::Case;

impl Case<'_> {
    pub(super) fn check_emergency(&self, examined: &Examined<'_>) -> Result<Effect, Finding> {
        let (ruling, proposal) = (self.ruling.record(), self.proposal.record());
        let law = examined.law;
        if proposal.by != law.roster.chief().name {
            return self.refuse(Code::Emergency, "only the Chief proposes an emergency");
        }
        if proposal.changes.is_empty()
            || proposal.purge.is_some()
            || proposal.settles.is_some()
            || proposal.recovery.is_some()
            || proposal.supersedes.is_some()
        {
            return self.refuse(Code::Emergency, "an emergency changes paths and does nothing else");
        }
        for change in &proposal.changes {
            if is_constitutional(&change.path) {
                return self.refuse(Code::Emergency, format!("an emergency may not touch `{}`", change.path));
            }
            if change.is_release() {
                return self.refuse(Code::Emergency, "an emergency may not change what `who` names");
            }
            if self.ledger.undone.contains(&change.path) {
                return self
                    .refuse(Code::Emergency, format!("an emergency on `{}` was undone, and no council has touched it since", change.path));
            }
        }
        let expires = ruling.at.plus_hours(law.protocol.emergency.expire_hours);
        if ruling.expires != expires {
            return self
                .refuse(Code::Emergency, format!("an emergency expires {} hours after it is ruled", law.protocol.emergency.expire_hours));
        }
        match expires {
            Some(expires) => Ok(Effect::Provisional(expires)),
            None => self.refuse(Code::Emergency, "the emergency never expires"),
        }
    }

    /// A recovery replaces the Chief's keys, by enough recovery keys of the state before, and touches
    /// nothing else but the list of recovery keys.
    pub(super) fn check_recovery(&self, now: &Law, next: &Law) -> Result<(), Finding> {
        let folder = &self.closing.folder;
        let Some(rule) = &now.consensus.recovery else {
            return self.refuse(Code::Recovery, format!("{} has no recovery keys", now.documents.consensus));
        };
        if let Some(proof) = folder.recovery.values().find(|proof| !rule.keys.contains(&proof.key)) {
            return Err(Finding::error(Code::Recovery, &proof.path, "the key is not a recovery key").of_record(&self.closing.id));
        }
        if folder.recovery.len() < rule.threshold as usize {
            return self.refuse(Code::Recovery, format!("{} recovery keys signed, and {} must", folder.recovery.len(), rule.threshold));
        }
        let (old, new) = (now.roster.chief(), next.roster.chief());
        let chief = layout::member(&new.name);
        let consensus = layout::document(&now.documents.consensus);
        let fact = layout::fact_of(&now.documents.consensus);
        if let Some(change) = self.proposal.record().changes.iter().find(|c| c.path != chief && c.path != consensus && c.path != fact) {
            return self.refuse(Code::Recovery, format!("a recovery may not touch `{}`", change.path));
        }
        if new.keys.iter().any(|key| old.keys.iter().any(|gone| gone.raw() == key.raw())) {
            return self.refuse(Code::Recovery, "a recovery replaces all of the Chief's keys");
        }
        for (path, kept) in [(&chief, kept_of_member as fn(&[u8]) -> Option<Kept>), (&consensus, kept_of_consensus)] {
            let next = self.proposal.record().changes.iter().find(|change| change.path == *path).and_then(|change| change.after);
            let kept = |digest: &Digest| self.evidence.bytes.get(digest).and_then(|bytes| kept(bytes));
            if next.is_some_and(|next| kept(&next) != self.ledger.content(path).and_then(|content| kept(&content.digest))) {
                return self.refuse(Code::Recovery, format!("a recovery changes nothing of `{path}` but keys"));
            }
        }
        if self.ruling.record().by != new.name {
            return self.refuse(Code::Recovery, format!("the recovery is ruled by the Chief, `{}`", new.name));
        }
        check_signer(next, &new.name, self.ruling)?;
        self.check_presence(next)
    }

    /// Purged bytes are named only where they may be purged, and needed by nothing.
    pub(super) fn check_purge(&self, proposal: &Proposal) -> Result<(), Finding> {
        let refused = proposal.purge.iter().flatten().find_map(|digest| unpurgeable(self.ledger, digest, &proposal.changes));
        refused.map_or(Ok(()), |why| self.refuse(Code::Purge, why))
    }
}

/// Why a proposal with these changes cannot purge these bytes; nothing, if it can.
pub fn unpurgeable(ledger: &Ledger, digest: &Digest, changes: &[Change]) -> Option<String> {
    let why = match ledger.named.get(digest) {
        None => Some("no ruled proposal names them"),
        Some(None) => Some("they were proposed at a path that is never purged"),
        Some(Some(_)) if ledger.purged.contains_key(digest) => Some("they were purged before"),
        Some(Some(_)) => None,
    };
    if let Some(why) = why {
        return Some(format!("the bytes {} cannot be purged: {why}", digest.short()));
    }
    let needed = ledger.unsettled.iter().flat_map(|u| u.before.values()).flatten().any(|content| content.digest == *digest);
    let gone: BTreeSet<&RepoPath> = changes.iter().map(|change| &change.path).collect();
    let live = ledger.paths().any(|(path, content)| content.digest == *digest && !gone.contains(path));
    let brought = changes.iter().any(|change| change.after == Some(*digest));
    (needed || live || brought).then(|| format!("the bytes {} are still needed", digest.short()))
}

/// What a file says that a recovery may not change.
type Kept = (serde_json::Value, String);

/// Everything of a member but the keys.
fn kept_of_member(bytes: &[u8]) -> Option<Kept> {
    let (member, body): (Member, &str) = front::parse(bytes).ok()?;
    Some((serde_json::to_value(Member { keys: Vec::new(), ..member }).ok()?, body.to_owned()))
}

/// Everything of the rules of consensus but the stamps and the recovery keys.
fn kept_of_consensus(bytes: &[u8]) -> Option<Kept> {
    let (Document { mut policy, enforcement, .. }, body) = Document::parse(bytes).ok()?;
    policy.remove("recovery");
    Some((serde_json::to_value((policy, enforcement)).ok()?, body.to_owned()))
}

/// Paths that the Chief alone can never touch: council, protocol, consensus and security.
pub fn is_constitutional(path: &RepoPath) -> bool {
    // The identity has no rules of judging but `who`, which an emergency may not change anyway.
    let is_of_law = |name: &DocumentName| LawDocuments::may_be(name) && name.as_str() != "OMEGA_IDENTITY";
    match Place::of(path) {
        Some(Place::Member(_)) => true,
        Some(Place::Document(name)) => is_of_law(&name),
        Some(Place::Entry(Domain::Fact, key)) => key.as_str().parse().is_ok_and(|name| is_of_law(&name)),
        _ => false,
    }
}
