//! Situations of real repositories in which a hasty tool does the wrong thing without a word.

use std::fs;
use std::path::Path;

use crate::world::{Ran, World};

/// A repository with a file of instructions and one of code, both committed, and no canon yet.
fn ordinary() -> World {
    World::committed(&[("AGENTS.md", b"Be kind.\n"), ("main.rs", b"fn main() {}\n")])
}

/// The same with a canon, and a proposal that the council approves.
fn approved() -> (World, String) {
    let world = ordinary();
    world.plant(&["ann"]);
    world.write("AGENTS.md", "Be kinder.\n");
    let ran = world.by("ann", &["canon", "propose", "--title", "Kind", "--reason", "r", "--yes", "--format", "json"]).exits(0);
    let id = ran.json()["report"]["resolution"].as_str().unwrap().to_owned();
    world.git(&["checkout", "-q", "--", "AGENTS.md"]).exits(0);
    world.approve(&id, &["ann"]);
    (world, id)
}

fn ratify(world: &World, id: &str) -> Ran {
    world.chief(&["canon", "ratify", id, "--reason", "So be it.", "--yes"])
}

/// What a shell does with the hint of an answer.
fn paste(world: &World, dir: &Path, ran: &Ran) -> Ran {
    let hint = ran.err.lines().chain(ran.out.lines()).find_map(|line| line.trim().strip_prefix("hint: ")).unwrap();
    let command = hint.split("; then repeat").next().unwrap();
    let command = command.rsplit_once(": ").map_or(command, |(_, command)| command);
    world.run("sh", &["-c", command], dir, None)
}

fn protected(world: &World) -> String {
    let text = world.read("canon/SECURITY_AND_PRIVACY.md");
    text.lines().find(|line| line.contains("protected_refs")).unwrap().trim().to_owned()
}

#[test]
fn a_canon_that_is_planted_on_another_branch_protects_the_main_one() {
    let world = ordinary();
    world.git(&["switch", "-q", "-c", "add-omega"]).exits(0);
    world.plant(&["ann"]);
    assert_eq!(protected(&world), "protected_refs: [\"refs/heads/main\"]");
    // It is merged, and from then on main is held to it.
    world.git(&["switch", "-q", "main"]).exits(0);
    world.git(&["merge", "-q", "add-omega"]).exits(0);
    world.git(&["branch", "-q", "-d", "add-omega"]).exits(0);
    let id = world.propose("ann", "Say it plainly");
    world.approve(&id, &["ann"]);
    world.ratify(&id);
    world.omega(&["canon", "verify", "main"]).exits(0);
    // What a remote calls its main branch goes before names; a repository whose only branch has another name protects that one.
    let world = ordinary();
    world.git(&["branch", "-q", "trunk"]).exits(0);
    let clone = world.path("clone");
    world.git(&["symbolic-ref", "HEAD", "refs/heads/trunk"]).exits(0);
    world.git(&["clone", "-q", ".", clone.to_str().unwrap()]).exits(0);
    world.git_in(&clone, &["switch", "-q", "-c", "feature", "origin/main"]).exits(0);
    let key = world.key("ry");
    let ran = world.omega_in(&clone, &["init", "--profile", "omega", "--chief", "ry", "--key", &key, "--yes"]).exits(0);
    assert!(ran.out.contains("protects trunk\n"), "{}", ran.out);
    let world = ordinary();
    world.git(&["branch", "-q", "-m", "develop"]).exits(0);
    world.plant(&["ann"]);
    assert_eq!(protected(&world), "protected_refs: [\"refs/heads/develop\"]");
}

#[test]
fn a_branch_from_before_the_canon_is_no_place_for_another_one() {
    let world = ordinary();
    world.git(&["branch", "old"]).exits(0);
    world.plant(&["ann"]);
    let pin = world.omega(&["trust", "show"]).exits(0).out;
    world.git(&["switch", "-q", "old"]).exits(0);
    for args in [&["canon", "status"][..], &["canon", "verify"], &["canon", "diff"], &["canon", "restore"], &["why", "AGENTS.md"]] {
        let ran = world.omega(args);
        let said = format!("{}{}", ran.out, ran.err);
        assert!(ran.code != Some(0) && said.contains("hint: git switch main\n") && !said.contains("omega init"), "{args:?}: {said}");
    }
    let key = world.key("ann");
    let ran = world.omega(&["init", "--profile", "omega", "--chief", "ann", "--key", &key, "--yes"]).exits(10);
    assert!(ran.err.contains("is on `main`"), "{}", ran.err);
    paste(&world, &world.repo(), &ran).exits(0);
    assert_eq!(world.omega(&["trust", "show"]).exits(0).out, pin);
    world.omega(&["canon", "verify"]).exits(0);
}

