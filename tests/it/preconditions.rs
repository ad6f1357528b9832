//! What must be so before a command writes: refused where it is not, before anything is changed.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::world::{Ran, World};

/// A council of two, an open proposal of `ana`, and two branches that conflict; on `side`.
fn conflicted() -> (World, String) {
    let world = World::planted(&["ana", "bo"]);
    let id = world.propose("ana", "Say it plainly");
    world.git(&["checkout", "-q", "-f", "main"]).exits(0);
    for (branch, text) in [("side", "one\n"), ("main", "two\n")] {
        if branch == "side" {
            world.git(&["checkout", "-q", "-b", "side", "main"]).exits(0);
        } else {
            world.git(&["checkout", "-q", "main"]).exits(0);
        }
        world.write("c", text);
        world.git(&["add", "c"]).exits(0);
        world.git(&["commit", "-q", "-m", branch]).exits(0);
    }
    world.git(&["checkout", "-q", "side"]).exits(0);
    (world, id)
}

/// Every command that writes records, as members of the council would say it.
fn writers(id: &str) -> Vec<(&'static str, Vec<String>)> {
    let line = |words: &str| words.split(' ').map(|word| word.replace("ID", id).replace('_', " ")).collect();
    vec![
        ("ana", line("canon propose --title Another --reason Because. --yes")),
        ("ana", line("canon vote ID approve --reason Good.")),
        ("ana", line("canon withdraw ID --reason Enough.")),
        ("ry", line("canon ratify ID --reason Good. --yes")),
        ("ry", line("canon rule ID reject --reason No. --yes")),
        ("ana", line("canon tidy")),
        ("ry", line("council role bo clerk --yes")),
        ("ry", line("init --chief ry --yes")),
    ]
}

/// All that a refused command could have touched: what git sees, and what omega keeps.
fn traces(world: &World) -> String {
    let omega = world.repo().join(".git/omega");
    let kept = ["journal.json", "pin.toml"].map(|name| fs::read_to_string(omega.join(name)).unwrap_or_default());
    format!("{}{kept:?}{}", world.traces(), world.git(&["reflog", "--all"]).out)
}

#[track_caller]
fn refused(ran: &Ran, code: i32, words: &[&str]) {
    assert_eq!(ran.code, Some(code), "{}{}", ran.out, ran.err);
    for word in words {
        assert!(ran.err.contains(word), "`{word}` in: {}", ran.err);
    }
}

#[test]
fn no_command_writes_while_git_is_in_the_middle_of_something() {
    let patch = |world: &World| {
        let text = world.git(&["format-patch", "-1", "main", "--stdout"]).exits(0).out;
        fs::write(world.path("patch"), text).unwrap();
        world.path("patch").to_str().unwrap().to_owned()
    };
    let operations: [(&str, &str, &str); 9] = [
        ("rebase main", "rebase", "git rebase --abort"),
        ("rebase --apply main", "rebase", "git rebase --abort"),
        ("merge main", "merge", "git merge --abort"),
        ("merge --no-commit --no-ff canon/ID", "merge", "git merge --abort"),
        ("cherry-pick main", "cherry-pick", "git cherry-pick --abort"),
        ("cherry-pick main~1 main", "cherry-pick", "git cherry-pick --abort"),
        ("revert --no-edit main", "revert", "git revert --abort"),
        ("bisect start HEAD HEAD~1", "bisect", "git bisect reset"),
        ("am -3 PATCH", "am", "git am --abort"),
    ];
    let (prepared, id) = conflicted();
    for (number, (begin, name, end)) in operations.into_iter().enumerate() {
        let world = prepared.copied();
        let patch = patch(&world);
        let words: Vec<String> = begin.split(' ').map(|word| word.replace("ID", &id).replace("PATCH", &patch)).collect();
        world.git(&words.iter().map(String::as_str).collect::<Vec<_>>());
        let before = traces(&world);
        // Every command for the first operation, and two for each: the question is asked in one place.
        let all = writers(&id);
        let asked = if number == 0 { &all[..] } else { &all[number % 3..number % 3 + 2] };
        for (member, args) in asked {
            let key = world.key(member);
            let mut args: Vec<&str> = args.iter().map(String::as_str).collect();
            args.extend(["--key", &key]);
            let ran = world.omega(&args);
            refused(&ran, 1, &[&format!("in the middle of a {name} in this work tree"), end]);
            assert_eq!(traces(&world), before, "{begin}: {args:?}");
        }
        // Reading goes on.
        world.omega(&["canon", "verify", "main"]).exits(0);
        let status = world.omega(&["canon", "status"]);
        assert!(status.code != Some(1) && !status.err.contains("in the middle of"), "{begin}: {}{}", status.out, status.err);
        world.git(&end.split(' ').skip(1).collect::<Vec<_>>()).exits(0);
        world.by("ana", &["canon", "vote", &id, "approve", "--reason", "Good."]).exits(0);
    }
}

