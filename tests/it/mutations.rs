//! Whatever is done to a tree without a key is found, and named.
//!
//! A ledger with most kinds of resolutions is made once by the binary. Then single mutations of its files
//! are judged in this process, thousands a run, and a sample of them by the binary on a plain folder.
//! `OMEGA_TEST_SEED` sets the seed, else the day does. `OMEGA_TEST_MUTATIONS` says how many kinds of mutation every file meets:
//! 22 are all kinds there are, more of them are the same kinds at other places of the file.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Instant;

use omega::canon::{Place, front};
use omega::clock::Timestamp;
use omega::digest::Digest;
use omega::finding::{Code, Finding};
use omega::git::Repo;
use omega::ledger::checkpoint::Checkpoint;
use omega::ledger::kinds::Ruling;
use omega::survey::verify::{Conclusion, Report, verify};
use omega::tree::{Entry, Listing, Mode, Oid, Reader, Tree, TreeError};
use omega::workspace::assess::{Assessment, assess, assess_beside};
use omega::workspace::pin::Pin;

use sha2::{Digest as _, Sha256};

use crate::sample;
use crate::world::World;

// ---------------------------------------------------------------------------------------------------
// A tree in memory.

#[derive(Clone, Debug, PartialEq)]
struct Leaf {
    mode: Mode,
    bytes: Arc<[u8]>,
    /// Two leaves with the same bytes have the same.
    id: Oid,
}

impl Leaf {
    fn new(mode: Mode, bytes: impl Into<Arc<[u8]>>) -> Self {
        let bytes = bytes.into();
        let digest = Sha256::digest(&bytes);
        Self { mode, id: Oid::from_bytes(&digest).unwrap(), bytes }
    }
}

/// Files by path. Paths are bytes, as git has them.
#[derive(Clone, Debug, Default, PartialEq)]
struct Files(BTreeMap<Vec<u8>, Leaf>);

impl Files {
    fn of(tree: &dyn Tree) -> Self {
        let mut reader = tree.reader();
        let leaf = |entry: Entry| {
            let bytes = reader.read(&entry, u64::MAX).unwrap();
            (entry.path, Leaf::new(entry.mode, bytes))
        };
        Self(tree.list(&|_| true).unwrap().entries.into_iter().map(leaf).collect())
    }

    fn get(&self, path: &[u8]) -> Option<&Leaf> {
        self.0.get(path)
    }

    fn put(&mut self, path: &[u8], mode: Mode, bytes: impl Into<Arc<[u8]>>) {
        self.0.insert(path.to_vec(), Leaf::new(mode, bytes));
    }

    /// Whether a new file can have this path: it is free, and no file is a folder of another.
    fn has_room(&self, path: &[u8]) -> bool {
        let below = [path, b"/"].concat();
        let mut parents = path.iter().enumerate().filter(|(_, b)| **b == b'/').map(|(at, _)| &path[..at]);
        !self.0.contains_key(path)
            && !parents.any(|parent| self.0.contains_key(parent))
            && !self.0.range(below.clone()..).next().is_some_and(|(next, _)| next.starts_with(&below))
    }

    /// Writes everything into an empty folder.
    fn write(&self, dir: &Path) {
        use std::os::unix::ffi::OsStrExt as _;
        use std::os::unix::fs::PermissionsExt as _;
        for (path, leaf) in &self.0 {
            let path = dir.join(std::ffi::OsStr::from_bytes(path));
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            match leaf.mode {
                Mode::Link => std::os::unix::fs::symlink(std::ffi::OsStr::from_bytes(&leaf.bytes), path).unwrap(),
                Mode::Submodule => {
                    ["objects", "refs"].iter().for_each(|name| fs::create_dir_all(path.join(".git").join(name)).unwrap());
                    fs::write(path.join(".git/HEAD"), "ref: refs/heads/main\n").unwrap();
                }
                Mode::Other => drop(std::os::unix::net::UnixListener::bind(path).unwrap()),
                Mode::File | Mode::Exec => {
                    fs::write(&path, &leaf.bytes).unwrap();
                    let mode = if leaf.mode == Mode::Exec { 0o755 } else { 0o644 };
                    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
                }
            }
        }
    }
}

impl Tree for Files {
    fn list(&self, enter: &dyn Fn(&[u8]) -> bool) -> Result<Listing, TreeError> {
        let mut asked: BTreeMap<&[u8], bool> = BTreeMap::new();
        let mut entries = Vec::new();
        for (path, leaf) in &self.0 {
            let mut folders = path.iter().enumerate().filter(|(_, b)| **b == b'/').map(|(at, _)| &path[..at]);
            if folders.all(|folder| *asked.entry(folder).or_insert_with(|| enter(folder))) {
                entries.push(Entry { path: path.clone(), mode: leaf.mode, id: Some(leaf.id) });
            }
        }
        Ok(Listing { entries, defects: Vec::new() })
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        Box::new(FilesReader(self))
    }
}

struct FilesReader<'a>(&'a Files);

