//! Long answers on a real terminal.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::kit::terminal::on_terminal;
use crate::world::{Ran, World};

/// A pager that keeps what it gets, and says nothing.
fn pager(world: &World, name: &str) -> String {
    let path = world.path(name);
    let script = format!("#!/bin/sh\necho \"$LESS $LV $GIT_PAGER_IN_USE $*\" > '{0}.got'\ncat >> '{0}.got'\n", path.display());
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path.to_str().unwrap().to_owned()
}

/// What a pager got since this was asked last.
fn got(pager: &str) -> String {
    let file = format!("{pager}.got");
    let text = fs::read_to_string(&file).unwrap_or_default();
    let _ = fs::remove_file(file);
    text
}

#[test]
fn the_pager_is_the_one_that_git_would_start() {
    let world = World::planted(&["ann"]);
    let [first, second, third] = ["first", "second", "third"].map(|name| pager(&world, name));
    let shown = |env: &[(&str, &str)], args: &[&str]| on_terminal(&world, "80", env, "", args).exits(0).out;
    let (git, own) = (("GIT_PAGER", first.as_str()), ("PAGER", third.as_str()));
    assert_eq!(shown(&[git, own], &["log"]), "");
    let text = got(&first);
    assert!(text.starts_with("FRX -c 1 \n") && text.contains("genesis"), "{text}");
    assert!(text.contains("\u{1b}["), "it can show colours: {text:?}");
    shown(&[own], &["log"]);
    assert!(got(&third).contains("genesis"));
    world.git(&["config", "core.pager", &format!("LESS=S {second} -x 'a b'")]).exits(0);
    shown(&[own], &["log"]);
    let text = got(&second);
    assert!(text.starts_with("S -c 1 -x a b\n") && got(&third).is_empty(), "{text}");
    shown(&[git, ("LESS", "R"), ("NO_COLOR", "1")], &["canon", "log"]);
    let text = got(&first);
    assert!(text.starts_with("R -c 1 \n") && !text.contains('\u{1b}'), "{text}");
    // There is none, it is not wanted, or it is not what a pager is for.
    let missing = world.path("missing");
    let canary = world.path("canary");
    let shell = format!("cat; touch {}", canary.display());
    for (env, args) in [
        (("GIT_PAGER", "cat"), &["log"][..]),
        (("GIT_PAGER", ""), &["log"]),
        (("GIT_PAGER", missing.to_str().unwrap()), &["log"]),
        (("GIT_PAGER", &shell), &["log"]),
        (git, &["log", "--no-pager"]),
        (git, &["--no-pager", "log"]),
        (git, &["log", "--format", "json"]),
    ] {
        assert!(shown(&[env], args).contains("genesis"), "{env:?} {args:?}");
        assert_eq!(got(&first), "");
    }
    assert!(shown(&[git], &["status"]).contains("nothing is open") && got(&first).is_empty() && !canary.exists());
    // No terminal, no pager.
    let mut command = world.command(env!("CARGO_BIN_EXE_omega"), &["log"], &world.repo());
    assert!(Ran::of(command.env("GIT_PAGER", &first).output().unwrap()).exits(0).out.contains("genesis") && got(&first).is_empty());
}

#[test]
fn prose_is_wrapped_at_the_width_of_the_terminal() {
    let world = World::planted(&["ann"]);
    world.edit_identity("Say it plainly");
    let reason = "Everybody who reads this should understand it at the first reading, whatever the width of the window is that shows it.";
    world.by("ann", &["propose", "--title", "Say it", "--reason", reason, "--yes"]).exits(0);
    let ran = |columns, env: &[(&str, &str)]| {
        on_terminal(&world, columns, &[&[("NO_COLOR", "1"), ("GIT_PAGER", "")], env].concat(), "", &["show", "say-it"]).exits(0).out
    };
    let narrow = ran("40", &[]);
    assert!(narrow.contains("\r\n  Everybody who reads this should\r\n  understand it at the first reading,\r\n"), "{narrow}");
    assert!(ran("200", &[]).contains(reason) && ran("200", &[("COLUMNS", "40")]) == narrow);
    assert!(world.omega(&["show", "say-it"]).exits(0).out.contains(reason));
}
