//! What is mutated: a ledger with most kinds of resolutions, made once by the binary.

use std::fs;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use omega::clock::Timestamp;
use omega::digest::Digest;
use omega::finding::{Code, Finding};
use omega::git::Repo;
use omega::survey::verify::{Conclusion, Report, verify};
use omega::workspace::assess::{Assessment, assess, assess_beside};
use omega::workspace::pin::Pin;

use super::files::Files;
use crate::kit::files;
use crate::world::World;

/// What is mutated.
pub(super) struct Subject {
    pub(super) name: &'static str,
    pub(super) files: Files,
    /// What the last state says of each path; for the main branch the same as `files`.
    pub(super) state: Files,
    pub(super) holds: Conclusion,
}

pub(super) struct Story {
    pub(super) world: World,
    pub(super) root: Digest,
    pub(super) now: Timestamp,
    pub(super) main: Subject,
    pub(super) open: Subject,
    /// All trees in the history of main, the oldest first.
    pub(super) history: Vec<Files>,
    /// A tree with another last ruling.
    pub(super) fork: Files,
}

impl Story {
    pub(super) fn pin(&self) -> Pin {
        Pin::Root(self.root)
    }

    /// Judges a tree by itself. Beside the honest one, of which it then reads only what differs, it must come to the same.
    pub(super) fn judge(&self, files: &Files, pin: Pin) -> Result<Report, omega::workspace::Error> {
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

pub(super) fn story() -> &'static Story {
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
    files::copy(&world.repo(), &world.path("elsewhere"));
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
