//! What people mistype and misunderstand, and what omega answers: the fact, its cause, and the next command.

use std::fs;

use regex::Regex;

use crate::world::{Ran, World};

/// A council with one proposal that is open, `kinder`, and one that is closed, `older`.
fn council() -> World {
    let world = World::committed(&[("AGENTS.md", b"Be kind.\n"), ("main.rs", b"fn main() {}\n")]);
    world.plant_profile("files", &["ann", "ben"]);
    for (title, text) in [("Older", "Be old.\n"), ("Be kinder", "Be kinder.\n"), ("Be kindest", "Be kindest.\n")] {
        world.write("AGENTS.md", text);
        world.by("ann", &["propose", "--title", title, "--reason", "r", "--yes"]).exits(0);
        if title == "Older" {
            world.chief(&["rule", "older", "reject", "--reason", "No.", "--yes"]).exits(0);
        }
        world.git(&["checkout", "-q", "--", "AGENTS.md"]).exits(0);
    }
    world.key("stranger");
    world
}

/// The lines as they are typed: `@ann` before a line stands for her key.
const MISTAKES: &[&str] = &[
    // Names and ids.
    "@ann vote nothing approve --reason r",
    "@ann vote kind approve --reason r",
    "@ann vote older approve --reason r",
    "@ann vote be-kinder yes --reason r",
    "@ann vote be-kinder",
    "@ann vote be-kinder approve",
    "@ann --as nobody vote be-kinder approve --reason r",
    "@ann --as ben vote be-kinder approve --reason r",
    "@ry vote be-kinder approve --reason r",
    "@stranger vote be-kinder approve --reason r",
    "show nothing",
    "diff nothing",
    "tally nothing",
    "review nothing",
    "@ann withdraw nothing --reason r",
    "@ben withdraw be-kinder --reason r",
    // What only the Chief may.
    "@ann ratify be-kinder",
    "@ann rule be-kinder approve",
    "@ann emergency --title T --reason r",
    "@ry rule be-kinder maybe",
    "@ry ratify older",
    "@ry ratify older --yes",
    "@ann rule be-kinder approve --yes",
    "@ry revert 9",
    "@ry revert 1",
    // Proposals.
    "@ann propose --title T --reason r --yes",
    "@ann propose --title T --reason r --yes main.rs",
    "@ann propose --edit older --yes",
    "--key missing.key propose --title T --reason r --yes",
    "--key main.rs propose --title T --reason r --yes",
    "propose --title T --reason r --yes",
    // Files.
    "restore main.rs",
    "restore missing.md",
    "why missing.md",
    "why AGENTS.md:99",
    "why main.rs:1",
    "verify no-such-branch",
    "add main.rs",
    // Trust.
    "trust pin 12345",
    "trust pin sha256:0000000000000000000000000000000000000000000000000000000000000000",
    "ci --base no-such-branch",
    "ci --base main --head no-such-branch",
    // The council and keys.
    "@ry council retire nobody --reason r",
    "@ry council add ann ../keys/stranger.pub --reason r",
    "@ry council weight ann heavy --reason r",
    "@ann key rotate --reason r",
    "key new ../keys/ann",
    // Questions.
    "ask",
    "ask NOTHING",
    "ask CONSTITUTION nothing",
    // Other commands.
    "sync",
    "watch --once",
    "hooks install --agent nobody",
    "statsu",
    "--format yaml status",
    "-C missing status",
    "init --chief ry --yes",
    "init --new repo --chief ry --yes",
];

/// Lines in a repository without a canon, and in no repository.
const BEFORE: &[&str] = &[
    "status",
    "propose --title T --reason r",
    "verify",
    "init --yes",
    "init --chief ry --yes",
    "init --chief ry --key missing.key --yes",
    "init --chief ../ry --key ../keys/ry --yes",
    "init --chief ry --key ../keys/ry --member ann --yes",
    "init --chief ry --key ../keys/ry --member ann=missing.pub --yes",
    "init --chief ry --key ../keys/ry --profile everything --yes",
    "init --chief ry --key ../keys/ry --profile constitution --yes",
];

fn types(world: &World, dir: &std::path::Path, line: &str) -> Ran {
    let (by, line) = line.strip_prefix('@').map_or((None, line), |rest| {
        let (name, line) = rest.split_once(' ').unwrap();
        (Some(name), line)
    });
    let mut args: Vec<String> = shlex::split(line).unwrap();
    if let Some(name) = by {
        args.extend(["--key".to_owned(), world.key(name)]);
    }
    world.omega_in(dir, &args.iter().map(String::as_str).collect::<Vec<_>>())
}

fn transcript(world: &World, dir: &std::path::Path, lines: &[&str]) -> String {
    let mut text = String::new();
    let digests = Regex::new("(SHA256:|sha256:)[0-9A-Za-z+/]{43,64}").unwrap();
    for line in lines {
        let ran = types(world, dir, line);
        assert_ne!(ran.code, Some(0), "`{line}` is no mistake: {}{}", ran.out, ran.err);
        let said = ran.err.replace(world.path("").to_str().unwrap(), "/work/");
        let said = digests.replace_all(&said, "${1}…").into_owned();
        let shown = line.strip_prefix('@').map_or_else(
            || (*line).to_owned(),
            |rest| {
                let (name, line) = rest.split_once(' ').unwrap();
                format!("{line} --key ../keys/{name}")
            },
        );
        text.push_str(&format!("$ omega {shown}\n{}exit code {}\n\n", said, ran.code.unwrap()));
    }
    text
}

fn keep(name: &str, text: &str) {
    insta::with_settings!({ prepend_module_to_snapshot => false, snapshot_path => "transcripts", omit_expression => true }, {
        insta::assert_snapshot!(name, text);
    });
}

/// Holds each answer to its form: one error in lower case, and what to do about it.
#[track_caller]
fn each_helps(text: &str) {
    for answer in text.split("\n\n$ ") {
        let error = answer.lines().find_map(|line| line.strip_prefix("error: "));
        let error = error.unwrap_or_else(|| panic!("no error: {answer}"));
        assert!(!error.starts_with(char::is_uppercase), "{answer}");
        let helps = ["hint: ", "Usage: ", "tip: ", "For more information"].iter().any(|help| answer.contains(help));
        assert!(helps, "no help: {answer}");
    }
}

#[test]
fn a_mistake_is_answered_with_the_fact_and_the_next_command() {
    let world = council();
    let text = transcript(&world, &world.repo(), MISTAKES);
    each_helps(&text);
    keep("mistakes", &text);
}

#[test]
fn a_mistake_before_there_is_a_canon_too() {
    let world = World::empty();
    world.key("ry");
    let mut text = transcript(&world, &world.repo(), BEFORE);
    let outside = world.path("outside");
    fs::create_dir(&outside).unwrap();
    text.push_str(&transcript(&world, &outside, &["status", "init --chief ry --key ../keys/ry --yes", "verify", "demo ../repo"]));
    each_helps(&text);
    keep("mistakes-before", &text);
}
