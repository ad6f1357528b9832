//! One canon from its first minute to its fourth ruling, verified in every form that a tree can take.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::world::World;

/// Verifies in a folder and gives the report, after holding exit code and conclusion.
#[track_caller]
fn verify(world: &World, dir: &Path, args: &[&str], code: i32, conclusion: &str) -> Value {
    let all: Vec<&str> = ["canon", "verify", "--format", "json"].iter().chain(args).copied().collect();
    let answer = world.omega_in(dir, &all).exits(code).json();
    assert_eq!((&answer["omega"], &answer["command"], &answer["exit"]), (&1.into(), &"canon verify".into(), &code.into()));
    assert_eq!(answer["report"]["conclusion"], conclusion, "{answer:#}");
    answer["report"].clone()
}

/// Verifies HEAD, index and work tree, and every copy that somebody else might hold: a shallow clone, an
/// unpacked archive, a copy without `.git`. Gives the folders of the copies.
#[track_caller]
fn holds_everywhere(world: &World, root: &str, sequence: u32) -> [PathBuf; 3] {
    let repo = world.repo();
    let here = verify(world, &repo, &[], 0, "holds");
    let checkpoint = &here["checkpoint"];
    assert_eq!((&checkpoint["sequence"], &checkpoint["root"]), (&sequence.into(), &root.into()));
    for args in [["--worktree"], ["--index"]] {
        assert_eq!(verify(world, &repo, &args, 0, "holds")["checkpoint"], *checkpoint);
    }

    let shallow = world.path(format!("shallow-{sequence}"));
    world
        .git_in(&world.path("."), &["clone", "-q", "--depth", "1", &format!("file://{}", repo.display()), shallow.to_str().unwrap()])
        .exits(0);
    assert_eq!(world.git_in(&shallow, &["rev-list", "--count", "HEAD"]).out, "1\n");
    assert_eq!(verify(world, &shallow, &["--root", root], 0, "holds")["checkpoint"], *checkpoint);

    let (tar, unpacked) = (world.path("canon.tar"), world.path(format!("unpacked-{sequence}")));
    fs::create_dir(&unpacked).unwrap();
    world.git(&["archive", "-o", tar.to_str().unwrap(), "HEAD"]).exits(0);
    world.run("tar", &["-xf", tar.to_str().unwrap(), "-C", unpacked.to_str().unwrap()], &world.path("."), None).exits(0);
    let copy = world.path(format!("copy-{sequence}"));
    world.run("cp", &["-r", repo.to_str().unwrap(), copy.to_str().unwrap()], &world.path("."), None).exits(0);
    fs::remove_dir_all(copy.join(".git")).unwrap();
    for dir in [&unpacked, &copy] {
        let name = dir.to_str().unwrap();
        let report = verify(world, &world.path("."), &["--dir", name, "--root", root], 0, "holds");
        assert_eq!((&report["checkpoint"], &report["subject"]), (checkpoint, &name.into()));
    }
    [shallow, unpacked, copy]
}

/// Verifies a branch that holds an open proposal.
#[track_caller]
fn pends(world: &World, id: &str, sequence: u32) {
    let report = verify(world, &world.repo(), &[], 12, "pending");
    assert_eq!(report["checkpoint"]["sequence"], sequence);
    let drafts = report["drafts"].as_array().unwrap();
    assert!(!drafts.is_empty() && drafts.iter().all(|draft| draft["resolution"] == id), "{report:#}");
    // The main branch knows nothing of it.
    verify(world, &world.repo(), &["main"], 0, "holds");
}