impl Reader for FilesReader<'_> {
    fn read(&mut self, entry: &Entry, limit: u64) -> Result<Vec<u8>, TreeError> {
        let path = String::from_utf8_lossy(&entry.path).into_owned();
        let Some(leaf) = self.0.get(&entry.path) else { return Err(TreeError::Missing { path, id: "-".to_owned() }) };
        let size = leaf.bytes.len() as u64;
        match leaf.mode {
            // As for a folder on disk.
            Mode::Other => Err(TreeError::Io { path, cause: "neither a file nor a link".to_owned() }),
            Mode::Submodule => Ok(Vec::new()),
            _ if size > limit => Err(TreeError::TooLarge { path, size, limit }),
            _ => Ok(leaf.bytes.to_vec()),
        }
    }
}

// ---------------------------------------------------------------------------------------------------
// The story.

/// What is mutated.
struct Subject {
    name: &'static str,
    files: Files,
    /// What the last state says of each path; for the main branch the same as `files`.
    state: Files,
    holds: Conclusion,
}

struct Story {
    world: World,
    root: Digest,
    now: Timestamp,
    main: Subject,
    open: Subject,
    /// All trees in the history of main, the oldest first.
    history: Vec<Files>,
    /// A tree with another last ruling.
    fork: Files,
}

impl Story {
    fn pin(&self) -> Pin {
        Pin::Root(self.root)
    }

    /// Judges a tree by itself. Beside the honest one, of which it then reads only what differs, it must come to the same.
    fn judge(&self, files: &Files, pin: Pin) -> Result<Report, omega::workspace::Error> {
        static HONEST: OnceLock<Assessment> = OnceLock::new();
        let report = verify(files, "memory", Some(pin), self.now, 1);
        static TURN: AtomicUsize = AtomicUsize::new(0);
        let honest = HONEST.get_or_init(|| assess(&self.main.files, 1).unwrap());
        // Nor does it help whoever forges it to be judged first: all the bytes, and a part of the others.
        let lacks = self.main.files.0.keys().any(|path| path.starts_with(b"canon/bytes/") && files.get(path).is_none());
        if (lacks || TURN.fetch_add(1, Ordering::Relaxed).is_multiple_of(16))
            && let Ok(forged) = assess(files, 1)
        {
            let beside = assess_beside(Some(&forged), &self.main.files, 1).unwrap();
            let all = |assessment: &Assessment| {
                let judgement = &assessment.judgement;
                let bytes: Vec<Digest> = assessment.evidence.bytes.keys().copied().collect();
                let ledger = serde_json::to_string(&judgement.ledger).unwrap();
                (ledger, judgement.open.clone(), judgement.drafts.clone(), judgement.findings.clone(), bytes)
            };
            assert_eq!(all(&beside), all(honest));
        }
        match (&report, assess_beside(Some(honest), files, 1)) {
            (Ok(report), Ok(beside)) => {
                // What is said of a pin and of a time is not said of the tree.
                let of_tree =
                    |finding: &&Finding| finding.is_error() && ![Code::Root, Code::Checkpoint, Code::Expired].contains(&finding.code);
                let alone: Vec<&Finding> = report.findings.iter().filter(of_tree).collect();
                let mut beside: Vec<&Finding> = beside.judgement.findings.iter().filter(of_tree).collect();
                beside.sort_by(|a, b| (b.severity, &a.path, a.code).cmp(&(a.severity, &b.path, b.code)));
                beside.dedup();
                assert_eq!(alone, beside);
            }
            (Err(alone), Err(beside)) => assert_eq!(alone.to_string(), beside.to_string()),
            (alone, beside) => panic!("alone: {alone:?}; beside the honest tree: {beside:?}"),
        }
        report
    }
}

fn story() -> &'static Story {
    static STORY: OnceLock<Story> = OnceLock::new();
    STORY.get_or_init(tell)
}

fn propose(world: &World, by: &str, title: &str) -> String {
    let ran = world.by(by, &["canon", "propose", "--title", title, "--reason", "It is better so.", "--format", "json"]).exits(0);
    let id = ran.json()["report"]["resolution"].as_str().unwrap().to_owned();
    world.look_at(&id);
    id
}

fn vote(world: &World, id: &str, by: &str, choice: &str) {
    world.by(by, &["canon", "vote", id, choice, "--reason", &format!("{by} says {choice}."), "--confidence", "70"]).exits(0);
}

fn tree_of(world: &World, rev: &str) -> Files {
    let repo = Repo::discover(&world.repo(), None).unwrap();
    Files::of(&repo.revision(repo.resolve(rev).unwrap()).unwrap())
}

