//! Builds ledgers in memory with real keys: honest ones, and whatever an attacker would put in their
//! place. Nothing here refuses anything; what holds is for the library to say.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, LazyLock, Mutex};

use ed25519_dalek::Signer as _;
use omega::canon::planted::{self, Planting, Profile};
use omega::canon::policy::{Bypass, Consensus, PeacePipe};
use omega::canon::{Document, Domain, Kind, Member, MemberName, RepoPath, ResolutionId, Risk, Role, Version, front, layout};
use omega::clock::Timestamp;
use omega::council::{floor, tally};
use omega::digest::Digest;
use omega::finding::Code;
use omega::keyring::Signer;
use omega::keys::{Namespace, PublicKey, assemble_wire, signed_data};
use omega::ledger::evidence::{Evidence, Scope, gather};
use omega::ledger::examine::examine;
use omega::ledger::fold::genesis_law;
use omega::ledger::folder::Folder;
use omega::ledger::kinds::{
    Change, FileMode, Proposal, Record, Reveal, Ruling, Seal, Synthesis, Turn, Verdict, Vote, Withdrawal, seal_hash,
};
use omega::ledger::state::Law;
use omega::ledger::verdict::{Judgement, fold_and_examine};
use omega::ledger::{artifacts, signers};
use omega::survey::verify::{Conclusion, Report, verify};
use omega::tree::{Entry, Listing, Mode, Reader, Tree, TreeError};
use omega::workspace::pin::Pin;
use omega::workspace::stamp::Stamps;
use sha2::{Digest as _, Sha256};

pub use omega::council::tally::Choice;

/// A tree of files that exist nowhere but here.
#[derive(Clone, Default)]
pub struct MemoryTree(pub BTreeMap<Vec<u8>, (Mode, Vec<u8>)>);

impl Tree for MemoryTree {
    fn list(&self, enter: &dyn Fn(&[u8]) -> bool) -> Result<Listing, TreeError> {
        let mut entered: HashMap<&[u8], bool> = HashMap::new();
        let mut listing = Listing::default();
        for (path, (mode, _)) in &self.0 {
            let mut folders = path.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| &path[..at]);
            if folders.all(|folder| *entered.entry(folder).or_insert_with(|| enter(folder))) {
                listing.entries.push(Entry { path: path.clone(), mode: *mode, id: None });
            }
        }
        Ok(listing)
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        Box::new(self)
    }
}

impl Reader for &MemoryTree {
    fn read(&mut self, entry: &Entry, limit: u64) -> Result<Vec<u8>, TreeError> {
        let bytes = &self.0[&entry.path].1;
        let (path, size) = (String::from_utf8_lossy(&entry.path).into_owned(), bytes.len() as u64);
        if size > limit { Err(TreeError::TooLarge { path, size, limit }) } else { Ok(bytes.clone()) }
    }
}

/// A key that signs, in memory or as a hardware token would.
#[derive(Clone)]
pub enum Key {
    Plain(Arc<Signer>),
    /// A token, and what it says of the touch.
    Token(Arc<ed25519_dalek::SigningKey>, PublicKey, u8),
}

fn seed(name: &str) -> [u8; 32] {
    Sha256::digest(name.as_bytes()).into()
}

impl Key {
    /// The key of a name: the same one each time.
    pub fn of(name: &str) -> Self {
        Self::Plain(Arc::new(Signer::from_seed(&seed(name))))
    }

    /// A hardware key with these flags in each signature.
    pub fn token(name: &str, flags: u8) -> Self {
        let secret = ed25519_dalek::SigningKey::from_bytes(&seed(name));
        let mut blob = Vec::new();
        for part in [&b"sk-ssh-ed25519@openssh.com"[..], secret.verifying_key().as_bytes(), b"ssh:"] {
            put_string(&mut blob, part);
        }
        Self::Token(Arc::new(secret), PublicKey::from_blob(&blob).unwrap(), flags)
    }

    pub fn public(&self) -> PublicKey {
        match self {
            Self::Plain(signer) => signer.public_key().clone(),
            Self::Token(_, public, _) => public.clone(),
        }
    }