#[test]
fn an_operation_in_another_work_tree_is_its_own() {
    let (world, id) = conflicted();
    world.git(&["worktree", "add", "-q", "--detach", "../other", "side"]).exits(0);
    world.git_in(&world.path("other"), &["rebase", "main"]);
    world.by("ana", &["canon", "vote", &id, "approve", "--reason", "Good."]).exits(0);
    // But the branch that is rebased there is not moved from here.
    let other = world.path("other");
    world.git_in(&other, &["rebase", "--abort"]).exits(0);
    world.git_in(&other, &["checkout", "-q", &format!("canon/{id}")]).exits(0);
    world.git_in(&other, &["rebase", "--exec", "false", "side"]);
    assert_eq!(world.git_in(&other, &["symbolic-ref", "-q", "HEAD"]).out, "");
    let ran = world.by("bo", &["canon", "vote", &id, "approve", "--reason", "Good."]);
    refused(&ran, 10, &["is checked out in another work tree"]);
}

#[test]
fn a_name_that_cannot_be_a_branch() {
    let world = World::planted(&["ana"]);
    world.edit_identity("A new line");
    let propose = ["canon", "propose", "--title", "A new line", "--reason", "Because.", "--yes"];
    for pack in [false, true] {
        world.git(&["branch", "canon"]).exits(0);
        if pack {
            world.git(&["pack-refs", "--all"]).exits(0);
        }
        let before = traces(&world);
        refused(&world.by("ana", &propose), 1, &["beside the branch `canon`", "git branch -m canon canon-branch"]);
        assert_eq!(traces(&world), before);
        world.git(&["branch", "-D", "-q", "canon"]).exits(0);
    }
    let below = "canon/2026-02-26-a-new-line/x";
    world.git(&["branch", below]).exits(0);
    refused(&world.by("ana", &propose), 1, &[&format!("beside the branch `{below}`")]);
    world.git(&["branch", "-m", below, &format!("{below}-branch").replace("canon/", "was-")]).exits(0);
    world.by("ana", &propose).exits(0);
}

#[test]
fn a_symbolic_branch_is_not_written_through() {
    let world = World::planted(&["ana"]);
    let id = world.propose("ana", "Say it plainly");
    world.git(&["checkout", "-q", "-f", "main"]).exits(0);
    let full = format!("refs/heads/canon/{id}");
    world.git(&["branch", "-m", &format!("canon/{id}"), "elsewhere"]).exits(0);
    world.git(&["symbolic-ref", &full, "refs/heads/elsewhere"]).exits(0);
    let before = traces(&world);
    let ran = world.by("ana", &["canon", "vote", &id, "approve", "--reason", "Good."]);
    assert_ne!(ran.code, Some(0), "{}", ran.out);
    assert_eq!(traces(&world), before);
}

