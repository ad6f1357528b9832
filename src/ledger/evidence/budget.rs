//! How much of a tree is read and kept. What costs more is refused before it is read to its end.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::tree::{Entry, TreeError};

/// What is kept in memory of every file under `canon/`, beside its path.
const FILE_SIZE: u64 = 400;
/// The most that the files under `canon/` may take there, with their paths.
const MAX_LISTED: u64 = 48 << 20;
/// The most bytes of records, signatures and renderings in folders that no ruling closes.
const MAX_OPEN: u64 = 64 << 20;
/// The most resolutions that no ruling closes. A council works on a few; each costs more than its bytes.
const MAX_OPEN_FOLDERS: usize = 1000;
/// The most bytes of all other files under `canon/` but proposed bytes.
const MAX_SETTLED: u64 = 1 << 30;
/// The most proposed bytes of paths under `canon/` and of links: the fold reads them, so they are all kept.
const MAX_LAW: u64 = 64 << 20;
/// The most proposed bytes of other paths.
const MAX_PROPOSED: u64 = 512 << 20;
/// How many of these are kept, for those who want to show them; the others are held to their names and dropped.
const MAX_KEPT: u64 = 96 << 20;

/// What may yet be spent on one kind of files.
pub(super) struct Budget {
    spent: AtomicU64,
    limit: u64,
    path: &'static str,
    what: &'static str,
}

impl Budget {
    fn new(limit: u64, path: &'static str, what: &'static str) -> Self {
        Self { spent: AtomicU64::new(0), limit, path, what }
    }

    pub(super) fn open() -> Self {
        Self::new(MAX_OPEN, "canon/resolutions", "the files of resolutions that no ruling closes")
    }

    pub(super) fn settled() -> Self {
        Self::new(MAX_SETTLED, "canon", "the records, signatures and state files")
    }

    pub(super) fn law() -> Self {
        Self::new(MAX_LAW, "canon/bytes", "the proposed bytes of documents, members, entries and links")
    }

    pub(super) fn proposed() -> Self {
        Self::new(MAX_PROPOSED, "canon/bytes", "the proposed bytes of files outside canon/")
    }

    /// What is kept of proposed bytes.
    pub(super) fn kept() -> Self {
        Self::new(MAX_KEPT, "canon/bytes", "the bytes that are kept")
    }

    /// Whether as much fits in; it is spent if it does.
    pub(super) fn takes(&self, bytes: u64) -> bool {
        let fits = |spent: u64| spent.checked_add(bytes).filter(|sum| *sum <= self.limit);
        self.spent.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).is_ok()
    }

    /// Spends as much.
    ///
    /// # Errors
    /// If it is more than is left.
    pub(super) fn spend(&self, bytes: u64) -> Result<(), TreeError> {
        if self.takes(bytes) {
            return Ok(());
        }
        let what = format!("{} have more than {} MiB together", self.what, self.limit >> 20);
        Err(TreeError::TooMuch { path: self.path.to_owned(), what })
    }
}

/// Holds the resolutions that no ruling closes to a number that people could have made.
pub(super) fn check_open(count: usize) -> Result<(), TreeError> {
    if count <= MAX_OPEN_FOLDERS {
        return Ok(());
    }
    let what = format!("there are {count} resolutions that no ruling closes, and at most {MAX_OPEN_FOLDERS} are read");
    Err(TreeError::TooMuch { path: "canon/resolutions".to_owned(), what })
}

/// Holds the files under `canon/` to what may be kept of their paths.
pub(super) fn check_listed<'a>(entries: impl Iterator<Item = &'a Entry>) -> Result<(), TreeError> {
    let listed: u64 = entries.map(|entry| FILE_SIZE + entry.path.len() as u64).sum();
    if listed <= MAX_LISTED {
        return Ok(());
    }
    let what = format!(
        "the files under canon/ are too many, or their names too long: with {FILE_SIZE} bytes for each file more than {} MiB",
        MAX_LISTED >> 20
    );
    Err(TreeError::TooMuch { path: "canon".to_owned(), what })
}