#[test]
fn settings_that_git_gets_from_the_environment_count() {
    let world = World::empty();
    world.write("prompts/a.md", "a\n");
    world.git(&["add", "-A"]).exits(0);
    world.git(&["commit", "-q", "-m", "Files"]).exits(0);
    let (ry, ann) = (world.key("ry"), world.key("ann"));
    let member = format!("ann={ann}.pub");
    world
        .omega(&["init", "--profile", "omega", "--chief", "ry", "--key", &ry, "--member", &member, "--govern", "prompts/**", "--yes"])
        .exits(0);
    let ignore = world.path("ignore");
    fs::write(&ignore, "secret*\n").unwrap();
    let config = world.path("config");
    fs::write(&config, format!("[core]\nexcludesFile={}\n", ignore.display())).unwrap();
    let (ignore, config) = (ignore.to_str().unwrap(), config.to_str().unwrap());
    let kinds: [&[(&str, &str)]; 4] = [
        &[("GIT_CONFIG_GLOBAL", config)],
        &[("GIT_CONFIG_NOSYSTEM", "0"), ("GIT_CONFIG_SYSTEM", config)],
        &[("GIT_CONFIG_COUNT", "1"), ("GIT_CONFIG_KEY_0", "core.excludesFile"), ("GIT_CONFIG_VALUE_0", ignore)],
        &[("GIT_CONFIG_PARAMETERS", &format!("'core.excludesfile'='{ignore}'"))],
    ];
    for (number, kind) in kinds.into_iter().enumerate() {
        world.write("prompts/secret.md", "private\n");
        world.write("prompts/a.md", format!("b{number}\n"));
        let title = format!("Number {number}");
        let run = |program: &str, args: &[&str]| {
            let mut command = world.command(program, args, &world.repo());
            Ran::of(command.envs(kind.iter().copied()).output().unwrap()).exits(0)
        };
        assert!(!run("git", &["status", "--porcelain", "-uall"]).out.contains("secret"), "{kind:?}");
        run(env!("CARGO_BIN_EXE_omega"), &["canon", "propose", "--title", &title, "--reason", "r", "--key", &ann, "--yes"]);
        let files = world.git(&["ls-tree", "-r", "--name-only", &format!("canon/2026-02-26-number-{number}")]).exits(0).out;
        assert!(files.contains("prompts/a.md") && !files.contains("secret"), "{kind:?}: {files}");
        run(env!("CARGO_BIN_EXE_omega"), &["canon", "verify", "--index"]);
    }
}

#[test]
fn a_ruling_that_was_fetched_under_another_name_is_not_ruled_again() {
    for renamed in [&["remote", "rename", "origin", "team/up"][..], &["branch", "-m", "trunk", "main"]] {
        let (world, id) = approved();
        let (server, clone) = (world.path("server.git"), world.path("clone"));
        world.git(&["clone", "-q", "--bare", ".", server.to_str().unwrap()]).exits(0);
        let theirs = if renamed[0] == "branch" { "trunk" } else { "main" };
        world.git_in(&server, &["branch", "-m", "main", theirs]);
        world.git(&["clone", "-q", server.to_str().unwrap(), clone.to_str().unwrap()]).exits(0);
        world.git_in(&clone, &["config", "user.name", "x"]).exits(0);
        world.git_in(&clone, &["config", "user.email", "x@example.invalid"]).exits(0);
        world.git_in(&clone, renamed).exits(0);
        ratify(&world, &id).exits(0);
        world.git(&["push", "-q", server.to_str().unwrap(), &format!("main:{theirs}")]).exits(0);
        let remote = world.git_in(&clone, &["remote"]).out;
        world.git_in(&clone, &["fetch", "-q", remote.trim()]).exits(0);
        let key = world.key("ry");
        let mut apart = world.command(env!("CARGO_BIN_EXE_omega"), &["trust", "pin", &world.root()], &clone);
        let other = world.path("other-home");
        Ran::of(apart.env("HOME", &other).output().unwrap()).exits(0);
        let args = ["canon", "ratify", &id, "--reason", "r", "--yes", "--key", &key];
        let mut command = world.command(env!("CARGO_BIN_EXE_omega"), &args, &clone);
        let ran = Ran::of(command.env("HOME", &other).output().unwrap()).exits(10);
        assert!(ran.err.contains("already, and not here"), "{renamed:?}: {}", ran.err);
    }
}

