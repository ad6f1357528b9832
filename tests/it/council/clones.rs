//! Members who work in clones of their own, at the same time, over one bare remote.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::world::{Ran, World};

/// A bare remote and a clone for each of these, all of which pin the root.
fn clones(world: &World, names: &[&str]) -> Vec<PathBuf> {
    world.git(&["clone", "-q", "--bare", ".", world.path("remote.git").to_str().unwrap()]).exits(0);
    let root = world.root();
    let clone = |name: &&str| {
        let dir = world.path(name);
        world.git_in(&world.path("."), &["clone", "-q", "remote.git", name]).exits(0);
        for (key, value) in [("user.name", *name), ("user.email", "tester@example.invalid"), ("pull.rebase", "false")] {
            world.git_in(&dir, &["config", key, value]).exits(0);
        }
        world.omega_in(&dir, &["trust", "pin", &root]).exits(0);
        dir
    };
    names.iter().map(clone).collect()
}

fn by(world: &World, dir: &Path, member: &str, args: &[&str]) -> Ran {
    let key = world.key(member);
    world.omega_in(dir, &[args, &["--key", &key]].concat())
}

/// Pushes a branch, merging what others pushed before as often as it takes; says how often.
fn push(world: &World, dir: &Path, branch: &str) -> usize {
    for tries in 0..10 {
        if world.git_in(dir, &["push", "-q", "origin", branch]).code == Some(0) {
            return tries;
        }
        world.git_in(dir, &["pull", "-q", "--no-edit", "origin", branch]).exits(0);
    }
    panic!("`{branch}` could not be pushed");
}

fn propose(world: &World, dir: &Path, member: &str, title: &str) -> String {
    let ran = by(world, dir, member, &["canon", "propose", "--title", title, "--reason", "Because.", "--format", "json"]).exits(0);
    let id = ran.json()["report"]["resolution"].as_str().unwrap().to_owned();
    world.git_in(dir, &["switch", "-q", "-f", &format!("canon/{id}")]).exits(0);
    id
}

#[test]
fn votes_cast_at_the_same_time_in_two_clones_meet_without_conflicts() {
    let world = World::planted(&["ana", "bo", "cy"]);
    let dirs = clones(&world, &["ana", "bo", "cy", "ry"]);
    let [ana, bo, cy, ry] = dirs.as_slice() else { panic!("four clones") };
    let text = std::fs::read_to_string(ana.join("canon/OMEGA_IDENTITY.md")).unwrap();
    std::fs::write(ana.join("canon/OMEGA_IDENTITY.md"), text.replacen("  anchors:\n", "  anchors:\n    - \"Say it plainly\"\n", 1))
        .unwrap();
    let id = propose(&world, ana, "ana", "Say it plainly");
    let branch = format!("canon/{id}");
    push(&world, ana, &branch);
    for dir in [bo, cy, ry] {
        world.git_in(dir, &["fetch", "-q"]).exits(0);
        world.git_in(dir, &["switch", "-q", &branch]).exits(0);
    }
    // Nobody sees anybody else's vote before it is cast.
    for (dir, member) in [(ana, "ana"), (bo, "bo"), (cy, "cy")] {
        by(&world, dir, member, &["canon", "vote", &id, "approve", "--reason", "Good."]).exits(0);
    }
    let tries: Vec<usize> = [ana, bo, cy].map(|dir| push(&world, dir, &branch)).into();
    assert_eq!(tries, [0, 1, 1]);
    world.git_in(ry, &["pull", "-q"]).exits(0);
    world.omega_in(ry, &["canon", "verify"]).exits(12);
    let count = world.omega_in(ry, &["canon", "show", &id, "--format", "json"]).exits(0).json()["report"]["count"].clone();
    assert_eq!((&count["tally"]["approve"], &count["tally"]["cast"]), (&Value::from(3), &Value::from(3)));
    by(&world, ry, "ry", &["canon", "ratify", &id, "--yes"]).exits(0);
    push(&world, ry, "main");
    for dir in [ana, bo, cy] {
        world.git_in(dir, &["switch", "-q", "main"]).exits(0);
        world.git_in(dir, &["pull", "-q"]).exits(0);
        world.omega_in(dir, &["canon", "verify"]).exits(0);
    }
}

