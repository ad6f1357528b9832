//! Reading and rewriting the index file.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Duration;

use gix::bstr::{BStr, ByteSlice};
use gix::index::entry::{Flags, Mode as IndexMode, Stat};
use gix::lock::acquire::Fail;

use super::ask::{Answer, Ask};
use super::diff::Leaf;
use super::folder::{read_file, resolve};
use super::objects::{Objects, blob_id};
use super::rev_tree::walk;
use super::{GitError, Oid, Repo, Sharing};
use crate::tree::{Entry, Listing, Mode};

/// Another git command holds the index lock for moments only.
const PATIENCE: Duration = Duration::from_millis(500);

/// What the index is to say of one path: nothing, or this leaf with the stat data of its file.
pub(super) type IndexUpdate = Option<(Leaf, Stat)>;

/// The index, locked against other writers before it is read.
pub(super) struct LockedIndex {
    lock: gix::lock::File,
    pub(super) file: gix::index::File,
    /// Whether sparse checkout is on.
    is_sparse: bool,
}

pub(super) fn read(repo: &gix::Repository) -> Result<gix::index::File, GitError> {
    read_at(&repo.index_path(), repo.object_hash())
}

pub(super) fn read_at(path: &std::path::Path, hash: gix::hash::Kind) -> Result<gix::index::File, GitError> {
    gix::index::File::at_or_default(path, hash, false, gix::index::decode::Options::default())
        .map_err(|e| GitError::git(format!("read the index `{}`", path.display()), &e))
}

impl LockedIndex {
    pub(super) fn acquire(repo: &gix::Repository, sharing: Sharing) -> Result<Self, GitError> {
        let path = repo.index_path();
        let patience = Fail::AfterDurationWithBackoff(PATIENCE);
        let lock = gix::lock::File::acquire_to_update_resource(&path, patience, None, sharing.policy())
            .map_err(|e| GitError::git(format!("lock the index `{}`", path.display()), &e))?;
        let is_sparse = repo.config_snapshot().boolean("core.sparseCheckout").unwrap_or(false);
        let mut locked = Self { lock, file: read(repo)?, is_sparse };
        locked.unfold(repo)?;
        Ok(locked)
    }

    /// Spells out the folders that a sparse index folds into one entry each. Git folds them again when it next writes the index.
    fn unfold(&mut self, repo: &gix::Repository) -> Result<(), GitError> {
        let entries = self.file.entries().iter().filter(|entry| entry.mode.is_sparse());
        let folded: Vec<_> =
            entries.map(|entry| (entry.path(&self.file).trim_end_with(|c| c == '/').to_vec(), Oid::of(&entry.id))).collect();
        if folded.is_empty() {
            return Ok(());
        }
        let objects = &mut Objects::new(&repo.clone().into_sync());
        let mut listing = Listing::default();
        for (folder, tree) in folded {
            walk(objects, tree, &folder, &|_| true, &mut listing)?;
        }
        self.file.remove_entries(|_, _, entry| entry.mode.is_sparse());
        for Entry { path, mode, id } in listing.entries {
            let Some(id) = id else { continue };
            let flags = Flags::SKIP_WORKTREE | Flags::EXTENDED;
            self.file.dangerously_push_entry(Stat::default(), id.gix(), flags, index_mode(mode), path.as_bstr());
        }
        self.file.sort_entries();
        Ok(())
    }

    /// What stage 0 says of a path, or `Err` if the path is unmerged.
    pub(super) fn get(&self, path: &[u8]) -> Result<Option<Leaf>, ()> {
        let Some(range) = self.file.entry_range(path.as_bstr()) else {
            return Ok(None);
        };
        match &self.file.entries()[range] {
            [entry] if entry.stage_raw() == 0 => Ok(Some(Leaf::of_index(entry))),
            _ => Err(()),
        }
    }

    /// Whether sparse checkout keeps the path out of the work tree.
    pub(super) fn is_skipped(&self, path: &[u8]) -> bool {
        self.file.entry_by_path(path.as_bstr()).is_some_and(|entry| entry.flags.contains(Flags::SKIP_WORKTREE))
    }