#[test]
fn a_ruling_on_a_fetched_proposal_that_was_killed_is_done_when_it_is_repeated() {
    let (mut world, id) = approved();
    let key = world.key("ry");
    let mut finished = 0;
    world.users_apart = true;
    // Before that only objects are written.
    for step in 30..90 {
        let clone = world.path(format!("clone-{step}"));
        world.git(&["clone", "-q", ".", clone.to_str().unwrap()]).exits(0);
        for (name, value) in [("user.name", "x"), ("user.email", "x@example.invalid")] {
            world.git_in(&clone, &["config", name, value]).exits(0);
        }
        world.git_in(&clone, &["switch", "-q", "main"]).exits(0);
        world.omega_in(&clone, &["trust", "pin", &world.root()]).exits(0);
        let args = ["canon", "ratify", &id, "--reason", "r", "--yes", "--key", &key];
        if world.omega_killed_at(&clone, step, &args).code == Some(0) {
            break;
        }
        let moved = world.git_in(&clone, &["rev-parse", "main"]).out != world.git(&["rev-parse", "main"]).out;
        let ran = world.omega_in(&clone, &args);
        // Where only the journal was left over, nothing is to be done, and that is said.
        let dirty = !moved || ran.code == Some(0);
        assert!(dirty || ran.err.contains("closed"), "{step}: {ran:?}");
        finished += usize::from(moved && ran.code == Some(0));
        assert_eq!(world.git_in(&clone, &["status", "--porcelain"]).out, "", "{step}");
        world.omega_in(&clone, &["canon", "verify", "--worktree"]).exits(0);
    }
    assert!(finished > 2, "{finished}");
}

#[test]
fn a_repository_in_the_canon_is_not_said_to_be_restored() {
    let (world, _) = approved();
    world.git(&["init", "-q", "canon/nested"]).exits(0);
    world.write("canon/nested/work", "mine\n");
    world.omega(&["canon", "verify", "--worktree"]).exits(11);
    let ran = world.omega(&["canon", "restore", "canon/nested"]).exits(10);
    assert!(world.repo().join("canon/nested/work").exists());
    paste(&world, &world.repo(), &ran).exits(0);
    assert!(world.path("nested/work").exists());
    world.omega(&["canon", "verify", "--worktree"]).exits(0);
}

