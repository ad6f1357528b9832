//! Records of the council: proposals, statements and ballots.

use std::collections::BTreeMap;

use omega::canon::{Document, RepoPath, ResolutionId, Version, front, layout};
use omega::council::floor;
use omega::digest::Digest;
use omega::ledger::evidence::{Scope, gather};
use omega::ledger::folder::Folder;
use omega::ledger::kinds::{Change, FileMode, Proposal, Reveal, Seal, Synthesis, Turn, Vote, Withdrawal, seal_hash};
use omega::workspace::stamp::Stamps;

use super::{Choice, Edit, Forge, VOTERS, name, path, resolution};

impl Forge {
    #[track_caller]
    pub fn propose(&mut self, by: &str, slug: &str, edits: Vec<Edit>) -> ResolutionId {
        self.propose_with(by, slug, edits, |_| {})
    }

    /// Signs a proposal of these edits and drafts them.
    #[track_caller]
    pub fn propose_with(&mut self, by: &str, slug: &str, edits: Vec<Edit>, tweak: impl FnOnce(&mut Proposal)) -> ResolutionId {
        let id = resolution(slug);
        let seen = self.judged();
        let (evidence, judgement) = &*seen;
        let ledger = &judgement.ledger;
        let law = ledger.law().expect("a ledger that holds");
        let at = self.tick();
        let stamps = Stamps { ledger, resolution: &id, chief: &law.roster.chief().name, now: at };
        let mut changes: BTreeMap<RepoPath, (Change, Option<Vec<u8>>)> = BTreeMap::new();
        let mut put = |path: RepoPath, mode: FileMode, bytes: Option<Vec<u8>>, released: bool| {
            let change = Change {
                path: path.clone(),
                mode: bytes.as_ref().map(|_| mode),
                before: ledger.content(&path).map(|content| content.digest),
                after: bytes.as_ref().map(|bytes| Digest::of(bytes)),
                released: released.then_some(true),
            };
            changes.insert(path, (change, bytes));
        };
        let document = |name: &str, version: Option<&str>, edit: &dyn Fn(&str) -> String| {
            let place = layout::document(&name.parse().unwrap());
            let (text, next) = match ledger.content(&place) {
                Some(content) => {
                    let bytes = &evidence.bytes[&content.digest];
                    let version = Document::parse(bytes).unwrap().0.version;
                    (String::from_utf8(bytes.clone()).unwrap(), version.next().unwrap())
                }
                None => (
                    format!(
                        "---\ndocument: {name}\nversion: \"\"\ncouncil_resolution_id: \"\"\nratified_by: \"\"\npolicy: {{}}\nenforcement: []\n---\n"
                    ),
                    Version::FIRST,
                ),
            };
            let version = version.map_or(next, |version| version.parse().unwrap());
            let bytes = Document::restamp(edit(&text).as_bytes(), version, &id, &law.roster.chief().name).unwrap();
            let name = name.parse().unwrap();
            let fact = layout::has_fact(&name).then(|| stamps.fact(&name, &bytes).unwrap());
            (place, bytes, fact)
        };
        for edit in edits {
            match edit {
                Edit::Put(place, mode, bytes) => put(path(place), mode, Some(bytes), false),
                Edit::Remove(place) => put(path(place), FileMode::File, None, false),
                Edit::Release(place) => put(path(place), FileMode::File, None, true),
                Edit::Document(name, edit) => {
                    let (place, bytes, fact) = document(name, None, &edit);
                    put(place, FileMode::File, Some(bytes), false);
                    fact.into_iter().for_each(|(fact, entry)| put(fact, FileMode::File, Some(entry), false));
                }
                Edit::DocumentAt(name, version, edit) => {
                    let (place, bytes, fact) = document(name, Some(version), &edit);
                    put(place, FileMode::File, Some(bytes), false);
                    fact.into_iter().for_each(|(fact, entry)| put(fact, FileMode::File, Some(entry), false));
                }
                Edit::Lonely(name) => {
                    let (place, bytes, ..) = document(name, None, &|text| format!("{text}\nAlone.\n"));
                    put(place, FileMode::File, Some(bytes), false);
                }
                Edit::Entry(domain, key, value) => {
                    let place = layout::entry(domain, &key.parse().unwrap());
                    let draft = format!("---\nvalue: {value}\nsource: a test\nconfidence: 90\n---\n");
                    let bytes = stamps.entry(domain, &key.parse().unwrap(), &place, draft.as_bytes()).unwrap();
                    put(place, FileMode::File, Some(bytes), false);
                }
                Edit::EntryAt(domain, key, version) => {
                    let place = layout::entry(domain, &key.parse().unwrap());
                    let bytes = stamps
                        .entry(domain, &key.parse().unwrap(), &place, b"---\nvalue: at\nsource: a test\nconfidence: 90\n---\n")
                        .unwrap();
                    let mut entry = omega::phylactery::Entry::parse(&bytes).unwrap();
                    entry.version = version;
                    put(place, FileMode::File, Some(entry.render().into_bytes()), false);
                }
                Edit::Member(member) => {
                    put(layout::member(&member.name), FileMode::File, Some(front::render(&member, "").into_bytes()), false)
                }
            }
        }
        let risk = floor::of_paths(&law.protocol.risk, changes.values().map(|(change, _)| (&change.path, change.before.is_none())));
        let mut proposal = Proposal {
            omega: 1,
            kind: "proposal".into(),
            canon: ledger.root(),
            resolution: id.clone(),
            by: name(by),
            at,
            title: format!("About {slug}"),
            risk,
            base: ledger.head().map(|head| head.digest),
            changes: changes.values().map(|(change, _)| change.clone()).collect(),
            supersedes: None,
            settles: None,
            purge: None,
            recovery: None,
        };
        tweak(&mut proposal);
        self.record(&proposal, "The case.", by);
        for (change, bytes) in changes.into_values() {
            match bytes {
                Some(bytes) => {
                    self.put(layout::bytes(&Digest::of(&bytes)).as_str(), &bytes);
                    self.put_mode(change.path.as_str(), change.mode.unwrap(), &bytes);
                }
                None if !change.is_release() => drop(self.tree.0.remove(change.path.as_str().as_bytes())),
                None => {}
            }
        }
        id
    }

