//! Messages of commits: git decides whether there is one, and the trailer is the same whatever the user's settings say.

use std::fs;

use super::{hooked, with_omega};
use crate::world::{Ran, World};

/// An editor that puts a line above what git wrote into the message.
const WRITES: &str = "f() { printf 'Take the draft\\n' | cat - \"$1\" >\"$1.new\" && mv \"$1.new\" \"$1\"; }; f";
/// An editor that saves what it was given.
const SAVES: &str = "true";

/// A feature branch on which the draft of one proposal is staged, and the id of that.
fn drafted() -> (World, String) {
    let world = hooked(&["ana"]);
    let id = world.propose("ana", "Say it plainly");
    world.git(&["switch", "-q", "-C", "feature", "main"]).exits(0);
    world.git(&["restore", "--source", &format!("canon/{id}"), "--staged", "--worktree", "canon"]).exits(0);
    (world, id)
}

fn commit(world: &World, editor: &str, args: &[&str]) -> Ran {
    let mut command = world.command("git", args, &world.repo());
    command.env("GIT_EDITOR", editor).env("TERM", "dumb");
    Ran::of(with_omega(world, &mut command).output().unwrap())
}

/// The resolution that the newest commit names, which is taken back.
fn named(world: &World) -> String {
    let named =
        world.git(&["-c", "trailer.separators=:", "log", "-1", "--format=%(trailers:key=Council-Resolution,valueonly)"]).exits(0).out;
    world.git(&["reset", "-q", "--soft", "HEAD~1"]).exits(0);
    named.trim().to_owned()
}

#[test]
fn an_emptied_message_aborts_the_commit() {
    let (world, id) = drafted();
    let before = world.git(&["rev-parse", "HEAD"]).out;
    let template = world.path("template");
    fs::write(&template, "Why:\n\nHow:\n").unwrap();
    let with_template = format!("commit.template={}", template.display());
    for args in [
        &["commit"][..],
        &["commit", "--verbose"],
        &["commit", "--signoff"],
        &["commit", "--cleanup=scissors"],
        &["-c", "core.commentChar=;", "commit"],
        &["-c", "core.commentChar=;", "commit", "--verbose"],
        &["-c", "core.commentString=//", "commit"],
        &["-c", "core.commentChar=auto", "commit"],
        &["-c", "commit.cleanup=scissors", "commit", "--verbose"],
        &["-c", &with_template, "commit"],
    ] {
        let ran = commit(&world, SAVES, args).exits(1);
        assert!(ran.err.contains("Aborting commit"), "{args:?}: {}", ran.err);
        assert_eq!(world.git(&["rev-parse", "HEAD"]).out, before, "{args:?}");
    }
    for args in [&["commit"][..], &["-c", "core.commentChar=;", "commit", "--verbose"], &["-c", &with_template, "commit", "--signoff"]] {
        commit(&world, WRITES, args).exits(0);
        assert_eq!(named(&world), id, "{args:?}");
    }
}

#[test]
fn the_trailer_is_the_same_whatever_is_set() {
    let (world, id) = drafted();
    let message = "Take the draft\n\nA divider of patches is text here:\n---\nand goes on.\n";
    for settings in [
        &[][..],
        &["trailer.separators==%"],
        &["trailer.ifmissing=doNothing"],
        &["trailer.ifexists=doNothing", "trailer.where=start"],
        &["trailer.council.key=Ticket: ", "trailer.council.ifmissing=doNothing"],
        &["trailer.council-resolution.key=Ticket #"],
        &["trailer.council-resolution.command=echo forged"],
    ] {
        let mut args: Vec<&str> = settings.iter().flat_map(|setting| ["-c", setting]).collect();
        args.extend(["commit", "-q", "-m", message]);
        commit(&world, SAVES, &args).exits(0);
        assert_eq!(named(&world), id, "{settings:?}");
        // In the repository's own file they count as little.
        for setting in settings {
            let (name, value) = setting.split_once('=').unwrap();
            world.git(&["config", name, value]).exits(0);
        }
        commit(&world, WRITES, &["commit", "-q", "--verbose"]).exits(0);
        for setting in settings {
            world.git(&["config", "--unset", setting.split_once('=').unwrap().0]).exits(0);
        }
        assert_eq!(named(&world), id, "{settings:?} in the repository");
    }
    // Lines that git keeps, because there was no editor, are not comments.
    commit(&world, SAVES, &["commit", "-q", "-m", "Take the draft\n\n# A heading"]).exits(0);
    assert_eq!(named(&world), id);
}