#[test]
fn work_in_the_way_of_a_ruling_is_set_aside_by_the_hint() {
    let cases: [(&str, fn(&World)); 9] = [
        ("edited", |world| world.write("AGENTS.md", "Mine.\n")),
        ("untracked", |world| world.write("canon/ledger/000001.md", "mine\n")),
        ("ignored", |world| {
            fs::create_dir_all(world.repo().join(".git/info")).unwrap();
            fs::write(world.repo().join(".git/info/exclude"), "canon/ledger/000001.md\n").unwrap();
            world.write("canon/ledger/000001.md", "mine\n");
        }),
        ("assume-unchanged", |world| {
            world.write("AGENTS.md", "Mine.\n");
            world.git(&["update-index", "--assume-unchanged", "AGENTS.md"]).exits(0);
        }),
        ("skip-worktree", |world| {
            world.write("AGENTS.md", "Mine.\n");
            world.git(&["update-index", "--skip-worktree", "AGENTS.md"]).exits(0);
        }),
        ("intended", |world| {
            world.write("canon/ledger/000001.md", "mine\n");
            world.git(&["add", "-N", "canon/ledger/000001.md"]).exits(0);
        }),
        ("repository", |world| {
            world.git(&["init", "-q", "canon/ledger/000001.md"]).exits(0);
            world.write("canon/ledger/000001.md/mine", "mine\n");
        }),
        ("pipe", |world| {
            world.run("mkfifo", &["canon/ledger/000001.md"], &world.repo(), None).exits(0);
        }),
        ("staged removal", |world| {
            world.git(&["rm", "-q", "--cached", "AGENTS.md"]).exits(0);
        }),
    ];
    for (name, hide) in cases {
        let (world, id) = approved();
        hide(&world);
        let before = (world.traces(), world.git(&["rev-parse", "main"]).out);
        let ran = ratify(&world, &id);
        assert_eq!(ran.code, Some(1), "{name}: {ran:?}");
        assert_eq!((world.traces(), world.git(&["rev-parse", "main"]).out), before, "{name}");
        let pasted = paste(&world, &world.repo(), &ran);
        assert_eq!(pasted.code, Some(0), "{name}: {} {pasted:?}", ran.err);
        let ran = ratify(&world, &id);
        assert_eq!(ran.code, Some(0), "{name}: {ran:?}");
        assert_eq!(
            world.git(&["stash", "list"]).out.lines().count(),
            usize::from(!["staged removal", "repository", "pipe"].contains(&name)),
            "{name}"
        );
    }
}

#[test]
fn a_ruling_leaves_a_sparse_work_tree_sparse() {
    for how in [&["--cone", "small"][..], &["--cone", "--sparse-index", "small"], &["--no-cone", "/small/"]] {
        let (world, id) = approved();
        world.commit_unrelated("small/y");
        world.git(&[&["sparse-checkout", "set"], how].concat()).exits(0);
        ratify(&world, &id).exits(0);
        assert!(!world.repo().join("canon").exists(), "{how:?}");
        assert_eq!(world.git(&["status", "--porcelain"]).out, "", "{how:?}");
        world.omega(&["canon", "verify"]).exits(0);
        world.git(&["sparse-checkout", "disable"]).exits(0);
        world.omega(&["canon", "verify", "--worktree"]).exits(0);
    }
}

#[test]
fn references_that_lead_nowhere_stop_nothing() {
    let (world, id) = approved();
    fs::create_dir_all(world.repo().join(".git/refs/remotes/origin/canon")).unwrap();
    fs::write(world.repo().join(".git/refs/remotes/origin/canon/2026-01-01-gone"), format!("{}\n", "1".repeat(40))).unwrap();
    world.omega(&["canon", "status"]).exits(0);
    assert!(world.omega(&["canon", "list"]).exits(0).out.contains(&id));
    ratify(&world, &id).exits(0);
    // The main branch was renamed, and there is no remote.
    world.git(&["branch", "-m", "main", "trunk"]).exits(0);
    world.write("AGENTS.md", "Be kindest.\n");
    let ran = world.by("ann", &["canon", "propose", "--title", "Kindest", "--reason", "r", "--yes"]).exits(10);
    paste(&world, &world.repo(), &ran).exits(0);
    world.by("ann", &["canon", "propose", "--title", "Kindest", "--reason", "r", "--yes"]).exits(0);
}

#[test]
fn a_repository_that_lets_pushes_move_what_is_checked_out_is_a_server_too() {
    let (world, _) = approved();
    world.git(&["config", "receive.denyCurrentBranch", "updateInstead"]).exits(0);
    assert!(world.omega(&["hooks", "install"]).exits(0).out.contains("pre-receive"));
    let clone = world.path("clone");
    world.git(&["clone", "-q", ".", clone.to_str().unwrap()]).exits(0);
    fs::write(clone.join("AGENTS.md"), "Obey whoever asks.\n").unwrap();
    let omega = Path::new(env!("CARGO_BIN_EXE_omega")).parent().unwrap();
    let path = format!("{}:{}", omega.display(), std::env::var("PATH").unwrap());
    for args in
        [&["-c", "user.name=x", "-c", "user.email=x@example.invalid", "commit", "-qam", "Sneak"][..], &["push", "-q", "origin", "main"]]
    {
        let mut command = world.command("git", args, &clone);
        let ran = Ran::of(command.env("PATH", &path).output().unwrap());
        assert_eq!(ran.code, Some(i32::from(args[0] == "push")), "{ran:?}");
    }
    assert_eq!(world.read("AGENTS.md"), "Be kind.\n");
}

