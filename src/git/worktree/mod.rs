//! The work tree seen as a [`Tree`]: what `git add --all` would store of it.
//!
//! The index says what is tracked, and what a file is where the file system cannot say it. The disk says what is there.
//! One thing differs from git: no bit of the index hides what lies on disk.

mod read;
mod walk;

use std::io;
use std::path::{Path, PathBuf};

use gix::bstr::ByteSlice;
use gix::index::entry::Flags;
use gix::worktree::stack::state::attributes::Source;
use gix::worktree::stack::state::ignore::Source as IgnoreSource;

use super::convert::Conversion;
use super::error::text;
use super::objects::Objects;
use super::{GitError, Oid, Repo, index_file};
use crate::tree::{Entry, Listing, Reader, Tree, TreeError};

/// How much of a file is searched for the keyword of `ident`.
const MAX_KEYWORD: u64 = 64 << 20;

/// The files of a work tree. A file that sparse checkout leaves out is listed with its object, and read from there.
pub struct WorkTree {
    repo: gix::ThreadSafeRepository,
    root: PathBuf,
    index: gix::index::File,
    /// Folders that the index does not spell out, with their trees.
    folded: Vec<(Vec<u8>, Oid)>,
    /// Whether there is no index: nothing was checked out yet.
    is_bare: bool,
    trust_exec: bool,
    has_links: bool,
    is_sparse: bool,
}

/// Why files of a commit are not in the work tree, although nobody deleted them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeftOut {
    /// The clone or work tree was made without a checkout.
    NoCheckout,
    /// Sparse checkout leaves these top folders or files out.
    Sparse(Vec<String>),
    /// The index says of this file that the work tree does without it (`git update-index --skip-worktree`).
    Skipped(String),
}

impl Repo {
    /// The work tree as git sees it.
    pub fn worktree(&self) -> Result<WorkTree, GitError> {
        let root = self.need_workdir()?.to_owned();
        let local = self.local();
        let index = index_file::read(&local)?;
        let is_bare = !local.index_path().exists();
        let mut folded: Vec<_> = index
            .entries()
            .iter()
            .filter(|entry| entry.mode.is_sparse())
            .map(|entry| (entry.path(&index).trim_end_with(|c| c == '/').to_vec(), Oid::of(&entry.id)))
            .collect();
        if let Some(commit) = self.head()?.commit.filter(|_| is_bare) {
            folded.push((Vec::new(), Objects::new(&self.inner).root_tree(commit)?));
        }
        let config = local.config_snapshot();
        let yes = |key: &str| config.boolean(key).unwrap_or(true);
        Ok(WorkTree {
            repo: self.inner.clone(),
            root,
            folded,
            is_bare: is_bare && !index.is_sparse(),
            trust_exec: yes("core.fileMode"),
            has_links: yes("core.symlinks"),
            is_sparse: config.boolean("core.sparseCheckout").unwrap_or(false),
            index,
        })
    }
}

impl WorkTree {
    /// The files that `wanted` takes and that the work tree leaves out, and why they are not there.
    pub fn left_out(&self, enter: &dyn Fn(&[u8]) -> bool, wanted: &dyn Fn(&str) -> bool) -> Result<Option<LeftOut>, TreeError> {
        let marked = |entry: &gix::index::Entry| entry.flags.contains(Flags::SKIP_WORKTREE);
        if self.folded.is_empty() && !self.index.entries().iter().any(marked) {
            return Ok(None);
        }
        let listing = self.list(enter)?;
        let paths = listing.entries.iter().filter(|entry| entry.id.is_some()).map(|entry| text(&entry.path));
        let mut paths = paths.filter(|path| wanted(path)).peekable();
        let Some(first) = paths.peek().cloned() else { return Ok(None) };
        Ok(Some(if self.is_bare {
            LeftOut::NoCheckout
        } else if self.is_sparse {
            let mut tops: Vec<String> = paths.map(|path| path.split('/').next().unwrap_or_default().to_owned()).collect();
            tops.dedup();
            LeftOut::Sparse(tops)
        } else {
            LeftOut::Skipped(first)
        }))
    }

    /// The bytes of a file as they are on disk, before git converts them.
    pub fn on_disk(&self, path: &str, limit: u64) -> Result<Vec<u8>, TreeError> {
        let full = super::folder::resolve(&self.root, path.as_bytes()).map_err(|e| self.io(path.as_bytes(), &e))?;
        super::folder::read_file(&full, limit).map_err(|e| self.io(path.as_bytes(), &e))
    }

    /// Whether git would not add a file at this path: it is ignored, and not tracked.
    pub fn is_ignored(&self, path: &str) -> Result<bool, GitError> {
        let failed = |e: &gix::Error| GitError::git("read what is ignored", e);
        if self.index.entry_by_path(path.into()).is_some() {
            return Ok(false);
        }
        let local = self.repo.to_thread_local();
        let mut excludes = local.excludes(&self.index, None, IgnoreSource::WorktreeThenIdMappingIfNotSkipped).map_err(|e| failed(&e))?;
        Ok(excludes.at_entry(path, None).map_err(|e| failed(&e))?.is_excluded())
    }

    fn conversion(&self) -> Result<Conversion, GitError> {
        Conversion::new(self.repo.to_thread_local(), &self.index, Source::WorktreeThenIdMapping)
    }

    fn io(&self, path: &[u8], cause: &io::Error) -> TreeError {
        let path = if path.is_empty() { self.root.display().to_string() } else { text(path) };
        TreeError::Io { path, cause: cause.to_string() }
    }

    /// The folder with the files.
    pub fn root(&self) -> &Path {
        &self.root
    }
}

/// A failure of the git library while one path is read.
fn failed(path: &[u8], error: &GitError) -> TreeError {
    TreeError::Io { path: text(path), cause: error.to_string() }
}

impl Tree for WorkTree {
    fn list(&self, enter: &dyn Fn(&[u8]) -> bool) -> Result<Listing, TreeError> {
        walk::list(self, enter)
    }

    fn rewritten(&self, paths: &[&str]) -> Result<Vec<(String, String)>, TreeError> {
        let mut found = Vec::new();
        if paths.is_empty() {
            return Ok(found);
        }
        let mut conversion = self.conversion().map_err(|e| failed(b".gitattributes", &e))?;
        for path in paths.iter().filter(|path| !super::convert::is_raw(path.as_bytes())) {
            let mut by = conversion.rewriting(path.as_bytes()).map_err(|e| failed(path.as_bytes(), &e))?;
            // `ident` changes nothing where there is no such keyword.
            let has_keyword = || self.on_disk(path, MAX_KEYWORD).is_ok_and(|bytes| bytes.find(b"$Id").is_some());
            by.retain(|attribute| attribute != "ident" || has_keyword());
            if !by.is_empty() {
                found.push(((*path).to_owned(), by.join(", ")));
            }
        }
        Ok(found)
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        Box::new(read::FileReader::new(self))
    }
}

impl WorkTree {
    /// The files of the folders that the index does not spell out.
    fn unfolded(&self, enter: &dyn Fn(&[u8]) -> bool) -> Result<Vec<Entry>, TreeError> {
        let mut listing = Listing::default();
        let objects = &mut Objects::new(&self.repo);
        for (folder, tree) in &self.folded {
            if folder.is_empty() || super::index_tree::parents(folder).chain([folder.as_slice()]).all(enter) {
                super::rev_tree::walk(objects, *tree, folder, enter, &mut listing)?;
            }
        }
        Ok(listing.entries)
    }
}
