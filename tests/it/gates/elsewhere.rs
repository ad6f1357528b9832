//! Hooks that others keep: chained where the clone owns them, left alone and recognised where they are tracked or shared.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::{git, with_omega};
use crate::world::{Ran, World};

const HOOKS: [&str; 6] = ["pre-commit", "pre-merge-commit", "commit-msg", "pre-push", "post-merge", "post-checkout"];

fn program(path: &Path, text: &str, mode: u32) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Everything below a folder: names, kinds, modes and bytes.
fn picture(folder: &Path) -> Vec<(PathBuf, u32, Vec<u8>)> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let meta = fs::symlink_metadata(&path).unwrap();
        match meta.is_dir() {
            true => all.extend(picture(&path)),
            false if meta.is_symlink() => {
                all.push((path.clone(), 0, fs::read_link(&path).unwrap().as_os_str().as_encoded_bytes().to_vec()))
            }
            false => all.push((path.clone(), meta.permissions().mode(), fs::read(&path).unwrap())),
        }
    }
    all.sort();
    all
}

fn states(world: &World) -> Vec<String> {
    let report = world.omega(&["hooks", "status", "--format", "json"]).exits(0).json()["report"].clone();
    report.as_array().unwrap().iter().map(|at| at["state"].as_str().unwrap().to_owned()).collect()
}

fn sneak(world: &World) -> Ran {
    world.edit_identity("Sneaked");
    let ran = git(world, &["commit", "-q", "-a", "-m", "Sneak"]);
    world.git(&["checkout", "-q", "HEAD", "--", "canon"]).exits(0);
    ran
}

#[test]
fn installing_and_uninstalling_leaves_every_byte_and_mode_as_it_was() {
    let world = World::planted(&[]);
    let hooks = world.repo().join(".git/hooks");
    program(&hooks.join("pre-commit"), "#!/bin/sh\nexit 0\n", 0o750);
    program(&hooks.join("commit-msg"), "not even executable\n", 0o640);
    program(&hooks.join("real-push"), "#!/bin/sh\ncat >/dev/null\n", 0o700);
    std::os::unix::fs::symlink("real-push", hooks.join("pre-push")).unwrap();
    std::os::unix::fs::symlink("nowhere", hooks.join("post-merge")).unwrap();
    let before = picture(&hooks);
    let first = world.omega(&["hooks", "install"]).exits(0).out;
    assert_eq!(states(&world), ["chained", "installed", "chained", "chained", "chained", "installed"]);
    let installed = picture(&hooks);
    assert_eq!(world.omega(&["hooks", "install"]).exits(0).out, first.replace('\n', " as before\n"));
    assert_eq!(picture(&hooks), installed);
    // A gate that git skips without a word does not count as one, and is put right.
    fs::set_permissions(hooks.join("commit-msg"), std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    assert_eq!(states(&world)[2], "absent");
    world.omega(&["hooks", "install"]).exits(0);
    assert_eq!(picture(&hooks), installed);
    // What is not executable, or leads nowhere, is not called, as git would not.
    super::commit(&world, "code.txt");
    git(&world, &["commit", "-q", "--allow-empty", "-m", "Fine"]).exits(0);
    assert_eq!(sneak(&world).code, Some(1));
    let ran = world.omega(&["hooks", "uninstall"]).exits(0);
    assert!(ran.out.starts_with("removed pre-commit, and put back what was there before\nremoved pre-merge-commit\n"), "{}", ran.out);
    assert_eq!(picture(&hooks), before);
    assert_eq!(world.omega(&["hooks", "uninstall"]).exits(0).out, "no hooks of omega are here\n");
    assert_eq!(picture(&hooks), before);
}

#[test]
fn what_was_changed_or_removed_after_installing_is_not_destroyed() {
    let world = World::planted(&[]);
    let hooks = world.repo().join(".git/hooks");
    program(&hooks.join("pre-commit"), "#!/bin/sh\nexit 0\n", 0o755);
    program(&hooks.join("commit-msg"), "#!/bin/sh\nexit 0\n", 0o755);
    world.omega(&["hooks", "install"]).exits(0);
    let edited = fs::read_to_string(hooks.join("pre-push")).unwrap() + "echo more\n";
    program(&hooks.join("pre-push"), &edited, 0o755);
    let other = "#!/bin/sh\necho other\n";
    program(&hooks.join("pre-commit"), other, 0o755);
    fs::remove_file(hooks.join("commit-msg")).unwrap();
    assert_eq!(states(&world)[..4], ["foreign", "installed", "absent", "called"]);
    // One hook is kept aside already, and now there is another one: nobody guesses which counts.
    let ran = world.omega(&["hooks", "install"]).exits(10);
    assert!(ran.err.contains("another one kept beside it\nhint: look at both, and remove one: "), "{}", ran.err);
    world.omega(&["hooks", "uninstall"]).exits(0);
    assert_eq!(fs::read_to_string(hooks.join("pre-push")).unwrap(), edited);
    assert_eq!(fs::read_to_string(hooks.join("pre-commit")).unwrap(), other);
    assert!(hooks.join("pre-commit.before-omega").exists());
    assert_eq!(fs::read_to_string(hooks.join("commit-msg")).unwrap(), "#!/bin/sh\nexit 0\n");
}

#[test]
fn a_chained_hook_gets_the_same_arguments_and_input_and_its_exit_code_counts() {
    let world = World::planted(&[]);
    let hooks = world.repo().join(".git/hooks");
    program(&hooks.join("pre-push"), "#!/bin/sh\nprintf '%s|' \"$@\" >got\ncat >>got\npwd >>got\nexit 3\n", 0o755);
    program(&hooks.join("pre-commit"), "#!/bin/sh\nkill -9 $$\n", 0o755);
    world.omega(&["hooks", "install"]).exits(0);
    let input = format!("refs/heads/x {0} refs/heads/x {0}\n", "0".repeat(40));
    let shim = hooks.join("pre-push");
    let mut command = world.command(shim.to_str().unwrap(), &["origin", "a b"], &world.repo());
    with_omega(&world, &mut command).stdin(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), input.as_bytes()).unwrap();
    let ran = Ran::of(child.wait_with_output().unwrap()).exits(3);
    assert!(ran.err.starts_with("error: the hook that was here before omega refused: "), "{}", ran.err);
    let here = fs::canonicalize(world.repo()).unwrap();
    assert_eq!(world.read("got"), format!("origin|a b|{input}{}\n", here.display()));
    // One that is killed does not open the gate.
    let mut command = world.command(hooks.join("pre-commit").to_str().unwrap(), &[], &world.repo());
    Ran::of(with_omega(&world, &mut command).output().unwrap()).exits(137);
}

