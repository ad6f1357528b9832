//! The hints of refused commands, typed where they were printed.

use super::{commands, paste};
use crate::world::{Ran, World};

fn hint(ran: &Ran) -> String {
    let line = ran.err.lines().find_map(|line| line.strip_prefix("hint: "));
    line.unwrap_or_else(|| panic!("no hint in {}", ran.err)).to_owned()
}

/// Each command of a hint, typed in turn, ends like this.
#[track_caller]
fn types(world: &World, ran: &Ran, expected: &[(&str, i32)]) {
    let hint = hint(ran);
    let typed = commands(&hint);
    assert_eq!(
        typed.iter().map(String::as_str).collect::<Vec<_>>(),
        expected.iter().map(|(command, _)| *command).collect::<Vec<_>>(),
        "{hint}"
    );
    for (command, code) in expected {
        let ran = paste(world, command);
        assert_eq!(ran.code, Some(*code), "{command}: {}{}", ran.out, ran.err);
    }
}

#[test]
fn a_question_about_nothing_says_where_to_look() {
    let world = World::planted(&["ana"]);
    let id = world.propose("ana", "Say it plainly");
    world.git(&["switch", "-q", "main"]);
    world.git(&["restore", "."]);
    world.git(&["config", "gpg.format", "ssh"]).exits(0);
    world.git(&["config", "user.signingKey", &world.key("ry")]).exits(0);
    types(&world, &world.omega(&["canon", "show", "nothing"]).exits(2), &[("omega list", 0), ("git fetch", 0)]);
    types(
        &world,
        &world.by("ry", &["canon", "vote", &id, "approve", "--reason", "Good."]).exits(10),
        &[(&format!("omega ratify {id}"), 10), (&format!("omega rule {id} reject"), 0)],
    );
    types(&world, &world.omega(&["why", "canon/OMEGA_IDENTITY.md:9999"]).exits(2), &[("omega why canon/OMEGA_IDENTITY.md", 0)]);
}

#[test]
fn verbs_of_the_canon_need_no_canon_before_them() {
    let world = World::planted(&[]);
    for typed in ["status", "verify", "log", "diff", "list"] {
        assert_eq!(world.omega(&[typed]).exits(0).out, world.omega(&["canon", typed]).exits(0).out, "{typed}");
    }
}

#[test]
fn hooks_that_are_switched_off_are_switched_on_by_the_hint() {
    for (scope, value) in [("--local", "/dev/null"), ("--local", ""), ("--local", "gone"), ("--global", "/dev/null")] {
        let world = World::planted(&[]);
        let global = world.path("home/.gitconfig");
        let set = format!("GIT_CONFIG_GLOBAL={0} git config {scope} core.hooksPath '{value}'", global.display());
        paste(&world, &set).exits(0);
        let ran = world.omega(&["hooks", "install"]).exits(10);
        assert!(ran.err.starts_with("error: git hooks are switched off here: core.hooksPath "), "{}", ran.err);
        let status = world.omega(&["hooks", "status"]).exits(0).out;
        assert!(status.contains("switch them on: git config "), "{status}");
        let hint = hint(&ran);
        assert_eq!(hint, format!("git config {scope} --unset-all core.hooksPath"));
        paste(&world, &format!("export GIT_CONFIG_GLOBAL={}; {hint}", global.display())).exits(0);
        world.omega(&["hooks", "install"]).exits(0);
    }
}

#[test]
fn keys_with_odd_names_are_named_as_one_word() {
    let world = World::planted(&[]);
    let key = world.path("keys/a $(touch RAN) key");
    std::fs::copy(world.key("ry"), &key).unwrap();
    std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    world.edit_identity("Plainly");
    let propose = ["canon", "propose", "--title", "T", "--reason", "R", "--yes", "--key", key.to_str().unwrap()];
    let ran = world.omega(&propose).exits(2);
    paste(&world, &hint(&ran)).exits(0);
    assert!(!world.repo().join("RAN").exists());
    world.omega(&propose).exits(0);
}

