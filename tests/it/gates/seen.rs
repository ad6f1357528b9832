//! Attacks on whoever has seen more: older and forked ledgers, each validly signed, on protected refs.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use super::git;
use crate::world::World;

/// A canon with ruling 1, verified on main; and its first commit.
fn ruled() -> (World, String) {
    let world = World::planted(&["ana"]);
    let id = world.propose("ana", "Say it plainly");
    world.approve(&id, &["ana"]);
    world.ratify(&id);
    world.omega(&["canon", "verify"]).exits(0);
    let genesis = world.git(&["rev-list", "--max-parents=0", "HEAD"]).out.trim().to_owned();
    (world, genesis)
}

fn places(world: &World) -> Vec<PathBuf> {
    let report = world.omega(&["trust", "show", "--format", "json"]).json()["report"].clone();
    report["seen"].as_array().map(|all| all.iter().map(|at| at["file"].as_str().unwrap().into()).collect()).unwrap_or_default()
}

const LOST: &str = "the ledger ends at ruling 0 (sha256:[…]), and ruling 1 (sha256:[…]) was seen before";

#[test]
fn an_older_ledger_on_a_protected_branch_is_a_rollback() {
    let (world, genesis) = ruled();
    assert_eq!(places(&world).len(), 2);
    world.git(&["reset", "-q", "--hard", &genesis]).exits(0);
    for args in
        [&["canon", "verify"][..], &["canon", "verify", "HEAD"], &["canon", "verify", "main"], &["canon", "verify", "refs/heads/main"]]
    {
        let ran = world.omega(args).exits(11);
        assert!(world.plain(&ran.out).starts_with(&format!("C018 canon/ledger/000001.md: {LOST}\n")), "{args:?} {}", ran.out);
        assert!(ran.out.contains("omega trust accept-rollback"), "{}", ran.out);
    }
    // A remote's copy of it is the same ref, and elsewhere.
    world.git(&["update-ref", "refs/remotes/origin/main", &genesis]).exits(0);
    world.omega(&["canon", "verify", "origin/main"]).exits(11);
    // Nothing is built on it.
    world.edit_identity("Two");
    let before = world.traces();
    let ran = world.by("ana", &["canon", "propose", "--title", "Two", "--reason", "Because."]).exits(11);
    assert!(world.plain(&ran.err).contains(LOST), "{}", ran.err);
    assert_eq!(world.traces(), before);
    world.git(&["checkout", "-q", "--", "."]).exits(0);
    // Whoever asks for an older revision by its name looks at history, and is not attacked.
    world.omega(&["canon", "verify", &genesis]).exits(0);
    world.omega(&["canon", "verify", "main~0"]).exits(0);
    world.git(&["checkout", "-q", &genesis]).exits(0);
    world.omega(&["canon", "verify"]).exits(0);
    world.git(&["switch", "-q", "-c", "look"]).exits(0);
    world.omega(&["canon", "verify"]).exits(0);
    // None of that made the memory shorter.
    world.git(&["switch", "-q", "main"]).exits(0);
    world.omega(&["canon", "verify"]).exits(11);
}

#[test]
fn another_clone_of_the_same_user_remembers_too() {
    let (world, genesis) = ruled();
    let other = world.path("other");
    world.git(&["clone", "-q", world.repo().to_str().unwrap(), other.to_str().unwrap()]).exits(0);
    world.omega_in(&other, &["trust", "pin", &world.root()]).exits(0);
    world.git_in(&other, &["reset", "-q", "--hard", &genesis]).exits(0);
    let ran = world.omega_in(&other, &["canon", "verify"]).exits(11);
    assert!(world.plain(&ran.out).contains(LOST), "{}", ran.out);
    // Another user was shown nothing else.
    let run = |args: &[&str]| {
        let mut command = world.command(env!("CARGO_BIN_EXE_omega"), args, &other);
        crate::world::Ran::of(command.env("XDG_STATE_HOME", world.path("elsewhere")).output().unwrap())
    };
    run(&["canon", "verify"]).exits(0);
    assert!(world.path("elsewhere/omega/seen").is_dir());
}

