//! What a ballot and a ruling cost on a long ledger, as whole processes, beside one cold verification of the same ledger in the
//! same run.

#![allow(
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a bench stops where it fails, and starts the programs that it measures"
)]

#[path = "ledger/mod.rs"]
mod ledger;

use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use ssh_key::LineEnding;
use ssh_key::private::{Ed25519Keypair, PrivateKey};

fn run(program: &str, dir: &Path, args: &[&str]) -> String {
    let mut command = Command::new(program);
    command.args(args).current_dir(dir).env_remove("SSH_AUTH_SOCK").env("HOME", dir.join("../home"));
    command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
    let output = command.output().expect("a program");
    assert!(output.status.success(), "{program} {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn omega(dir: &Path, args: &[&str]) -> String {
    run(env!("CARGO_BIN_EXE_omega"), dir, args)
}

/// The key file of a signer that [`ledger::build`] makes from such a seed.
fn key(dir: &Path, seed: u8) -> String {
    let path = dir.join(format!("key-{seed}"));
    let pair = PrivateKey::from(Ed25519Keypair::from_seed(&[seed; 32]));
    let mut options = std::fs::OpenOptions::new();
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.write(true).create_new(true).open(&path).expect("a new file");
    file.write_all(pair.to_openssh(LineEnding::LF).expect("a key").as_bytes()).expect("written");
    path.to_str().expect("text").to_owned()
}

fn bench(criterion: &mut Criterion) {
    let resolutions = std::env::var("OMEGA_BENCH_LONGEST").ok().and_then(|n| n.parse().ok()).unwrap_or(1000);
    let place = tempfile::tempdir().expect("a folder");
    let repo = place.path().join("repo");
    std::fs::create_dir_all(place.path().join("home")).expect("a folder");
    ledger::build(&repo, resolutions);
    let git = |args: &[&str]| run("git", &repo, args);
    for (name, value) in [("user.name", "x"), ("user.email", "x@example.invalid")] {
        git(&["config", name, value]);
    }
    git(&["reset", "-q", "--hard", "main"]);
    let keys: Vec<String> = (1..=5).map(|seed| key(place.path(), seed)).collect();
    let chief = key(place.path(), 200);
    let identity = repo.join("canon/OMEGA_IDENTITY.md");
    let text = std::fs::read_to_string(&identity).expect("the document");
    std::fs::write(&identity, text + "\nA new line.\n").expect("written");
    omega(&repo, &["canon", "propose", "--title", "A line", "--reason", "r", "--yes", "--key", &keys[0]]);
    let branch = git(&["for-each-ref", "--format=%(refname)", "refs/heads/canon/"]);
    let id = branch.strip_prefix("refs/heads/canon/").expect("a branch").to_owned();
    // Nothing is checked out that moves.
    git(&["checkout", "-q", "-f", "--detach", "main"]);
    let (main, proposed) = (git(&["rev-parse", "main"]), git(&["rev-parse", &branch]));
    let vote = |key: &str| omega(&repo, &["canon", "vote", &id, "approve", "--reason", "r", "--key", key]);
    keys.iter().for_each(|key| drop(vote(key)));
    let voted = git(&["rev-parse", &branch]);
    let reset = |tip: &str| {
        git(&["update-ref", "refs/heads/main", &main]);
        git(&["update-ref", &branch, tip]);
        // What was ruled is to be ruled again.
        for seen in [repo.join(".git/omega/seen"), place.path().join("home/.local")] {
            let _ = std::fs::remove_dir_all(seen);
        }
    };
    let mut group = criterion.benchmark_group(format!("process/{resolutions}"));
    group.sample_size(10);
    group.bench_function("canon verify", |b| b.iter(|| omega(&repo, &["canon", "verify", "main"])));
    group.bench_function("canon vote", |b| b.iter_batched(|| reset(&proposed), |()| vote(&keys[1]), BatchSize::PerIteration));
    group.bench_function("canon ratify", |b| {
        let ratify = |()| omega(&repo, &["canon", "ratify", &id, "--reason", "r", "--yes", "--key", &chief]);
        b.iter_batched(|| reset(&voted), ratify, BatchSize::PerIteration);
    });
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
