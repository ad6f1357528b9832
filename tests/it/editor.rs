//! Texts that are written in an editor, on a real terminal.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use crate::kit::terminal;
use crate::world::{Ran, World};

/// Runs omega with the key of a member on a terminal; `env` is set, and `typed` is what the user types.
fn on_terminal(world: &World, member: &str, env: &[(&str, &str)], typed: &str, args: &[&str]) -> Ran {
    let key = world.key(member);
    terminal::on_terminal(world, "100", env, typed, &[args, &["--key", &key]].concat())
}

/// A program that keeps what it was given to edit in `given`, and puts this text above it.
fn editor(world: &World, name: &str, text: &str) -> String {
    let path = world.path(name);
    let given = world.path("given");
    let script = format!(
        "#!/bin/sh\nfor file; do :; done\ncp \"$file\" '{}'\nprintf '%s' '{text}' | cat - \"$file\" >\"$file.new\" && mv \"$file.new\" \"$file\"\n",
        given.display()
    );
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path.to_str().unwrap().to_owned()
}

fn given(world: &World) -> String {
    fs::read_to_string(world.path("given")).unwrap_or_default()
}

fn votes(world: &World, id: &str) -> usize {
    let ran = world.omega(&["canon", "show", id, "--format", "json"]).exits(0);
    ran.json()["report"]["votes"].as_array().unwrap().len()
}

#[test]
fn headings_are_kept_and_the_template_shows_what_is_voted_on() {
    let world = World::planted(&["ana", "ben"]);
    let id = world.propose("ana", "Say it plainly");
    let writes = editor(&world, "ed", "# Why\n\n## In short\n\nIt is shorter.\n#1 of two reasons\n");
    on_terminal(&world, "ana", &[("GIT_EDITOR", &writes)], "", &["canon", "vote", &id, "approve"]).exits(0);
    let shown = world.omega(&["canon", "show", &id, "--format", "json"]).exits(0).json();
    assert_eq!(shown["report"]["votes"][0]["reason"], "# Why\n\n## In short\n\nIt is shorter.\n#1 of two reasons");
    let given = given(&world);
    let (above, below) = given.split_once("# ------------------------ >8 ------------------------\n").unwrap();
    assert_eq!(above.trim(), "");
    for line in ["Say it plainly", "canon/OMEGA_IDENTITY.md", "Say it plainly\"", "quorum by weight"] {
        assert!(below.contains(line), "{line} is not in\n{below}");
    }
    assert!(below.lines().all(|line| line.starts_with('#')) && !below.contains('\u{1b}'), "{below}");
}

#[test]
fn an_editor_that_is_left_empty_or_fails_signs_nothing() {
    let world = World::planted(&["ana", "ben"]);
    let id = world.propose("ana", "Say it plainly");
    let branch = format!("canon/{id}");
    let before = world.git(&["rev-parse", &branch]).out;
    let only_help = editor(&world, "blank", " \n\n");
    for (editor, why) in [
        ("true", "nothing was signed"),
        (":", "nothing was signed"),
        (&*only_help, "; nothing was signed"),
        ("false", "the editor `false` failed; nothing was signed"),
        ("no-such-editor", "cannot be run"),
        ("'unclosed", "is not a program with arguments"),
    ] {
        for args in [
            &["canon", "vote", &id, "approve"][..],
            &["canon", "speak", &id, "approve"],
            &["canon", "withdraw", &id],
            &["canon", "skip", &id, "ben"],
        ] {
            let ran = on_terminal(&world, "ana", &[("GIT_EDITOR", editor)], "", args).exits(2);
            assert!(ran.out.contains(why) && ran.out.contains("nothing was signed"), "{editor} {args:?}: {}", ran.out);
        }
    }
    assert_eq!(world.git(&["rev-parse", &branch]).out, before);
    assert_eq!(votes(&world, &id), 0);
    // A proposal that was never described is none, either.
    world.git(&["switch", "-q", "main"]).exits(0);
    world.edit_identity("Another");
    let refs = world.git(&["for-each-ref"]).out;
    on_terminal(&world, "ana", &[("GIT_EDITOR", "true")], "", &["canon", "propose"]).exits(2);
    on_terminal(&world, "ana", &[("GIT_EDITOR", "true")], "", &["canon", "propose", "--title", "Only a title"]).exits(2);
    assert_eq!(world.git(&["for-each-ref"]).out, refs);
}

#[test]
fn a_proposal_is_described_beside_what_it_changes() {
    let world = World::planted(&["ana"]);
    world.edit_identity("In plain words");
    let writes = editor(&world, "ed", "Speak plainly\n\n# The case\n\nIt is clearer.\n");
    let ran = on_terminal(&world, "ana", &[("GIT_EDITOR", &writes)], "", &["canon", "propose", "--yes", "--format", "json"]).exits(0);
    assert!(ran.out.contains("Speak plainly"), "{}", ran.out);
    assert!(given(&world).contains("# +    - \"In plain words\"\n"), "{}", given(&world));
    let shown = world.omega(&["canon", "show", "speak", "--format", "json"]).exits(0).json();
    assert_eq!(shown["report"]["reason"], "# The case\n\nIt is clearer.");
}

