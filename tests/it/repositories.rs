//! Every kind of repository that git makes is one to omega: the same life in each, and the same gates.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::world::{Ran, World};

/// A kind of repository: its name, what `git init` is told, and what is done to it before a canon is planted there.
type Kind = (&'static str, &'static [&'static str], fn(&World));

const KINDS: &[Kind] = &[
    ("SHA-1, files", &["--object-format=sha1", "--ref-format=files"], |_| {}),
    ("SHA-256, files", &["--object-format=sha256", "--ref-format=files"], |_| {}),
    ("SHA-1, reftable", &["--object-format=sha1", "--ref-format=reftable"], |_| {}),
    ("SHA-256, reftable", &["--object-format=sha256", "--ref-format=reftable"], |_| {}),
    ("shared group", &["--shared=group"], |_| {}),
    ("core.fileMode=false", &[], |world| configured(world, "core.fileMode", "false")),
    ("core.symlinks=false", &[], |world| configured(world, "core.symlinks", "false")),
    ("core.autocrlf=true", &[], |world| configured(world, "core.autocrlf", "true")),
    ("sparse checkout", &[], |world| sparse(world, &["--cone", "canon"])),
    ("sparse checkout by lines", &[], |world| sparse(world, &["--no-cone", "/*", "!/big/"])),
    ("sparse index", &[], |world| sparse(world, &["--cone", "--sparse-index", "canon"])),
    ("partial clone", &[], partial),
    ("linked work tree, files", &["--ref-format=files"], linked),
    ("linked work tree, reftable", &["--object-format=sha256", "--ref-format=reftable"], linked),
];

fn configured(world: &World, key: &str, value: &str) {
    world.git(&["config", key, value]).exits(0);
}

/// A work tree without the folder `big/`, which its commit has.
fn sparse(world: &World, how: &[&str]) {
    world.write("big/deep/a", "a\n");
    world.write("big/b", "b\n");
    world.git(&["add", "big"]).exits(0);
    world.git(&["commit", "-q", "-m", "Big"]).exits(0);
    world.git(&[&["sparse-checkout", "set"], how].concat()).exits(0);
    assert!(!world.repo().join("big").exists());
}

/// Lets the repository be a clone that lacks the files of `big/`, also as objects.
fn partial(world: &World) {
    let (repo, whole) = (world.repo(), world.path("whole"));
    sparse(world, &["canon"]);
    configured(world, "uploadpack.allowFilter", "true");
    fs::rename(&repo, &whole).unwrap();
    let address = format!("file://{}", whole.display());
    world.git_in(&whole, &["clone", "-q", "-o", "whole", "--filter=blob:none", "--sparse", &address, repo.to_str().unwrap()]).exits(0);
    configured(world, "user.name", "Tester");
    configured(world, "user.email", "tester@example.invalid");
    world.git(&["sparse-checkout", "add", "canon"]).exits(0);
    assert!(world.git(&["rev-list", "--objects", "--missing=print", "HEAD"]).out.contains('?'));
}

/// Lets the repository be a linked work tree of another one, which has an empty branch checked out.
fn linked(world: &World) {
    let (repo, whole) = (world.repo(), world.path("whole"));
    fs::rename(&repo, &whole).unwrap();
    world.git_in(&whole, &["symbolic-ref", "HEAD", "refs/heads/elsewhere"]).exits(0);
    world.git_in(&whole, &["commit", "-q", "--allow-empty", "-m", "Elsewhere"]).exits(0);
    world.git_in(&whole, &["worktree", "add", "-q", "--orphan", "-b", "main", repo.to_str().unwrap()]).exits(0);
}

/// Runs git in the repository, with omega in the path of its hooks.
fn git(world: &World, args: &[&str]) -> Ran {
    let omega = Path::new(env!("CARGO_BIN_EXE_omega")).parent().unwrap();
    let own = std::env::var_os("PATH").unwrap();
    let path = std::env::join_paths(std::iter::once(omega.to_owned()).chain(std::env::split_paths(&own))).unwrap();
    let mut command: Command = world.command("git", args, &world.repo());
    Ran::of(command.env("PATH", path).output().unwrap())
}

/// Tries to commit a governed edit, which the hook refuses, and takes it back.
fn sneak_is_refused(world: &World, name: &str) {
    let before = world.git(&["rev-parse", "HEAD"]).out;
    world.edit_identity("Sneaked");
    let ran = git(world, &["commit", "-q", "-a", "-m", "Sneak"]).exits(1);
    assert!(ran.err.contains("C040 canon/OMEGA_IDENTITY.md: "), "{name}: {}", ran.err);
    world.git(&["reset", "-q", "--hard"]).exits(0);
    assert_eq!(world.git(&["rev-parse", "HEAD"]).out, before, "{name}");
}

/// A server of the same format, with omega's hook and the pinned root; `world` has it as `origin`.
fn server(world: &World, init: &[&str]) -> std::path::PathBuf {
    let bare = world.path("server.git");
    world.git(&[&["init", "-q", "--bare", "-b", "main"], init, &[bare.to_str().unwrap()]].concat()).exits(0);
    world.git(&["remote", "add", "origin", bare.to_str().unwrap()]).exits(0);
    world.omega_in(&bare, &["hooks", "install"]).exits(0);
    world.omega_in(&bare, &["trust", "pin", &world.root()]).exits(0);
    bare
}

/// What a council does in one repository, and what its gates answer.
fn live((name, init, prepare): &Kind) {
    let world = World::empty_with(init);
    prepare(&world);
    world.plant(&["ana"]);
    let verified = |what: &[&str]| {
        let ran = world.omega(&[&["canon", "verify"], what].concat());
        assert_eq!(ran.code, Some(0), "{name}: verify {what:?}: {}{}", ran.out, ran.err);
    };
    let everywhere: [&[&str]; 4] = [&[], &["main"], &["--index"], &["--worktree"]];
    everywhere.iter().for_each(|what| verified(what));
    world.omega(&["hooks", "install"]).exits(0);
    sneak_is_refused(&world, name);
    world.write("code.txt", "code\n");
    git(&world, &["add", "code.txt"]).exits(0);
    git(&world, &["commit", "-q", "-m", "Code"]).exits(0);
    let bare = server(&world, init);
    git(&world, &["push", "-q", "origin", "main"]).exits(0);
    world.git(&["tag", "before"]).exits(0);

    let id = world.propose("ana", "Say it plainly");
    let branch = format!("canon/{id}");
    let pending = world.omega(&["ci", "--base", "main", "--head", &branch]);
    assert_eq!(pending.code, Some(12), "{name}: {}{}", pending.out, pending.err);
    git(&world, &["push", "-q", "origin", &branch]).exits(0);
    let early = git(&world, &["push", "-q", "--no-verify", "origin", &format!("{branch}:main")]).exits(1);
    assert!(early.err.contains("remote: error: `refs/heads/main` is protected"), "{name}: {}", early.err);
    world.approve(&id, &["ana"]);
    assert_eq!(world.omega(&["canon", "list", "--format", "json"]).exits(0).out.matches(&id).count(), 1, "{name}");
    world.ratify(&id);
    git(&world, &["switch", "-q", "main"]).exits(0);
    everywhere.iter().for_each(|what| verified(what));
    assert_eq!(world.git(&["status", "--porcelain"]).out, "", "{name}");
    assert!(world.git(&["log", "-1", "-g", "--format=%gs", "main"]).exits(0).out.contains(&id), "{name}: the reflog");
    let line = world.read("canon/OMEGA_IDENTITY.md").lines().position(|line| line.contains("Say it plainly")).unwrap() + 1;
    let why = world.omega(&["why", &format!("canon/OMEGA_IDENTITY.md:{line}")]).exits(0);
    assert!(why.out.contains(&id), "{name}: {}", why.out);

    git(&world, &["push", "-q", "origin", "main"]).exits(0);
    world.omega_in(&bare, &["canon", "verify", "main"]).exits(0);
    let ruled = world.omega(&["ci", "--base", "before", "--head", "main"]);
    assert_eq!(ruled.code, Some(0), "{name}: {}{}", ruled.out, ruled.err);
    sneak_is_refused(&world, name);

    // Who skips the hooks of the clone meets the server and CI.
    let honest = world.git_in(&bare, &["rev-parse", "main"]).out;
    world.edit_identity("Sneaked");
    world.git(&["commit", "-q", "-a", "--no-verify", "-m", "Sneak"]).exits(0);
    world.omega(&["canon", "verify"]).exits(11);
    let ran = git(&world, &["push", "-q", "origin", "main"]).exits(1);
    assert!(ran.err.contains("error: `refs/heads/main` is protected") && !ran.err.contains("remote: "), "{name}: {}", ran.err);
    let ran = git(&world, &["push", "-q", "--no-verify", "origin", "main"]).exits(1);
    assert!(ran.err.contains("remote: C040 canon/OMEGA_IDENTITY.md: "), "{name}: {}", ran.err);
    assert_eq!(world.git_in(&bare, &["rev-parse", "main"]).out, honest, "{name}");
    let ran = world.omega(&["ci", "--base", "HEAD~1", "--head", "HEAD"]).exits(11);
    assert!(ran.out.contains("C040"), "{name}: {}", ran.out);
    for dir in [world.repo(), bare] {
        let ran = world.git_in(&dir, &["fsck", "--strict", "--no-dangling", "--no-progress"]).exits(0);
        let complaints: Vec<&str> = ran.err.lines().filter(|line| !line.starts_with("notice: ") && !line.starts_with("hint: ")).collect();
        assert_eq!(complaints, [""; 0], "{name}");
    }
}

#[test]
fn a_council_lives_in_every_kind_of_repository() {
    // Side by side: most of the time is spent waiting for git.
    std::thread::scope(|scope| {
        for kind in KINDS {
            scope.spawn(move || live(kind));
        }
    });
}

#[test]
fn an_id_of_another_format_is_a_revision_like_any_other_that_is_not_there() {
    let world = World::empty_with(&["--object-format=sha256"]);
    world.plant(&[]);
    for id in ["1".repeat(40), "2".repeat(64)] {
        world.omega(&["canon", "verify", &id]).exits(2);
        assert!(world.omega(&["ci", "--base", "main", "--head", &id]).code.is_some_and(|code| code != 0 && code != 1));
    }
}

#[test]
fn a_hook_lets_pass_what_has_no_canon_whatever_its_format() {
    let hooks = "pre-commit commit-msg pre-push pre-receive update post-checkout post-merge";
    for (canon, exits) in [("", 0), ("canon/notes.md", 2), ("Canon/notes.md", 2)] {
        let world = World::empty();
        world.write("code.txt", "code\n");
        world.git(&["add", "."]).exits(0);
        world.git(&["commit", "-q", "-m", "Code"]).exits(0);
        let head = world.git(&["rev-parse", "HEAD"]).out.trim().to_owned();
        let mut pushed = head.clone();
        if !canon.is_empty() {
            world.write(canon, "notes\n");
            world.git(&["add", "."]).exits(0);
            world.git(&["commit", "-q", "-m", "Canon"]).exits(0);
            pushed = world.git(&["rev-parse", "HEAD"]).out.trim().to_owned();
        }
        // What git understands and this omega does not.
        world.git(&["config", "core.repositoryFormatVersion", "1"]).exits(0);
        world.git(&["config", "extensions.compatObjectFormat", "sha256"]).exits(0);
        world.git(&["rev-parse", "HEAD"]).exits(0);
        for hook in hooks.split(' ') {
            let null = "0".repeat(40);
            let (args, input): (Vec<&str>, String) = match hook {
                "commit-msg" => (vec![".git/message"], String::new()),
                "pre-push" => (vec!["origin", "url"], format!("refs/heads/main {pushed} refs/heads/main {null}\n")),
                "pre-receive" => (vec![], format!("{null} {pushed} refs/heads/main\n")),
                "update" => (vec!["refs/heads/main", &null, &pushed], String::new()),
                "post-checkout" => (vec![&head, &pushed, "1"], String::new()),
                "post-merge" => (vec!["0"], String::new()),
                _ => (vec![], String::new()),
            };
            world.write(".git/message", "Message\n");
            let args = [&["hook", hook][..], &args].concat();
            let ran = world.run(env!("CARGO_BIN_EXE_omega"), &args, &world.repo(), Some(input.as_bytes()));
            assert_eq!(ran.code == Some(0), exits == 0, "{hook} {canon}: {}{}", ran.out, ran.err);
            assert_eq!(ran.err.contains("unknown extension `compatobjectformat`"), exits != 0, "{hook} {canon}: {}", ran.err);
        }
    }
}