#[test]
fn a_hook_that_calls_omega_itself_is_not_called_in_circles() {
    let world = World::planted(&[]);
    program(&world.repo().join(".git/hooks/pre-commit"), "#!/bin/sh\nsh .git/hooks/again\n", 0o755);
    program(&world.repo().join(".git/hooks/again"), "echo called >>.git/called\nomega hook pre-commit\n", 0o755);
    world.omega(&["hooks", "install"]).exits(0);
    git(&world, &["commit", "-q", "--allow-empty", "-m", "Fine"]).exits(0);
    assert_eq!(world.read(".git/called"), "called\n");
    assert_eq!(sneak(&world).code, Some(1));
}

#[test]
fn husky_is_told_which_lines_to_add_and_recognised_when_they_are_there() {
    let world = World::planted(&[]);
    // What husky 9 makes: stubs that run the file of the same name one folder up.
    for hook in HOOKS {
        program(&world.repo().join(".husky/_").join(hook), "#!/usr/bin/env sh\n. \"$(dirname \"$0\")/h\"\n", 0o755);
    }
    program(
        &world.repo().join(".husky/_/h"),
        "s=\".husky/$(basename \"$0\")\"\n[ ! -f \"$s\" ] && exit 0\nsh -e \"$s\" \"$@\"\nexit $?\n",
        0o644,
    );
    program(&world.repo().join(".husky/pre-commit"), "echo lint\n", 0o644);
    world.git(&["config", "core.hooksPath", ".husky/_"]).exits(0);
    let before = (picture(&world.repo().join(".husky")), picture(&world.repo().join(".git/hooks")));
    let ran = world.omega(&["hooks", "install"]).exits(10);
    assert_eq!((picture(&world.repo().join(".husky")), picture(&world.repo().join(".git/hooks"))), before);
    let said = "\n  in [tmp]/repo/.husky/pre-commit\n    omega hook pre-commit \"$@\"\n";
    assert!(world.plain(&ran.out).contains(said), "{}", ran.out);
    assert_eq!(states(&world), ["foreign", "absent", "absent", "absent", "absent", "absent"]);
    // Whoever adds what was said is gated.
    let report = world.omega(&["hooks", "status", "--format", "json"]).exits(0).json()["report"].clone();
    for at in report.as_array().unwrap() {
        let mut text = fs::read_to_string(at["file"].as_str().unwrap()).unwrap_or_default();
        text.push_str(at["add"].as_str().unwrap());
        fs::write(at["file"].as_str().unwrap(), text + "\n").unwrap();
    }
    assert_eq!(states(&world), ["called"; 6]);
    world.omega(&["hooks", "install"]).exits(0);
    let ran = sneak(&world).exits(1);
    assert!(ran.err.contains("C040 canon/OMEGA_IDENTITY.md"), "{}", ran.err);
    world.omega(&["hooks", "uninstall"]).exits(0);
    assert_eq!(states(&world), ["called"; 6]);
}