#[test]
fn a_lock_that_is_held_is_named() {
    let world = World::planted(&["ana"]);
    let id = world.propose("ana", "Say it plainly");
    world.git(&["checkout", "-q", "-f", "main"]).exits(0);
    let vote = ["canon", "vote", &id, "approve", "--reason", "Good."];
    for lock in [format!("refs/heads/canon/{id}.lock"), "packed-refs.lock".to_owned()] {
        let path = world.repo().join(".git").join(&lock);
        fs::write(&path, "").unwrap();
        let before = traces(&world);
        refused(&world.by("ana", &vote), 75, &[&lock, "no process is seen", "one was killed: rm "]);
        let open = fs::File::open(&path).unwrap();
        let process = format!("process {} holds the lock", std::process::id());
        refused(&world.by("ana", &vote), 75, &[&process, "repeat the command when that process is done"]);
        drop(open);
        assert_eq!(traces(&world), before);
        fs::remove_file(path).unwrap();
    }
    world.by("ana", &vote).exits(0);
}

#[test]
fn a_lock_of_the_index_stops_what_needs_the_index() {
    let world = World::empty();
    let lock = world.repo().join(".git/index.lock");
    fs::write(&lock, "").unwrap();
    let key = world.key("ry");
    let init = ["init", "--profile", "omega", "--chief", "ry", "--yes", "--key", &key];
    refused(&world.omega(&init), 75, &["index.lock"]);
    assert!(!world.repo().join(".git/omega").exists(), "a failed init left a trace");
    fs::remove_file(lock).unwrap();
    world.omega(&init).exits(0);
}

#[test]
fn a_vote_goes_into_a_sparse_index() {
    let world = World::planted(&["ana"]);
    world.write("big/a/x", "x");
    world.write("small/y", "y");
    world.git(&["add", "."]).exits(0);
    world.git(&["commit", "-q", "-m", "files"]).exits(0);
    let id = world.propose("ana", "Say it plainly");
    world.git(&["checkout", "-q", "-f", &format!("canon/{id}")]).exits(0);
    world.git(&["sparse-checkout", "set", "--cone", "--sparse-index", "small", "canon"]).exits(0);
    world.by("ana", &["canon", "vote", &id, "approve", "--reason", "Good."]).exits(0);
    assert_eq!(world.git(&["status", "--porcelain"]).out, "");
    assert!(!world.repo().join("big").exists());
    world.git(&["fsck", "--strict"]).exits(0);
}

