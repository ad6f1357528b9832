//! The gates where people work: real hooks, called by real git.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::world::{Ran, World};

mod costly;
mod elsewhere;
mod keepers;
mod messages;
mod seen;
mod served;
mod staged;

/// The environment of somebody who has omega in the path.
fn with_omega<'a>(world: &World, command: &'a mut Command) -> &'a mut Command {
    let omega = Path::new(env!("CARGO_BIN_EXE_omega")).parent().unwrap();
    let path =
        std::env::join_paths(std::iter::once(omega.to_owned()).chain(std::env::split_paths(&std::env::var_os("PATH").unwrap()))).unwrap();
    command.env("PATH", path).env("OMEGA_TEST_NOW", &world.now)
}

fn git(world: &World, args: &[&str]) -> Ran {
    let mut command = world.command("git", args, &world.repo());
    Ran::of(with_omega(world, &mut command).output().unwrap())
}

/// Commits a file that is not governed, with omega in the path.
fn commit(world: &World, path: &str) {
    world.write(path, "unrelated\n");
    git(world, &["add", path]).exits(0);
    git(world, &["commit", "-q", "-m", path]).exits(0);
}

fn hooked(members: &[&str]) -> World {
    let world = World::planted(members);
    let ran = world.omega(&["hooks", "install"]).exits(0);
    assert_eq!(
        ran.out,
        "installed pre-commit\ninstalled pre-merge-commit\ninstalled commit-msg\ninstalled pre-push\ninstalled post-merge\ninstalled post-checkout\n"
    );
    world
}

#[test]
fn a_forbidden_edit_is_stopped_and_says_what_to_type_next() {
    let world = hooked(&["ana"]);
    world.edit_identity("Never asked");
    let before = world.git(&["rev-parse", "HEAD"]).out;
    let ran = git(&world, &["commit", "-q", "-a", "-m", "Sneak"]);
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.err.starts_with(
            "error: governed files would be committed that the council did not ratify\n  canon/OMEGA_IDENTITY.md\nC040 canon/OMEGA_IDENTITY.md: "
        ) && ran.err.ends_with("hint: propose them instead: git restore --staged .; omega propose\n"),
        "{}{}",
        ran.out,
        ran.err
    );
    assert_eq!(world.git(&["rev-parse", "HEAD"]).out, before);
    // What is staged counts, not what lies in the work tree; and only a part of it may be committed.
    world.write("code.txt", "code\n");
    git(&world, &["add", "code.txt"]).exits(0);
    git(&world, &["commit", "-q", "-m", "Code", "--", "code.txt"]).exits(0);
    git(&world, &["commit", "-q", "-m", "Sneak", "--", "canon/OMEGA_IDENTITY.md"]).exits(1);
    // Whoever types what the hint says gets on.
    git(&world, &["restore", "--staged", "."]).exits(0);
    let id = world.propose_edits("ana", "Never asked");
    world.approve(&id, &["ana"]);
    world.ratify(&id);
    assert_eq!(world.git(&["status", "--porcelain"]).out, "");
}

#[test]
fn a_commit_that_changes_nothing_governed_is_not_held_up() {
    let world = hooked(&[]);
    // Not even where the canon is broken already, or nothing is pinned.
    world.write("canon/ledger/000000.md", "broken");
    world.git(&["commit", "-q", "-a", "--no-verify", "-m", "Broken"]).exits(0);
    fs::remove_file(world.repo().join(".git/omega/pin.toml")).unwrap();
    world.write("code.txt", "code\n");
    git(&world, &["add", "code.txt"]).exits(0);
    let ran = git(&world, &["commit", "-q", "-m", "Code"]).exits(0);
    assert_eq!((ran.out.as_str(), ran.err.as_str()), ("", ""));
}

