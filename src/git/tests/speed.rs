use std::time::{Duration, Instant};

use super::*;

/// Reads 20,000 packed blobs over two threads; `cargo test --release --lib speed -- --nocapture` tells how long.
#[test]
fn twenty_thousand_blobs_are_read_at_once() {
    let sandbox = Sandbox::new();
    let mut stream = String::from("commit refs/heads/main\ncommitter A <a@b> 1700000000 +0000\ndata 1\nx\n");
    for n in 0..20_000 {
        let text = format!("---\nnumber: {n}\n---\n{}", "words of the council\n".repeat(1 + n % 20));
        stream += &format!("M 644 inline canon/{:02}/{n}.md\ndata {}\n{text}\n", n % 100, text.len());
    }
    sandbox.git_with(&["fast-import", "--quiet"], stream.as_bytes());
    sandbox.git(&["gc", "--quiet"]);
    let repo = sandbox.open();
    let began = Instant::now();
    let tree = repo.revision(repo.resolve("main").unwrap()).unwrap();
    let entries = tree.list(&|_| true).unwrap().entries;
    let listed = began.elapsed();
    let bytes: usize = std::thread::scope(|scope| {
        let work = |half: &'static str| {
            let (tree, entries) = (&tree, &entries);
            scope.spawn(move || {
                let mut reader = tree.reader();
                let (a, b) = entries.split_at(entries.len() / 2);
                let part = if half == "first" { a } else { b };
                part.iter().map(|entry| reader.read(entry, 1 << 20).unwrap().len()).sum::<usize>()
            })
        };
        let (a, b) = (work("first"), work("second"));
        a.join().unwrap() + b.join().unwrap()
    });
    let read = began.elapsed();
    assert_eq!(entries.len(), 20_000);
    assert!(bytes > 4_000_000);
    // Generous: the machine that runs this may be busy, and the build may be for debugging.
    assert!(read < Duration::from_secs(5), "listed in {listed:?}, read in {read:?}");
    if cfg!(not(debug_assertions)) {
        eprintln!("listed in {listed:?}, all read after {read:?}");
    }
}