#[test]
fn the_editor_is_found_as_git_finds_it_and_no_shell_runs() {
    let world = World::planted(&["ana"]);
    let id = world.propose("ana", "Say it plainly");
    let [one, two, three, four] = ["one", "two", "three", "four"].map(|name| editor(&world, name, &format!("By {name}.\n")));
    let used = |env: &[(&str, &str)]| {
        on_terminal(&world, "ana", env, "", &["canon", "vote", &id, "approve"]).exits(0);
        let shown = world.omega(&["canon", "show", &id, "--format", "json"]).exits(0).json();
        shown["report"]["votes"][0]["reason"].as_str().unwrap().to_owned()
    };
    let all = [("GIT_EDITOR", &*one), ("VISUAL", &*three), ("EDITOR", &*four)];
    world.git(&["config", "core.editor", &two]).exits(0);
    assert_eq!(used(&all), "By one.");
    assert_eq!(used(&all[1..]), "By two.");
    world.git(&["config", "--unset", "core.editor"]).exits(0);
    assert_eq!(used(&all[1..]), "By three.");
    assert_eq!(used(&[("TERM", "dumb"), ("VISUAL", &three), ("EDITOR", &four)]), "By four.");
    // Words are split as a shell splits them, and nothing else of a shell happens.
    let touched: PathBuf = world.path("touched");
    let setting = format!("'{one}' -n \"two words\" ; touch {}", touched.display());
    assert_eq!(used(&[("GIT_EDITOR", &setting)]), "By one.");
    assert!(!touched.exists());
}

#[test]
fn a_ruling_is_confirmed_with_title_changes_and_count_in_sight() {
    let world = World::planted(&["ana"]);
    let id = world.propose("ana", "Say it plainly");
    world.approve(&id, &["ana"]);
    let ran = on_terminal(&world, "ry", &[], "n\n", &["canon", "ratify", &id]).exits(10);
    for words in ["Say it plainly", "canon/OMEGA_IDENTITY.md", "changed", "+", "cast 1 of 1: 1 approve", "critical risk"] {
        assert!(ran.out.contains(words), "{words} is not in\n{}", ran.out);
    }
    assert!(!ran.out.contains("phylactery/fact"), "{}", ran.out);
    let ran = on_terminal(&world, "ry", &[], "\u{4}", &["canon", "ratify", &id]);
    assert_eq!(ran.code, Some(2), "{}", ran.out);
    on_terminal(&world, "ry", &[], "y\n", &["canon", "ratify", &id]).exits(0);
}

#[test]
fn a_review_shows_all_on_one_screen_asks_and_signs() {
    let world = World::planted(&["ana", "ben"]);
    let id = world.propose("ana", "Say it plainly");
    let empty = editor(&world, "empty", "");
    let review = ["review", "say-it"];
    // Whoever leaves it, or writes no reason, signs nothing.
    for (typed, code) in [("leave\n", 0), ("\n", 0), ("a\nno\nl\n", 0), ("approve\n", 2)] {
        on_terminal(&world, "ben", &[("GIT_EDITOR", &empty)], typed, &review).exits(code);
        assert_eq!(votes(&world, &id), 0, "{typed}");
    }
    let writes = editor(&world, "ed", "Not yet.\n");
    let ran = on_terminal(&world, "ben", &[("GIT_EDITOR", &writes)], "rej\n", &review).exits(0);
    for said in
        ["Say it plainly", "canon/OMEGA_IDENTITY.md", "+", "Because.", "proposed by", "quorum", "vote: approve, reject, amend, abstain"]
    {
        assert!(ran.out.contains(said), "`{said}` is not in\n{}", ran.out);
    }
    assert_eq!(votes(&world, &id), 1);
    // The Chief does not vote, and sees the same screen before a ruling.
    let ran = on_terminal(&world, "ry", &[], "", &review).exits(0);
    assert!(ran.out.contains("Not yet.") && !ran.out.contains("vote: approve"), "{}", ran.out);
    let ran = on_terminal(&world, "ry", &[], "n\n", &["rule", &id, "reject"]).exits(10);
    for said in ["canon/OMEGA_IDENTITY.md", "Because.", "Not yet.", "rule `reject`"] {
        assert!(ran.out.contains(said), "`{said}` is not in\n{}", ran.out);
    }
    // Without a terminal it only shows, unless a flag says the vote.
    let ran = world.by("ana", &review).exits(0);
    assert!(ran.out.contains("Not yet.") && ran.out.contains(&format!("omega vote {id} approve")), "{}", ran.out);
    assert_eq!(votes(&world, &id), 1);
    world.by("ana", &["review", "say-it", "--approve", "--reason", "Mine."]).exits(0);
    world.by("ana", &["review", "say-it", "--reason", "Mine."]).exits(2);
    world.by("ana", &["review", "say-it", "--approve", "--reject", "--reason", "Mine."]).exits(2);
    assert_eq!(votes(&world, &id), 2);
}

#[test]
fn help_lists_each_command_once_and_its_own_options_first() {
    let world = World::empty();
    let help = world.omega(&["--help"]).exits(0).out;
    for name in ["status", "propose", "review", "vote", "ratify", "verify", "sync", "inbox"] {
        let lines = help.lines().filter(|line| line.trim_start().starts_with(&format!("{name} "))).count();
        assert_eq!(lines, 1, "{name} in\n{help}");
    }
    assert!(!help.lines().any(|line| line.trim_start().starts_with("canon ")), "{help}");
    let help = world.omega(&["vote", "--help"]).exits(0).out;
    let (own, global) = help.split_once("Global options:\n").unwrap();
    assert!(own.contains("--confidence") && !own.contains("--color") && global.contains("--color"), "{help}");
}