    fn folder(&self, id: &ResolutionId) -> Folder {
        gather(&self.tree, &Scope::all(1)).unwrap().folders.remove(id).unwrap()
    }

    #[track_caller]
    pub fn vote(&mut self, id: &ResolutionId, by: &str, choice: Choice) {
        self.vote_with(id, by, choice, |_| {});
    }

    #[track_caller]
    pub fn vote_with(&mut self, id: &ResolutionId, by: &str, choice: Choice, tweak: impl FnOnce(&mut Vote)) {
        let folder = self.folder(id);
        let last = folder.last_vote(&name(by));
        let mut vote = Vote {
            omega: 1,
            kind: "vote".into(),
            canon: Some(self.root()),
            resolution: id.clone(),
            by: name(by),
            at: self.tick(),
            proposal: folder.proposal.as_ref().unwrap().digest(),
            ballot: last.map_or(0, |last| last.record().ballot) + 1,
            replaces: last.map(|last| last.digest()),
            synthesis: folder.synthesis.as_ref().map(|synthesis| synthesis.digest()),
            choice,
            confidence: 90,
        };
        tweak(&mut vote);
        self.record(&vote, "A reason.", by);
    }

    /// All voters approve.
    #[track_caller]
    pub fn approve(&mut self, id: &ResolutionId) {
        for by in VOTERS {
            self.vote(id, by, Choice::Approve);
        }
    }

    /// All voters approve who have not voted yet.
    #[track_caller]
    pub fn approve_rest(&mut self, id: &ResolutionId) {
        let folder = self.folder(id);
        for by in VOTERS.into_iter().filter(|by| folder.last_vote(&name(by)).is_none()) {
            self.vote(id, by, Choice::Approve);
        }
    }

    #[track_caller]
    pub fn turn(&mut self, id: &ResolutionId, by: &str) {
        self.turn_with(id, by, |_| {});
    }