#[test]
fn a_canon_lives_through_four_rulings_and_every_copy_of_it_verifies() {
    let world = World::planted(&["ana", "bo", "cy"]);
    let root = world.root();
    holds_everywhere(&world, &root, 0);

    // The first is ratified, and its branch is squashed onto the main branch as a forge would do it.
    let id = world.propose("ana", "Say it plainly");
    pends(&world, &id, 0);
    world.approve(&id, &["ana", "bo"]);
    pends(&world, &id, 0);
    let ruled = world.chief(&["canon", "ratify", &id, "--reason", "So be it.", "--yes", "--no-merge", "--format", "json"]).exits(0).json();
    assert_eq!((&ruled["report"]["verdict"], &ruled["report"]["sequence"]), (&"approve".into(), &1.into()));
    assert!(ruled["report"].get("merged").is_none(), "{ruled:#}");
    let report = verify(&world, &world.repo(), &[], 0, "holds");
    assert_eq!((&report["checkpoint"]["head"], &report["checkpoint"]["root"]), (&ruled["report"]["head"], &ruled["report"]["root"]));
    assert_eq!(verify(&world, &world.repo(), &["main"], 0, "holds")["checkpoint"]["sequence"], 0);
    world.git(&["switch", "-q", "main"]).exits(0);
    world.commit_unrelated("before-the-squash.txt");
    world.git(&["merge", "-q", "--squash", &format!("canon/{id}")]).exits(0);
    world.git(&["commit", "-q", "-m", "Squash"]).exits(0);
    world.git(&["branch", "-q", "-D", &format!("canon/{id}")]).exits(0);
    assert!(world.read("canon/OMEGA_IDENTITY.md").contains("Say it plainly"));
    holds_everywhere(&world, &root, 1);

    // The second is voted down; the Chief rejects it, and the ratified bytes come back on its branch.
    let ratified = world.read("canon/OMEGA_IDENTITY.md");
    let id = world.propose("bo", "Shout it");
    for member in ["ana", "cy"] {
        world.by(member, &["canon", "vote", &id, "reject", "--reason", "Too loud."]).exits(0);
    }
    pends(&world, &id, 1);
    let reject = ["canon", "rule", &id, "reject", "--reason", "The council is right.", "--yes"];
    world.chief(&[&reject[..], &["--no-merge"]].concat()).exits(0);
    assert_eq!(world.read("canon/OMEGA_IDENTITY.md"), ratified);
    assert!(world.read(&format!("canon/resolutions/{id}/votes/ana.1.md")).contains("choice: reject"));
    verify(&world, &world.repo(), &[], 0, "holds");
    assert_eq!(verify(&world, &world.repo(), &["main"], 0, "holds")["checkpoint"]["sequence"], 1);
    let ruled = world.chief(&[&reject[..], &["--format", "json"]].concat()).exits(0).json();
    assert_eq!(ruled["report"]["merged"], "refs/heads/main");
    assert_eq!(world.git(&["branch", "--format", "%(refname:short)"]).out, "main\n");
    assert_eq!(world.read("canon/OMEGA_IDENTITY.md"), ratified);
    assert!(world.read("canon/ledger/000002.md").contains("verdict: reject"));
    assert!(world.read(&format!("canon/resolutions/{id}/transcript.md")).contains("Shout it"));
    holds_everywhere(&world, &root, 2);

    // The third seats a member, who proves to hold the key; its branch is rebased, before and after the ruling.
    world.seat("dee", 5);
    let id = world.propose_edits("cy", "Seat dee");
    pends(&world, &id, 2);
    let next = world.omega(&["canon", "show", &id, "--format", "json"]).exits(0).json()["report"]["next"].clone();
    assert_eq!((&next[0]["member"], &next[0]["command"]), (&"dee".into(), &format!("omega enrol {id} --key FILE").into()));
    world.git(&["switch", "-q", "main"]).exits(0);
    world.commit_unrelated("before-the-ruling.txt");
    world.git(&["rebase", "-q", "main", &format!("canon/{id}")]).exits(0);
    pends(&world, &id, 2);
    world.by("dee", &["canon", "enrol", &id]).exits(0);
    world.approve(&id, &["ana", "cy"]);
    world.chief(&["canon", "ratify", &id, "--reason", "Welcome.", "--yes", "--no-merge"]).exits(0);
    world.git(&["switch", "-q", "main"]).exits(0);
    world.commit_unrelated("after-the-ruling.txt");
    world.git(&["rebase", "-q", "main", &format!("canon/{id}")]).exits(0);
    verify(&world, &world.repo(), &[], 0, "holds");
    world.git(&["switch", "-q", "main"]).exits(0);
    world.git(&["merge", "-q", "--ff-only", &format!("canon/{id}")]).exits(0);
    assert!(world.read("canon/allowed_signers").contains("dee namespaces="));
    holds_everywhere(&world, &root, 3);

    // The new member counts: two of four no longer meet a quorum of two thirds, three do.
    let id = world.propose("dee", "Ask the new one");
    world.approve(&id, &["ana", "bo"]);
    world.chief(&["canon", "ratify", &id, "--reason", "Now.", "--yes"]).exits(10);
    world.approve(&id, &["dee"]);
    world.ratify(&id);
    let [shallow, unpacked, copy] = holds_everywhere(&world, &root, 4);
    assert_eq!(world.git(&["status", "--porcelain"]).out, "");

    // Whoever pins nothing learns nothing but the root; and every governed byte counts in a copy, too.
    let report = verify(&world, &shallow, &[], 13, "unknown");
    assert_eq!((&report["checkpoint"]["root"], report.get("pin")), (&root.as_str().into(), None));
    for dir in [&unpacked, &copy] {
        verify(&world, dir, &["--dir", "."], 13, "unknown");
        fs::write(dir.join("canon/ECONOMY_MODEL.md"), "nothing is governed\n").unwrap();
        let report = verify(&world, dir, &["--dir", ".", "--root", &root], 11, "violated");
        assert_eq!(
            (&report["findings"][0]["code"], &report["findings"][0]["path"]),
            (&"C040".into(), &"canon/ECONOMY_MODEL.md".into()),
            "{report:#}"
        );
    }
}

#[test]
fn the_clerk_marks_who_stays_silent_and_the_talk_goes_on() {
    let world = World::planted(&["ana", "bo", "cy", "dee"]);
    let id = world.propose("ana", "Talk about it");
    for member in ["ana", "bo"] {
        world.by(member, &["canon", "speak", &id, "approve", "--reason", "For it."]).exits(0);
    }
    let ran = world.chief(&["canon", "skip", &id, "cy", "--reason", "No answer since Monday."]).exits(0);
    let dee = format!("the pipe goes to dee\n\nnext:\n  dee  omega speak {id} approve --reason …  speak\n");
    assert!(ran.out.contains(&dee), "{}", ran.out);
    world.by("dee", &["canon", "speak", &id, "amend", "--reason", "Shorter."]).exits(0);
    world.chief(&["canon", "synthesize", &id, "--reason", "Three for it, one silent."]).exits(0);
    // Silence in the talk takes nobody's vote.
    world.approve(&id, &["ana", "bo", "cy"]);
    world.ratify(&id);
    let transcript = world.read(&format!("canon/resolutions/{id}/transcript.md"));
    assert!(transcript.contains("No answer since Monday."), "{transcript}");
    world.omega(&["canon", "verify"]).exits(0);
}