fn tell() -> Story {
    let world = World::empty();
    world.write("AGENTS.md", "# Agents\n\nBe plain.\n");
    world.write("README.md", "Not governed.\n");
    world.write("src/main.c", "int main(void) { return 0; }\n");
    world.write("prompts/system.md", "You are aria.\n");
    world.write("prompts/deep/er/search.md", "Search first.\n");
    world.write("prompts/old.md", "Once upon a time.\n");
    world.write("prompts/logo.bin", (0..=255).collect::<Vec<u8>>());
    world.write("prompts/run.sh", "#!/bin/sh\necho hello\n");
    world.run("chmod", &["755", "prompts/run.sh"], &world.repo(), None).exits(0);
    world.run("ln", &["-s", "system.md", "prompts/default.md"], &world.repo(), None).exits(0);
    world.git(&["add", "."]).exits(0);
    world.git(&["commit", "-q", "-m", "What was there before"]).exits(0);
    let members = ["claude", "gemini", "codex"].map(|name| format!("{name}={}.pub", world.key(name)));
    let mut init = vec!["init", "--profile", "omega", "--chief", "ry", "--govern", "AGENTS.md", "--govern", "prompts/**", "--yes"];
    for member in &members {
        init.extend(["--member", member]);
    }
    world.by("ry", &init).exits(0);

    // Ratified by all.
    world.edit_identity("Say what is so.");
    let id = propose(&world, "claude", "Say what is so");
    world.approve(&id, &["claude", "gemini", "codex"]);
    world.ratify(&id);

    // Rejected; what it drafted is put back.
    world.write("prompts/system.md", "YOU ARE ARIA.\n");
    let id = propose(&world, "gemini", "Shout");
    vote(&world, &id, "claude", "reject");
    vote(&world, &id, "codex", "reject");
    world.by("ry", &["canon", "rule", &id, "reject", "--reason", "No.", "--yes"]).exits(0);

    // A member is added, and signs for its key.
    let key = fs::read_to_string(format!("{}.pub", world.key("grok"))).unwrap();
    let key = key.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    world
        .write("canon/council/grok.md", format!("---\nname: grok\nseat: 5\nrole: member\nkind: human\nweight: 2\nkeys:\n  - {key}\n---\n"));
    let id = propose(&world, "ry", "Seat grok");
    world.by("grok", &["canon", "enrol", &id]).exits(0);
    world.approve(&id, &["claude", "gemini", "codex"]);
    world.ratify(&id);

    // Talked over: three turns, a skip, a synthesis. A mode and a removal are part of it.
    world.write("AGENTS.md", "# Agents\n\nBe plain. Name your sources.\n");
    world.run("chmod", &["644", "prompts/run.sh"], &world.repo(), None).exits(0);
    fs::remove_file(world.repo().join("prompts/old.md")).unwrap();
    let id = propose(&world, "codex", "Name the sources");
    for member in ["claude", "gemini", "codex"] {
        world.by(member, &["canon", "speak", &id, "approve", "--reason", &format!("**Position.** For it, says {member}.")]).exits(0);
    }
    world.by("ry", &["canon", "skip", &id, "grok", "--reason", "No answer."]).exits(0);
    world.by("ry", &["canon", "synthesize", &id, "--reason", "All who spoke are for it."]).exits(0);
    world.approve(&id, &["claude", "grok"]);
    vote(&world, &id, "gemini", "abstain");
    world.ratify(&id);

    // An entry of the phylactery, and a changed mind.
    world.write(
        "canon/phylactery/value/candor.md",
        "---\nvalue: Say it when you do not know.\nsource: AGENTS.md\nconfidence: 90\n---\n\nLong since so.\n",
    );
    let id = propose(&world, "claude", "Keep candor");
    vote(&world, &id, "gemini", "reject");
    world.approve(&id, &["claude", "codex", "grok"]);
    vote(&world, &id, "gemini", "approve");
    world.ratify(&id);

    // Superseded before anybody ruled; both close with one ruling.
    world.write("prompts/deep/er/search.md", "Search first. Search twice.\n");
    let first = propose(&world, "codex", "Search twice");
    vote(&world, &first, "claude", "amend");
    world.write("prompts/deep/er/search.md", "Search first, and then once more.\n");
    let ran = world
        .by(
            "codex",
            &["canon", "propose", "--title", "Search once more", "--reason", "Shorter.", "--supersedes", &first, "--format", "json"],
        )
        .exits(0);
    let id = ran.json()["report"]["resolution"].as_str().unwrap().to_owned();
    world.look_at(&id);
    assert_ne!(id, first);
    world.approve(&id, &["claude", "codex", "grok"]);
    world.ratify(&id);

    // Withdrawn, and merged so.
    world.write("prompts/logo.bin", [0, 159, 146, 150]);
    let id = propose(&world, "grok", "Another logo");
    world.by("grok", &["canon", "withdraw", &id, "--reason", "Ugly."]).exits(0);
    world.git(&["switch", "-q", "main"]).exits(0);
    world.git(&["merge", "-q", "--ff-only", &format!("canon/{id}")]).exits(0);
    world.git(&["branch", "-q", "-D", &format!("canon/{id}")]).exits(0);

    // Sent back; elsewhere the same proposal is rejected instead.
    world.write(
        "canon/ECONOMY_MODEL.md",
        world.read("canon/ECONOMY_MODEL.md").replace("# ECONOMY_MODEL\n", "# ECONOMY_MODEL\n\nIt costs what it costs.\n"),
    );
    let id = propose(&world, "claude", "What it costs");
    vote(&world, &id, "grok", "amend");
    copy(&world.repo(), &world.path("elsewhere"));
    let key = world.key("ry");
    world.omega_in(&world.path("elsewhere"), &["canon", "rule", &id, "reject", "--reason", "No.", "--yes", "--key", &key]).exits(0);
    // What was ruled elsewhere is remembered for the user.
    fs::remove_dir_all(world.path("home")).unwrap();
    fs::create_dir(world.path("home")).unwrap();
    let repo = Repo::discover(&world.path("elsewhere"), None).unwrap();
    let fork = Files::of(&repo.revision(repo.resolve("main").unwrap()).unwrap());
    world.by("ry", &["canon", "rule", &id, "amend", "--reason", "Shorter.", "--yes"]).exits(0);
    world.omega(&["canon", "verify", "main"]).exits(0);
    assert_eq!(world.git(&["status", "--porcelain"]).out, "");
    let main = tree_of(&world, "main");

    // An open proposal with votes: it changes, adds and removes, under canon/ and outside.
    world.edit_identity("Ask when in doubt.");
    world.write("prompts/new.md", "Brand new.\n");
    world.write("canon/phylactery/style/short.md", "---\nvalue: Short sentences.\nsource: prompts\nconfidence: 60\n---\n");
    fs::remove_file(world.repo().join("prompts/logo.bin")).unwrap();
    let id = propose(&world, "gemini", "Ask when in doubt");
    vote(&world, &id, "claude", "approve");
    vote(&world, &id, "grok", "abstain");
    world.omega(&["canon", "verify"]).exits(12);
    let open = tree_of(&world, &format!("canon/{id}"));

    let commits = world.git(&["rev-list", "--reverse", "--first-parent", "main"]).exits(0).out;
    let planted = |files: &Files| files.0.keys().any(|path| path.starts_with(b"canon/ledger/"));
    let history = commits.lines().map(|commit| tree_of(&world, commit)).filter(planted).collect();
    let root = world.root().parse().unwrap();
    let now = world.now.parse().unwrap();
    Story {
        main: Subject { name: "main", files: main.clone(), state: main.clone(), holds: Conclusion::Holds },
        open: Subject { name: "open", files: open, state: main, holds: Conclusion::Pending },
        world,
        root,
        now,
        history,
        fork,
    }
}