    #[track_caller]
    pub fn turn_with(&mut self, id: &ResolutionId, by: &str, tweak: impl FnOnce(&mut Turn)) {
        let folder = self.folder(id);
        let last = folder.turns.last_key_value();
        let proposal = folder.proposal.as_ref().unwrap().digest();
        let mut turn = Turn {
            omega: 1,
            kind: "turn".into(),
            canon: Some(self.root()),
            resolution: id.clone(),
            by: name(by),
            at: self.tick(),
            proposal,
            turn: last.map_or(0, |(number, _)| *number) + 1,
            previous: last.map_or(proposal, |(_, turn)| turn.digest()),
            position: Some(Choice::Approve),
            confidence: Some(80),
            skips: None,
        };
        tweak(&mut turn);
        self.record(&turn, "## Position\n\nYes.", by);
    }

    /// The Clerk marks a member as silent.
    #[track_caller]
    pub fn skip(&mut self, id: &ResolutionId, silent: &str) {
        self.turn_with(id, "safa", |turn| (turn.position, turn.confidence, turn.skips) = (None, None, Some(name(silent))));
    }

    #[track_caller]
    pub fn seal(&mut self, id: &ResolutionId, by: &str) {
        let proposal = self.folder(id).proposal.unwrap().digest();
        let canon = self.root();
        let hash = seal_hash(&canon.to_string(), &proposal, &name(by), "00112233445566778899aabbccddeeff", Choice::Approve, 70, "Sealed.");
        let seal = Seal {
            omega: 1,
            kind: "seal".into(),
            canon: Some(canon),
            resolution: id.clone(),
            by: name(by),
            at: self.tick(),
            proposal,
            hash,
        };
        self.record(&seal, "", by);
    }

    #[track_caller]
    pub fn reveal(&mut self, id: &ResolutionId, by: &str) {
        self.reveal_with(id, by, |_| {});
    }

    #[track_caller]
    pub fn reveal_with(&mut self, id: &ResolutionId, by: &str, tweak: impl FnOnce(&mut Reveal)) {
        let folder = self.folder(id);
        let mut reveal = Reveal {
            omega: 1,
            kind: "reveal".into(),
            canon: Some(self.root()),
            resolution: id.clone(),
            by: name(by),
            at: self.tick(),
            proposal: folder.proposal.as_ref().unwrap().digest(),
            seal: folder.seals.get(&name(by)).map_or(Digest::of(b""), |seal| seal.digest()),
            seals: folder.seals.iter().map(|(by, seal)| (by.clone(), seal.digest())).collect(),
            nonce: "00112233445566778899aabbccddeeff".into(),
            position: Choice::Approve,
            confidence: 70,
        };
        tweak(&mut reveal);
        self.record(&reveal, "Sealed.", by);
    }

    #[track_caller]
    pub fn synthesize(&mut self, id: &ResolutionId, by: &str) {
        self.synthesize_with(id, by, |_| {});
    }

    #[track_caller]
    pub fn synthesize_with(&mut self, id: &ResolutionId, by: &str, tweak: impl FnOnce(&mut Synthesis)) {
        let folder = self.folder(id);
        let mut synthesis = Synthesis {
            omega: 1,
            kind: "synthesis".into(),
            canon: Some(self.root()),
            resolution: id.clone(),
            by: name(by),
            at: self.tick(),
            proposal: folder.proposal.as_ref().unwrap().digest(),
            turns: folder.statements(),
        };
        tweak(&mut synthesis);
        self.record(&synthesis, "Together.", by);
    }

    #[track_caller]
    pub fn withdraw(&mut self, id: &ResolutionId, by: &str) {
        let proposal = self.folder(id).proposal.unwrap().digest();
        let record = Withdrawal {
            omega: 1,
            kind: "withdrawal".into(),
            canon: Some(self.root()),
            resolution: id.clone(),
            by: name(by),
            at: self.tick(),
            proposal,
        };
        self.record(&record, "Never mind.", by);
    }
}
