//! How long the gate of a commit takes as a whole process, beside `git status` in the same repository and the same run:
//! with a thousand and a hundred thousand files, and with short and long ledgers.

#![allow(
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a bench stops where it fails, and starts the programs that it measures"
)]

#[path = "ledger/mod.rs"]
#[allow(dead_code, reason = "other benches build more")]
mod ledger;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use omega::workspace::pin;
use omega::workspace::pin::Pin;

/// A program with nothing of the user's around it.
fn program(name: &str, args: &[&str], dir: &Path) -> Command {
    let mut command = Command::new(name);
    command.args(args).current_dir(dir).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null").env("XDG_STATE_HOME", dir.join(".git/state"));
    // As git calls its hooks.
    command.env("GIT_INDEX_FILE", dir.join(".git/index"));
    command
}

fn git(dir: &Path, args: &[&str]) {
    assert!(program("git", args, dir).status().expect("git").success(), "{args:?}");
}

/// A repository with a ledger of so many resolutions, so many other files, and one of them staged.
fn repository(files: u32, resolutions: u32) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    let root = ledger::build(dir.path(), resolutions);
    // Nothing is to be tidied in the background while something is measured.
    git(dir.path(), &["config", "gc.auto", "0"]);
    pin::write(&omega::git::Repo::discover(dir.path(), None).expect("a repository"), &Pin::Root(root)).expect("a pin");
    for number in 0..files {
        let folder = dir.path().join(format!("src/part{:03}", number / 200));
        if number % 200 == 0 {
            fs::create_dir_all(&folder).expect("a folder");
        }
        fs::write(folder.join(format!("file{number:06}.txt")), format!("file {number}\n")).expect("a file");
    }
    git(dir.path(), &["add", "."]);
    git(dir.path(), &["-c", "user.name=x", "-c", "user.email=x@example.invalid", "commit", "-q", "-m", "Files"]);
    git(dir.path(), &["gc", "-q"]);
    fs::write(dir.path().join("src/part000/file000000.txt"), "changed\n").expect("a file");
    git(dir.path(), &["add", "."]);
    // Git fills in what the index remembers of folders, as it does before it calls the hook.
    git(dir.path(), &["write-tree"]);
    dir
}

fn bench(criterion: &mut Criterion) {
    let largest = std::env::var("OMEGA_BENCH_LARGEST").ok().and_then(|n| n.parse().ok()).unwrap_or(100_000);
    let mut group = criterion.benchmark_group("gate");
    group.sample_size(20);
    for files in [1_000, 100_000].into_iter().filter(|n| *n <= largest) {
        for resolutions in [10, 1_000] {
            let dir = repository(files, resolutions);
            let name = format!("{files} files, {resolutions} resolutions");
            let mut measure = |what: &str, command: &dyn Fn() -> Command| {
                group.bench_function(BenchmarkId::new(what, &name), |b| {
                    b.iter(|| assert!(command().status().expect("a program").success()));
                });
            };
            measure("git status", &|| program("git", &["status"], dir.path()));
            measure("pre-commit", &|| program(env!("CARGO_BIN_EXE_omega"), &["hook", "pre-commit"], dir.path()));
            // What is governed is judged by the ledger that was verified here before; the first time all of it is.
            fs::write(dir.path().join(".gitattributes"), "*.bin binary\n").expect("a file");
            git(dir.path(), &["add", ".gitattributes"]);
            git(dir.path(), &["write-tree"]);
            measure("pre-commit, governed", &|| program(env!("CARGO_BIN_EXE_omega"), &["hook", "pre-commit"], dir.path()));
            git(dir.path(), &["reset", "-q", ".gitattributes"]);
            git(dir.path(), &["-c", "user.name=x", "-c", "user.email=x@example.invalid", "commit", "-q", "-m", "One of them"]);
            let ci = &["ci", "--base", "HEAD~1", "--head", "HEAD"];
            measure("ci", &|| program(env!("CARGO_BIN_EXE_omega"), ci, dir.path()));
            git(dir.path(), &["add", ".gitattributes"]);
            git(dir.path(), &["-c", "user.name=x", "-c", "user.email=x@example.invalid", "commit", "-q", "-m", "Attributes"]);
            measure("ci, governed", &|| program(env!("CARGO_BIN_EXE_omega"), ci, dir.path()));
        }
    }
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