    pub fn sign(&self, namespace: Namespace, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Plain(signer) => signer.sign(namespace, bytes).unwrap().into_bytes(),
            Self::Token(secret, public, flags) => {
                let mut data = Sha256::digest(b"ssh:").to_vec();
                data.push(*flags);
                data.extend(7u32.to_be_bytes());
                data.extend(Sha256::digest(signed_data(namespace, bytes)));
                let mut wire = Vec::new();
                put_string(&mut wire, b"sk-ssh-ed25519@openssh.com");
                put_string(&mut wire, &secret.sign(&data).to_bytes());
                wire.push(*flags);
                wire.extend(7u32.to_be_bytes());
                assemble_wire(public, namespace, &wire).into_bytes()
            }
        }
    }
}

pub fn put_string(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend((bytes.len() as u32).to_be_bytes());
    out.extend(bytes);
}

pub fn name(text: &str) -> MemberName {
    text.parse().unwrap()
}

pub fn path(text: &str) -> RepoPath {
    text.parse().unwrap()
}

pub fn resolution(slug: &str) -> ResolutionId {
    format!("2026-02-26-{slug}").parse().unwrap()
}

pub fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A voting member, a person, with the key of the name.
pub fn member(text: &str, seat: u32) -> Member {
    Member {
        name: name(text),
        seat,
        role: Role::Member,
        kind: Kind::Human,
        weight: 1,
        keys: vec![Key::of(text).public()],
        operator: None,
        command: None,
        endpoint: None,
    }
}

pub fn chief(text: &str, seat: u32) -> Member {
    Member { role: Role::Chief, weight: 0, ..member(text, seat) }
}