fn open_to(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Runs a program as another user of the group `users`, where this test may do that.
fn as_user(world: &World, dir: &Path, uid: u32, program: &str, args: &[&str]) -> Option<Ran> {
    let mut all = vec!["--reuid", "UID", "--regid", "100", "--clear-groups", "--", program];
    let id = uid.to_string();
    all[1] = &id;
    all.extend(args);
    let can = world.run("setpriv", &["--reuid", "1", "--regid", "100", "--clear-groups", "--", "true"], &world.path("."), None);
    (can.code == Some(0)).then(|| {
        let mut command = world.command("setpriv", &all, dir);
        command.env("HOME", world.path("other-home"));
        Ran::of(command.output().unwrap())
    })
}

#[test]
fn a_repository_of_another_user_is_read_and_not_trusted() {
    let world = World::planted(&["ana"]);
    fs::create_dir(world.path("other-home")).unwrap();
    open_to(&world.path("."), 0o755);
    let omega = env!("CARGO_BIN_EXE_omega");
    let Some(ran) = as_user(&world, &world.repo(), 4711, omega, &["canon", "verify", "HEAD"]) else { return };
    refused(&ran, 13, &["belongs to another user", "its pin is not used", "git config --global --add safe.directory "]);
    let root = world.root();
    as_user(&world, &world.repo(), 4711, omega, &["canon", "verify", "HEAD", "--root", &root]).unwrap().exits(0);
    let ran = as_user(&world, &world.repo(), 4711, omega, &["trust", "pin", &root]).unwrap();
    assert_ne!(ran.code, Some(0), "{}", ran.out);
    // As git: the user says that it is safe.
    fs::write(world.path("other-home/.gitconfig"), format!("[safe]\n\tdirectory = {}\n", world.repo().canonicalize().unwrap().display()))
        .unwrap();
    as_user(&world, &world.repo(), 4711, omega, &["canon", "verify", "HEAD"]).unwrap().exits(0);
    // Now it is trusted, and still cannot be written.
    let before = traces(&world);
    let key = world.path("key-of-another");
    fs::copy(world.key("ry"), &key).unwrap();
    std::os::unix::fs::chown(&key, Some(4711), None).unwrap();
    let ran = as_user(&world, &world.repo(), 4711, omega, &["canon", "tidy", "--key", key.to_str().unwrap()]).unwrap();
    refused(&ran, 1, &["cannot write in `", ".git/objects`", "Permission denied", "ls -ld "]);
    assert_eq!(traces(&world), before);
}

#[test]
fn a_pin_that_the_group_may_not_read_is_said_to_be_there() {
    let world = World::planted(&[]);
    let root = world.root();
    fs::create_dir(world.path("other-home")).unwrap();
    open_to(&world.path("."), 0o755);
    fs::write(world.path("other-home/.gitconfig"), "[safe]\n\tdirectory = *\n").unwrap();
    open_to(&world.repo().join(".git/omega/pin.toml"), 0o600);
    let omega = env!("CARGO_BIN_EXE_omega");
    let Some(ran) = as_user(&world, &world.repo(), 4711, omega, &["canon", "verify", "HEAD"]) else { return };
    refused(&ran, 13, &["there is a pin, and this user may not read it", "chmod g+r ", "--root ROOT"]);
    as_user(&world, &world.repo(), 4711, omega, &["canon", "verify", "HEAD", "--root", &root]).unwrap().exits(0);
}

#[test]
fn what_a_group_shares_omega_shares() {
    let world = World::planted(&[]);
    let root = world.root();
    world.git_in(&world.path("."), &["init", "-q", "--bare", "--shared=group", "-b", "main", "server.git"]).exits(0);
    let server = world.path("server.git");
    world.git(&["push", "-q", server.to_str().unwrap(), "main"]).exits(0);
    world.omega_in(&server, &["trust", "pin", &root]).exits(0);
    world.omega_in(&server, &["hooks", "install"]).exits(0);
    let mode = |name: &str| fs::metadata(server.join(name)).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode("omega/pin.toml") & 0o660, 0o660);
    assert_eq!(mode("omega") & 0o2770, 0o2770);
    // Without a rule the umask alone decides.
    let own = fs::metadata(world.repo().join(".git/omega/pin.toml")).unwrap().permissions().mode() & 0o777;
    assert_eq!(own, 0o644);
}

#[test]
fn a_journal_that_cannot_be_understood_is_reported() {
    let world = World::planted(&["ana"]);
    let id = world.propose("ana", "Say it plainly");
    let journal = world.repo().join(".git/omega/journal.json");
    let vote = ["canon", "vote", &id, "approve", "--reason", "Good."];
    for damage in ["", "{}", "{\"branch\":\"refs/heads/main\",\"from\":\"x\",\"to\":null,\"checkout\":false,\"overwrites\":[]}"] {
        fs::write(&journal, damage).unwrap();
        refused(&world.by("ana", &vote), 1, &["journal is damaged", "rm "]);
        assert_eq!(fs::read_to_string(&journal).unwrap(), damage);
    }
    fs::remove_file(&journal).unwrap();
    fs::create_dir(&journal).unwrap();
    refused(&world.by("ana", &vote), 1, &["cannot read", "journal.json"]);
    fs::remove_dir(&journal).unwrap();
    world.by("ana", &vote).exits(0);
}

#[test]
fn a_failed_init_removes_what_it_made() {
    let world = World::empty();
    let (key, ana) = (world.key("ry"), world.key("ana"));
    let fails = |dir: &str| {
        let member = format!("ry={ana}.pub");
        let ran = world.omega_in(
            &world.path("."),
            &["init", "--profile", "omega", "--new", dir, "--chief", "ry", "--yes", "--key", &key, "--member", &member],
        );
        assert_ne!(ran.code, Some(0), "{}", ran.out);
    };
    fails("deep/new");
    assert!(!world.path("deep").exists());
    fs::create_dir(world.path("there")).unwrap();
    fails("there");
    assert_eq!(fs::read_dir(world.path("there")).unwrap().count(), 0);
    fs::write(world.path("there/mine"), "x").unwrap();
    fails("there");
    assert_eq!(fs::read_dir(world.path("there")).unwrap().count(), 1);
    let right = ["init", "--profile", "omega", "--new", "deep/new", "--chief", "ry", "--yes", "--key", &key];
    world.omega_in(&world.path("."), &right).exits(0);
    world.omega_in(&world.path("deep/new"), &["canon", "verify"]).exits(0);
    let left = world.path("deep/new/.git/omega/new");
    assert!(!left.exists());
}