#[test]
fn folders_that_are_tracked_or_shared_are_left_alone() {
    let world = World::planted(&[]);
    let shared = world.path("shared");
    program(&shared.join("pre-commit"), "#!/bin/sh\nexit 0\n", 0o755);
    world.git(&["config", "core.hooksPath", shared.to_str().unwrap()]).exits(0);
    let before = picture(&shared);
    let ran = world.omega(&["hooks", "install"]).exits(10);
    assert!(world.plain(&ran.out).contains("in [tmp]/shared/pre-commit\n    omega hook pre-commit \"$@\"\n"), "{}", ran.out);
    assert_eq!(picture(&shared), before);
    program(&shared.join("pre-commit"), "#!/bin/sh\n# omega hook pre-commit\nexec omega hook pre-commit \"$@\"\n", 0o755);
    assert_eq!(states(&world)[0], "called");
    assert_eq!(sneak(&world).code, Some(1));
    // One in the work tree, and the user's own by `~`.
    world.git(&["config", "core.hooksPath", ".githooks"]).exits(0);
    fs::create_dir(world.repo().join(".githooks")).unwrap();
    let ran = world.omega(&["hooks", "install"]).exits(10);
    assert!(world.plain(&ran.out).contains("in [tmp]/repo/.githooks/pre-push\n    omega hook pre-push \"$@\"\n"), "{}", ran.out);
    assert!(picture(&world.repo().join(".githooks")).is_empty());
    world.git(&["config", "core.hooksPath", "~/hooks"]).exits(0);
    fs::create_dir(world.path("home/hooks")).unwrap();
    let ran = world.omega(&["hooks", "install"]).exits(10);
    assert!(world.plain(&ran.out).contains("in [tmp]/home/hooks/pre-push\n"), "{}", ran.out);
    // The clone's own folder, if it is only a link to somewhere.
    world.git(&["config", "--unset", "core.hooksPath"]).exits(0);
    let own = world.repo().join(".git/hooks");
    fs::rename(&own, world.path("aside")).unwrap();
    std::os::unix::fs::symlink(&shared, &own).unwrap();
    world.omega(&["hooks", "install"]).exits(10);
    assert_eq!(picture(&shared).len(), 1);
}

#[test]
fn lefthook_is_told_what_to_run() {
    let world = World::planted(&[]);
    program(&world.repo().join(".git/hooks/pre-commit"), "#!/bin/sh\n# written by lefthook\nlefthook run pre-commit \"$@\"\n", 0o755);
    world.write("lefthook.yml", "pre-commit:\n  commands:\n    lint:\n      run: true\n");
    let before = picture(&world.repo().join(".git/hooks"));
    let ran = world.omega(&["hooks", "install"]).exits(10);
    assert!(
        world.plain(&ran.out).contains(
            "in [tmp]/repo/lefthook-local.yml\n    pre-commit:\n      commands:\n        omega:\n          run: omega hook pre-commit\n"
        ),
        "{}",
        ran.out
    );
    assert_eq!(picture(&world.repo().join(".git/hooks")), before);
    let lines: Vec<String> =
        HOOKS.iter().map(|hook| format!("{hook}:\n  commands:\n    omega:\n      run: omega hook {hook} {{0}}\n")).collect();
    world.write("lefthook-local.yml", lines.concat());
    assert_eq!(states(&world), ["called"; 6]);
    world.omega(&["hooks", "install"]).exits(0);
    // A key that is there already is not written twice: YAML has each key once.
    for (there, said) in [
        (
            "pre-push:\n  parallel: true\n",
            "# below the `pre-push:` that is there\n  commands:\n    omega:\n      run: omega hook pre-push {0}\n",
        ),
        (
            "pre-push:\n  commands:\n    lint:\n      run: x\n",
            "# below the `commands:` of the `pre-push:` that is there\n    omega:\n      run: omega hook pre-push {0}\n",
        ),
    ] {
        world.write("lefthook-local.yml", there);
        let report = world.omega(&["hooks", "status", "--format", "json"]).exits(0).json()["report"].clone();
        let add = report[3]["add"].as_str().unwrap();
        assert!(add.starts_with(said), "{add}");
    }
}