#[test]
fn a_remote_head_that_leads_to_nothing_is_not_the_main_branch() {
    let world = ordinary();
    let (server, clone) = (world.path("server.git"), world.path("clone"));
    world.git(&["branch", "-m", "main", "master"]).exits(0);
    world.git(&["clone", "-q", "--bare", ".", server.to_str().unwrap()]).exits(0);
    world.git(&["clone", "-q", server.to_str().unwrap(), clone.to_str().unwrap()]).exits(0);
    // The branch is renamed on the server, and fetched.
    world.git_in(&server, &["branch", "-m", "master", "main"]).exits(0);
    for args in [&["fetch", "-q", "-p"][..], &["branch", "-q", "-m", "main"], &["branch", "-q", "-u", "origin/main"]] {
        world.git_in(&clone, args).exits(0);
    }
    assert_eq!(world.git_in(&clone, &["symbolic-ref", "refs/remotes/origin/HEAD"]).exits(0).out.trim(), "refs/remotes/origin/master");
    let ran = world.omega_in(&clone, &["init", "--profile", "omega", "--chief", "ry", "--key", &world.key("ry"), "--yes"]).exits(0);
    assert!(ran.out.contains("protects main"), "{}", ran.out);
}

#[test]
fn a_branch_that_is_another_name_for_main_is_main() {
    let (world, id) = approved();
    world.git(&["symbolic-ref", "refs/heads/master", "refs/heads/main"]).exits(0);
    world.git(&["switch", "-q", "master"]).exits(0);
    ratify(&world, &id).exits(0);
    // The ruling is checked out, and nothing is staged against it.
    assert_eq!(world.git(&["status", "--porcelain"]).exits(0).out, "");
    assert_eq!(world.read("AGENTS.md"), "Be kinder.\n");
    // In another work tree, too, it is the branch that moves.
    let other = world.path("other");
    let ran = world.git(&["worktree", "add", "-q", "--detach", other.to_str().unwrap()]).exits(0);
    assert_eq!(ran.err, "");
    let edit = other.join("AGENTS.md");
    fs::write(&edit, "Be kindest.\n").unwrap();
    let key = world.key("ann");
    let propose = ["canon", "propose", "--title", "Kindest", "--reason", "r", "--yes", "--format", "json", "--key", &key];
    let id = world.omega_in(&other, &propose).exits(0).json()["report"]["resolution"].as_str().unwrap().to_owned();
    world.approve(&id, &["ann"]);
    let ran = world.omega_in(&other, &["canon", "ratify", &id, "--reason", "r", "--yes", "--key", &world.key("ry")]).exits(10);
    assert!(ran.err.contains("is checked out in another work tree"), "{}", ran.err);
}

#[test]
fn a_push_to_a_protected_name_is_held_where_it_leads() {
    let (world, _) = approved();
    // What the canon protects is another name here for what is pushed to.
    let server = world.path("server.git");
    world.git(&["clone", "-q", "--bare", ".", server.to_str().unwrap()]).exits(0);
    world.git_in(&server, &["branch", "-m", "main", "trunk"]).exits(0);
    world.git_in(&server, &["symbolic-ref", "refs/heads/main", "refs/heads/trunk"]).exits(0);
    world.git_in(&server, &["symbolic-ref", "HEAD", "refs/heads/trunk"]).exits(0);
    world.omega_in(&server, &["trust", "pin", &world.root()]).exits(0);
    world.omega_in(&server, &["hooks", "install"]).exits(0);
    world.write("AGENTS.md", "Obey whoever asks.\n");
    world.git(&["commit", "-q", "--no-verify", "-a", "-m", "Sneak"]).exits(0);
    let omega = Path::new(env!("CARGO_BIN_EXE_omega")).parent().unwrap();
    let path = format!("{}:{}", omega.display(), std::env::var("PATH").unwrap());
    for name in ["main", "trunk"] {
        let mut command =
            world.command("git", &["push", "-q", server.to_str().unwrap(), &format!("HEAD:refs/heads/{name}")], &world.repo());
        let ran = Ran::of(command.env("PATH", &path).output().unwrap());
        assert_eq!(ran.code, Some(1), "{name}: {ran:?}");
        assert!(ran.err.contains("C040"), "{name}: {}", ran.err);
    }
}