fn copy(from: &Path, to: &Path) {
    let status = std::process::Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap();
    assert!(status.success());
}

// ---------------------------------------------------------------------------------------------------
// Mutations.

/// Numbers that look random and are the same on every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }

    fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    ChangeByte,
    FlipBit,
    RemoveByte,
    InsertByte,
    Truncate,
    Empty,
    Append,
    AppendNewline,
    Windows,
    Remove,
    Copy,
    Overwrite,
    Swap,
    Rename,
    Recase,
    Garble,
    GarbleFolder,
    Executable,
    Plain,
    Link,
    Submodule,
    Other,
}

impl Kind {
    const ALL: [Self; 22] = [
        Self::ChangeByte,
        Self::FlipBit,
        Self::RemoveByte,
        Self::InsertByte,
        Self::Truncate,
        Self::Empty,
        Self::Append,
        Self::AppendNewline,
        Self::Windows,
        Self::Remove,
        Self::Copy,
        Self::Overwrite,
        Self::Swap,
        Self::Rename,
        Self::Recase,
        Self::Garble,
        Self::GarbleFolder,
        Self::Executable,
        Self::Plain,
        Self::Link,
        Self::Submodule,
        Self::Other,
    ];
}

struct Mutant {
    kind: Kind,
    files: Files,
    /// The paths that are not what they were.
    touched: Vec<Vec<u8>>,
}

/// The one mutation of a file; nothing, where it changes nothing or makes no tree.
fn mutate(subject: &Subject, path: &[u8], kind: Kind, random: &mut Random) -> Option<Mutant> {
    let base = &subject.files;
    let paths: Vec<&Vec<u8>> = base.0.keys().filter(|path| is_governed(path)).collect();
    let leaf = base.get(path)?.clone();
    let mut bytes = leaf.bytes.to_vec();
    let mut files = base.clone();
    let mut touched = vec![path.to_vec()];
    let rewrite = |files: &mut Files, bytes: Vec<u8>| files.put(path, leaf.mode, bytes);
    let moved = |files: &mut Files, to: Vec<u8>| {
        files.0.remove(path);
        let room = files.has_room(&to);
        files.0.insert(to.clone(), leaf.clone());
        room.then_some(to)
    };
    match kind {
        Kind::ChangeByte | Kind::FlipBit | Kind::RemoveByte if bytes.is_empty() => return None,
        Kind::ChangeByte => {
            let at = random.below(bytes.len());
            bytes[at] = bytes[at].wrapping_add(1 + random.below(255) as u8);
            rewrite(&mut files, bytes);
        }
        Kind::FlipBit => {
            let at = random.below(bytes.len());
            bytes[at] ^= 1 << random.below(8);
            rewrite(&mut files, bytes);
        }
        Kind::RemoveByte => {
            bytes.remove(random.below(bytes.len()));
            rewrite(&mut files, bytes);
        }
        Kind::InsertByte => {
            // Half of the time something that a reader could take for nothing.
            let byte = if random.below(2) == 0 { *random.of(b" \n\t\r0-#") } else { random.below(256) as u8 };
            bytes.insert(random.below(bytes.len() + 1), byte);
            rewrite(&mut files, bytes);
        }
        Kind::Truncate => {
            bytes.truncate(random.below(bytes.len()));
            rewrite(&mut files, bytes);
        }
        Kind::Empty => rewrite(&mut files, Vec::new()),
        Kind::Append => {
            bytes.extend((0..=random.below(40)).map(|_| random.below(256) as u8));
            rewrite(&mut files, bytes);
        }
        Kind::AppendNewline => {
            bytes.push(b'\n');
            rewrite(&mut files, bytes);
        }
        Kind::Windows => {
            let bytes = bytes.iter().flat_map(|byte| if *byte == b'\n' { vec![b'\r', b'\n'] } else { vec![*byte] }).collect();
            rewrite(&mut files, bytes);
        }
        Kind::Remove => drop(files.0.remove(path)),
        Kind::Copy => {
            let to = new_name(base, path, random);
            if !files.has_room(&to) {
                return None;
            }
            files.0.insert(to.clone(), leaf.clone());
            touched = vec![to];
        }
        Kind::Overwrite => {
            let other = *random.of(&paths);
            rewrite(&mut files, base.get(other)?.bytes.to_vec());
        }
        Kind::Swap => {
            let other = (*random.of(&paths)).clone();
            files.0.insert(path.to_vec(), base.get(&other)?.clone());
            files.0.insert(other.clone(), leaf.clone());
            touched.push(other);
        }
        Kind::Rename => touched.push(moved(&mut files, new_name(base, path, random))?),
        Kind::Recase => {
            let at: Vec<usize> = (0..path.len()).filter(|at| path[*at].is_ascii_alphabetic()).collect();
            let mut to = path.to_vec();
            to[*random.of(&at)] ^= 0x20;
            touched.push(moved(&mut files, to)?);
        }
        Kind::Garble => {
            let mut to = path.to_vec();
            let name = path.iter().rposition(|b| *b == b'/').map_or(0, |at| at + 1);
            to.insert(name + random.below(path.len() - name), 0xff);
            // AGENTS.md is governed by its whole name, and this is another one.
            touched.push(moved(&mut files, to)?);
        }
        Kind::GarbleFolder => {
            let name = path.iter().rposition(|b| *b == b'/')?;
            let to = [&path[..name], b"/\xff", &path[name..]].concat();
            touched.push(moved(&mut files, to)?);
        }
        Kind::Executable => files.put(path, Mode::Exec, leaf.bytes),
        Kind::Plain => files.put(path, Mode::File, leaf.bytes),
        Kind::Link => files.put(path, Mode::Link, leaf.bytes),
        Kind::Submodule => files.put(path, Mode::Submodule, leaf.bytes),
        Kind::Other => files.put(path, Mode::Other, leaf.bytes),
    }
    (files != *base).then_some(Mutant { kind, files, touched })
}