#[test]
fn a_fork_of_what_was_seen_is_found_with_both_rulings() {
    let (world, genesis) = ruled();
    let seen = world.omega(&["canon", "checkpoint"]).exits(0).out;
    // The Chief rules anew on the old state, where nobody remembers.
    let fork = world.path("fork");
    world.git(&["clone", "-q", world.repo().to_str().unwrap(), fork.to_str().unwrap()]).exits(0);
    world.git_in(&fork, &["reset", "-q", "--hard", &genesis]).exits(0);
    // With the remote in sight the ruling would be refused.
    world.git_in(&fork, &["remote", "remove", "origin"]).exits(0);
    let run = |args: &[&str]| {
        let key = world.key("ry");
        let mut command = world.command(env!("CARGO_BIN_EXE_omega"), args, &fork);
        let command = command.args(["--key", &key]).env("XDG_STATE_HOME", world.path("elsewhere"));
        crate::world::Ran::of(command.env("GIT_AUTHOR_NAME", "R").output().unwrap()).exits(0)
    };
    run(&["trust", "pin", &world.root()]);
    let identity = fork.join("canon/OMEGA_IDENTITY.md");
    let text = fs::read_to_string(&identity).unwrap();
    fs::write(&identity, text.replacen("  anchors:\n", "  anchors:\n    - \"Other\"\n", 1)).unwrap();
    let id =
        run(&["canon", "propose", "--title", "Other", "--reason", "Because.", "--format", "json"]).json()["report"]["resolution"].clone();
    run(&["canon", "ratify", id.as_str().unwrap(), "--reason", "Alone.", "--bypass", "QUORUM_UNAVAILABLE", "--yes"]);
    run(&["canon", "verify"]);
    world.git(&["fetch", "-q", fork.to_str().unwrap(), "+main:refs/remotes/fork/main"]).exits(0);
    let ran = world.omega(&["canon", "verify", "fork/main"]).exits(11);
    let said = "C018 canon/ledger/000001.md: ruling 1 is sha256:[…], and sha256:[…] was seen before\n";
    assert!(world.plain(&ran.out).starts_with(said), "{}", ran.out);
    let head = seen.split_whitespace().last().unwrap();
    assert!(ran.out.contains(&format!("and {head} was seen before")), "{}", ran.out);
}

#[test]
fn the_hooks_remember_and_refuse() {
    let (world, genesis) = ruled();
    world.omega(&["hooks", "install"]).exits(0);
    world.git(&["init", "-q", "--bare", "-b", "main", world.path("remote.git").to_str().unwrap()]).exits(0);
    world.git(&["remote", "add", "origin", world.path("remote.git").to_str().unwrap()]).exits(0);
    // Even to an empty remote nothing older is pushed.
    world.git(&["reset", "-q", "--hard", &genesis]).exits(0);
    let ran = git(&world, &["push", "-q", "origin", "main"]).exits(1);
    let said = format!("error: `refs/heads/main` would lose what was ruled: {LOST}\n");
    assert!(world.plain(&ran.err).starts_with(&said), "{}", ran.err);
    // A merge brings it back; what was merged is remembered.
    world.omega(&["trust", "accept-rollback", "--yes"]).exits(0);
    world.git(&["branch", "new", "ORIG_HEAD"]).exits(0);
    git(&world, &["merge", "-q", "new"]).exits(0);
    world.git(&["reset", "-q", "--hard", &genesis]).exits(0);
    let ran = git(&world, &["checkout", "-q", "-B", "main", &genesis]).exits(0);
    assert!(world.plain(&ran.err).contains(LOST), "{}", ran.err);
}