#[test]
fn a_killed_init_of_a_new_repository_can_be_repeated() {
    let world = World::empty();
    let key = world.key("ry");
    let steps = world.path("steps");
    let args = |dir: &'static str| {
        ["init", "--profile", "omega", "--new", dir, "--chief", "ry", "--yes", "--no-hooks", "--key"].map(str::to_owned)
    };
    let run = |dir: &'static str| [args(dir).to_vec(), vec![key.clone()]].concat();
    let mut command =
        world.command(env!("CARGO_BIN_EXE_omega"), &run("whole").iter().map(String::as_str).collect::<Vec<_>>(), &world.path("."));
    Ran::of(command.env("OMEGA_TEST_STEPS", &steps).output().unwrap()).exits(0);
    let steps: Vec<String> = fs::read_to_string(steps).unwrap().lines().map(str::to_owned).collect();
    let tried = (0..steps.len()).filter(|step| !matches!(steps[*step].as_str(), "object" | "file") || step % 16 == 0);
    for step in tried {
        let words = run("killed");
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let ran = world.omega_killed_at(&world.path("."), step, &words);
        assert_eq!(ran.code, None, "{step}: {}{}", ran.out, ran.err);
        let again = world.omega_in(&world.path("."), &words);
        if again.code != Some(0) {
            refused(&again, 10, &["an earlier run has set up the canon in ", "canon status"]);
        }
        let dir = world.path("killed");
        world.omega_in(&dir, &["canon", "verify", "--worktree"]).exits(0);
        assert_eq!(world.git_in(&dir, &["status", "--porcelain"]).exits(0).out, "", "{}", steps[step]);
        assert!(!dir.join(".git/omega/new").exists() && !dir.join(".omega-new").exists());
        fs::remove_dir_all(dir).unwrap();
    }
}

#[test]
fn an_init_that_cannot_verify_says_so() {
    let world = World::empty();
    std::os::unix::fs::symlink("../outside.md", world.repo().join("AGENTS.md")).unwrap();
    world.git(&["add", "."]).exits(0);
    world.git(&["commit", "-q", "-m", "link"]).exits(0);
    let key = world.key("ry");
    let ran = world.omega(&["init", "--profile", "omega", "--chief", "ry", "--yes", "--govern", "AGENTS.md", "--key", &key]);
    refused(&ran, 11, &["no canon is set up here: its first commit would not verify", "repeat the command"]);
    assert!(!world.repo().join(".git/omega").exists(), "a failed init left a trace");
}

#[test]
fn what_is_stopped_on_its_way_is_finished_by_the_same_command() {
    let world = World::planted(&["ana"]);
    let id = world.propose("ana", "Say it plainly");
    world.approve(&id, &["ana"]);
    world.git(&["checkout", "-q", "-f", "main"]).exits(0);
    let lock = world.repo().join(format!(".git/refs/heads/canon/{id}.lock"));
    fs::write(&lock, "").unwrap();
    let ratify = ["canon", "ratify", &id, "--reason", "Good.", "--yes"];
    refused(&world.chief(&ratify), 75, &[".lock"]);
    fs::remove_file(lock).unwrap();
    world.chief(&ratify).exits(0);
    assert_eq!(world.git(&["branch", "--list", "canon/*"]).out, "");
    assert_eq!(world.git(&["status", "--porcelain"]).out, "");
    world.omega(&["canon", "verify", "--worktree"]).exits(0);
}
