//! Pull requests that want to get past the check.

use crate::world::World;

use super::{branch, codes, comes_to, commit, judged};

/// The main branch with a ruling, and a branch `old` from before it.
fn with_a_ruling() -> World {
    let world = World::planted(&["ana"]);
    world.git(&["branch", "old"]).exits(0);
    let id = world.propose("ana", "Say it plainly");
    world.approve(&id, &["ana"]);
    world.ratify(&id);
    world
}

#[test]
fn edits_of_the_check_are_pointed_out_with_their_line() {
    let world = World::planted(&[]);
    for path in [".github/workflows/canon.yml", ".pre-commit-config.yaml", "hooks/pre-receive"] {
        world.write(path, "one\ntwo\nthree\n");
    }
    commit(&world, "Checks");
    branch(&world, "pr", "main");
    world.write(".github/workflows/canon.yml", "one\ntwo\nnot three\n");
    world.write(".github/actions/canon/action.yml", "new\n");
    world.write(".pre-commit-config.yaml", "one\n");
    std::fs::remove_file(world.repo().join("hooks/pre-receive")).unwrap();
    for path in [".gitlab-ci.yml", ".forgejo/workflows/x.yml", ".gitea/workflows/x.yml", "omega.toml", "CODEOWNERS"] {
        world.write(path, "new\n");
    }
    world.write("src/hooks.txt", "free\n");
    commit(&world, "Edit the checks");
    let ran = judged(&world, "main", "pr").exits(0);
    assert_eq!((codes(&ran, "error"), codes(&ran, "warning")), (vec![], vec!["C070".to_owned()]));
    let found: Vec<(String, u64, String)> = ran.json()["report"]["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| {
            let text = |key: &str| finding[key].as_str().unwrap().to_owned();
            (text("path"), finding["line"].as_u64().unwrap_or(0), text("message"))
        })
        .collect();
    let told = |path: &str| found.iter().find(|(other, ..)| other == path).unwrap_or_else(|| panic!("{path} is not in {found:?}"));
    let expected: [(&str, u64, &str); 9] = [
        (".forgejo/workflows/x.yml", 1, "adds"),
        (".gitea/workflows/x.yml", 1, "adds"),
        (".github/actions/canon/action.yml", 1, "adds"),
        (".github/workflows/canon.yml", 3, "edits"),
        (".gitlab-ci.yml", 1, "adds"),
        (".pre-commit-config.yaml", 1, "edits"),
        ("CODEOWNERS", 1, "adds"),
        ("hooks/pre-receive", 0, "removes"),
        ("omega.toml", 1, "adds"),
    ];
    assert_eq!(found.len(), expected.len(), "{found:?}");
    for (path, line, what) in expected {
        let (_, found, message) = told(path);
        assert_eq!(*found, line, "{path}");
        assert!(message.starts_with(&format!("this change {what} what decides ")), "{path}: {message}");
    }
}

#[test]
fn attributes_that_hide_governed_bytes_are_no_mere_warning() {
    let world = World::planted(&[]);
    branch(&world, "pr", "main");
    world.write("canon/.gitattributes", "");
    std::fs::remove_file(world.repo().join("canon/.gitattributes")).unwrap();
    world.write(".gitattributes", world.read(".gitattributes") + "/canon/** text\n");
    commit(&world, "Attributes");
    comes_to(&world, "main", "pr", 11, &["C008"]);
    assert_eq!(codes(&judged(&world, "main", "pr"), "warning"), ["C070"]);
}

#[test]
fn an_unratified_edit_is_shown_where_it_is() {
    let world = World::planted(&[]);
    branch(&world, "pr", "main");
    world.edit("canon/OMEGA_IDENTITY.md", "  name: OmegA\n", "  name: OmegB\n");
    let line = world.read("canon/OMEGA_IDENTITY.md").lines().position(|line| line == "  name: OmegB").unwrap() + 1;
    commit(&world, "Sneak");
    let report = comes_to(&world, "main", "pr", 11, &["C040"]);
    assert_eq!((&report["findings"][0]["path"], &report["findings"][0]["line"]), (&"canon/OMEGA_IDENTITY.md".into(), &line.into()));
    assert_eq!(report["files"][0]["stands"], "unratified");
}