#[test]
fn accepting_a_rollback_is_explicit_and_says_what_is_forgotten() {
    let (world, genesis) = ruled();
    world.git(&["reset", "-q", "--hard", &genesis]).exits(0);
    let ran = world.omega(&["trust", "accept-rollback"]).exits(2);
    assert_eq!(ran.err, "error: cannot ask here whether to forget what was seen\nhint: omega trust accept-rollback --yes\n");
    world.omega(&["canon", "verify"]).exits(11);
    let ran = world.omega(&["trust", "accept-rollback", "--yes"]).exits(0);
    let line = |place: &str| format!("  ruling 1 sha256:[…] in [tmp]/{place}/seen/");
    let said = world.plain(&ran.out);
    assert!(said.contains(&line("repo/.git/omega")) && said.contains(&line("home/.local/state/omega")), "{said}");
    world.omega(&["canon", "verify"]).exits(0);
    let ran = world.omega(&["trust", "accept-rollback", "--yes"]).exits(0);
    assert!(ran.out.starts_with("forgotten is "), "the state that was verified is remembered: {}", ran.out);
    assert!(world.omega(&["trust", "accept-rollback", "--yes"]).exits(0).out.starts_with("nothing was seen before"));
}

#[test]
fn a_damaged_memory_is_reported_and_never_started_anew() {
    let (world, _) = ruled();
    for place in places(&world) {
        let kept = fs::read(&place).unwrap();
        for damaged in [&b""[..], &kept[..kept.len() / 2], b"sequence = 0\n", &[0xff; 40]] {
            fs::write(&place, damaged).unwrap();
            let ran = world.omega(&["canon", "verify"]).exits(13);
            assert!(ran.err.starts_with("error: what was seen of this canon before cannot be understood: "), "{}", ran.err);
            world.edit_identity("Two");
            world.by("ana", &["canon", "propose", "--title", "Two", "--reason", "Because."]).exits(13);
            world.git(&["checkout", "-q", "--", "."]).exits(0);
            assert_eq!(fs::read(&place).unwrap(), damaged);
        }
        let shown = world.omega(&["trust", "show"]).exits(0).out;
        assert!(shown.contains(&format!("  cannot be understood: {}\n", place.display())), "{shown}");
        fs::write(&place, kept).unwrap();
    }
    world.omega(&["canon", "verify"]).exits(0);
}

#[test]
fn where_nothing_can_be_written_nothing_fails() {
    let (world, _) = ruled();
    world.omega(&["trust", "accept-rollback", "--yes"]).exits(0);
    // A file in the place of the folder stops root, too.
    let folders = [world.repo().join(".git/omega/seen"), world.path("home/.local/state/omega/seen")];
    for folder in &folders {
        fs::remove_dir_all(folder).unwrap();
        fs::write(folder, "").unwrap();
        fs::set_permissions(folder, fs::Permissions::from_mode(0o400)).unwrap();
    }
    world.omega(&["canon", "verify"]).exits(0);
    assert_eq!(places(&world), Vec::<PathBuf>::new());
    // What does not hold, or is on no protected ref, is never remembered.
    folders.iter().for_each(|folder| fs::remove_file(folder).unwrap());
    world.omega(&["canon", "verify", "HEAD~0"]).exits(0);
    world.write("canon/stray.txt", "");
    world.git(&["add", "canon"]).exits(0);
    world.git(&["commit", "-q", "-m", "Stray"]).exits(0);
    world.omega(&["canon", "verify"]).exits(11);
    assert_eq!(places(&world), Vec::<PathBuf>::new());
}

/// A clone in which the same user works on the same canon, as on a second machine.
fn second(world: &World, name: &str) -> PathBuf {
    let clone = world.path(name);
    world.git_in(&world.path("."), &["clone", "-q", world.repo().to_str().unwrap(), clone.to_str().unwrap()]).exits(0);
    for (key, value) in [("user.name", "Tester"), ("user.email", "tester@example.invalid")] {
        world.git_in(&clone, &["config", key, value]).exits(0);
    }
    world.omega_in(&clone, &["trust", "pin", &world.root()]).exits(0);
    clone
}

