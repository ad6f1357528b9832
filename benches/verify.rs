//! How fast a ledger is verified, beside what no verifier can do without: as many strict signature
//! verifications and as many bytes through SHA-256, on the same threads, in the same run.

#![allow(
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a bench stops where it fails, and starts the programs that it measures"
)]

#[path = "ledger/mod.rs"]
mod ledger;

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use omega::digest::Digest;
use omega::git::Repo;
use omega::keys::{KeyCache, Namespace, Signature};
use omega::ledger::evidence::{Scope, gather};
use omega::ledger::fold::fold;
use omega::ledger::verdict::fold_and_examine;
use omega::survey::verify::{Conclusion, verify};
use omega::tree::Tree as _;
use omega::workspace::pin::Pin;

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Everything that the floor works on: signed messages, and bytes to digest.
struct Floor {
    signed: Vec<(Vec<u8>, Signature, Namespace)>,
    bytes: Vec<Vec<u8>>,
}

fn floor_of(dir: &Path) -> Floor {
    let repo = Repo::discover(dir, None).expect("the repository");
    let tree = repo.revision(repo.resolve("main").expect("main")).expect("the tree");
    let listing = tree.list(&|_| true).expect("a listing");
    let mut reader = tree.reader();
    let files: std::collections::BTreeMap<_, _> =
        listing.entries.iter().map(|entry| (entry.path.clone(), reader.read(entry, u64::MAX).expect("bytes"))).collect();
    let mut signed = Vec::new();
    for (path, armor) in &files {
        let Some(message) = path.strip_suffix(b".sig").and_then(|path| files.get(path)) else { continue };
        let signature = Signature::parse(armor).expect("an armor");
        let namespace = *Namespace::ALL.iter().find(|n| n.as_str() == signature.namespace()).expect("a namespace");
        signed.push((message.clone(), signature, namespace));
    }
    Floor { signed, bytes: files.into_values().collect() }
}

impl Floor {
    fn run(&self) -> usize {
        let next = AtomicUsize::new(0);
        let done = AtomicUsize::new(0);
        let total = self.signed.len().max(self.bytes.len());
        std::thread::scope(|scope| {
            for _ in 0..threads() {
                scope.spawn(|| {
                    let mut keys = KeyCache::new();
                    loop {
                        let start = next.fetch_add(64, Ordering::Relaxed);
                        if start >= total {
                            break;
                        }
                        for index in start..(start + 64).min(total) {
                            if let Some((message, signature, namespace)) = self.signed.get(index) {
                                let key = keys.get(signature.signer_blob()).expect("a key");
                                signature.verify(&key, *namespace, message).expect("a valid signature");
                                done.fetch_add(1, Ordering::Relaxed);
                            }
                            if let Some(bytes) = self.bytes.get(index) {
                                std::hint::black_box(Digest::of(bytes));
                            }
                        }
                    }
                });
            }
        });
        done.into_inner()
    }
}

/// The parts of a verification, on the longest ledger.
fn phases(criterion: &mut Criterion, folders: &[(u32, tempfile::TempDir)]) {
    let Some((_, dir)) = folders.last() else { return };
    let repo = Repo::discover(dir.path(), None).expect("the repository");
    let tree = repo.revision(repo.resolve("main").expect("main")).expect("the tree");
    let mut group = criterion.benchmark_group("phase");
    group.sample_size(10);
    group.bench_function("list", |b| b.iter(|| tree.list(&|_| true).expect("a listing")));
    group.bench_function("gather", |b| b.iter(|| gather(&tree, &Scope::all(threads())).expect("the evidence")));
    let evidence = gather(&tree, &Scope::all(threads())).expect("the evidence");
    group.bench_function("fold", |b| b.iter(|| fold(&evidence)));
    group.bench_function("fold and examine", |b| b.iter(|| fold_and_examine(&evidence)));
    group.finish();
}

fn bench(criterion: &mut Criterion) {
    let now = "2026-06-01T00:00:00Z".parse().expect("a time");
    let mut group = criterion.benchmark_group("verify");
    group.sample_size(10);
    let mut folders = Vec::new();
    let longest = std::env::var("OMEGA_BENCH_LONGEST").ok().and_then(|n| n.parse().ok()).unwrap_or(1000);
    for resolutions in [10, 100, 1000].into_iter().filter(|n| *n <= longest) {
        let dir = tempfile::tempdir().expect("a folder");
        let root = ledger::build(dir.path(), resolutions);
        let pin = Pin::Root(root);
        let floor = floor_of(dir.path());
        group.throughput(Throughput::Elements(floor.signed.len() as u64));
        group.bench_with_input(BenchmarkId::new("floor", resolutions), &floor, |b, floor| b.iter(|| floor.run()));
        group.bench_function(BenchmarkId::new("omega", resolutions), |b| {
            b.iter(|| {
                let repo = Repo::discover(dir.path(), None).expect("the repository");
                let tree = repo.revision(repo.resolve("main").expect("main")).expect("the tree");
                let report = verify(&tree, "main", Some(pin), now, threads()).expect("a report");
                assert_eq!(report.conclusion, Conclusion::Holds, "{:?}", report.findings);
            });
        });
        folders.push((resolutions, dir));
    }
    group.finish();
    phases(criterion, &folders);

    let mut group = criterion.benchmark_group("process");
    group.sample_size(20);
    for (resolutions, dir) in &folders {
        for args in [&["canon", "status"][..], &["canon", "verify"]] {
            group.bench_function(BenchmarkId::new(args.join(" "), resolutions), |b| {
                b.iter(|| {
                    let status = Command::new(env!("CARGO_BIN_EXE_omega"))
                        .args(args)
                        .current_dir(dir.path())
                        .env_remove("SSH_AUTH_SOCK")
                        .stdout(Stdio::null())
                        .status();
                    assert!(status.expect("omega").success());
                });
            });
        }
        group.bench_function(BenchmarkId::new("git status", resolutions), |b| {
            b.iter(|| Command::new("git").arg("status").current_dir(dir.path()).stdout(Stdio::null()).status().expect("git"));
        });
    }
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
