//! Builds ledgers in memory with real keys: honest ones, and whatever an attacker would put in their
//! place. Nothing here refuses anything; what holds is for the library to say.

mod edits;
mod judged;
mod keys;
mod plant;
mod records;
mod rulings;
mod tree;

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex};

use omega::canon::{Kind, Member, MemberName, RepoPath, ResolutionId, Role, front, layout};
use omega::clock::Timestamp;
use omega::digest::Digest;
use omega::keys::Namespace;
use omega::ledger::evidence::{Evidence, Scope, gather};
use omega::ledger::kinds::{FileMode, Record};
use omega::ledger::state::Law;
use omega::ledger::verdict::{Judgement, fold_and_examine};
use omega::tree::Mode;
use sha2::{Digest as _, Sha256};

pub use omega::council::tally::Choice;

pub use edits::Edit;
pub use judged::{bypassing, violated};
pub use keys::{Key, put_string};
pub use plant::Seed;
pub use tree::MemoryTree;

pub const VOTERS: [&str; 4] = ["claude", "gemini", "codex", "grok"];

static PLANTED: LazyLock<Forge> = LazyLock::new(|| Forge::plant(&Seed::default()));

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
}
