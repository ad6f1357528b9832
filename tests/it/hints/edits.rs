//! Every kind of edit, in every place, through every gate: the hint that is printed takes it back.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use super::{commands, paste};
use crate::world::{Ran, World};

/// A name that would run something if it were typed as it is, one with a space, one that git takes for a pattern.
const NAMES: [&str; 4] = ["prompts/x$(touch RAN).md", "prompts/a b.md", "prompts/[ab]*.md", "AGENTS.md"];

/// What is done to a governed file.
const EDITS: [(&str, fn(&World, &str)); 6] = [
    ("edited", |world, path| world.write(path, "edited\n")),
    ("deleted", |world, path| fs::remove_file(world.repo().join(path)).unwrap()),
    ("renamed", |world, path| fs::rename(world.repo().join(path), world.repo().join("prompts/it's new.md")).unwrap()),
    ("added", |world, _| world.write("prompts/-n; touch RAN;.md", "added\n")),
    ("mode", |world, path| fs::set_permissions(world.repo().join(path), fs::Permissions::from_mode(0o755)).unwrap()),
    ("link", |world, path| {
        fs::remove_file(world.repo().join(path)).unwrap();
        symlink("elsewhere", world.repo().join(path)).unwrap();
    }),
];

/// A canon with governed files of odd names, and a server that has it.
fn ground() -> World {
    static GROUND: std::sync::LazyLock<World> = std::sync::LazyLock::new(|| {
        let world = World::empty();
        for name in NAMES {
            world.write(name, format!("{name}\n"));
        }
        world.git(&["add", "-A"]).exits(0);
        world.git(&["commit", "-q", "-m", "Files"]).exits(0);
        let (ry, ana) = (world.key("ry"), format!("ana={}.pub", world.key("ana")));
        let init = [
            "init",
            "--profile",
            "omega",
            "--chief",
            "ry",
            "--key",
            &ry,
            "--member",
            &ana,
            "--yes",
            "--govern",
            "prompts/**",
            "--govern",
            "AGENTS.md",
        ];
        world.omega(&init).exits(0);
        world.git(&["config", "gpg.format", "ssh"]).exits(0);
        world
    });
    let world = GROUND.copied();
    let server = world.path("served.git");
    world.git(&["init", "-q", "--bare", "-b", "main", "--template=", server.to_str().unwrap()]).exits(0);
    world.git(&["remote", "add", "origin", server.to_str().unwrap()]).exits(0);
    world.git(&["push", "-q", "origin", "main"]).exits(0);
    let root = world.root();
    world.omega_in(&server, &["trust", "pin", &root]).exits(0);
    world.omega_in(&server, &["hooks", "install"]).exits(0);
    world.omega(&["hooks", "install"]).exits(0);
    world
}

/// The hints of findings in what omega said, a server's included.
fn hints(ran: &Ran) -> Vec<String> {
    let lines = ran.out.lines().chain(ran.err.lines()).map(|line| line.trim_start_matches("remote:").trim());
    let mut hints: Vec<String> = lines.filter_map(|line| line.strip_prefix("hint: ")).map(ToOwned::to_owned).collect();
    // The last hint of a gate is about the whole of it.
    hints.retain(|hint| hint.contains("restore") && !hint.starts_with("propose them instead"));
    hints
}

fn takes_back(world: &World, what: &str, ran: &Ran, judge: &[&str]) {
    let hints = hints(ran);
    assert!(!hints.is_empty(), "{what}: no hint in\n{}{}", ran.out, ran.err);
    let command = |hint: &String| {
        let command = commands(hint).into_iter().find(|command| !command.starts_with("omega propose"));
        command.unwrap_or_else(|| panic!("{what}: no command in `{hint}`"))
    };
    // Of a commit all is taken back by one command.
    for command in hints.iter().map(command).collect::<std::collections::BTreeSet<_>>() {
        let ran = paste(world, &command);
        assert_eq!(ran.code, Some(0), "{what}: {command}\n{}{}", ran.out, ran.err);
    }
    assert!(!world.repo().join("RAN").exists(), "{what}: a file name ran: {hints:?}");
    let ran = world.omega(judge);
    assert_eq!(ran.code, Some(0), "{what}: after {hints:?}\n{}{}", ran.out, ran.err);
    for name in NAMES {
        assert_eq!(world.read(name), format!("{name}\n"), "{what}");
    }
}

