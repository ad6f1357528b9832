//! The snippets that `omega hooks install` prints, tried with the real tools. `.ci/run` installs them.

use std::fs;
use std::path::{Path, PathBuf};

use super::with_omega;
use crate::world::{Ran, World};

/// Whether a tool is here. A test without it says so and ends.
fn has(tool: &str, package: &str) -> bool {
    let here = std::env::split_paths(&std::env::var_os("PATH").unwrap()).any(|dir| dir.join(tool).exists());
    if !here {
        eprintln!("SKIPPED: {tool} is not in the PATH; .ci/run installs it into target/tools, or: {package}");
    }
    here
}

fn run(world: &World, dir: &Path, program: &str, args: &[&str]) -> Ran {
    let mut command = world.command(program, args, dir);
    Ran::of(with_omega(world, &mut command).output().unwrap())
}

/// Writes what has to be added to the files of a keeper, each after what is there.
fn add(world: &World, dir: &Path, into: impl Fn(&str) -> PathBuf) {
    let mut status = world.command(env!("CARGO_BIN_EXE_omega"), &["hooks", "status", "--format", "json"], dir);
    let report = Ran::of(status.output().unwrap()).exits(0).json()["report"].clone();
    for at in report.as_array().unwrap() {
        let Some(lines) = at["add"].as_str() else { continue };
        let file = into(at["file"].as_str().unwrap());
        let mut text = fs::read_to_string(&file).unwrap_or_default();
        text.push_str(lines);
        fs::write(&file, text + "\n").unwrap();
    }
}

/// An edit that nobody ratified is not committed, nor pushed to the main branch; ordinary files are, with the message as it is.
fn gates_hold(world: &World, dir: &Path, file: &str) {
    let said = |ran: &Ran| format!("{}{}", ran.out, ran.err);
    let path = dir.join("canon/OMEGA_IDENTITY.md");
    let honest = fs::read(&path).unwrap();
    fs::write(&path, [&honest[..], b"\nSneaked.\n"].concat()).unwrap();
    let ran = run(world, dir, "git", &["commit", "-q", "-a", "-m", "Sneak"]).exits(1);
    assert!(said(&ran).contains("C040 canon/OMEGA_IDENTITY.md"), "{}", said(&ran));
    run(world, dir, "git", &["commit", "-q", "-a", "--no-verify", "-m", "Sneak"]).exits(0);
    let ran = run(world, dir, "git", &["push", "-q", "origin", "HEAD:main"]).exits(1);
    assert!(said(&ran).contains("is protected, and would get what the council did not ratify"), "{}", said(&ran));
    run(world, dir, "git", &["reset", "-q", "--hard", "HEAD~1"]).exits(0);
    fs::write(dir.join(file), "ordinary\n").unwrap();
    run(world, dir, "git", &["add", file]).exits(0);
    let ran = run(world, dir, "git", &["commit", "-q", "-m", "Ordinary\n\nCouncil-Resolution: 2026-01-01-nothing"]).exits(1);
    assert!(said(&ran).contains("there is no such resolution here"), "{}", said(&ran));
    run(world, dir, "git", &["commit", "-q", "-m", "Ordinary"]).exits(0);
    run(world, dir, "git", &["push", "-q", "origin", "HEAD:main"]).exits(0);
}

fn world() -> World {
    let world = World::planted(&[]);
    let remote = world.path("remote.git");
    world.git(&["init", "-q", "--bare", "-b", "main", remote.to_str().unwrap()]).exits(0);
    world.git(&["remote", "add", "origin", remote.to_str().unwrap()]).exits(0);
    world.git(&["push", "-q", "origin", "main"]).exits(0);
    world
}

fn linked(world: &World) -> PathBuf {
    let dir = world.path("linked tree");
    run(world, &world.repo(), "git", &["worktree", "add", "-q", "-b", "linked", dir.to_str().unwrap()]).exits(0);
    dir
}

