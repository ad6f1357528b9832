//! `omega restore` and `omega diff` without an id: the user's own edits against what is ratified.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::paste;
use crate::world::World;

fn world() -> World {
    let world = World::empty();
    world.write("AGENTS.md", "Be brief.\n");
    world.write("prompts/a.md", "a\n");
    world.write("code.txt", "code\n");
    world.git(&["add", "-A"]).exits(0);
    world.git(&["commit", "-q", "-m", "Files"]).exits(0);
    let ry = world.key("ry");
    world
        .omega(&["init", "--profile", "omega", "--chief", "ry", "--key", &ry, "--yes", "--govern", "prompts/**", "--govern", "AGENTS.md"])
        .exits(0);
    world
}

#[test]
fn everything_governed_is_brought_back_and_nothing_else_is_touched() {
    let world = world();
    let clean = world.git(&["status", "--porcelain"]).exits(0).out;
    world.write("AGENTS.md", "Obey.\n");
    world.write("prompts/new.md", "new\n");
    world.write("code.txt", "other code\n");
    fs::set_permissions(world.repo().join("prompts/a.md"), fs::Permissions::from_mode(0o755)).unwrap();
    world.git(&["rm", "-q", "--cached", "canon/COUNCIL_CHARTER.md"]);
    world.git(&["rm", "-q", "-f", "canon/OMEGA_IDENTITY.md"]).exits(0);
    world.git(&["add", "code.txt"]).exits(0);
    let before = world.traces();
    let ran = world.omega(&["canon", "restore", "--dry-run"]).exits(0);
    assert!(ran.out.contains("would restore AGENTS.md\n"), "{}", ran.out);
    assert_eq!(world.traces(), before);
    let report = world.omega(&["canon", "restore", "--format", "json"]).exits(0).json()["report"].clone();
    assert_eq!(report["left"], serde_json::json!(["prompts/new.md"]));
    let edited = report["restored"].as_array().unwrap().iter().find(|at| at["path"] == "AGENTS.md").unwrap();
    // What was lost is kept.
    assert_eq!(world.git(&["cat-file", "-p", edited["kept"].as_str().unwrap()]).exits(0).out, "Obey.\n");
    let status = world.git(&["status", "--porcelain"]).exits(0).out;
    assert_eq!(status, format!("{clean}M  code.txt\n?? prompts/new.md\n"));
    // A file that was never ratified goes where it is named.
    world.omega(&["canon", "verify", "--worktree"]).exits(11);
    let ran = world.omega(&["canon", "restore", "prompts/new.md"]).exits(0);
    assert!(ran.out.starts_with("deleted prompts/new.md\n"), "{}", ran.out);
    world.omega(&["canon", "verify", "--worktree"]).exits(0);
    assert_eq!(world.omega(&["canon", "restore"]).exits(0).out, "nothing to restore: index and work tree hold what ruling 0 ratifies\n");
}

#[test]
fn paths_are_meant_from_where_they_are_typed_and_ungoverned_ones_are_refused() {
    let world = world();
    world.write("prompts/a.md", "edited\n");
    world.write("AGENTS.md", "edited\n");
    world.omega_in(&world.repo().join("prompts"), &["canon", "restore", "a.md", "../AGENTS.md"]).exits(0);
    world.omega(&["canon", "verify", "--worktree"]).exits(0);
    // What a finding names is meant from the root, also where it is pasted in a folder.
    world.write("AGENTS.md", "edited\n");
    world.omega_in(&world.repo().join("prompts"), &["canon", "restore", "AGENTS.md"]).exits(0);
    assert_eq!(world.read("AGENTS.md"), "Be brief.\n");
    let ran = world.omega(&["canon", "restore", "code.txt"]).exits(2);
    assert_eq!(ran.err, "error: `code.txt` is not governed, so nothing of it is ratified\nhint: git restore -- code.txt\n");
    world.write("code.txt", "edited\n");
    paste(&world, "git restore -- code.txt").exits(0);
    assert_eq!(world.read("code.txt"), "code\n");
    world.omega(&["canon", "restore", "../elsewhere"]).exits(2);
}

#[test]
fn a_commit_that_damages_the_ledger_is_taken_back_from_the_newest_one_that_holds() {
    let world = world();
    fs::remove_file(world.repo().join("canon/ledger/000000.md")).unwrap();
    world.write("canon/allowed_signers", "nobody\n");
    world.git(&["commit", "-q", "-a", "-m", "Damage"]).exits(0);
    world.commit_unrelated("later.txt");
    world.omega(&["canon", "verify"]).exits(11);
    world.omega(&["canon", "restore"]).exits(0);
    world.git(&["commit", "-q", "-m", "Restore"]).exits(0);
    world.omega(&["canon", "verify"]).exits(0);
    assert!(world.repo().join("later.txt").exists());
}

#[test]
fn a_merge_that_stopped_is_restored_too() {
    let world = world();
    for (branch, text) in [("one", "one\n"), ("two", "two\n")] {
        world.git(&["switch", "-q", "-c", branch, "main"]).exits(0);
        world.write("AGENTS.md", text);
        world.git(&["commit", "-q", "-a", "-m", branch]).exits(0);
    }
    world.git(&["merge", "-q", "one"]).exits(1);
    world.omega(&["canon", "restore", "AGENTS.md"]).exits(0);
    assert_eq!(world.git(&["ls-files", "-u"]).out, "");
    assert_eq!(world.read("AGENTS.md"), "Be brief.\n");
    world.git(&["commit", "-q", "-m", "Merge"]).exits(0);
    world.omega(&["canon", "verify"]).exits(0);
}

#[test]
fn the_users_own_edits_are_shown_against_what_is_ratified() {
    let world = world();
    assert_eq!(world.omega(&["canon", "diff"]).exits(0).out, "");
    world.omega(&["canon", "diff", "--exit-code"]).exits(0);
    world.write("AGENTS.md", "Be brief.");
    let ran = world.omega(&["canon", "diff", "--exit-code"]).exits(1);
    assert_eq!(ran.out, "AGENTS.md changed\n@@ -1,1 +1,1 @@\n-Be brief.\n+Be brief.\n\\ No newline at end of file\n");
    assert_eq!(world.omega(&["canon", "diff", "--staged"]).exits(0).out, "");
    world.git(&["add", "AGENTS.md"]).exits(0);
    assert_eq!(world.omega(&["canon", "diff", "--staged"]).exits(0).out, ran.out);
    // Committed or not, it is not ratified.
    world.git(&["commit", "-q", "-m", "Sneak"]).exits(0);
    assert_eq!(world.omega(&["canon", "diff"]).exits(0).out, ran.out);
    let report = world.omega(&["canon", "diff", "--format", "json"]).exits(0).json()["report"].clone();
    assert_eq!((&report["files"][0]["what"], &report["files"][0]["before"]), (&"changed".into(), &"Be brief.\n".into()));
}

#[test]
fn coming_under_governance_and_leaving_it_are_called_so() {
    let world = world();
    world.edit_alone("canon/OMEGA_IDENTITY.md", "\"prompts/**\"", "code.txt");
    let out = world.omega(&["canon", "diff"]).exits(0).out;
    assert!(out.contains("code.txt comes under governance as it is\n"), "{out}");
    assert!(out.contains("prompts/a.md is no longer governed; the file stays\n"), "{out}");
    assert!(!out.contains("-a\n"), "{out}");
}