/// Whether the canon says what lies at a path. `prompts/` and one file are governed by `who`.
fn is_governed(path: &[u8]) -> bool {
    path.starts_with(b"canon/") || path.starts_with(b"prompts/") || path == b"AGENTS.md"
}

/// A path that some file of the canon could well have; half of the time one of the same kind.
fn new_name(base: &Files, path: &[u8], random: &mut Random) -> Vec<u8> {
    let text = String::from_utf8_lossy(path).into_owned();
    let hex: String = (0..8).map(|_| format!("{:08x}", random.next() as u32)).collect();
    let digest = Digest::of(&base.get(path).unwrap().bytes).hex();
    let ids: BTreeSet<String> = base
        .0
        .keys()
        .filter_map(|path| Some(std::str::from_utf8(path).ok()?.strip_prefix("canon/resolutions/")?.split('/').next()?.to_owned()))
        .collect();
    let mut ids: Vec<String> = ids.into_iter().collect();
    ids.push("2026-02-27-from-nowhere".to_owned());
    let folder = format!("canon/resolutions/{}", random.of(&ids));
    let signature = if text.ends_with(".sig") { ".sig" } else { "" };
    let number = random.below(12);
    let near = match text.split('/').collect::<Vec<_>>().as_slice() {
        ["canon", "council", _] => format!("canon/council/eve.md{signature}"),
        ["canon", "phylactery", _, _] => {
            format!("canon/phylactery/{}/extra.md{signature}", random.of(&["value", "style", "fact", "invariant", "memory"]))
        }
        ["canon", "bytes", _] => format!("canon/bytes/{hex}"),
        ["canon", "ledger", name] => format!("canon/ledger/{number:06}.{}", name.split_once('.').unwrap().1),
        ["canon", "resolutions", _, rest @ ..] => format!("{folder}/{}", rest.join("/")),
        ["canon", _] => format!("canon/EXTRA_{number}.md{signature}"),
        _ => format!("prompts/extra-{number}.md"),
    };
    let far = [
        format!("{folder}/votes/eve.1.md{signature}"),
        format!("{folder}/votes/claude.{}.md{signature}", number + 1),
        format!("{folder}/turns/{:03}.md{signature}", number + 1),
        format!("{folder}/seals/claude.md{signature}"),
        format!("{folder}/reveals/claude.md{signature}"),
        format!("{folder}/synthesis.md{signature}"),
        format!("{folder}/withdrawal.md{signature}"),
        format!("{folder}/keys/{hex}.sig"),
        format!("{folder}/recover/{hex}.sig"),
        format!("{folder}/transcript.md"),
        format!("{folder}/docket.md"),
        format!("{folder}/notes.txt"),
        format!("canon/bytes/{digest}"),
        format!("canon/ledger/{number:06}.signers"),
        "canon/README.md".to_owned(),
        "canon/deep/down/x.md".to_owned(),
        "canon/.gitkeep".to_owned(),
        "prompts/.hidden".to_owned(),
        "prompts/deep/.gitattributes".to_owned(),
    ];
    if random.below(2) == 0 { near } else { random.of(&far).clone() }.into_bytes()
}