#[test]
fn drafts_lie_on_their_own_branch_and_carry_the_trailer() {
    let world = hooked(&["ana"]);
    let id = world.propose("ana", "Say it plainly");
    // A merge of the main branch by hand, on the branch of the proposal, is a commit like any other there.
    git(&world, &["switch", "-q", "main"]).exits(0);
    git(&world, &["restore", "--source", &format!("canon/{id}"), "--staged", "--worktree", "canon"]).exits(0);
    let ran = git(&world, &["commit", "-q", "-m", "Take the draft"]).exits(1);
    assert!(
        ran.err.starts_with("error: drafts do not lie on `main`, which is protected\n")
            && ran.err.ends_with(&format!("hint: git switch canon/{id}\n")),
        "{}",
        ran.err
    );
    git(&world, &["switch", "-q", "-c", "feature"]).exits(0);
    git(&world, &["commit", "-q", "-m", "Take the draft"]).exits(0);
    assert_eq!(world.git(&["log", "-1", "--format=%(trailers:key=Council-Resolution,valueonly)"]).out.trim(), id);
    world.omega(&["canon", "verify"]).exits(12);
}

#[test]
fn a_private_key_is_not_committed_under_canon() {
    let world = hooked(&[]);
    fs::copy(world.key("ry"), world.repo().join("canon/ry.md")).unwrap();
    git(&world, &["add", "canon/ry.md"]).exits(0);
    let ran = git(&world, &["commit", "-q", "-m", "Keys"]).exits(1);
    assert!(ran.err.starts_with("error: `canon/ry.md` holds a private key in line 1\n"), "{}", ran.err);
    assert!(!ran.err.contains("BEGIN"), "{}", ran.err);
}

#[test]
fn protected_refs_are_pushed_only_as_they_were_ratified() {
    let world = hooked(&["ana"]);
    world.git(&["init", "-q", "--bare", world.path("remote.git").to_str().unwrap()]).exits(0);
    world.git(&["remote", "add", "origin", world.path("remote.git").to_str().unwrap()]).exits(0);
    git(&world, &["push", "-q", "origin", "main"]).exits(0);
    let id = world.propose("ana", "Say it plainly");
    git(&world, &["push", "-q", "origin", &format!("canon/{id}")]).exits(0);
    // Somebody who has no hooks, or says --no-verify, is stopped here.
    let ran = git(&world, &["push", "-q", "origin", &format!("canon/{id}:main")]).exits(1);
    assert!(
        ran.err.starts_with("error: `refs/heads/main` is protected, and would get drafts that are not ratified\n")
            && ran.err.contains(&format!("hint: push the branch of the proposal instead: git push origin canon/{id}\n")),
        "{}",
        ran.err
    );
    git(&world, &["switch", "-q", "main"]).exits(0);
    world.edit_identity("Sneaked");
    world.git(&["commit", "-q", "-a", "--no-verify", "-m", "Sneak"]).exits(0);
    let ran = git(&world, &["push", "-q", "origin", "main"]).exits(1);
    assert!(
        ran.err.starts_with("error: `refs/heads/main` is protected, and would get what the council did not ratify\n")
            && ran.err.contains("C040 canon/OMEGA_IDENTITY.md: "),
        "{}",
        ran.err
    );
    git(&world, &["push", "-q", "origin", ":main"]).exits(1);
    git(&world, &["push", "-q", "origin", "main:other"]).exits(0);
}

#[test]
fn a_merge_or_checkout_of_something_else_is_warned_about() {
    let world = hooked(&[]);
    git(&world, &["switch", "-q", "-c", "bad"]).exits(0);
    world.edit_identity("Sneaked");
    world.git(&["commit", "-q", "-a", "--no-verify", "-m", "Sneak"]).exits(0);
    let warning = "error: what is checked out now is not what the council ratified\n";
    git(&world, &["switch", "-q", "main"]).exits(0);
    // Where git makes a commit of it, it asks first; a fast-forward makes none.
    let ran = git(&world, &["merge", "-q", "--no-ff", "-m", "Merge", "bad"]).exits(1);
    assert!(ran.err.contains("error: governed files would be committed that the council did not ratify\n"), "{}", ran.err);
    git(&world, &["merge", "--abort"]).exits(0);
    let ran = git(&world, &["merge", "-q", "bad"]).exits(0);
    assert!(format!("{}{}", ran.out, ran.err).contains(warning), "{}{}", ran.out, ran.err);
    git(&world, &["reset", "-q", "--hard", "HEAD~1"]).exits(0);
    let ran = git(&world, &["checkout", "-q", "bad"]).exits(0);
    assert!(format!("{}{}", ran.out, ran.err).contains(warning), "{}{}", ran.out, ran.err);
}

