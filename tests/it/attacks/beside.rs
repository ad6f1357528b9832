//! A gate that judges several trees in one run reads what they have in common once. No tree that is judged first, honest or
//! forged, makes it think better of another one.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use omega::tree::{Listing, Oid, Reader, Tree, TreeError};
use omega::workspace::assess::{Assessment, assess, assess_beside};
use sha2::{Digest as _, Sha256};

use super::{Case, Run, all, drive::made};
use crate::forge::{Forge, MemoryTree};

/// A tree that knows the objects of its files, as git's do.
struct Objects<'a>(&'a MemoryTree);

impl Tree for Objects<'_> {
    fn list(&self, enter: &dyn Fn(&[u8]) -> bool) -> Result<Listing, TreeError> {
        let mut listing = self.0.list(enter)?;
        for entry in &mut listing.entries {
            let digest = Sha256::digest(&self.0.0[&entry.path].1);
            entry.id = Oid::from_bytes(&digest);
        }
        Ok(listing)
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        self.0.reader()
    }
}

/// All that can be said of a tree.
fn said(judged: Result<Assessment, omega::workspace::Error>) -> Result<String, String> {
    let Assessment { evidence, judgement } = judged.map_err(|error| error.to_string())?;
    let findings: BTreeSet<String> = judgement.findings.iter().map(|finding| format!("{finding:?}")).collect();
    let (bytes, files) = (evidence.bytes.keys(), &evidence.digests);
    let ledger = serde_json::to_string(&judgement.ledger).unwrap();
    Ok(format!("{findings:#?} {:?} {:?} {bytes:?} {files:?} {ledger}", judgement.open, judgement.drafts))
}

/// Whether these are bytes of a document or a member.
fn is_law(bytes: &[u8]) -> bool {
    [&b"---\ndocument: "[..], b"---\nname: "].iter().any(|start| bytes.starts_with(start))
}

fn holds(case: &Case, forged: &MemoryTree) {
    let without = |left_out: &dyn Fn(&[u8]) -> bool| {
        let files = forged.0.iter().filter(|(path, _)| !left_out(path));
        MemoryTree(files.map(|(path, file)| (path.clone(), file.clone())).collect())
    };
    let last = forged.0.keys().filter(|path| path.starts_with(b"canon/ledger/")).max().cloned().unwrap_or_default();
    let first = [
        Forge::planted().tree,
        // Bytes that are not there are held to nothing.
        without(&|path| path.starts_with(b"canon/bytes/")),
        // The same for all that the law does not need: then the ledger folds, and is held to less.
        without(&|path| path.starts_with(b"canon/bytes/") && !is_law(&forged.0[path].1)),
        // What was there before the last ruling.
        without(&|path| path.starts_with(&last[..last.len().min(19)])),
        forged.clone(),
    ];
    let alone = said(assess(&Objects(forged), 1));
    for (number, first) in first.iter().enumerate() {
        let Ok(known) = assess(&Objects(first), 1) else { continue };
        assert_eq!(said(assess_beside(Some(&known), &Objects(forged), 1)), alone, "{} beside tree {number}", case.name);
    }
}

#[test]
fn no_tree_that_is_judged_first_helps_a_forged_one() {
    let (cases, next) = (all(), AtomicUsize::new(0));
    let work = || {
        while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            if let Run::Tree(make) = case.run {
                holds(case, &made(case, make).tree);
            }
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(work);
        scope.spawn(work);
    });
    assert!(next.load(Ordering::Relaxed) > 200);
}