#[test]
fn late_records_are_tidied() {
    let world = World::planted(&["ana", "bo"]);
    let id = world.propose("ana", "Say it plainly");
    world.approve(&id, &["ana"]);
    // The vote of `bo` is made elsewhere, on what was there before the ruling, and arrives after it.
    let other = world.copied();
    other.approve(&id, &["bo"]);
    let votes = format!("canon/resolutions/{id}/votes");
    let late = |name: &str| other.git(&["show", &format!("canon/{id}:{votes}/{name}")]).exits(0).out;
    world.by("ry", &["canon", "ratify", &id, "--bypass", "QUORUM_UNAVAILABLE", "--reason", "Now.", "--yes"]);
    world.git(&["switch", "-q", "main"]);
    world.git(&["reset", "-q", "--hard"]).exits(0);
    if world.omega(&["canon", "log", "--format", "json"]).exits(0).json()["report"].as_array().unwrap().len() < 2 {
        world.ratify(&id);
        world.git(&["reset", "-q", "--hard"]).exits(0);
    }
    for name in ["bo.1.md", "bo.1.md.sig"] {
        world.write(&format!("{votes}/{name}"), late(name));
    }
    world.git(&["add", "-A"]).exits(0);
    world.git(&["commit", "-q", "-m", "Late"]).exits(0);
    let ran = world.omega(&["canon", "verify"]);
    assert!(ran.out.contains("C014"), "{}", ran.out);
    world.git(&["config", "gpg.format", "ssh"]).exits(0);
    world.git(&["config", "user.signingKey", &world.key("ana")]).exits(0);
    paste(&world, "omega tidy").exits(0);
    world.omega(&["canon", "verify"]).exits(0);
}

#[test]
fn an_emergency_that_ran_out_is_expired() {
    let mut world = World::planted(&["ana"]);
    world.edit_identity("Now");
    let emergency = ["canon", "emergency", "--title", "Now", "--reason", "It burns.", "--yes"];
    if world.by("ry", &emergency).code != Some(0) {
        // An emergency may not touch this document by the planted policy: one that it may.
        world.git(&["reset", "-q", "--hard"]).exits(0);
        let text = world.read("canon/MEMORY_CONSTITUTION.md");
        world.write("canon/MEMORY_CONSTITUTION.md", format!("{text}\nNow.\n"));
        world.by("ry", &emergency).exits(0);
    }
    world.now = "2027-02-26T12:00:00Z".to_owned();
    let ran = world.omega(&["canon", "verify"]).exits(11);
    let hint = ran.out.lines().find_map(|line| line.trim().strip_prefix("hint: ")).unwrap().to_owned();
    assert!(hint.starts_with("omega expire "), "{hint}");
    world.git(&["config", "gpg.format", "ssh"]).exits(0);
    world.git(&["config", "user.signingKey", &world.key("ry")]).exits(0);
    paste(&world, &format!("{hint} --reason 'It is over.' --yes")).exits(0);
    world.omega(&["canon", "verify"]).exits(0);
}

#[test]
fn a_record_that_was_removed_after_its_ruling_is_brought_back() {
    let world = World::planted(&["ana"]);
    let id = world.propose("ana", "Say it plainly");
    world.approve(&id, &["ana"]);
    world.ratify(&id);
    world.git(&["switch", "-q", "-f", "main"]).exits(0);
    for half in ["", ".sig"] {
        world.git(&["rm", "-q", &format!("canon/resolutions/{id}/votes/ana.1.md{half}")]).exits(0);
    }
    world.git(&["commit", "-q", "-m", "Attack"]).exits(0);
    let ran = world.omega(&["canon", "verify"]).exits(11);
    let hint = ran.out.lines().skip_while(|line| !line.starts_with("C013")).nth(1).unwrap_or_else(|| panic!("{}", ran.out)).to_owned();
    let command = commands(&hint).into_iter().find(|command| command.starts_with("git log -1 -- ")).unwrap();
    assert!(paste(&world, &format!("{command} | cat")).exits(0).out.contains("    Attack\n"), "{hint}");
    world.git(&["revert", "--no-edit", "HEAD"]).exits(0);
    world.omega(&["canon", "verify"]).exits(0);
}
