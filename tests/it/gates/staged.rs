//! What the gate of a commit holds: by the index that the commit is made from, however that came about.

use std::fs;

use super::{git, hooked};
use crate::world::World;

/// A token of the form that a service gives, put together here so that no file holds one.
fn token() -> String {
    format!("ghp_{}", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8")
}

#[test]
fn what_only_omega_writes_is_named_when_somebody_edits_it() {
    let world = hooked(&["ana"]);
    let id = world.propose("ana", "Say it plainly");
    world.approve(&id, &["ana"]);
    world.ratify(&id);
    let bytes = world.git(&["ls-files", "canon/bytes"]).out.lines().next().unwrap().to_owned();
    for (path, what) in [
        ("canon/ledger/000001.md".to_owned(), "a ruling"),
        ("canon/ledger/000001.md.sig".to_owned(), "a signature"),
        (format!("canon/resolutions/{id}/votes/ana.1.md"), "a signed record"),
        (format!("canon/resolutions/{id}/transcript.md"), "derived from signed records"),
        ("canon/allowed_signers".to_owned(), "derived from the council"),
        (bytes, "a copy of what was proposed"),
    ] {
        for edit in ["change", "delete"] {
            match edit {
                "change" => world.write(&path, world.read(&path).replacen('a', "b", 1)),
                _ => fs::remove_file(world.repo().join(&path)).unwrap(),
            }
            let ran = git(&world, &["commit", "-q", "-a", "-m", "Edit"]).exits(1);
            let said = format!("error: `{path}` is {what}, and never edited by hand\n");
            assert!(ran.err.starts_with(&said), "{edit} {path}: {}", ran.err);
            // What the hint says mends it.
            let hint = ran.err.lines().last().unwrap().strip_prefix("hint: git ").unwrap().to_owned();
            git(&world, &hint.split(' ').collect::<Vec<_>>()).exits(0);
            assert_eq!(world.git(&["status", "--porcelain"]).out, "", "{path}");
        }
    }
}

#[test]
fn secrets_and_hidden_characters_are_not_committed_in_governed_texts() {
    let world = World::empty();
    world.write("AGENTS.md", "Be kind.\n");
    world.git(&["add", "."]).exits(0);
    world.git(&["commit", "-q", "-m", "Agents"]).exits(0);
    let key = world.key("ry");
    world.omega(&["init", "--profile", "omega", "--chief", "ry", "--key", &key, "--govern", "AGENTS.md", "--yes", "--hooks"]).exits(0);
    for (text, fact) in [
        (format!("Be kind.\n\nUse {} here.\n", token()), "error: `AGENTS.md` holds an access token (GitHub) in line 3\n"),
        ("Be kind.\npassword = \"swordfish\"\n".to_owned(), "error: `AGENTS.md` holds a password in line 2\n"),
        ("Be kind.\nBe\u{200b} kind.\n".to_owned(), "error: `AGENTS.md` holds the hidden character U+200B in line 2\n"),
    ] {
        world.write("AGENTS.md", &text);
        let ran = git(&world, &["commit", "-q", "-a", "-m", "Edit"]).exits(1);
        assert!(ran.err.starts_with(fact), "{}", ran.err);
        assert!(!ran.err.contains(&token()) && !ran.err.contains("swordfish"), "{}", ran.err);
        git(&world, &["reset", "-q"]).exits(0);
    }
    // What is not governed is not omega's to judge.
    world.git(&["checkout", "-q", "--", "AGENTS.md"]).exits(0);
    world.write("notes.txt", token());
    git(&world, &["add", "notes.txt"]).exits(0);
    git(&world, &["commit", "-q", "-m", "Notes"]).exits(0);
}

#[test]
fn what_is_malformed_is_named_with_its_line() {
    let world = hooked(&[]);
    world.edit("canon/SECURITY_AND_PRIVACY.md", "  ruling_presence: optional\n", "  ruling_presence: sometimes\n");
    let line = world.read("canon/SECURITY_AND_PRIVACY.md").lines().position(|line| line.contains("sometimes")).unwrap() + 1;
    let ran = git(&world, &["commit", "-q", "-a", "-m", "Edit"]).exits(1);
    assert!(ran.err.contains(&format!(" canon/SECURITY_AND_PRIVACY.md:{line}: ")), "{}", ran.err);
}

#[test]
fn flags_of_the_index_hide_nothing() {
    let world = hooked(&[]);
    let path = "canon/OMEGA_IDENTITY.md";
    for flag in ["--assume-unchanged", "--skip-worktree"] {
        world.edit_identity("Sneaked");
        world.git(&["add", path]).exits(0);
        world.git(&["update-index", flag, path]).exits(0);
        world.git(&["show", &format!("HEAD:{path}")]).exits(0);
        git(&world, &["commit", "-q", "-m", "Sneak"]).exits(1);
        world.git(&["update-index", "--no-assume-unchanged", "--no-skip-worktree", path]).exits(0);
        world.git(&["reset", "-q", "--hard"]).exits(0);
    }
    // A sparse checkout with a sparse index still commits all of the tree.
    super::commit(&world, "src/code.txt");
    world.git(&["sparse-checkout", "set", "--cone", "--sparse-index", "src"]).exits(0);
    assert!(!world.repo().join("canon").exists());
    world.write("src/code.txt", "more\n");
    git(&world, &["commit", "-q", "-a", "-m", "Code"]).exits(0);
    let blob = world.run("git", &["hash-object", "-w", "--stdin"], &world.repo(), Some(b"stray\n")).out;
    world.git(&["update-index", "--add", "--cacheinfo", &format!("100644,{},canon/stray.txt", blob.trim())]).exits(0);
    let ran = git(&world, &["commit", "-q", "-m", "Stray"]).exits(1);
    assert!(ran.err.contains("C001 canon/stray.txt"), "{}", ran.err);
}

#[test]
fn amending_is_judged_by_what_the_new_commit_holds() {
    let world = hooked(&[]);
    super::commit(&world, "code.txt");
    world.edit_identity("Sneaked");
    git(&world, &["commit", "-q", "-a", "--amend", "--no-edit"]).exits(1);
    // What came in unasked can be amended away.
    world.git(&["commit", "-q", "-a", "--amend", "--no-edit", "--no-verify"]).exits(0);
    world.git(&["checkout", "-q", "HEAD~1", "--", "canon"]).exits(0);
    git(&world, &["commit", "-q", "--amend", "--no-edit"]).exits(0);
    world.omega(&["canon", "verify"]).exits(0);
}

#[test]
fn older_states_are_not_committed_on_a_protected_branch() {
    let world = hooked(&["ana"]);
    let id = world.propose("ana", "Say it plainly");
    world.approve(&id, &["ana"]);
    world.ratify(&id);
    let genesis = world.git(&["rev-list", "--max-parents=0", "HEAD"]).out;
    let old = |world: &World| {
        world.git(&["rm", "-q", "-r", "canon"]).exits(0);
        world.git(&["checkout", "-q", genesis.trim(), "--", "canon"]).exits(0);
    };
    old(&world);
    let ran = git(&world, &["commit", "-q", "-m", "Back"]).exits(1);
    assert!(
        ran.err
            .starts_with("error: `main` is protected, and would lose what was ruled: its ledger ends at ruling 0, and ruling 1 is here\n"),
        "{}",
        ran.err
    );
    world.git(&["reset", "-q", "--hard"]).exits(0);
    // Elsewhere people may look at, and build, what they like.
    git(&world, &["switch", "-q", "-c", "look"]).exits(0);
    old(&world);
    git(&world, &["commit", "-q", "-m", "Back"]).exits(0);
}

#[test]
fn a_message_names_only_the_resolution_that_the_changes_belong_to() {
    let world = hooked(&["ana"]);
    let (one, main) = (world.propose("ana", "One"), world.git(&["rev-parse", "main"]).out);
    git(&world, &["switch", "-q", "main"]).exits(0);
    world.write("canon/PEACE_PIPE_PROTOCOL.md", world.read("canon/PEACE_PIPE_PROTOCOL.md") + "\nTwo.\n");
    let two = world.propose_edits("ana", "Two");
    git(&world, &["switch", "-q", "-c", "mine", main.trim()]).exits(0);
    let take = |id: &str| git(&world, &["restore", "--source", &format!("canon/{id}"), "--staged", "--worktree", "canon"]).exits(0);
    take(&one);
    let commit = |message: &str| git(&world, &["commit", "-q", "-m", message]);
    let ran = commit(&format!("Take\n\nCouncil-Resolution: {two}")).exits(1);
    assert!(ran.err.starts_with(&format!("error: the message names {two}, and what is staged belongs to {one}\n")), "{}", ran.err);
    let ran = commit("Take\n\nCouncil-Resolution: nonsense !").exits(1);
    assert!(ran.err.starts_with("error: `Council-Resolution: nonsense !` names no resolution\n"), "{}", ran.err);
    commit(&format!("Take\n\ncouncil-resolution: {one}")).exits(0);
    assert_eq!(world.git(&["log", "-1", "--format=%B"]).out.to_lowercase().matches("council-resolution").count(), 1);
    // Two at once are named by nobody.
    git(&world, &["switch", "-q", "-c", "both", main.trim()]).exits(0);
    git(&world, &["checkout", "-q", &format!("canon/{one}"), "--", "canon"]).exits(0);
    git(&world, &["checkout", "-q", &format!("canon/{two}"), "--", &format!("canon/resolutions/{two}"), "canon/bytes"]).exits(0);
    commit("Both").exits(0);
    assert_eq!(world.git(&["log", "-1", "--format=%(trailers:key=Council-Resolution)"]).out.trim(), "");
    // Beside the canon a message may refer to what there is.
    world.write("code.txt", "code\n");
    git(&world, &["add", "code.txt"]).exits(0);
    let ran = commit("Code\n\nCouncil-Resolution: 2026-01-01-nothing").exits(1);
    assert!(ran.err.contains("the message names 2026-01-01-nothing, and there is no such resolution here"), "{}", ran.err);
    commit(&format!("Code\n\nCouncil-Resolution: {one}")).exits(0);
}

#[test]
fn another_repository_in_the_environment_is_the_one_that_is_judged() {
    let world = hooked(&[]);
    let linked = world.path("tree");
    fs::create_dir(&linked).unwrap();
    world.git(&["--work-tree", linked.to_str().unwrap(), "checkout", "-q", "-f", "HEAD", "--", "."]).exits(0);
    let path = linked.join("canon/OMEGA_IDENTITY.md");
    fs::write(&path, fs::read_to_string(&path).unwrap() + "\nSneaked.\n").unwrap();
    let dir = world.repo().join(".git");
    let args = ["--git-dir", dir.to_str().unwrap(), "--work-tree", linked.to_str().unwrap(), "commit", "-q", "-a", "-m", "Sneak"];
    let mut command = world.command("git", &args, &world.path("."));
    let ran = crate::world::Ran::of(super::with_omega(&world, &mut command).output().unwrap()).exits(1);
    assert!(ran.err.contains("C040 canon/OMEGA_IDENTITY.md"), "{}", ran.err);
}