#[test]
fn a_hook_that_git_runs_by_the_shell_still_runs() {
    let world = World::planted(&[]);
    let hooks = world.repo().join(".git/hooks");
    program(&hooks.join("pre-commit"), "echo first >>.git/ran\n", 0o755);
    program(&hooks.join("real hook"), "echo \"second $1\" >>.git/ran\n", 0o755);
    std::os::unix::fs::symlink("real hook", hooks.join("commit-msg")).unwrap();
    super::commit(&world, "before.txt");
    world.omega(&["hooks", "install"]).exits(0);
    super::commit(&world, "after.txt");
    assert_eq!(world.read(".git/ran"), "first\nsecond .git/COMMIT_EDITMSG\n".repeat(2));
    // Its exit code counts.
    program(&hooks.join("pre-commit.before-omega"), "exit 5\n", 0o755);
    world.write("more.txt", "more\n");
    git(&world, &["add", "more.txt"]).exits(0);
    git(&world, &["commit", "-q", "-m", "More"]).exits(1);
}

#[test]
fn outside_of_a_commit_or_push_the_hooks_judge_what_is_named() {
    let world = World::planted(&["ana"]);
    let hook = |hook: &str, range: Option<(&str, &str)>| {
        let mut command = world.command(env!("CARGO_BIN_EXE_omega"), &["hook", hook], &world.repo());
        command.env("PRE_COMMIT", "1");
        if let Some((from, to)) = range {
            command.env("PRE_COMMIT_FROM_REF", from).env("PRE_COMMIT_TO_REF", to);
        }
        Ran::of(command.output().unwrap())
    };
    hook("pre-commit", None).exits(0);
    world.commit_unrelated("code.txt");
    for name in ["pre-commit", "pre-merge-commit", "pre-push"] {
        hook(name, Some(("HEAD~1", "HEAD"))).exits(0);
    }
    world.git(&["switch", "-q", "-c", "bad"]).exits(0);
    world.edit_identity("Sneaked");
    world.git(&["commit", "-q", "-a", "-m", "Sneak"]).exits(0);
    for name in ["pre-commit", "pre-merge-commit", "pre-push"] {
        let ran = hook(name, Some(("main", "bad"))).exits(11);
        assert!(ran.err.contains("C040 canon/OMEGA_IDENTITY.md"), "{}", ran.err);
    }
    // With --all-files nothing is named: all that is here is judged.
    let ran = hook("pre-commit", None).exits(11);
    assert!(ran.err.ends_with("hint: omega verify --index\n"), "{}", ran.err);
    let ran = hook("pre-push", None).exits(13);
    assert_eq!(ran.err, "error: no push is at hand here, so nothing was judged\nhint: omega ci is the gate where nothing is pushed\n");
    // What the branch did before the range is not what is asked about.
    world.commit_unrelated("more.txt");
    hook("pre-push", Some(("bad~1", "bad"))).exits(0);
}

#[test]
fn without_omega_in_the_path_the_gates_stay_shut_and_say_so() {
    let world = super::hooked(&[]);
    world.write("code.txt", "code\n");
    world.git(&["add", "code.txt"]).exits(0);
    // Everything but omega.
    let ran = world.git(&["commit", "-q", "-m", "Code"]).exits(1);
    assert_eq!(
        ran.err,
        "error: omega is not in the PATH of this git client, so nobody can judge this commit\nhint: install it in /usr/local/bin, or skip this once: git commit --no-verify\n"
    );
    world.git(&["commit", "-q", "--no-verify", "-m", "Code"]).exits(0);
    world.git(&["init", "-q", "--bare", world.path("remote.git").to_str().unwrap()]).exits(0);
    let ran = world.git(&["push", "-q", world.path("remote.git").to_str().unwrap(), "main"]).exits(1);
    assert!(ran.err.starts_with("error: omega is not in the PATH of this git client, so nobody can judge this push\n"), "{}", ran.err);
    // What only warns stops nothing.
    world.git(&["switch", "-q", "-c", "other"]).exits(0);
}

