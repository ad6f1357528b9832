//! What this run may write, and what is in its way, asked before anything is written.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use gix::bstr::ByteSlice;
use gix::index::entry::Flags;

use super::reftable::Reftable;
use super::{GitError, Repo, index_file};

/// What the index says of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// Nothing: it is not tracked.
    No,
    /// It is tracked.
    Yes,
    /// It is to be tracked, and its bytes are not stored yet (`--intent-to-add`).
    Intended,
    /// It is tracked, and git was told not to look at the file (`--assume-unchanged`).
    AssumedUnchanged,
    /// It is tracked, and the work tree does without it (`--skip-worktree`).
    Skipped,
}

/// How long another git command is waited for that holds a lock, and how often it is looked whether it still does.
const PATIENCE: (Duration, u32) = (Duration::from_millis(50), 20);

/// As much room as a command may need for its objects, at least.
const ROOM: u64 = 1 << 20;

/// A lock that is in the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldLock {
    /// The file.
    pub path: PathBuf,
    /// The process that has the file open, where that can be seen.
    pub holder: Option<u32>,
}

impl Repo {
    /// The first folder in which this run would have to write and cannot, with the reason.
    pub fn unwritable(&self) -> Option<(PathBuf, String)> {
        let common = self.common_dir();
        let mut folders: Vec<PathBuf> = vec![common.join("objects"), self.git_dir().to_owned(), common.to_owned()];
        // A file of another user in a folder of theirs can be replaced by nobody else.
        folders.extend(["refs", "refs/heads", "logs", "logs/refs/heads", "reftable", "omega"].map(|name| common.join(name)));
        folders.dedup();
        folders.into_iter().filter(|folder| folder.is_dir()).find_map(|folder| match probe(&folder) {
            Ok(()) => None,
            Err(e) => Some((folder, e.to_string())),
        })
    }

    /// A lock that another git command holds on what is written: on `branch` (a full name), on the packed references, and
    /// on index and HEAD where `checkout` says that they are needed. One that goes soon is waited for.
    pub fn held_lock(&self, branch: &str, checkout: bool) -> Result<Option<HeldLock>, GitError> {
        self.ref_name(branch)?;
        let mut locked = vec![self.ref_path(branch), self.common_dir().join("packed-refs")];
        if self.reftable().is_some() {
            // One lock for all references.
            locked.extend([self.common_dir(), self.git_dir()].map(Reftable::lock_of));
        }
        if checkout {
            locked.extend([self.git_dir().join("index"), self.git_dir().join("HEAD")]);
        }
        for path in locked {
            let mut lock = path.into_os_string();
            lock.push(".lock");
            let lock = PathBuf::from(lock);
            let is_there = || fs::symlink_metadata(&lock).is_ok();
            let (pause, times) = PATIENCE;
            for _ in 0..times {
                if !is_there() {
                    break;
                }
                std::thread::sleep(pause);
            }
            if is_there() {
                return Ok(Some(HeldLock { holder: holder(&lock), path: lock }));
            }
        }
        Ok(None)
    }

    /// What the index says of a path.
    pub fn known_to_index(&self, path: &[u8]) -> Result<Known, GitError> {
        let index = index_file::read(&self.local())?;
        Ok(match index.entry_by_path(path.as_bstr()) {
            Some(entry) if entry.flags.contains(Flags::ASSUME_VALID) => Known::AssumedUnchanged,
            Some(entry) if entry.flags.contains(Flags::SKIP_WORKTREE) => Known::Skipped,
            Some(entry) if entry.flags.contains(Flags::INTENT_TO_ADD) => Known::Intended,
            Some(_) => Known::Yes,
            None => Known::No,
        })
    }

    /// A reference that keeps a branch with this full name from being made: one that it would be below, or that would be
    /// below it.
    pub fn in_the_way(&self, branch: &str) -> Result<Option<String>, GitError> {
        let parts = branch.match_indices('/').skip(2).map(|(at, _)| &branch[..at]);
        for part in parts {
            if self.find_ref(part)?.is_some() {
                return Ok(Some(part.to_owned()));
            }
        }
        Ok(self.branches(&format!("{branch}/"))?.into_iter().next().map(|(name, _)| name))
    }
}

/// Makes and removes a file.
fn probe(folder: &Path) -> io::Result<()> {
    // Git takes no file of such a name for a reference.
    let file = tempfile::Builder::new().prefix("omega-").suffix(".lock").tempfile_in(folder)?;
    {
        let room = rustix::fs::statvfs(folder)?;
        // Some file systems count neither.
        let is_full = room.f_blocks > 0 && room.f_bavail.saturating_mul(room.f_frsize) < ROOM;
        if is_full || (room.f_files > 0 && room.f_favail == 0) {
            return Err(io::Error::other("there is less than 1 MiB of room on the disk"));
        }
    }
    file.close()
}

/// The process that has a file open. Git has most of its locks open for as long as it holds them.
fn holder(path: &Path) -> Option<u32> {
    let path = fs::canonicalize(path).ok()?;
    let processes = fs::read_dir("/proc").ok()?.flatten();
    let mut ids = processes.filter_map(|process| process.file_name().to_str()?.parse::<u32>().ok());
    ids.find(|id| {
        let files = fs::read_dir(format!("/proc/{id}/fd")).into_iter().flatten().flatten();
        files.into_iter().any(|file| fs::read_link(file.path()).is_ok_and(|file| file == path))
    })
}