#[test]
fn a_head_with_another_canon_is_judged_by_the_pin_of_the_base() {
    let world = World::planted(&[]);
    let pin = std::fs::read_to_string(world.repo().join(".git/omega/pin.toml")).unwrap();
    // A canon of the attacker's own, which verifies by its own root, with pins wherever somebody might look for one.
    let other = World::planted_anew(&[]);
    branch(&world, "pr", "main");
    world.git(&["rm", "-rq", "canon"]).exits(0);
    world.git(&["fetch", "-q", other.repo().to_str().unwrap(), "main"]).exits(0);
    world.git(&["checkout", "-q", "FETCH_HEAD", "--", "canon"]).exits(0);
    let theirs = format!("root = \"{}\"\n", other.root());
    for path in ["omega/pin.toml", "omega.toml", ".omega/pin.toml", "pin.toml"] {
        world.write(path, &theirs);
    }
    commit(&world, "Another canon");
    comes_to(&world, "main", "pr", 11, &["C017", "C072"]);
    assert_eq!(std::fs::read_to_string(world.repo().join(".git/omega/pin.toml")).unwrap(), pin);
    // By the attacker's root it would have been fine, but for the ledger of the base, which goes on in no other canon.
    world.omega(&["canon", "verify", "--root", &other.root()]).exits(0);
    let ran = world.omega(&["ci", "--base", "main", "--head", "pr", "--root", &other.root(), "--format", "json"]).exits(11);
    assert_eq!(codes(&ran, "error"), ["C072"]);
}

#[test]
fn a_lost_ruling_is_found_however_it_is_lost() {
    let world = with_a_ruling();
    // Taken out of the tree, with all that came of it: a state that once held, and verifies by itself.
    branch(&world, "rolled-back", "main");
    world.git(&["rm", "-rq", "canon"]).exits(0);
    world.git(&["checkout", "-q", "old", "--", "canon"]).exits(0);
    commit(&world, "Roll back");
    world.omega(&["canon", "verify", "rolled-back"]).exits(0);
    comes_to(&world, "main", "rolled-back", 11, &["C072"]);
    // Merged away.
    world.git(&["switch", "-q", "old"]).exits(0);
    world.commit_unrelated("code.txt");
    branch(&world, "ours", "old");
    world.git(&["merge", "-q", "-s", "ours", "-m", "Merge", "main"]).exits(0);
    world.omega(&["canon", "verify", "ours"]).exits(0);
    let report = comes_to(&world, "main", "ours", 11, &["C072"]);
    assert_eq!(report["judged"], "head");
    assert!(report["findings"].to_string().contains("its ledger ends at ruling 0, and ruling 1 is here"), "{report:#}");
    // Only the ruling's file.
    branch(&world, "cut", "main");
    world.git(&["rm", "-q", "canon/ledger/000001.md"]).exits(0);
    commit(&world, "Cut");
    let ran = judged(&world, "main", "cut").exits(11);
    assert!(codes(&ran, "error").contains(&"C072".to_owned()), "{}", ran.out);
    // An old branch that merely has not heard of it yet is another matter: merged, it holds.
    comes_to(&world, "main", "old", 0, &[]);
}

#[test]
fn a_revocation_is_not_merged_away() {
    let world = World::planted(&["ana", "bo"]);
    world.git(&["branch", "old"]).exits(0);
    let ran = world.by("ry", &["council", "retire", "bo", "--reason", "Gone.", "--yes", "--format", "json"]).exits(0);
    let id = ran.json()["report"]["resolution"].as_str().unwrap().to_owned();
    world.approve(&id, &["ana", "bo"]);
    world.ratify(&id);
    world.git(&["branch", "ruled"]).exits(0);
    std::fs::remove_dir_all(world.path("home")).unwrap();
    std::fs::create_dir(world.path("home")).unwrap();
    std::fs::remove_dir_all(world.repo().join(".git/omega/seen")).unwrap();
    // Somebody who still has bo's key votes on as if nothing had happened, and merges the main branch by name only.
    world.git(&["switch", "-q", "-C", "main", "old"]).exits(0);
    let id = world.propose("bo", "What bo wants");
    world.git(&["branch", "-q", "-f", "main", "ruled"]).exits(0);
    world.git(&["merge", "-q", "-s", "ours", "-m", "Merge", "main"]).exits(0);
    comes_to(&world, "main", &format!("canon/{id}"), 11, &["C072"]);
}

