//! How fast 10,000 entries in force are read, once the tree that holds them is verified: their bytes are
//! looked up by digest, held to the strict form, and put in order. Verifying the tree is measured in
//! `verify`.

#![allow(clippy::expect_used, reason = "a bench stops where it fails")]

use std::collections::BTreeMap;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use omega::canon::{Domain, layout};
use omega::digest::Digest;
use omega::ledger::kinds::{Content, FileMode};
use omega::ledger::state::Bytes;
use omega::ledger::state::Ledger;
use omega::phylactery::Entry;
use omega::survey::phylactery::entries;

const ENTRIES: u32 = 10_000;

fn ratified() -> (Ledger, Bytes) {
    let (mut ledger, mut bytes) = (Ledger::default(), BTreeMap::new());
    for number in 0..ENTRIES {
        let domain = Domain::ALL[number as usize % Domain::ALL.len()];
        let entry = Entry {
            domain,
            key: format!("entry-{number}").parse().expect("a key"),
            version: 1,
            value: format!("What is so in case {number}, said at the length that most entries have."),
            source: "council".into(),
            confidence: 90,
            created_at: "2026-02-26T12:00:00Z".parse().expect("a time"),
            council_resolution_id: "2026-02-26-many".parse().expect("an id"),
            artifact: None,
            supersedes: None,
            salt: format!("{number:032x}"),
        };
        let text = entry.render().into_bytes();
        let digest = Digest::of(&text);
        bytes.insert(digest, text);
        ledger.timeline.insert(layout::entry(domain, &entry.key), vec![(1, Some(Content { mode: FileMode::File, digest }))]);
    }
    (ledger, bytes)
}

fn bench(criterion: &mut Criterion) {
    let (ledger, bytes) = ratified();
    let mut group = criterion.benchmark_group("phylactery");
    group.sample_size(20);
    group.throughput(Throughput::Elements(u64::from(ENTRIES)));
    group.bench_function("load", |b| {
        b.iter(|| {
            let all = entries(&ledger, &bytes).expect("entries");
            assert_eq!(all.len(), ENTRIES as usize);
            all
        });
    });
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