#[test]
fn two_resolutions_in_two_clones_are_both_ratified() {
    let world = World::planted(&["ana", "bo"]);
    let dirs = clones(&world, &["ana", "bo", "ry"]);
    let [ana, bo, ry] = dirs.as_slice() else { panic!("three clones") };
    let edit = |dir: &Path, path: &str| {
        let text = std::fs::read_to_string(dir.join(path)).unwrap();
        std::fs::write(dir.join(path), text + "\nOne more line.\n").unwrap();
    };
    edit(ana, "canon/ECONOMY_MODEL.md");
    edit(bo, "canon/MEMORY_CONSTITUTION.md");
    let (first, second) = (propose(&world, ana, "ana", "One"), propose(&world, bo, "bo", "Two"));
    for (dir, member, id) in [(ana, "ana", &first), (bo, "bo", &second)] {
        by(&world, dir, member, &["canon", "vote", id, "approve", "--reason", "Mine."]).exits(0);
        push(&world, dir, &format!("canon/{id}"));
    }
    // Each votes on the other's, from the clone that has it not yet as a branch of its own.
    for (dir, member, id) in [(bo, "bo", &first), (ana, "ana", &second)] {
        world.git_in(dir, &["fetch", "-q"]).exits(0);
        by(&world, dir, member, &["canon", "vote", id, "approve", "--reason", "Yours."]).exits(0);
        push(&world, dir, &format!("canon/{id}"));
    }
    world.git_in(ry, &["fetch", "-q"]).exits(0);
    for id in [&first, &second] {
        by(&world, ry, "ry", &["canon", "ratify", id, "--yes"]).exits(0);
    }
    push(&world, ry, "main");
    for dir in [ana, bo] {
        world.git_in(dir, &["switch", "-q", "main"]).exits(0);
        world.git_in(dir, &["pull", "-q"]).exits(0);
        world.omega_in(dir, &["canon", "verify"]).exits(0);
        for path in ["canon/ECONOMY_MODEL.md", "canon/MEMORY_CONSTITUTION.md"] {
            assert!(std::fs::read_to_string(dir.join(path)).unwrap().ends_with("One more line.\n"), "{path}");
        }
    }
}

#[test]
fn two_rulings_in_two_clones_do_not_merge() {
    let world = World::planted(&["ana"]);
    let dirs = clones(&world, &["ana", "ry", "desk"]);
    let [ana, ry, desk] = dirs.as_slice() else { panic!("three clones") };
    let mut ids = Vec::new();
    for (path, title) in [("canon/ECONOMY_MODEL.md", "One"), ("canon/MEMORY_CONSTITUTION.md", "Two")] {
        let text = std::fs::read_to_string(ana.join(path)).unwrap();
        std::fs::write(ana.join(path), text + "\nMore.\n").unwrap();
        let id = propose(&world, ana, "ana", title);
        by(&world, ana, "ana", &["canon", "vote", &id, "approve", "--reason", "Good."]).exits(0);
        push(&world, ana, &format!("canon/{id}"));
        world.git_in(ana, &["switch", "-q", "main"]).exits(0);
        ids.push(id);
    }
    // The desk is another machine: it shares no memory with the others.
    let key = world.key("ry");
    let at_desk = |args: &[&str]| {
        let mut command = world.command(env!("CARGO_BIN_EXE_omega"), args, desk);
        Ran::of(command.env("XDG_STATE_HOME", world.path("desk-state")).output().unwrap())
    };
    // The Chief rules on one in each of two clones: both are ruling 1.
    world.git_in(ry, &["fetch", "-q"]).exits(0);
    world.git_in(desk, &["fetch", "-q"]).exits(0);
    by(&world, ry, "ry", &["canon", "ratify", &ids[0], "--yes"]).exits(0);
    at_desk(&["canon", "ratify", &ids[1], "--yes", "--key", &key]).exits(0);
    push(&world, ry, "main");
    assert_ne!(world.git_in(desk, &["push", "-q", "origin", "main"]).code, Some(0));
    let pulled = world.git_in(desk, &["pull", "-q", "--no-edit", "origin", "main"]);
    assert_ne!(pulled.code, Some(0), "git merged two rulings on one parent");
    assert!(world.git_in(desk, &["status", "--porcelain"]).out.contains("AA canon/ledger/000001.md\n"));
    // The ruling that lost the race is made again.
    world.git_in(desk, &["merge", "--abort"]).exits(0);
    world.git_in(desk, &["reset", "-q", "--hard", "origin/main"]).exits(0);
    // The desk remembers the ruling that was lost, until that is accepted.
    at_desk(&["canon", "ratify", &ids[1], "--yes", "--key", &key]).exits(11);
    at_desk(&["trust", "accept-rollback", "--yes"]).exits(0);
    at_desk(&["canon", "ratify", &ids[1], "--yes", "--key", &key]).exits(0);
    push(&world, desk, "main");
    at_desk(&["canon", "verify"]).exits(0);
}