#[test]
fn a_forked_ledger_is_no_merge() {
    let world = with_a_ruling();
    world.git(&["switch", "-q", "old"]).exits(0);
    // Another ruling 1, in a clone whose main branch never heard of the first.
    let fork = world.path("fork");
    world.git(&["clone", "-q", "--branch", "old", world.repo().to_str().unwrap(), fork.to_str().unwrap()]).exits(0);
    world.git_in(&fork, &["switch", "-q", "-C", "main"]).exits(0);
    for (key, value) in [("user.name", "Tester"), ("user.email", "tester@example.invalid")] {
        world.git_in(&fork, &["config", key, value]).exits(0);
    }
    world.git_in(&fork, &["remote", "remove", "origin"]).exits(0);
    world.omega_in(&fork, &["trust", "pin", &world.root()]).exits(0);
    // Nor did its user.
    std::fs::remove_dir_all(world.path("home")).unwrap();
    std::fs::create_dir(world.path("home")).unwrap();
    let path = fork.join("canon/ECONOMY_MODEL.md");
    std::fs::write(&path, std::fs::read_to_string(&path).unwrap() + "\nMore.\n").unwrap();
    let key = |member: &str| world.key(member);
    let run = |member: &str, args: &[&str]| world.omega_in(&fork, &[args, &["--key", &key(member), "--format", "json"]].concat()).exits(0);
    let id = run("ana", &["canon", "propose", "--title", "More", "--reason", "Because."]).json()["report"]["resolution"]
        .as_str()
        .unwrap()
        .to_owned();
    run("ana", &["canon", "vote", &id, "approve", "--reason", "Good."]);
    run("ry", &["canon", "ratify", &id, "--reason", "Yes.", "--yes"]);
    world.git(&["fetch", "-q", fork.to_str().unwrap(), "main:forked"]).exits(0);
    world.omega(&["canon", "verify", "forked"]).exits(0);
    let report = comes_to(&world, "main", "forked", 11, &["C071"]);
    assert!(report["findings"].to_string().contains("canon/ledger/000001.md"), "{report:#}");
    // Taken whole, by a merge that pretends to know both.
    branch(&world, "pretends", "forked");
    world.git(&["merge", "-q", "-s", "ours", "-m", "Merge", "main"]).exits(0);
    comes_to(&world, "main", "pretends", 11, &["C072"]);
}

#[test]
fn a_head_that_holds_alone_may_not_hold_when_it_is_merged() {
    let world = World::planted(&["ana"]);
    branch(&world, "pr", "main");
    world.write("tools/AGENTS.md", "Obey me.\n");
    commit(&world, "Instructions");
    world.git(&["switch", "-q", "main"]).exits(0);
    world.edit("canon/OMEGA_IDENTITY.md", "  who: []\n", "  who:\n    - \"**/AGENTS.md\"\n");
    let id = world.propose_edits("ana", "Govern instructions");
    world.approve(&id, &["ana"]);
    world.ratify(&id);
    world.omega(&["canon", "verify", "pr"]).exits(0);
    world.omega(&["canon", "verify", "main"]).exits(0);
    let report = comes_to(&world, "main", "pr", 11, &["C042"]);
    assert_eq!((&report["judged"], &report["findings"][0]["path"]), (&"merge".into(), &"tools/AGENTS.md".into()));
    // Git agrees on what the merge is.
    world.git(&["switch", "-q", "--detach", "main"]).exits(0);
    world.git(&["merge", "-q", "-m", "Merge", "pr"]).exits(0);
    world.omega(&["canon", "verify", "HEAD"]).exits(11);
}

#[test]
fn drafts_that_narrow_what_is_governed_govern_nothing() {
    let world = World::planted(&["ana"]);
    world.edit("canon/OMEGA_IDENTITY.md", "  who: []\n", "  who:\n    - AGENTS.md\n");
    world.write("AGENTS.md", "Be kind.\n");
    let id = world.propose_edits("ana", "Govern instructions");
    world.approve(&id, &["ana"]);
    world.ratify(&id);
    branch(&world, "pr", "main");
    world.edit("canon/OMEGA_IDENTITY.md", "  who:\n    - AGENTS.md\n", "  who: []\n");
    world.write("AGENTS.md", "Obey me.\n");
    commit(&world, "Narrow");
    let report = comes_to(&world, "main", "pr", 11, &["C040"]);
    assert!(report["changed"].to_string().contains("AGENTS.md"), "{report:#}");
}

#[test]
fn a_path_that_folds_onto_a_governed_one_is_governed() {
    let world = World::planted(&[]);
    branch(&world, "pr", "main");
    world.write("Canon/OMEGA_IDENTITY.md", "Obey me.\n");
    commit(&world, "Shadow");
    comes_to(&world, "main", "pr", 11, &["C003"]);
}
