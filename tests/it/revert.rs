//! `omega revert`: the way back from a ruling is a proposal like any other.

use crate::world::World;

fn by_chief(world: &World, args: &[&str]) -> String {
    let ran = world.chief(&[args, &["--yes", "--format", "json"]].concat()).exits(0);
    ran.json()["report"]["resolution"].as_str().unwrap().to_owned()
}

/// A canon of files with a ruling that changes, adds and removes one.
fn changed() -> World {
    let world = World::empty();
    for (path, text) in [("AGENTS.md", "Be kind.\n"), ("prompts/old.md", "Old.\n")] {
        world.write(path, text);
    }
    world.git(&["add", "-A"]).exits(0);
    world.git(&["commit", "-q", "-m", "Files"]).exits(0);
    let key = world.key("ry");
    world.omega(&["init", "--chief", "ry", "--key", &key, "--govern", "AGENTS.md", "--govern", "prompts/**"]).exits(0);
    world.write("AGENTS.md", "Be quick.\n");
    world.write("prompts/new.md", "New.\n");
    std::fs::remove_file(world.repo().join("prompts/old.md")).unwrap();
    let id = by_chief(&world, &["propose", "--title", "Quick", "--reason", "Because."]);
    world.ratify(&id);
    world
}

#[test]
fn a_ruling_is_taken_back_by_a_proposal() {
    let world = changed();
    assert_eq!(world.read("AGENTS.md"), "Be quick.\n");
    let id = by_chief(&world, &["revert", "quick"]);
    world.ratify(&id);
    assert_eq!((world.read("AGENTS.md").as_str(), world.read("prompts/old.md").as_str()), ("Be kind.\n", "Old.\n"));
    assert!(!world.repo().join("prompts/new.md").exists());
    world.omega(&["verify"]).exits(0);
    assert_eq!(world.git(&["status", "--porcelain"]).out, "");
    // And so is that.
    let id = by_chief(&world, &["canon", "revert", "2"]);
    world.ratify(&id);
    assert_eq!(world.read("AGENTS.md"), "Be quick.\n");
    world.omega(&["verify"]).exits(0);
}

#[test]
fn rules_are_taken_back_with_a_version_that_rises() {
    let world = changed();
    world.edit("canon/CONSTITUTION.md", "    - [omega, trust]\n", "");
    let id = by_chief(&world, &["propose", "--title", "Trust", "--reason", "Because."]);
    world.ratify(&id);
    let id = by_chief(&world, &["revert", "trust"]);
    world.ratify(&id);
    let text = world.read("canon/CONSTITUTION.md");
    assert!(text.contains("    - [omega, trust]\n") && text.contains("version: \"1.2.0\"\n"), "{text}");
    world.omega(&["verify"]).exits(0);
}

#[test]
fn what_cannot_be_taken_back_is_named() {
    let world = changed();
    world.write("AGENTS.md", "Be careful.\n");
    let id = by_chief(&world, &["propose", "--title", "Careful", "--reason", "Because."]);
    world.ratify(&id);
    world.write("prompts/new.md", "Newer.\n");
    let id = by_chief(&world, &["propose", "--title", "Newer", "--reason", "Because."]);
    world.chief(&["rule", &id, "reject", "--reason", "No.", "--yes"]).exits(0);
    world.git(&["checkout", "-q", "--", "."]).exits(0);
    for (ruling, code, said) in [
        ("0", 10, "ruling 0 set up the canon"),
        ("1", 10, "later rulings changed `AGENTS.md`\nhint: take the latest one back first: omega revert 2"),
        ("3", 10, "ruling 3 changed no file"),
        ("9", 2, "there is no ruling 9"),
        ("nothing", 2, "no ruling closed a resolution of that name"),
        ("e", 2, "several rulings closed a resolution of that name"),
    ] {
        let before = world.git(&["for-each-ref"]).out;
        let ran = world.chief(&["revert", ruling, "--yes"]).exits(code);
        assert!(ran.err.contains(said), "{ruling}: {}", ran.err);
        assert_eq!(world.git(&["for-each-ref"]).out, before);
    }
}
