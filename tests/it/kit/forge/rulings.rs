//! Rulings, and the tree after them.

use std::collections::BTreeSet;

use omega::canon::{ResolutionId, Risk, layout};
use omega::council::tally;
use omega::digest::Digest;
use omega::keys::Namespace;
use omega::ledger::examine::examine;
use omega::ledger::kinds::{Ruling, Verdict};
use omega::ledger::{artifacts, signers};

use super::{Edit, Forge, Key, name};

impl Forge {
    /// The Chief rules, and the tree follows the new state.
    #[track_caller]
    pub fn rule(&mut self, id: &ResolutionId, verdict: Verdict) -> Digest {
        self.rule_with(id, verdict, |_| {})
    }

    #[track_caller]
    pub fn rule_with(&mut self, id: &ResolutionId, verdict: Verdict, tweak: impl FnOnce(&mut Ruling)) -> Digest {
        let chief = self.law().roster.chief().name.to_string();
        self.rule_as(id, verdict, &chief, tweak)
    }

    /// A ruling by the key of anybody, which nobody checks before it lies there.
    #[track_caller]
    pub fn rule_as(&mut self, id: &ResolutionId, verdict: Verdict, by: &str, tweak: impl FnOnce(&mut Ruling)) -> Digest {
        let seen = self.judged();
        let (evidence, judgement) = &*seen;
        let ledger = &judgement.ledger;
        let folder = &evidence.folders[id];
        let proposal = folder.proposal.as_ref().unwrap();
        let base = proposal.record().base.and_then(|base| ledger.sequence_of(&base)).unwrap_or(0);
        let law = &ledger.laws[base as usize];
        let mut records = folder.records();
        let mut seen = BTreeSet::from([id.clone()]);
        let mut next = proposal.record().supersedes.clone();
        while let Some(earlier) = next.take().filter(|earlier| !ledger.closed.contains_key(earlier) && seen.insert(earlier.clone())) {
            if let Some(folder) = evidence.folders.get(&earlier) {
                records.extend(folder.records());
                next = folder.proposal.as_ref().and_then(|proposal| proposal.record().supersedes.clone());
            }
        }
        let (mut transcript, mut docket, mut count) = ("# none\n".to_owned(), "# none\n".to_owned(), tally::Tally::default());
        if let Ok(examined) = examine(id, folder, law, ledger.root()) {
            (transcript, docket, count) = (artifacts::transcript(&examined), artifacts::docket(&examined), examined.count.tally);
        }
        for (name, text) in [("transcript.md", transcript), ("docket.md", docket)] {
            let place = layout::in_folder(id, name);
            records.insert(place.clone(), Digest::of(text.as_bytes()));
            self.put(place.as_str(), text);
        }
        let at = self.tick();
        let (last, head) = self.head();
        let mut ruling = Ruling {
            omega: 1,
            kind: "ruling".into(),
            canon: Some(self.root()),
            resolution: id.clone(),
            by: name(by),
            at,
            proposal: proposal.digest(),
            sequence: last + 1,
            previous: Some(head),
            verdict,
            records,
            tally: count,
            bypass: None,
            expires: (verdict == Verdict::Emergency).then(|| at.plus_hours(law.protocol.emergency.expire_hours).unwrap()),
        };
        tweak(&mut ruling);
        let key = self.keys[by].clone();
        let digest = self.signed(layout::ruling(ruling.sequence).as_str(), &ruling, "So be it.", &key);
        self.settle();
        digest
    }

    /// A ruling with the key at hand, after which the ruler signs with another.
    #[track_caller]
    pub fn rule_then(&mut self, id: &ResolutionId, verdict: Verdict, by: &str, next: Key) {
        self.rule_as(id, verdict, by, |_| {});
        self.keys.insert(by.to_owned(), next);
        // The commit of the ruling is the old key's still: what it signed stays as it is.
        self.holds();
    }

    /// Brings the live tree, signatures and signers to the last state, as the Chief's commit would; what
    /// does not fold is left as it lies.
    pub fn settle(&mut self) {
        let seen = self.judged();
        let (evidence, judgement) = &*seen;
        let ledger = &judgement.ledger;
        if ledger.rulings.is_empty() || ledger.rulings.len() != evidence.rulings.len() {
            return;
        }
        let law = ledger.law().unwrap();
        for digest in ledger.purged.keys() {
            self.tree.0.remove(layout::bytes(digest).as_str().as_bytes());
        }
        for place in ledger.timeline.keys() {
            match ledger.content(place) {
                Some(content) => {
                    let Some(bytes) = evidence.bytes.get(&content.digest) else { continue };
                    self.put_mode(place.as_str(), content.mode, bytes);
                    let signature = place.signature();
                    if place.is_canon() && (ledger.since(place) == ledger.last() || !self.has(signature.as_str())) {
                        let armor = self.keys[law.roster.chief().name.as_str()].sign(Namespace::State, bytes);
                        self.put(signature.as_str(), armor);
                    }
                }
                None if place.is_canon() || law.who.matches(place.as_str()) => {
                    self.tree.0.remove(place.as_str().as_bytes());
                    self.tree.0.remove(place.signature().as_str().as_bytes());
                }
                None => {}
            }
        }
        let closed = ledger
            .rulings
            .last()
            .map(|ruled| &ruled.resolution)
            .and_then(|id| evidence.folders.get(id))
            .and_then(|folder| folder.proposal.as_ref());
        for change in closed.iter().flat_map(|proposal| &proposal.record().changes) {
            if ledger.content(&change.path).is_none() && (change.path.is_canon() || law.who.matches(change.path.as_str())) {
                self.tree.0.remove(change.path.as_str().as_bytes());
            }
        }
        for (sequence, ruled) in (0..).zip(&ledger.rulings) {
            if let Some(text) = &ruled.signers {
                self.put(layout::signers(sequence).as_str(), text);
            }
        }
        self.put("canon/allowed_signers", signers::render_for_git(ledger));
    }

    /// Proposes, lets all approve, and ratifies.
    #[track_caller]
    pub fn ratify(&mut self, slug: &str, edits: Vec<Edit>) -> ResolutionId {
        let id = self.propose("claude", slug, edits);
        self.approve(&id);
        self.rule(&id, Verdict::Approve);
        id
    }

    /// The Chief proposes and rules an emergency; gives the ruling.
    #[track_caller]
    pub fn emergency(&mut self, slug: &str, edits: Vec<Edit>) -> Digest {
        let chief = self.law().roster.chief().name.to_string();
        let id = self.propose(&chief, slug, edits);
        self.rule(&id, Verdict::Emergency)
    }

    /// A proposal that settles an emergency, at the risk of its paths.
    #[track_caller]
    pub fn settlement(&mut self, by: &str, slug: &str, emergency: Digest) -> ResolutionId {
        let seen = self.judged();
        let judgement = &seen.1;
        let unsettled = judgement.ledger.unsettled.iter().find(|u| u.ruling == emergency);
        let risk = unsettled.map_or(Risk::Critical, |u| u.risk);
        self.propose_with(by, slug, Vec::new(), |proposal| (proposal.settles, proposal.risk) = (Some(emergency), risk))
    }
}