#[test]
fn hooks_that_are_there_are_kept_called_first_and_put_back() {
    let world = World::planted(&[]);
    let own = world.repo().join(".git/hooks/pre-commit");
    let text = "#!/bin/sh\necho own >&2\ntest ! -e stop\n";
    fs::write(&own, text).unwrap();
    fs::set_permissions(&own, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let states = |world: &World| world.omega(&["hooks", "status", "--format", "json"]).exits(0).json()["report"][0]["state"].clone();
    assert_eq!(states(&world), "foreign");
    for _ in 0..2 {
        world.omega(&["hooks", "install"]).exits(0);
        assert_eq!(states(&world), "chained");
    }
    world.write("code.txt", "code\n");
    git(&world, &["add", "code.txt"]).exits(0);
    world.write("stop", "");
    let ran = git(&world, &["commit", "-q", "-m", "Code"]).exits(1);
    assert!(ran.err.starts_with("own\nerror: the hook that was here before omega refused: "), "{}", ran.err);
    fs::remove_file(world.repo().join("stop")).unwrap();
    assert_eq!(git(&world, &["commit", "-q", "-m", "Code"]).exits(0).err, "own\n");
    world.edit_identity("Sneaked");
    git(&world, &["commit", "-q", "-a", "-m", "Sneak"]).exits(1);
    world.omega(&["hooks", "uninstall"]).exits(0);
    assert_eq!((fs::read_to_string(&own).unwrap().as_str(), states(&world)), (text, "foreign".into()));
    assert!(!world.repo().join(".git/hooks/pre-push").exists());
}

#[test]
fn linked_work_trees_are_gated_too() {
    let world = hooked(&[]);
    let linked = world.path("linked");
    git(&world, &["worktree", "add", "-q", "-b", "other", linked.to_str().unwrap()]).exits(0);
    let path = linked.join("canon/OMEGA_IDENTITY.md");
    fs::write(&path, fs::read_to_string(&path).unwrap() + "\nSneaked.\n").unwrap();
    let mut command = world.command("git", &["commit", "-q", "-a", "-m", "Sneak"], &linked);
    let ran = Ran::of(with_omega(&world, &mut command).output().unwrap()).exits(1);
    assert!(ran.err.contains("C040 canon/OMEGA_IDENTITY.md: "), "{}", ran.err);
}

/// A bare repository with omega's hook, which pins the root; `world` has it as `origin`.
fn served(world: &World) -> std::path::PathBuf {
    let bare = world.path("served.git");
    world.git(&["init", "-q", "--bare", "-b", "main", bare.to_str().unwrap()]).exits(0);
    world.git(&["remote", "add", "origin", bare.to_str().unwrap()]).exits(0);
    let root = world.root();
    assert_eq!(world.omega_in(&bare, &["hooks", "install"]).exits(0).out, "installed pre-receive\n");
    world.omega_in(&bare, &["trust", "pin", &root]).exits(0);
    bare
}

#[test]
fn a_server_takes_only_what_was_ratified_on_protected_refs() {
    let world = World::planted(&["ana"]);
    let bare = served(&world);
    git(&world, &["push", "-q", "origin", "main"]).exits(0);
    // A proposal is pushed to its branch, and what it says is not for the main branch yet.
    let id = world.propose("ana", "Say it plainly");
    git(&world, &["push", "-q", "origin", &format!("canon/{id}")]).exits(0);
    let ran = git(&world, &["push", "-q", "origin", &format!("canon/{id}:main")]).exits(1);
    assert!(ran.err.contains("remote: error: `refs/heads/main` is protected, and would get drafts that are not ratified"), "{}", ran.err);
    world.approve(&id, &["ana"]);
    world.ratify(&id);
    git(&world, &["push", "-q", "origin", "main"]).exits(0);
    // Somebody skips every hook of their own clone.
    world.edit_identity("Sneaked");
    world.git(&["commit", "-q", "-a", "--no-verify", "-m", "Sneak"]).exits(0);
    let ran = git(&world, &["push", "-q", "--no-verify", "origin", "main"]).exits(1);
    assert!(
        ran.err.contains("remote: error: `refs/heads/main` is protected, and would get what the council did not ratify")
            && ran.err.contains("remote: C040 canon/OMEGA_IDENTITY.md: ")
            && ran.err.contains("remote: hint: omega verify"),
        "{}",
        ran.err
    );
    // One bad ref of many stops all of them.
    world.git(&["branch", "fine", "HEAD~1"]).exits(0);
    git(&world, &["push", "-q", "origin", "fine", "main"]).exits(1);
    assert_ne!(world.git_in(&bare, &["rev-parse", "-q", "--verify", "fine"]).code, Some(0));
    git(&world, &["push", "-q", "origin", "fine"]).exits(0);
    // Nor can what was ruled be taken back, or the branch deleted.
    world.git(&["reset", "-q", "--hard", "HEAD~1"]).exits(0);
    let genesis = world.git(&["rev-list", "--max-parents=0", "HEAD"]).out;
    let ran = git(&world, &["push", "-q", "--force", "origin", &format!("{}:main", genesis.trim())]).exits(1);
    assert!(
        ran.err.contains("remote: error: `refs/heads/main` would lose what was ruled: its ledger ends at ruling 0, and ruling 1 is here"),
        "{}",
        ran.err
    );
    world.git_in(&bare, &["config", "receive.denyDeleteCurrent", "ignore"]).exits(0);
    let ran = git(&world, &["push", "-q", "origin", ":main"]).exits(1);
    assert!(ran.err.contains("remote: error: `refs/heads/main` is protected by the canon, and would be deleted"), "{}", ran.err);
    world.omega_in(&bare, &["canon", "verify", "main"]).exits(0);
}

#[test]
fn a_server_holds_nothing_up_that_changes_nothing_governed() {
    let world = World::planted(&[]);
    let bare = served(&world);
    world.edit_identity("Broken from the start");
    world.git(&["commit", "-q", "-a", "--no-verify", "-m", "Sneak"]).exits(0);
    // It came in before there was a hook.
    fs::rename(bare.join("hooks/pre-receive"), bare.join("hooks/aside")).unwrap();
    git(&world, &["push", "-q", "origin", "main"]).exits(0);
    fs::rename(bare.join("hooks/aside"), bare.join("hooks/pre-receive")).unwrap();
    world.commit_unrelated("code.txt");
    git(&world, &["push", "-q", "origin", "main"]).exits(0);
    // What could change how governed bytes are read is no such thing.
    world.write("docs/.gitattributes", "* text\n");
    world.git(&["add", "docs"]).exits(0);
    world.git(&["commit", "-q", "-m", "Attributes of what is not governed"]).exits(0);
    git(&world, &["push", "-q", "origin", "main"]).exits(0);
    world.write(".gitattributes", "* text\n");
    world.git(&["add", ".gitattributes"]).exits(0);
    world.git(&["commit", "-q", "-m", "Attributes"]).exits(0);
    git(&world, &["push", "-q", "origin", "main"]).exits(1);
}

#[test]
fn a_server_can_judge_one_ref_at_a_time() {
    let world = World::planted(&["ana"]);
    let bare = served(&world);
    fs::remove_file(bare.join("hooks/pre-receive")).unwrap();
    fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("hooks/update"), bare.join("hooks/update")).unwrap();
    git(&world, &["push", "-q", "origin", "main"]).exits(0);
    world.edit_identity("Sneaked");
    world.git(&["commit", "-q", "-a", "--no-verify", "-m", "Sneak"]).exits(0);
    let ran = git(&world, &["push", "-q", "origin", "main", "HEAD~1:refs/heads/fine"]).exits(1);
    assert!(ran.err.contains("remote: error: `refs/heads/main` is protected"), "{}", ran.err);
    world.git_in(&bare, &["rev-parse", "-q", "--verify", "fine"]).exits(0);
}

#[test]
fn a_server_without_a_pin_takes_no_canon() {
    let world = World::planted(&[]);
    let bare = served(&world);
    fs::remove_file(bare.join("omega/pin.toml")).unwrap();
    let ran = git(&world, &["push", "-q", "origin", "main"]).exits(1);
    assert!(ran.err.contains("remote: error: cannot verify: no root is pinned on this server"), "{}", ran.err);
}