// ---------------------------------------------------------------------------------------------------
// What must be so.

/// Whether the mutant is no violation, and why. There are three such cases, and all need a draft.
fn excuse(subject: &Subject, mutant: &Mutant) -> Option<&'static str> {
    let lies = |path: &[u8]| mutant.files.get(path);
    let holds_state = |path: &[u8]| {
        let place = std::str::from_utf8(path).ok().and_then(|path| Place::of(&path.parse().ok()?));
        !path.starts_with(b"canon/") || place.is_some_and(|place| place.is_state())
    };
    // A draft put back (an added file removed again, say) is what the state says.
    if mutant.touched.iter().all(|path| holds_state(path) && lies(path) == subject.state.get(path)) {
        return Some("every touched path is ratified as it lies");
    }
    // A submodule is not entered, which is a note. At a path of the state a file is missing then; in the
    // place of a drafted addition nothing is.
    if mutant.kind == Kind::Submodule && mutant.touched.iter().all(|path| !path.starts_with(b"canon/") && subject.state.get(path).is_none())
    {
        return Some("a submodule lies where no file has to be");
    }
    // `X.sig` is over the ratified bytes of X. Beside a draft of X it speaks of other bytes than those that
    // lie there, so it may as well be absent; the format says so.
    let beside_draft = |path: &Vec<u8>| {
        let signed = path.strip_suffix(b".sig").unwrap_or_default();
        let is_state = !path.starts_with(b"canon/resolutions/") && !path.starts_with(b"canon/ledger/");
        is_state && lies(path).is_none() && subject.files.get(path).is_some() && lies(signed) != subject.state.get(signed)
    };
    if mutant.touched.iter().all(beside_draft) {
        return Some("the signature of a state file is not needed beside a draft of it");
    }
    None
}

/// Whether a text names one of the touched paths, or the other half of its record.
fn names(touched: &[Vec<u8>], path: &str, message: &str) -> bool {
    touched.iter().any(|touched| {
        let touched = String::from_utf8_lossy(touched);
        let bare = touched.strip_suffix(".sig").unwrap_or(&touched);
        path == bare || path == format!("{bare}.sig") || message.contains(&format!("`{touched}`"))
    })
}

/// Judges one mutant; says what is wrong with the judgement.
fn check(story: &Story, subject: &Subject, mutant: &Mutant) -> Result<Option<Conclusion>, String> {
    let judged = catch_unwind(AssertUnwindSafe(|| story.judge(&mutant.files, story.pin())));
    let report = match judged {
        Err(_) => return Err("the verifier panicked".to_owned()),
        // Nothing is claimed then, and the reason names the file.
        Ok(Err(error)) if names(&mutant.touched, "", &error.to_string()) => return Ok(None),
        Ok(Err(error)) => return Err(format!("the error names another place: {error}")),
        Ok(Ok(report)) => report,
    };
    let errors: Vec<&Finding> = report.findings.iter().filter(|finding| finding.is_error()).collect();
    if let Some(why) = excuse(subject, mutant) {
        return match report.conclusion {
            Conclusion::Pending | Conclusion::Holds if errors.is_empty() => Ok(Some(report.conclusion)),
            _ => Err(format!("{why}, and it is found: {errors:#?}")),
        };
    }
    if report.conclusion != Conclusion::Violated {
        return Err(format!("it is not found: {:?}, {}", report.conclusion, report.proved));
    }
    if !errors.iter().any(|finding| names(&mutant.touched, &finding.path, &finding.message)) {
        return Err(format!("the findings name other places: {errors:#?}"));
    }
    Ok(Some(report.conclusion))
}

fn describe(mutant: &Mutant) -> String {
    let touched: Vec<_> = mutant.touched.iter().map(|path| path.escape_ascii().to_string()).collect();
    format!("{:?} of {}", mutant.kind, touched.join(" and "))
}

fn setting(name: &str, default: u64) -> u64 {
    #[allow(clippy::disallowed_methods, reason = "tests are set by the environment")]
    std::env::var(name).ok().map_or(default, |value| value.parse().unwrap())
}

/// The mutants of a subject: every governed file under as many kinds of mutation, which take turns.
fn mutants(subject: &Subject, seed: u64, each: usize) -> Vec<Mutant> {
    let mut all = Vec::new();
    let mut random = Random(seed);
    for path in subject.files.0.keys().filter(|path| is_governed(path)) {
        let first = random.below(Kind::ALL.len());
        // Steps of 5 through 22 kinds meet each once.
        let kinds = (0..each).map(|number| Kind::ALL[(first + 5 * number) % Kind::ALL.len()]);
        all.extend(kinds.filter_map(|kind| mutate(subject, path, kind, &mut random)));
    }
    all
}