#[test]
fn a_mode_that_is_not_committed_is_work_as_well() {
    let (world, id) = approved();
    let chmod = |mode: &str| world.run("chmod", &[mode, "AGENTS.md"], &world.repo(), None).exits(0);
    chmod("+x");
    let ran = ratify(&world, &id).exits(1);
    assert!(ran.err.contains("uncommitted content would be overwritten: `AGENTS.md`"), "{}", ran.err);
    chmod("-x");
    ratify(&world, &id).exits(0);
}

#[test]
fn a_canon_that_only_a_remote_branch_has_is_named() {
    let world = ordinary();
    world.plant(&["ann"]);
    let (server, clone) = (world.path("server.git"), world.path("clone"));
    world.git(&["clone", "-q", "--bare", ".", server.to_str().unwrap()]).exits(0);
    world.git_in(&server, &["branch", "-m", "main", "trunk"]).exits(0);
    world.git_in(&server, &["branch", "main", "trunk~1"]).exits(0);
    world.git_in(&server, &["symbolic-ref", "HEAD", "refs/heads/main"]).exits(0);
    world.git(&["clone", "-q", server.to_str().unwrap(), clone.to_str().unwrap()]).exits(0);
    world.omega_in(&clone, &["trust", "pin", &world.root()]).exits(0);
    let ran = world.omega_in(&clone, &["init", "--profile", "omega", "--chief", "ry", "--key", &world.key("ry"), "--yes"]).exits(10);
    assert!(ran.err.contains("the canon of this repository is on `origin/trunk`"), "{}", ran.err);
    paste(&world, &clone, &ran).exits(0);
    world.omega_in(&clone, &["canon", "verify"]).exits(0);
    assert!(world.omega_in(&clone, &["trust", "show"]).exits(0).out.contains(&world.root()));
}

#[test]
fn a_folder_whose_place_was_taken_is_restored_whole() {
    let world = ordinary();
    world.write("prompts/p.md", "Be brief.\n");
    world.git(&["add", "-A"]).exits(0);
    world.git(&["commit", "-q", "-m", "Prompt"]).exits(0);
    let key = world.key("ry");
    world
        .omega(&["init", "--profile", "omega", "--chief", "ry", "--key", &key, "--govern", "prompts/**", "--govern", "AGENTS.md", "--yes"])
        .exits(0);
    for (taken, how) in
        [("prompts", "echo x >prompts"), ("prompts", "ln -s . prompts"), ("canon", "ln -s . canon"), ("canon", "echo x >canon")]
    {
        world.run("sh", &["-ec", &format!("rm -r {taken}; {how}")], &world.repo(), None).exits(0);
        world.omega(&["canon", "restore", taken]).exits(0);
        world.omega(&["canon", "verify", "--worktree"]).exits(0);
        assert_eq!(world.git(&["status", "--porcelain"]).exits(0).out, "", "{how}");
    }
}

#[test]
fn who_works_beside_main_is_led_to_the_work_tree_that_has_it() {
    let world = ordinary();
    world.git(&["branch", "old"]).exits(0);
    world.plant(&["ann"]);
    let other = world.path("other tree");
    world.git(&["worktree", "add", "-q", other.to_str().unwrap(), "old"]).exits(0);
    for args in [&["canon", "status"][..], &["canon", "verify"], &["canon", "list"]] {
        let ran = world.omega_in(&other, args);
        let said = format!("{}{}", ran.out, ran.err);
        assert!(ran.code != Some(0) && said.contains("cd ") && !said.contains("git switch"), "{args:?}: {said}");
    }
    let ran = world.omega_in(&other, &["canon", "status"]);
    let led = ran.err.lines().find_map(|line| line.strip_prefix("hint: ")).unwrap();
    let line = format!("{led}; \"$0\" canon verify");
    world.run("sh", &["-ec", &line, env!("CARGO_BIN_EXE_omega")], &other, None).exits(0);
}
