//! A quick look at a tree whose ledger was folded here before.
//!
//! What is remembered is only ever "the ruling with this digest was verified by this build, and this is
//! the state that it leads to"; never a git object id. Who can write the memory can make `status` show
//! nonsense, and can open the gate of a commit or the guard of an agent, which they could as well skip or remove. `verify`, CI,
//! servers, pushes and whatever writes read none of it.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::canon::front::RULES;
use crate::canon::text::MAX_TEXT;
use crate::canon::{Place, RepoPath, layout};
use crate::digest::Digest;
use crate::git::{Repo, Sharing};
use crate::ledger::evidence::{Scope, gather};
use crate::ledger::live::survey;
use crate::ledger::state::Ledger;
use crate::ledger::verdict::{examine_after, judge};
use crate::tree::Tree;

use super::Error;
use super::assess::{Assessment, assess, conversions};

/// Where folded ledgers are remembered.
pub struct LedgerCache {
    folder: PathBuf,
    sharing: Sharing,
}

#[derive(Serialize, Deserialize)]
struct Remembered {
    build: String,
    ledger: Ledger,
}

/// So many ledgers are remembered in a clone.
const MOST: usize = 16;

/// Which binary runs: two builds of one version may fold differently.
static BINARY: OnceLock<Digest> = OnceLock::new();

/// Says by which binary ledgers are folded in this process. What another one remembered is not used.
pub fn folded_by(binary: Digest) {
    let _ = BINARY.set(binary);
}

fn build() -> String {
    let binary = BINARY.get().map(Digest::hex).unwrap_or_default();
    format!("{} rules {RULES} binary {binary}", env!("CARGO_PKG_VERSION"))
}

impl LedgerCache {
    /// The memory of a clone.
    pub fn of(repo: &Repo) -> Self {
        Self { folder: repo.common_dir().join("omega").join("ledgers"), sharing: repo.sharing() }
    }

    /// One file for each build and ruling, so that two binaries do not take turns.
    fn file(&self, head: &Digest) -> PathBuf {
        self.folder.join(Digest::of(format!("{} {head}", build()).as_bytes()).hex())
    }

    fn recall(&self, head: &Digest) -> Option<Ledger> {
        let bytes = fs::read(self.file(head)).ok()?;
        let remembered: Remembered = serde_json::from_slice(&bytes).ok()?;
        (remembered.build == build() && remembered.ledger.head()?.digest == *head).then_some(remembered.ledger)
    }

    /// Keeps a ledger in mind; that this fails is no harm.
    fn keep(&self, ledger: &Ledger) {
        let Some(head) = ledger.head() else { return };
        let remembered = Remembered { build: build(), ledger: ledger.clone() };
        if let Ok(bytes) = serde_json::to_vec(&remembered) {
            let _ = super::pin::write_whole(&self.file(&head.digest), &bytes, self.sharing);
            self.prune();
        }
    }

    /// Removes what was remembered longest ago.
    fn prune(&self) {
        let files = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let mut files: Vec<_> = files.filter_map(|file| Some((file.metadata().ok()?.modified().ok()?, file.path()))).collect();
        files.sort_unstable();
        let old = files.len().saturating_sub(MOST);
        for (_, path) in &files[..old] {
            let _ = fs::remove_file(path);
        }
    }
}

/// Judges what is open and what lies in the tree, on a remembered ledger if there is one for this
/// tree's last ruling; else judges all, and remembers.
///
/// # Errors
/// As for [`assess`].
pub fn glance(tree: &dyn Tree, memory: &LedgerCache, threads: usize) -> Result<Assessment, Error> {
    if let Some(ledger) = last_ruling(tree)?.and_then(|head| memory.recall(&head)) {
        return quick(tree, ledger, threads);
    }
    let assessment = assess(tree, threads)?;
    if assessment.is_whole() {
        memory.keep(&assessment.judgement.ledger);
    }
    Ok(assessment)
}

/// The digest of the ruling with the highest number.
pub(crate) fn last_ruling(tree: &dyn Tree) -> Result<Option<Digest>, Error> {
    let listing = tree.list(&|folder| folder == b"canon" || folder == b"canon/ledger")?;
    let ruling = |entry: &&crate::tree::Entry| {
        let path: Option<RepoPath> = std::str::from_utf8(&entry.path).ok().and_then(|path| path.parse().ok());
        matches!(path.as_ref().and_then(Place::of), Some(Place::Ruling(_)))
    };
    let Some(last) = listing.entries.iter().rfind(ruling) else { return Ok(None) };
    Ok(tree.reader().read(last, MAX_TEXT).ok().map(|bytes| Digest::of(&bytes)))
}

fn quick(tree: &dyn Tree, ledger: Ledger, threads: usize) -> Result<Assessment, Error> {
    let open = |id: &str| id.parse().is_ok_and(|id| !ledger.closed.contains_key(&id));
    let reads = |path: &RepoPath| !matches!(Place::of(path), Some(Place::Bytes(_) | Place::Ruling(_) | Place::RulingSignature(_)));
    let mut evidence = gather(tree, &Scope { resolution: &open, reads: &reads, threads })?;
    if let Some((path, rules)) = &evidence.newer {
        return Err(Error::newer(path, *rules));
    }
    // Only the bytes that open proposals bring are looked at.
    let proposed = evidence.folders.values().filter_map(|folder| folder.proposal.as_ref());
    let needed: BTreeSet<Digest> =
        proposed.flat_map(|proposal| proposal.record().changes.iter().filter_map(|change| change.after)).collect();
    for digest in needed {
        if let Some(bytes) = crate::ledger::evidence::read_one(tree, &layout::bytes(&digest), crate::canon::text::MAX_BYTES)?
            && Digest::of(&bytes) == digest
        {
            evidence.bytes.insert(digest, bytes);
        }
    }
    let judgement = examine_after(ledger, &evidence);
    let nobody = crate::canon::Who::default();
    let who = judgement.ledger.law().map_or(&nobody, |law| &law.who);
    let live = survey(tree, who, &judgement.ledger)?;
    let mut judgement = judge(&evidence, judgement, &live);
    judgement.findings.extend(conversions(tree, &judgement.ledger)?);
    Ok(Assessment { evidence, judgement })
}