    /// Those of the paths that are new to the index and that sparse checkout keeps out of the work tree; git knows how its
    /// patterns are meant.
    pub(super) fn outside_of_sparse<'p>(&self, root: &Path, paths: impl Iterator<Item = &'p [u8]>) -> Result<BTreeSet<Vec<u8>>, GitError> {
        let new: BTreeSet<Vec<u8>> = paths.filter(|path| self.file.entry_range(path.as_bstr()).is_none()).map(<[u8]>::to_vec).collect();
        if !self.is_sparse || new.is_empty() {
            return Ok(BTreeSet::new());
        }
        let input: Vec<u8> = new.iter().flat_map(|path| [path.as_slice(), b"\0"].concat()).collect();
        let ask = Ask { dir: root, args: &["sparse-checkout", "check-rules", "-z"], input: Some(&input), more: &[] };
        // Git before 2.41 cannot say it. A file that is there and need not be does no harm.
        let Ok(Answer { code: 0, text, .. }) = ask.answer() else { return Ok(BTreeSet::new()) };
        let inside: BTreeSet<&[u8]> = text.split('\0').map(str::as_bytes).collect();
        Ok(new.into_iter().filter(|path| !inside.contains(path.as_slice())).collect())
    }

    /// Replaces the given paths and puts the new index in place. The work tree does without those that are `left_out`.
    pub(super) fn commit(
        mut self,
        repo: &Repo,
        updates: &BTreeMap<Vec<u8>, IndexUpdate>,
        left_out: &BTreeSet<Vec<u8>>,
    ) -> Result<(), GitError> {
        let path = self.lock.resource_path();
        let skipped: BTreeSet<_> = updates.keys().filter(|path| self.is_skipped(path) || left_out.contains(*path)).cloned().collect();
        let stamp = self.file.timestamp();
        self.file.remove_entries(|_, path, _| updates.contains_key(path.as_bytes()));
        // A file changed within the clock tick in which the old index was written looks unchanged to it. Size 0 makes git look at
        // such files again, for the newer index could not tell any more; some git commands take it for a change.
        let root = repo.workdir().map(Path::to_owned).unwrap_or_default();
        for (entry, path) in self.file.entries_mut_with_paths() {
            if entry.stat.is_racy(stamp, gix::index::entry::stat::Options::default()) && !is_on_disk(&root, path, entry.id) {
                entry.stat.size = 0;
            }
        }
        for (path, update) in updates {
            if let Some((leaf, stat)) = update {
                let mut flags = Flags::empty();
                if skipped.contains(path) {
                    flags |= Flags::SKIP_WORKTREE | Flags::EXTENDED;
                }
                self.file.dangerously_push_entry(*stat, leaf.id.gix(), flags, index_mode(leaf.mode), path.as_bstr());
            }
        }
        self.file.sort_entries();
        // The cached trees no longer fit the entries; later commits would record them unseen.
        self.file.remove_tree();
        repo.step("index");
        let file = &self.file;
        self.lock
            .with_mut(|lock| {
                let mut buffered = BufWriter::with_capacity(64 << 10, &mut *lock);
                file.write_to(&mut buffered, gix::index::write::Options::default()).map_err(std::io::Error::other)?;
                buffered.flush()?;
                drop(buffered);
                lock.sync_all()
            })
            .map_err(|e| GitError::io("write", &path, &e))?;
        self.lock.commit().map(|_| ()).map_err(|e| GitError::io("replace", &path, &e.error))
    }
}

/// Whether a file has the very bytes of an object.
fn is_on_disk(root: &Path, path: &BStr, id: gix::ObjectId) -> bool {
    let read = || read_file(&resolve(root, path).ok()?, u64::MAX).ok();
    read().is_some_and(|bytes| blob_id(id.kind(), &bytes) == Some(Oid::of(&id)))
}

fn index_mode(mode: Mode) -> IndexMode {
    match mode {
        Mode::Exec => IndexMode::FILE_EXECUTABLE,
        Mode::Link => IndexMode::SYMLINK,
        Mode::Submodule => IndexMode::COMMIT,
        Mode::File | Mode::Other => IndexMode::FILE,
    }
}
