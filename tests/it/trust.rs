//! What is trusted from outside the tree: pins that are whole, a variable that says something, and reading without a pin.

use std::fs;

use crate::world::{Ran, World};

fn with_root(world: &World, root: &str, args: &[&str]) -> Ran {
    let mut command = world.command(env!("CARGO_BIN_EXE_omega"), args, &world.repo());
    Ran::of(command.env("OMEGA_ROOT", root).output().unwrap())
}

#[test]
fn half_a_checkpoint_in_a_pin_is_refused_everywhere() {
    let world = World::planted(&["ana"]);
    let id = world.propose("ana", "Say it plainly");
    let (pin, root) = (world.repo().join(".git/omega/pin.toml"), world.root());
    let key = world.key("ana");
    let before = world.traces();
    for half in ["sequence = 0".to_owned(), format!("head = \"{root}\"")] {
        fs::write(&pin, format!("root = \"{root}\"\n{half}\n")).unwrap();
        for args in [
            &["canon", "verify"][..],
            &["canon", "verify", "--worktree"],
            &["canon", "checkpoint"],
            &["canon", "status"],
            &["canon", "log"],
            &["canon", "vote", &id, "approve", "--reason", "r", "--key", &key],
            &["trust", "show"],
            &["hook", "pre-commit"],
            &["phylactery", "list"],
            &["ci", "--base", "main", "--head", "main"],
        ] {
            let ran = world.omega(args).exits(13);
            assert!(ran.err.contains("a checkpoint is a `sequence` and a `head`, and one of them is missing"), "{args:?}: {}", ran.err);
        }
    }
    for half in [&["--sequence", "0"][..], &["--head", &root]] {
        world.omega(&[&["trust", "pin", &root][..], half].concat()).exits(2);
    }
    assert_eq!(world.traces(), before);
}

#[test]
fn an_empty_root_is_one_error_everywhere() {
    let world = World::planted(&["ana"]);
    let id = world.propose("ana", "Say it plainly");
    let key = world.key("ana");
    for args in [
        &["canon", "verify"][..],
        &["canon", "verify", "--index"],
        &["canon", "verify", "--dir", "."],
        &["canon", "checkpoint"],
        &["canon", "status"],
        &["canon", "list"],
        &["why", "canon/OMEGA_IDENTITY.md"],
        &["canon", "vote", &id, "approve", "--reason", "r", "--key", &key],
        &["hook", "pre-commit"],
        &["hook", "post-merge", "0"],
        &["phylactery", "list"],
        &["watch", "--once"],
        &["trust", "signers"],
        &["ci", "--base", "main", "--head", "main"],
    ] {
        for root in ["", " "] {
            let ran = with_root(&world, root, args).exits(13);
            assert!(ran.err.starts_with("error: OMEGA_ROOT is set and empty, so no root is trusted\nhint: "), "{args:?}: {}", ran.err);
        }
        let ran = with_root(&world, "sha256:12", args).exits(2);
        assert!(ran.err.starts_with("error: OMEGA_ROOT is not a root\n"), "{args:?}: {}", ran.err);
    }
}

#[test]
fn what_is_read_without_a_pin_says_that_nothing_is_verified() {
    let world = World::planted(&["ana"]);
    let id = world.propose("ana", "Say it plainly");
    world.git(&["switch", "-q", "main"]).exits(0);
    let pin = world.repo().join(".git/omega/pin.toml");
    let text = fs::read_to_string(&pin).unwrap();
    let reads = [
        &["canon", "log"][..],
        &["canon", "list"],
        &["canon", "show", &id],
        &["canon", "diff", &id],
        &["canon", "tally", &id],
        &["canon", "ask", "OMEGA_IDENTITY", "path", "path=AGENTS.md"],
        &["why", "canon/OMEGA_IDENTITY.md"],
    ];
    let warning = "nothing here is verified, because no root is pinned";
    for args in reads {
        let ran = world.omega(args).exits(0);
        assert!(!ran.err.contains("verified"), "{args:?}: {}", ran.err);
        assert!(world.omega(&[args, &["--format", "json"]].concat()).json().get("warnings").is_none());
    }
    fs::remove_file(&pin).unwrap();
    for args in reads {
        let ran = world.omega(args).exits(0);
        assert!(ran.err.contains(&format!("warning: {warning}\nhint: ")), "{args:?}: {}", ran.err);
        assert_eq!(world.omega(&[args, &["--format", "json"]].concat()).json()["warnings"][0], warning, "{args:?}");
    }
    // With another root than the ledger's, the rulings and answers are somebody else's.
    fs::write(&pin, text.replace(&world_root(&text), &format!("sha256:{}", "0".repeat(64)))).unwrap();
    world.omega(reads[0]).exits(11);
    world.omega(reads[5]).exits(11);
    world.omega(reads[6]).exits(11);
}

/// The root that a pin names.
fn world_root(pin: &str) -> String {
    pin.split('"').nth(1).unwrap().to_owned()
}