#[test]
fn lefthook_takes_the_lines_and_holds_the_gates() {
    if !has("lefthook", "npm install --ignore-scripts lefthook") {
        return;
    }
    // In the file of one work tree, beside what is configured for all; and in the file for all, which has other keys.
    for (into, configured) in
        [("lefthook-local.yml", "pre-commit:\n  commands:\n    lint:\n      run: echo linted\n"), ("lefthook.yml", "colors: false\n")]
    {
        let world = world();
        world.write("lefthook.yml", configured);
        world.omega(&["hooks", "install"]).exits(10);
        let file = world.repo().join(into);
        add(&world, &world.repo(), |_| file.clone());
        let ran = run(&world, &world.repo(), "lefthook", &["install"]);
        assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
        world.omega(&["hooks", "install"]).exits(0);
        world.git(&["add", "lefthook.yml"]).exits(0);
        run(&world, &world.repo(), "git", &["commit", "-q", "-m", "Hooks"]).exits(0);
        gates_hold(&world, &world.repo(), "one.txt");
        if into == "lefthook.yml" {
            gates_hold(&world, &linked(&world), "two.txt");
        }
        // In CI it runs the same commands, where nothing is staged.
        world.edit_identity("Sneaked");
        world.git(&["commit", "-q", "-a", "--no-verify", "-m", "Sneak"]).exits(0);
        let ran = run(&world, &world.repo(), "lefthook", &["run", "pre-commit", "--all-files"]);
        assert_ne!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    }
}

#[test]
fn husky_takes_the_lines_and_holds_the_gates() {
    if !has("husky", "npm install husky") {
        return;
    }
    let world = world();
    run(&world, &world.repo(), "husky", &[]).exits(0);
    world.omega(&["hooks", "install"]).exits(10);
    add(&world, &world.repo(), |file| PathBuf::from(file));
    world.git(&["add", ".husky"]).exits(0);
    run(&world, &world.repo(), "git", &["commit", "-q", "-m", "Hooks"]).exits(0);
    world.omega(&["hooks", "install"]).exits(0);
    gates_hold(&world, &world.repo(), "one.txt");
    // Another work tree has no hooks until husky was there too: git runs none, and says nothing.
    let dir = linked(&world);
    let ran = world.omega_in(&dir, &["hooks", "install"]).exits(10);
    assert!(ran.err.contains("git hooks are switched off here") && ran.err.contains("hint: npx husky; "), "{}", ran.err);
    run(&world, &dir, "husky", &[]).exits(0);
    world.omega_in(&dir, &["hooks", "install"]).exits(0);
    gates_hold(&world, &dir, "two.txt");
}

#[test]
fn the_pre_commit_framework_judges_what_it_is_told_in_ci() {
    if !has("pre-commit", "pip install pre-commit") {
        return;
    }
    let world = world();
    let hooks = ["pre-commit", "pre-merge-commit", "pre-push"];
    let listed: String = hooks.iter().map(|hook| {
        format!("      - {{id: omega-{hook}, name: {hook}, entry: omega hook {hook}, language: system, pass_filenames: false, always_run: true, stages: [{hook}]}}\n")
    }).collect();
    let message =
        "      - {id: omega-commit-msg, name: m, entry: omega hook commit-msg, language: system, always_run: true, stages: [commit-msg]}\n";
    world.write(".pre-commit-config.yaml", format!("repos:\n  - repo: local\n    hooks:\n{listed}{message}"));
    world.git(&["add", "-A"]).exits(0);
    world.git(&["commit", "-q", "-m", "Configure"]).exits(0);
    let install = ["install", "-t", "pre-commit", "-t", "pre-merge-commit", "-t", "commit-msg", "-t", "pre-push"];
    run(&world, &world.repo(), "pre-commit", &install).exits(0);
    world.omega(&["hooks", "status"]).exits(0);
    gates_hold(&world, &world.repo(), "one.txt");
    gates_hold(&world, &linked(&world), "two.txt");
    let in_ci = |args: &[&str]| run(&world, &world.repo(), "pre-commit", &[&["run"], args].concat());
    let range = ["--from-ref", "HEAD~1", "--to-ref", "HEAD"];
    in_ci(&["--all-files"]).exits(0);
    in_ci(&range).exits(0);
    in_ci(&[&range[..], &["--hook-stage", "pre-push"]].concat()).exits(0);
    world.edit_identity("Sneaked");
    world.git(&["commit", "-q", "-a", "--no-verify", "-m", "Sneak"]).exits(0);
    for args in [&["--all-files"][..], &range, &[&range[..], &["--hook-stage", "pre-push"]].concat()] {
        let ran = in_ci(args).exits(1);
        assert!(ran.out.contains("C040 canon/OMEGA_IDENTITY.md"), "{args:?}: {}{}", ran.out, ran.err);
    }
    let ran = in_ci(&["--all-files", "--hook-stage", "pre-push"]).exits(1);
    assert!(ran.out.contains("omega ci is the gate"), "{}{}", ran.out, ran.err);
}