#[test]
fn what_is_edited_in_the_work_tree_is_taken_back_by_the_hint() {
    let ground = ground();
    for (number, (what, edit)) in EDITS.iter().enumerate() {
        for asked in [&["canon", "verify", "--worktree"][..], &["canon", "status"]] {
            let world = ground.copied();
            edit(&world, NAMES[number % NAMES.len()]);
            takes_back(&world, &format!("{what}, {asked:?}"), &world.omega(asked).exits(11), &["canon", "verify", "--worktree"]);
        }
    }
}

#[test]
fn what_is_staged_is_taken_back_by_the_hint() {
    let ground = ground();
    for (number, (what, edit)) in EDITS.iter().enumerate() {
        for gate in ["verify", "verify --worktree", "pre-commit"] {
            let world = ground.copied();
            edit(&world, NAMES[(number + 1) % NAMES.len()]);
            world.git(&["add", "-A"]).exits(0);
            let ran = match gate {
                "verify" => world.omega(&["canon", "verify", "--index"]).exits(11),
                "pre-commit" => paste(&world, "git commit -q -m Sneak").exits(1),
                _ => world.omega(&["canon", "verify", "--worktree"]).exits(11),
            };
            takes_back(&world, &format!("{what}, staged, {gate}"), &ran, &["canon", "verify", "--index"]);
            world.omega(&["canon", "verify", "--worktree"]).exits(0);
        }
    }
}

#[test]
fn what_is_committed_is_taken_back_by_the_hint() {
    let ground = ground();
    for (number, (what, edit)) in EDITS.iter().enumerate() {
        for gate in ["verify", "pre-push", "pre-receive", "ci", "framework"] {
            let world = ground.copied();
            // The copy has the address of the first server.
            world.git(&["remote", "set-url", "origin", world.path("served.git").to_str().unwrap()]).exits(0);
            edit(&world, NAMES[(number + 2) % NAMES.len()]);
            world.git(&["add", "-A"]).exits(0);
            world.git(&["commit", "-q", "--no-verify", "-m", "Sneak"]).exits(0);
            let ran = match gate {
                "verify" => world.omega(&["canon", "verify"]).exits(11),
                "pre-push" => paste(&world, "git push -q origin main").exits(1),
                "pre-receive" => paste(&world, "git push -q --no-verify origin main").exits(1),
                "framework" => {
                    paste(&world, "PRE_COMMIT=1 PRE_COMMIT_FROM_REF=HEAD~1 PRE_COMMIT_TO_REF=HEAD omega hook pre-commit").exits(11)
                }
                _ => world.omega(&["ci", "--base", "origin/main", "--head", "HEAD"]).exits(11),
            };
            takes_back(&world, &format!("{what}, committed, {gate}"), &ran, &["canon", "verify"]);
            paste(&world, "git push -q origin main").exits(0);
        }
    }
}

#[test]
fn an_edit_is_proposed_by_the_hint() {
    let world = ground();
    world.git(&["config", "user.signingKey", &world.key("ana")]).exits(0);
    world.write("AGENTS.md", "Be kind.\n");
    world.git(&["add", "AGENTS.md"]).exits(0);
    let ran = paste(&world, "git commit -q -m Sneak").exits(1);
    assert!(ran.err.ends_with("hint: propose them instead: git restore --staged .; omega propose\n"), "{}", ran.err);
    for command in ["git restore --staged .", "omega propose"] {
        paste(&world, command).exits(0);
    }
    let list = world.omega(&["canon", "list", "--format", "json"]).exits(0).json()["report"].clone();
    assert_eq!((list.as_array().unwrap().len(), &list[0]["standing"]), (2, &"open".into()), "{list:#}");
}

#[test]
fn what_cannot_be_proposed_is_not_told_to_be() {
    let world = ground();
    world.write("canon/notes.txt", "stray\n");
    world.git(&["add", "-A"]).exits(0);
    let ran = paste(&world, "git commit -q -m Notes").exits(1);
    assert!(ran.err.contains("C001 canon/notes.txt") && !ran.err.contains("propose"), "{}", ran.err);
    assert!(ran.err.ends_with("see what is left: omega verify --index\n"), "{}", ran.err);
    takes_back(&world, "a stray file", &ran, &["canon", "verify", "--index"]);
}
