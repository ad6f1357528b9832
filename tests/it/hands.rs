//! Keys where people have them: with a program of git's, in `~/.ssh`, behind a passphrase without a terminal.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::world::{Ran, World};

fn program(path: &Path, text: &str) -> String {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Runs omega with more in the environment.
fn with(world: &World, env: &[(&str, &str)], args: &[&str]) -> Ran {
    let mut command = world.command(env!("CARGO_BIN_EXE_omega"), args, &world.repo());
    Ran::of(command.envs(env.iter().copied()).output().unwrap())
}

/// A program that signs as a password manager does: it knows the private half of one key, and writes down how it was called.
fn vault(world: &World, member: &str) -> String {
    let (key, log) = (world.key(member), world.path("calls"));
    let text = format!(
        "#!/bin/sh\necho \"$*\" >>'{}'\n[ \"$1 $2 $3\" = '-Y sign -n' ] && [ \"$5\" = -f ] || exit 3\nfor file; do :; done\n\
         exec ssh-keygen -q -Y sign -n \"$4\" -f '{key}' \"$file\"\n",
        log.display()
    );
    program(&world.path("vault"), &text)
}

#[test]
fn the_program_that_signs_commits_signs_records() {
    let world = World::planted(&["ana"]);
    let id = world.propose("ana", "Say it plainly");
    let vault = vault(&world, "ana");
    world.git(&["config", "gpg.ssh.program", &vault]).exits(0);
    let lone = world.path("ana.pub");
    fs::copy(format!("{}.pub", world.key("ana")), &lone).unwrap();
    let vote = ["canon", "vote", &id, "approve", "--reason", "Good."];
    for (setting, file, confidence) in [
        (format!("key::{}", world.public("ana")), "key.pub -U ", "50"),
        (world.public("ana"), "key.pub -U ", "60"),
        (lone.to_str().unwrap().to_owned(), "ana.pub ", "70"),
    ] {
        fs::write(world.path("calls"), "").unwrap();
        world.git(&["config", "user.signingkey", &setting]).exits(0);
        let ran = world.omega(&[&vote[..], &["--confidence", confidence]].concat()).exits(0);
        assert!(ran.out.contains("ana"), "{}", ran.out);
        let calls = fs::read_to_string(world.path("calls")).unwrap();
        assert!(calls.contains("-Y sign -n omega-vote-v1 -f ") && calls.contains("-Y sign -n git -f ") && calls.contains(file), "{calls}");
    }
    // A public key that is named is signed for by the program as well.
    world.omega(&[&vote[..], &["--confidence", "3", "--key", lone.to_str().unwrap()]].concat()).exits(0);
    world.git(&["switch", "-q", "main"]).exits(0);
    world.ratify(&id);
    world.omega(&["canon", "verify"]).exits(0);
}

#[test]
fn a_program_that_signs_wrongly_is_found_before_anything_is_written() {
    let world = World::planted(&["ana"]);
    let id = world.propose("ana", "Say it plainly");
    world.git(&["config", "user.signingkey", &format!("key::{}", world.public("ana"))]).exits(0);
    let before = world.traces();
    let other = world.key("other");
    for (text, why) in [
        ("#!/bin/sh\necho 'locked by its owner' >&2\nexit 4\n".to_owned(), "locked by its owner"),
        ("#!/bin/sh\nexit 0\n".to_owned(), "could not run"),
        (format!("#!/bin/sh\nfor file; do :; done\nexec ssh-keygen -q -Y sign -n \"$4\" -f '{other}' \"$file\"\n"), "does not verify"),
        ("#!/bin/sh\nfor file; do :; done\necho junk >\"$file.sig\"\n".to_owned(), "does not verify"),
    ] {
        let path = program(&world.path("bad"), &text);
        world.git(&["config", "gpg.ssh.program", &path]).exits(0);
        let ran = world.omega(&["canon", "vote", &id, "approve", "--reason", "Good."]).exits(1);
        assert!(ran.err.contains(why), "{why}: {}", ran.err);
    }
    assert_eq!(world.traces(), before);
}

#[test]
fn the_key_that_ssh_uses_is_tried_after_all_others() {
    let world = World::planted(&["ana"]);
    let id = world.propose("ana", "Say it plainly");
    let ssh = world.path("home/.ssh");
    fs::create_dir(&ssh).unwrap();
    fs::copy(world.key("ana"), ssh.join("id_ed25519")).unwrap();
    let vote = ["canon", "vote", &id, "approve", "--reason", "Good."];
    world.omega(&vote).exits(0);
    // One that is named in omega's own settings goes before.
    fs::create_dir_all(world.path("home/.config/omega")).unwrap();
    fs::write(world.path("home/.config/omega/omega.toml"), format!("keys = [\"{}\"]\n", world.key("ry"))).unwrap();
    world.git(&["switch", "-q", "main"]).exits(0);
    let keys = world.omega(&["key", "show", "--format", "json"]).exits(0).json();
    let files: Vec<&str> = keys["report"].as_array().unwrap().iter().map(|key| key["path"].as_str().unwrap()).collect();
    assert_eq!(files, [world.key("ry").as_str(), ssh.join("id_ed25519").to_str().unwrap()]);
}

#[test]
fn a_founder_without_settings_signs_with_the_key_of_ssh() {
    let world = World::empty();
    let ssh = world.path("home/.ssh");
    fs::create_dir(&ssh).unwrap();
    fs::copy(world.key("ry"), ssh.join("id_ed25519")).unwrap();
    world.omega(&["init", "--profile", "omega", "--chief", "ry", "--yes"]).exits(0);
    world.omega(&["canon", "verify"]).exits(0);
    assert!(world.read("canon/council/ry.md").contains(&world.public("ry")));
}

#[test]
fn a_passphrase_comes_from_the_program_of_ssh_where_there_is_no_terminal() {
    let world = World::planted(&["ana"]);
    let id = world.propose("ana", "Say it plainly");
    let key = world.key("ana");
    world.run("ssh-keygen", &["-q", "-p", "-P", "", "-N", "open sesame", "-f", &key], &world.path("."), None).exits(0);
    let log = world.path("asked");
    let asks = program(&world.path("askpass"), &format!("#!/bin/sh\necho \"$1\" >>'{}'\necho 'open sesame'\n", log.display()));
    let wrong = program(&world.path("wrong"), "#!/bin/sh\necho 'close sesame'\n");
    let gives_up = program(&world.path("gives-up"), "#!/bin/sh\necho 'open sesame'\nexit 1\n");
    let vote = ["canon", "vote", &id, "approve", "--reason", "Good.", "--key", &key];
    with(&world, &[], &vote).exits(2);
    with(&world, &[("SSH_ASKPASS", &wrong)], &vote).exits(2);
    with(&world, &[("SSH_ASKPASS", &gives_up)], &vote).exits(2);
    with(&world, &[("SSH_ASKPASS", "/no/such/program")], &vote).exits(2);
    with(&world, &[("SSH_ASKPASS", &asks), ("SSH_ASKPASS_REQUIRE", "never")], &vote).exits(2);
    assert!(!log.exists());
    let ran = with(&world, &[("SSH_ASKPASS", &asks)], &vote).exits(0);
    assert!(!ran.out.contains("sesame") && !ran.err.contains("sesame"));
    assert_eq!(fs::read_to_string(&log).unwrap(), format!("passphrase for {key}: \n"));
    with(&world, &[("SSH_ASKPASS", &asks), ("SSH_ASKPASS_REQUIRE", "force")], &[&vote[..], &["--confidence", "7"]].concat()).exits(0);
}

#[test]
fn armor_of_any_width_is_read() {
    let world = World::planted(&["ana", "ben"]);
    let id = world.propose("ana", "Say it plainly");
    for (member, width) in [("ana", 76), ("ben", 64)] {
        let key = world.key(member);
        let text = fs::read_to_string(&key).unwrap();
        let mut lines: Vec<&str> = text.lines().collect();
        let (first, last) = (lines.remove(0), lines.pop().unwrap());
        let base64 = lines.concat();
        let folded: Vec<&str> = base64.as_bytes().chunks(width).map(|line| std::str::from_utf8(line).unwrap()).collect();
        fs::write(&key, [&[first][..], &folded, &[last, ""]].concat().join("\n")).unwrap();
        world.run("ssh-keygen", &["-y", "-f", &key], &world.path("."), None).exits(0);
        world.by(member, &["canon", "vote", &id, "approve", "--reason", "Good."]).exits(0);
    }
}