fn every_mutation_is_found(subject: &Subject) {
    let story = story();
    assert_eq!(story.judge(&subject.files, story.pin()).unwrap().conclusion, subject.holds);
    let (seed, each) = (sample::seed(), setting("OMEGA_TEST_MUTATIONS", if sample::is_whole() { 14 } else { 6 }));
    let started = Instant::now();
    let all = mutants(subject, seed, each as usize);
    let (next, excused, silent) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().unwrap().get() {
            scope.spawn(|| {
                while let Some(mutant) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                    match check(story, subject, mutant) {
                        Ok(Some(Conclusion::Violated)) => {}
                        Ok(Some(_)) => drop(excused.fetch_add(1, Ordering::Relaxed)),
                        Ok(None) => drop(silent.fetch_add(1, Ordering::Relaxed)),
                        Err(why) => wrong.lock().unwrap().push(format!("{}: {why}", describe(mutant))),
                    }
                }
            });
        }
    });
    let (excused, silent) = (excused.into_inner(), silent.into_inner());
    println!(
        "{}: {} mutations in {:.1?}, seed {seed}; {excused} of drafts are no violation, of {silent} nothing can be said",
        subject.name,
        all.len(),
        started.elapsed()
    );
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{} of {} mutations, seed {seed}:\n{}", wrong.len(), all.len(), wrong.join("\n"));
    assert!(all.len() > 1000, "only {} mutations were made", all.len());
}

#[test]
fn every_mutation_of_a_closed_ledger_is_found() {
    every_mutation_is_found(&story().main);
}

#[test]
fn every_mutation_beside_an_open_proposal_is_found() {
    every_mutation_is_found(&story().open);
}

#[test]
fn the_binary_says_the_same_of_a_folder() {
    let story = story();
    let seed = sample::seed();
    let mut count = 0;
    for subject in [&story.main, &story.open] {
        let mut all = mutants(subject, seed, 3);
        // No link on disk leads to nothing, or has a NUL in its target.
        all.retain(|mutant| {
            mutant.files.0.values().all(|leaf| leaf.mode != Mode::Link || (1..4000).contains(&leaf.bytes.len()) && !leaf.bytes.contains(&0))
        });
        let mut random = Random(seed);
        for _ in 0..30 {
            let mutant = random.of(&all);
            let expected = match story.judge(&mutant.files, story.pin()) {
                Ok(report) => match report.conclusion {
                    Conclusion::Holds => 0,
                    Conclusion::Violated => 11,
                    Conclusion::Pending => 12,
                    Conclusion::Unknown => 13,
                },
                Err(omega::workspace::Error::Unknown { .. }) => 13,
                Err(_) => 1,
            };
            let dir = tempfile::tempdir().unwrap();
            mutant.files.write(dir.path());
            let ran = story.world.omega_in(
                &story.world.path("home"),
                &["canon", "verify", "--dir", dir.path().to_str().unwrap(), "--root", &story.root.to_string(), "--format", "json"],
            );
            assert_eq!(ran.code, Some(expected), "{}\n{}{}", describe(mutant), ran.out, ran.err);
            let named = names(&mutant.touched, "", &ran.out)
                || mutant.touched.iter().any(|path| ran.out.contains(String::from_utf8_lossy(path).trim_end_matches(".sig")));
            assert!(named || expected == 0 || expected == 12, "{}\n{}{}", describe(mutant), ran.out, ran.err);
            count += 1;
        }
    }
    println!("{count} mutations by the binary, seed {seed}");
}

#[test]
fn what_is_not_governed_is_free_to_change() {
    let story = story();
    for subject in [&story.main, &story.open] {
        let mut files = subject.files.clone();
        files.put(b"README.md", Mode::Exec, *b"Other words.\n");
        files.0.remove(b"src/main.c".as_slice()).unwrap();
        files.put(b"src/deep/main.rs", Mode::File, *b"fn main() {}\n");
        files.put(b"docs/AGENTS.md", Mode::File, *b"Only the one at the top is governed.\n");
        files.put(b"current", Mode::Link, *b"src");
        files.put(b"vendor/lib", Mode::Submodule, *b"");
        files.put(b"odd/\xff\xfe", Mode::File, *b"");
        let report = story.judge(&files, story.pin()).unwrap();
        assert_eq!(report.conclusion, subject.holds, "{:#?}", report.findings);
    }
}