/// One edit of a proposal.
pub enum Edit {
    /// A file outside the documents, as it is.
    Put(&'static str, FileMode, Vec<u8>),
    /// A file that goes away.
    Remove(&'static str),
    /// A file that is no longer governed.
    Release(&'static str),
    /// A document, with what becomes of its text; it brings its fact.
    Document(&'static str, Box<dyn Fn(&str) -> String>),
    /// The same with this version.
    DocumentAt(&'static str, &'static str, Box<dyn Fn(&str) -> String>),
    /// A document without its fact.
    Lonely(&'static str),
    /// An entry with this value.
    Entry(Domain, &'static str, &'static str),
    /// The same with this version.
    EntryAt(Domain, &'static str, u32),
    /// A member, as it is.
    Member(Member),
}

impl Edit {
    pub fn file(path: &'static str, text: &str) -> Self {
        Self::Put(path, FileMode::File, text.as_bytes().to_vec())
    }

    pub fn link(path: &'static str, target: &str) -> Self {
        Self::Put(path, FileMode::Link, target.as_bytes().to_vec())
    }

    /// Other words in a document.
    pub fn words(document: &'static str, words: &'static str) -> Self {
        Self::Document(document, Box::new(move |text| format!("{text}\n{words}\n")))
    }

    /// Another text in a document.
    pub fn replace(document: &'static str, from: &'static str, to: &'static str) -> Self {
        Self::Document(
            document,
            Box::new(move |text| {
                assert!(text.contains(from), "{document} has no {from:?}");
                text.replacen(from, to, 1)
            }),
        )
    }

    /// Other rules of consensus.
    pub fn consensus(change: impl Fn(&mut Consensus) + 'static) -> Self {
        Self::Document("CONSENSUS_ENGINE", Box::new(move |text| with_policy(text, &change)))
    }

    /// Another protocol.
    pub fn protocol(change: impl Fn(&mut PeacePipe) + 'static) -> Self {
        Self::Document("PEACE_PIPE_PROTOCOL", Box::new(move |text| with_policy(text, &change)))
    }

    /// Other globs of governed paths.
    pub fn who(globs: &'static [&'static str]) -> Self {
        Self::Document("OMEGA_IDENTITY", Box::new(move |text| with_who(text, globs)))
    }
}

fn with_who(text: &str, globs: &[&str]) -> String {
    let line = text.lines().find(|line| line.starts_with("  who:")).unwrap();
    text.replacen(line, &format!("  who: {}", serde_json::to_string(globs).unwrap().replace(',', ", ")), 1)
}

fn with_policy<T: serde::de::DeserializeOwned + serde::Serialize>(text: &str, change: &impl Fn(&mut T)) -> String {
    let (mut document, body) = Document::parse(text.as_bytes()).unwrap();
    let mut policy: T = omega::canon::policy::read(text.as_bytes()).unwrap();
    change(&mut policy);
    document.policy = serde_json::to_value(policy).unwrap().as_object().unwrap().clone();
    front::render(&document, body)
}

/// What a canon begins with.
pub struct Seed {
    pub profile: Profile,
    pub members: Vec<Member>,
    pub who: &'static [&'static str],
    pub files: Vec<Edit>,
    pub consensus: Box<dyn Fn(&mut Consensus)>,
    pub protocol: Box<dyn Fn(&mut PeacePipe)>,
    pub security: Box<dyn Fn(&str) -> String>,
    pub proposal: Box<dyn Fn(&mut Proposal)>,
    pub ruling: Box<dyn Fn(&mut Ruling)>,
    /// The Chief's key, if it is not that of the name.
    pub key: Option<Key>,
    /// Further keys that sign the first proposal.
    pub enrolled: Vec<Key>,
}

impl Default for Seed {
    fn default() -> Self {
        Self {
            profile: Profile::Omega,
            members: vec![
                chief("ry", 1),
                Member { role: Role::Clerk, weight: 0, ..member("safa", 2) },
                member("claude", 3),
                member("gemini", 4),
                member("codex", 5),
                member("grok", 6),
            ],
            who: &["AGENTS.md", "prompts/**"],
            files: vec![Edit::file("AGENTS.md", "Be kind.\n"), Edit::file("prompts/one.md", "One.\n")],
            consensus: Box::new(|_| {}),
            protocol: Box::new(|_| {}),
            security: Box::new(str::to_owned),
            proposal: Box::new(|_| {}),
            ruling: Box::new(|_| {}),
            key: None,
            enrolled: Vec::new(),
        }
    }
}

pub const VOTERS: [&str; 4] = ["claude", "gemini", "codex", "grok"];

static PLANTED: LazyLock<Forge> = LazyLock::new(|| Forge::plant(&Seed::default()));

/// A canon in memory, and the keys of everybody.
#[derive(Clone)]
pub struct Forge {
    pub tree: MemoryTree,
    /// The key with which each member signs.
    pub keys: BTreeMap<String, Key>,
    /// What the clocks say; each record is a minute later.
    pub now: i64,
    /// What the tree was last judged to be.
    seen: Arc<Mutex<Option<(Digest, Seen)>>>,
}

/// What lies in a tree, and what follows from it.
pub type Seen = Arc<(Evidence, Judgement)>;

impl Forge {
    /// A canon with a Chief, a Clerk and four voters.
    pub fn planted() -> Self {
        PLANTED.clone()
    }

    /// A canon that begins with this.
    pub fn plant(seed: &Seed) -> Self {
        let mut forge =
            Self { tree: MemoryTree::default(), keys: BTreeMap::new(), now: time("2026-02-26T12:00:00Z").unix(), seen: Arc::default() };
        for member in &seed.members {
            forge.keys.insert(member.name.to_string(), Key::of(member.name.as_str()));
        }
        let chief = seed.members.iter().find(|m| m.role == Role::Chief).unwrap_or(&seed.members[0]).clone();
        if let Some(key) = &seed.key {
            forge.keys.insert(chief.name.to_string(), key.clone());
        }
        let id = resolution("genesis");
        let empty = omega::ledger::state::Ledger::default();
        let at = forge.tick();
        let stamps = Stamps { ledger: &empty, resolution: &id, chief: &chief.name, now: at };
        let mut files: BTreeMap<RepoPath, (FileMode, Vec<u8>)> = BTreeMap::new();
        for (document, bytes) in planted::documents(&Planting { profile: seed.profile, ..Planting::whole(&id, &chief.name, &[]) }) {
            let text = String::from_utf8(bytes).unwrap();
            let text = match document.as_str() {
                "OMEGA_IDENTITY" | "CONSTITUTION" => with_who(&text, seed.who),
                "CONSENSUS_ENGINE" => with_policy(&text, &seed.consensus),
                "PEACE_PIPE_PROTOCOL" => with_policy(&text, &seed.protocol),
                "SECURITY_AND_PRIVACY" => (seed.security)(&text),
                _ => text,
            };
            if layout::has_fact(&document) {
                let (fact, entry) = stamps.fact(&document, text.as_bytes()).unwrap();
                files.insert(fact, (FileMode::File, entry));
            }
            files.insert(layout::document(&document), (FileMode::File, text.into_bytes()));
        }
        for member in &seed.members {
            files.insert(layout::member(&member.name), (FileMode::File, front::render(member, "").into_bytes()));
        }
        for edit in &seed.files {
            if let Edit::Put(place, mode, bytes) = edit {
                files.insert(path(place), (*mode, bytes.clone()));
            }
        }
        let mut proposal = Proposal {
            omega: 1,
            kind: "proposal".into(),
            canon: None,
            resolution: id.clone(),
            by: chief.name.clone(),
            at,
            title: "Plant the canon".into(),
            risk: Risk::Critical,
            base: None,
            changes: files
                .iter()
                .map(|(path, (mode, bytes))| Change {
                    path: path.clone(),
                    mode: Some(*mode),
                    before: None,
                    after: Some(Digest::of(bytes)),
                    released: None,
                })
                .collect(),
            supersedes: None,
            settles: None,
            purge: None,
            recovery: None,
        };
        (seed.proposal)(&mut proposal);
        for (path, (mode, bytes)) in &files {
            forge.put_mode(path.as_str(), *mode, bytes);
            forge.put(layout::bytes(&Digest::of(bytes)).as_str(), bytes);
        }
        forge.record(&proposal, "The first state.", chief.name.as_str());
        let key = forge.keys[chief.name.as_str()].clone();
        for key in seed.enrolled.iter().chain([&key]) {
            forge.enrol(&id, key);
        }
        let evidence = gather(&forge.tree, &Scope::all(1)).unwrap();
        let folder = evidence.folders[&id].clone();
        let records = folder.records();
        let law = genesis_law(&proposal, &evidence.bytes);
        let examined = law.as_ref().ok().and_then(|law| examine(&id, &folder, law, None).ok());
        let count = examined.map_or_else(tally::Tally::default, |examined| examined.count.tally);
        let mut ruling = Ruling {
            omega: 1,
            kind: "ruling".into(),
            canon: None,
            resolution: id.clone(),
            by: chief.name.clone(),
            at: forge.tick(),
            proposal: folder.proposal.as_ref().unwrap().digest(),
            sequence: 0,
            previous: None,
            verdict: Verdict::Approve,
            records,
            tally: count,
            bypass: None,
            expires: None,
        };
        (seed.ruling)(&mut ruling);
        forge.signed(layout::ruling(0).as_str(), &ruling, "The canon begins.", &key);
        forge.settle();
        forge
    }

    /// The next minute.
    pub fn tick(&mut self) -> Timestamp {
        self.now += 60;
        Timestamp::from_unix(self.now).unwrap()
    }

    pub fn put(&mut self, path: &str, bytes: impl AsRef<[u8]>) {
        self.tree.0.insert(path.as_bytes().to_vec(), (Mode::File, bytes.as_ref().to_vec()));
    }

    pub fn put_mode(&mut self, path: &str, mode: FileMode, bytes: &[u8]) {
        let mode = match mode {
            FileMode::File => Mode::File,
            FileMode::Exec => Mode::Exec,
            FileMode::Link => Mode::Link,
        };
        self.tree.0.insert(path.as_bytes().to_vec(), (mode, bytes.to_vec()));
    }

    #[track_caller]
    pub fn get(&self, path: &str) -> Vec<u8> {
        self.tree.0.get(path.as_bytes()).unwrap_or_else(|| panic!("{path} is not there")).1.clone()
    }

    pub fn has(&self, path: &str) -> bool {
        self.tree.0.contains_key(path.as_bytes())
    }

    #[track_caller]
    pub fn delete(&mut self, path: &str) {
        assert!(self.tree.0.remove(path.as_bytes()).is_some(), "{path} is not there");
    }

    /// Deletes a record with its signature.
    #[track_caller]
    pub fn delete_record(&mut self, path: &str) {
        self.delete(path);
        self.delete(&format!("{path}.sig"));
    }

    /// Reads and folds the tree, unless it is the one that was folded last.
    pub fn judged(&self) -> Seen {
        let mut hash = Sha256::new();
        for (path, (mode, bytes)) in &self.tree.0 {
            hash.update(format!("{} {mode:?} {}\n", path.len(), bytes.len()));
            hash.update(path);
            hash.update(bytes);
        }
        let digest = Digest::of(&hash.finalize());
        let mut seen = self.seen.lock().unwrap();
        if let Some((_, seen)) = seen.as_ref().filter(|(of, _)| *of == digest) {
            return Arc::clone(seen);
        }
        let evidence = gather(&self.tree, &Scope::all(1)).unwrap();
        let judgement = fold_and_examine(&evidence);
        let now = Arc::new((evidence, judgement));
        *seen = Some((digest, Arc::clone(&now)));
        now
    }

    /// How many rulings fold.
    pub fn folded(&self) -> usize {
        self.judged().1.ledger.rulings.len()
    }

    pub fn law(&self) -> Arc<Law> {
        self.judged().1.ledger.law().unwrap().clone()
    }

    pub fn root(&self) -> Digest {
        Digest::of(&self.get("canon/ledger/000000.md"))
    }

    /// The number and digest of the last ruling that lies there.
    pub fn head(&self) -> (u32, Digest) {
        let number = (0..).take_while(|n| self.has(layout::ruling(*n).as_str())).last().unwrap();
        (number, Digest::of(&self.get(layout::ruling(number).as_str())))
    }

    /// Writes a record and a signature by this key.
    pub fn signed<R: Record>(&mut self, path: &str, record: &R, body: &str, key: &Key) -> Digest {
        let text = front::render(record, body);
        self.put(path, &text);
        self.put(&format!("{path}.sig"), key.sign(R::NAMESPACE, text.as_bytes()));
        Digest::of(text.as_bytes())
    }

    /// Writes a record to its place, signed by this member's key.
    #[track_caller]
    pub fn record<R: Record>(&mut self, record: &R, body: &str, signer: &str) -> Digest {
        let place = layout::in_folder(record.resolution(), record.place().unwrap());
        let key = self.keys[signer].clone();
        self.signed(place.as_str(), record, body, &key)
    }

    /// Signs a proposal with a key that it adds.
    pub fn enrol(&mut self, id: &ResolutionId, key: &Key) {
        self.proof(id, "keys", Namespace::Enrol, key);
    }

    /// Signs a proposal with a recovery key.
    pub fn recover(&mut self, id: &ResolutionId, key: &Key) {
        self.proof(id, "recover", Namespace::Recover, key);
    }

    fn proof(&mut self, id: &ResolutionId, folder: &str, namespace: Namespace, key: &Key) {
        let proposal = self.get(layout::in_folder(id, "proposal.md").as_str());
        let armor = key.sign(namespace, &proposal);
        self.put(layout::in_folder(id, format_args!("{folder}/{}.sig", key.public().id())).as_str(), armor);
    }

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

    pub fn pin(&self) -> Pin {
        Pin::Root(self.root())
    }

    pub fn verify(&self) -> Report {
        self.verify_with(self.pin(), Timestamp::from_unix(self.now + 60).unwrap())
    }

    pub fn verify_with(&self, pin: Pin, now: Timestamp) -> Report {
        verify(&self.tree, "memory", Some(pin), now, 1).unwrap()
    }

    #[track_caller]
    pub fn concludes(&self, conclusion: Conclusion) -> Report {
        let report = self.verify();
        assert_eq!(report.conclusion, conclusion, "{:#?}", report.findings);
        report
    }

    /// Every governed byte is ratified.
    #[track_caller]
    pub fn holds(&self) -> Report {
        self.concludes(Conclusion::Holds)
    }

    /// Live differs by drafts only.
    #[track_caller]
    pub fn pends(&self) -> Report {
        self.concludes(Conclusion::Pending)
    }

    /// The tree is violated, with this finding at this path among what is found.
    #[track_caller]
    pub fn violates(&self, code: Code, path: impl AsRef<str>) -> Report {
        violated(self.verify(), code, path.as_ref())
    }

    /// The file of a resolution.
    pub fn of(&self, id: &ResolutionId, name: &str) -> String {
        layout::in_folder(id, name).to_string()
    }
}

#[track_caller]
pub fn violated(report: Report, code: Code, path: &str) -> Report {
    assert_eq!(report.conclusion, Conclusion::Violated, "expected {code} at {path}");
    let found = report.findings.iter().any(|finding| finding.code == code && finding.path == path && finding.is_error());
    assert!(found, "expected {code} at {path}, and found {:#?}", report.findings);
    report
}

pub fn bypassing(bypass: Bypass) -> impl FnOnce(&mut Ruling) {
    move |ruling| ruling.bypass = Some(bypass)
}