#[test]
fn what_was_ruled_is_remembered_for_all_clones_of_the_user() {
    let world = World::planted(&["ana"]);
    let other = second(&world, "other");
    let id = world.propose("ana", "Say it plainly");
    world.approve(&id, &["ana"]);
    // A ruling that the main branch does not have is not on a protected ref.
    let places = |dir: &std::path::Path| {
        let report = world.omega_in(dir, &["trust", "show", "--format", "json"]).json()["report"].clone();
        report["seen"].as_array().into_iter().flatten().map(|at| at["seen"]["sequence"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    world.ratify(&id);
    assert_eq!(places(&world.repo()), [1, 1]);
    // The other clone has never seen it, and knows it from the folder that both share.
    assert_eq!(places(&other), [1]);
    for args in [&["canon", "verify"][..], &["canon", "status"]] {
        let ran = world.omega_in(&other, args).exits(11);
        assert!(ran.out.contains("C018") && world.plain(&ran.out).contains(LOST), "{args:?}: {}", ran.out);
    }
    world.git_in(&other, &["pull", "-q"]).exits(0);
    for args in [&["canon", "verify"][..], &["canon", "status"]] {
        world.omega_in(&other, args).exits(0);
    }
}

#[test]
fn no_ruling_is_made_twice_where_the_remote_has_it() {
    let world = World::planted(&["ana"]);
    let [one, two] = ["One", "Two"].map(|title| {
        world.git(&["switch", "-q", "main"]).exits(0);
        let id = world.propose("ana", title);
        world.approve(&id, &["ana"]);
        id
    });
    world.git(&["switch", "-q", "main"]).exits(0);
    let other = second(&world, "other");
    // Another machine: it shares no folder with this one.
    let key = world.key("ry");
    let elsewhere = |dir: &std::path::Path, args: &[&str]| {
        let mut command = world.command(env!("CARGO_BIN_EXE_omega"), &[args, &["--key", &key]].concat(), dir);
        crate::world::Ran::of(command.env("XDG_STATE_HOME", world.path("elsewhere")).output().unwrap())
    };
    world.ratify(&one);
    world.git_in(&other, &["fetch", "-q"]).exits(0);
    let refs = world.git_in(&other, &["for-each-ref"]).out;
    let ran = elsewhere(&other, &["canon", "ratify", &two, "--yes"]).exits(10);
    assert_eq!(ran.err, "error: ruling 1 is on `origin/main` already, and not here\nhint: git switch main; git pull\n");
    elsewhere(&other, &["canon", "rule", &two, "reject", "--yes"]).exits(10);
    assert_eq!(world.git_in(&other, &["for-each-ref"]).out, refs);
    world.git_in(&other, &["pull", "-q"]).exits(0);
    elsewhere(&other, &["canon", "rule", &two, "reject", "--reason", "No.", "--yes"]).exits(0);
    // Forked already: both have a ruling 2.
    world.git(&["switch", "-q", "main"]).exits(0);
    world.chief(&["canon", "rule", &two, "amend", "--reason", "Nearly.", "--yes"]).exits(0);
    world.git_in(&other, &["fetch", "-q"]).exits(0);
    world.git_in(&other, &["switch", "-q", "main"]).exits(0);
    let file = other.join("canon/OMEGA_IDENTITY.md");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replacen("  anchors:\n", "  anchors:\n    - \"Three\"\n", 1)).unwrap();
    let propose = ["canon", "propose", "--title", "Three", "--reason", "Because."];
    elsewhere(&other, &propose).exits(0);
    let ran = elsewhere(&other, &["canon", "ratify", "three", "--yes"]).exits(10);
    assert!(ran.err.starts_with("error: ruling 2 on `origin/main` is another one than here: the ledgers are forked\n"), "{}", ran.err);
}