#[test]
fn what_hides_or_shadows_governed_bytes_is_found() {
    let story = story();
    let base = &story.main.files;
    let without = |prefix: &[u8]| {
        Files(base.0.iter().filter(|(path, _)| !path.starts_with(prefix)).map(|(path, leaf)| (path.clone(), leaf.clone())).collect())
    };
    let with = |mut files: Files, path: &[u8], mode: Mode, text: &[u8]| {
        files.put(path, mode, text);
        files
    };
    for (files, path, code) in [
        (with(base.clone(), b"prompts/.gitattributes", Mode::File, b"* text eol=crlf\n"), "prompts/system.md", Code::Attributes),
        (with(base.clone(), b".gitattributes", Mode::File, b"AGENTS.md export-ignore\n"), "AGENTS.md", Code::Attributes),
        (with(base.clone(), b".gitattributes", Mode::File, b"*.md filter=lfs\n"), "canon/OMEGA_IDENTITY.md", Code::Attributes),
        (with(base.clone(), b"agents.md", Mode::File, b"Lie.\n"), "agents.md", Code::Collision),
        (with(base.clone(), b"Prompts/system.md", Mode::File, b"Lie.\n"), "Prompts/system.md", Code::Collision),
        (with(base.clone(), b"Prompts/new.md", Mode::File, b"Lie.\n"), "Prompts/new.md", Code::Ungoverned),
        (with(base.clone(), b"CANON/x", Mode::File, b""), "CANON/x", Code::Collision),
        (with(base.clone(), b"Canon", Mode::Link, b"/tmp"), "Canon", Code::Collision),
        (with(base.clone(), b"canon/\xff/x", Mode::File, b""), "canon/\u{fffd}/x", Code::Stray),
        (with(base.clone(), b"prompts/\xff", Mode::File, b"Lie.\n"), "prompts/\u{fffd}", Code::Collision),
        (with(base.clone(), b"prompts/\xff/x.md", Mode::File, b"Lie.\n"), "prompts/\u{fffd}/x.md", Code::Collision),
        (with(base.clone(), "prompts/a\u{200b}.md".as_bytes(), Mode::File, b"Lie.\n"), "prompts/a\u{200b}.md", Code::Collision),
        // The glob `prompts/**` names the folder itself too, and no council ratified a link there.
        (with(without(b"prompts/"), b"prompts", Mode::Link, b"src"), "prompts", Code::Link),
        (with(without(b"prompts/"), b"prompts", Mode::Submodule, b""), "prompts", Code::Link),
        (with(without(b"canon/"), b"canon", Mode::Link, b"src"), "canon", Code::Link),
        (with(without(b"canon/"), b"canon", Mode::Submodule, b""), "canon", Code::Link),
        (without(b"canon/"), "canon/ledger/000000.md", Code::Chain),
        (without(b"canon/bytes/"), "canon/OMEGA_IDENTITY.md", Code::BytesMissing),
    ] {
        let report = story.judge(&files, story.pin()).unwrap();
        assert_eq!(report.conclusion, Conclusion::Violated, "{path}");
        // Which of many missing bytes is named first is not said.
        let found = report.findings.iter().any(|finding| finding.code == code && (finding.path == path || code == Code::BytesMissing));
        assert!(found, "{path} {code}: {:#?}", report.findings);
    }
}

/// Holds a tree that was valid once to a root alone, and to a checkpoint.
fn only_a_checkpoint_finds(story: &Story, files: &Files, checkpoint: &Checkpoint, what: &str) {
    let report = story.judge(files, story.pin()).unwrap();
    assert!(matches!(report.conclusion, Conclusion::Holds | Conclusion::Pending), "{what}: {:#?}", report.findings);
    let pin = Pin::Checkpoint(Checkpoint { root: checkpoint.root, sequence: checkpoint.sequence, head: checkpoint.head });
    let report = story.judge(files, pin).unwrap();
    assert_eq!(report.conclusion, Conclusion::Violated, "{what}");
    let errors: Vec<_> = report.findings.iter().filter(|finding| finding.is_error()).map(|finding| finding.code).collect();
    assert_eq!(errors, [Code::Checkpoint], "{what}");
}

#[test]
fn rollback_and_forks_are_found_against_a_checkpoint() {
    let story = story();
    let checkpoint = |files: &Files| story.judge(files, story.pin()).unwrap().checkpoint.unwrap();
    let last = checkpoint(&story.main.files);
    assert_eq!(last.sequence, 7);

    // The last ruling with all that it closed, removed by hand; the bytes that only it named too.
    let path = format!("canon/ledger/{:06}.md", last.sequence);
    let mut files = story.main.files.clone();
    let (ruling, _): (Ruling, _) = front::parse(&files.0[path.as_bytes()].bytes.clone()).unwrap();
    let listed = ruling.records.keys().map(|path| path.as_str().to_owned());
    for path in listed.chain([path.clone(), format!("{path}.sig")]) {
        files.0.remove(path.as_bytes()).unwrap();
    }
    let unnamed: Vec<String> = story
        .judge(&files, story.pin())
        .unwrap()
        .findings
        .into_iter()
        .filter(|finding| finding.is_error())
        .map(|finding| finding.path)
        .collect();
    assert!(!unnamed.is_empty() && unnamed.iter().all(|path| path.starts_with("canon/bytes/")), "{unnamed:?}");
    for path in unnamed {
        files.0.remove(path.as_bytes()).unwrap();
    }
    only_a_checkpoint_finds(story, &files, &last, "the last ruling removed");

    // Every tree that main ever had, replayed whole.
    let mut replayed = 0;
    for (number, older) in story.history.iter().enumerate() {
        if checkpoint(older).sequence < last.sequence {
            only_a_checkpoint_finds(story, older, &last, &format!("tree {number} of the history"));
            replayed += 1;
        }
    }
    // One commit a ruling.
    assert!(replayed >= 7, "{replayed}");

    // Another ruling in the place of the last one.
    only_a_checkpoint_finds(story, &story.fork, &last, "the fork");
    only_a_checkpoint_finds(story, &story.main.files, &checkpoint(&story.fork), "main, seen from the fork");

    // A ruling from the middle is missed in any case: the chain has a gap.
    for sequence in 0..last.sequence {
        let mut files = story.main.files.clone();
        let path = format!("canon/ledger/{sequence:06}.md");
        for path in [path.clone(), format!("{path}.sig")] {
            files.0.remove(path.as_bytes()).unwrap();
        }
        let report = story.judge(&files, story.pin()).unwrap();
        assert!(report.findings.iter().any(|finding| finding.code == Code::Chain && finding.path == path), "{:#?}", report.findings);
    }
}