#[test]
fn init_installs_the_hooks_if_it_is_told_to() {
    let world = World::empty();
    let key = world.key("ry");
    let ran = world.omega(&["init", "--profile", "omega", "--chief", "ry", "--key", &key, "--yes", "--hooks"]).exits(0);
    assert!(ran.out.contains("\nhooks:\ninstalled pre-commit\n"), "{}", ran.out);
    assert_eq!(states(&world), ["installed"; 6]);
    let other = World::empty();
    let key = other.key("ry");
    other.omega(&["init", "--profile", "omega", "--chief", "ry", "--key", &key, "--yes", "--no-hooks"]).exits(0);
    assert_eq!(states(&other), ["absent"; 6]);
    other.omega(&["init", "--hooks", "--no-hooks"]).exits(2);
}

/// The real framework, where it is installed; `.ci/run` installs it.
#[test]
fn the_pre_commit_framework_runs_the_gates() {
    let world = World::planted(&[]);
    if std::process::Command::new("pre-commit").arg("--version").output().is_err() {
        eprintln!("SKIPPED: pre-commit is not in the PATH; install it: pip install pre-commit");
        return;
    }
    let catalogue = world.path("catalogue");
    fs::create_dir(&catalogue).unwrap();
    fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join(".pre-commit-hooks.yaml"), catalogue.join(".pre-commit-hooks.yaml")).unwrap();
    for args in
        [&["init", "-q"][..], &["add", "."], &["-c", "user.name=T", "-c", "user.email=t@example.invalid", "commit", "-q", "-m", "Hooks"]]
    {
        world.git_in(&catalogue, args).exits(0);
    }
    let rev = world.git_in(&catalogue, &["rev-parse", "HEAD"]).out;
    let ids = ["omega-pre-commit", "omega-pre-merge-commit", "omega-commit-msg", "omega-pre-push"];
    let listed: String = ids.iter().map(|id| format!("      - id: {id}\n")).collect();
    world.write(".pre-commit-config.yaml", format!("repos:\n  - repo: {}\n    rev: {}    hooks:\n{listed}", catalogue.display(), rev));
    world.git(&["add", ".pre-commit-config.yaml"]).exits(0);
    world.git(&["commit", "-q", "-m", "Configure"]).exits(0);
    let mut command = world.command(
        "pre-commit",
        &["install", "-t", "pre-commit", "-t", "pre-merge-commit", "-t", "commit-msg", "-t", "pre-push"],
        &world.repo(),
    );
    Ran::of(with_omega(&world, &mut command).output().unwrap()).exits(0);
    assert_eq!(states(&world)[..4], ["called"; 4]);
    let ran = sneak(&world).exits(1);
    assert!(format!("{}{}", ran.out, ran.err).contains("C040 canon/OMEGA_IDENTITY.md"), "{}{}", ran.out, ran.err);
    world.write("code.txt", "code\n");
    git(&world, &["add", "code.txt"]).exits(0);
    let ran = git(&world, &["commit", "-q", "-m", "Code\n\nCouncil-Resolution: 2026-01-01-nothing"]).exits(1);
    assert!(format!("{}{}", ran.out, ran.err).contains("there is no such resolution here"), "{}{}", ran.out, ran.err);
    git(&world, &["commit", "-q", "-m", "Code"]).exits(0);
    world.git(&["init", "-q", "--bare", world.path("remote.git").to_str().unwrap()]).exits(0);
    world.git(&["remote", "add", "origin", world.path("remote.git").to_str().unwrap()]).exits(0);
    git(&world, &["push", "-q", "origin", "main"]).exits(0);
    world.edit_identity("Sneaked");
    world.git(&["commit", "-q", "-a", "--no-verify", "-m", "Sneak"]).exits(0);
    let ran = git(&world, &["push", "-q", "origin", "main"]).exits(1);
    assert!(
        format!("{}{}", ran.out, ran.err).contains("is protected, and would get what the council did not ratify"),
        "{}{}",
        ran.out,
        ran.err
    );
}
