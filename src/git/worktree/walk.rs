//! Listing a work tree: what is tracked and there, and what is neither tracked nor ignored.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io;

use gix::bstr::ByteSlice;
use gix::index::entry::{Flags, Mode as IndexMode};
use gix::worktree::stack::state::ignore::Source;

use super::WorkTree;
use crate::git::folder::{is_repository, mode_of, os_bytes, resolve};
use crate::git::index_tree::{Folders, parents};
use crate::git::raw_tree;
use crate::git::rev_tree::join;
use crate::git::{GitError, Oid};
use crate::tree::{Entry, Listing, Mode, TreeError};

/// What is tracked at a path.
#[derive(Clone, Copy)]
struct Tracked {
    mode: Mode,
    id: Oid,
    /// Whether the work tree may do without it.
    skipped: bool,
}

/// What is tracked in the folders that are entered.
#[derive(Default)]
struct Known<'a> {
    files: HashMap<&'a [u8], Tracked>,
    folders: HashSet<&'a [u8]>,
}

impl<'a> Known<'a> {
    fn add(&mut self, path: &'a [u8], tracked: Tracked) {
        // Of a path that is unmerged, one side is enough: the disk says what would be stored.
        self.files.entry(path).or_insert(tracked);
        let mut above = path;
        while let Some(end) = above.rfind_byte(b'/') {
            above = &path[..end];
            if !self.folders.insert(above) {
                break;
            }
        }
    }
}

pub(super) fn list(tree: &WorkTree, enter: &dyn Fn(&[u8]) -> bool) -> Result<Listing, TreeError> {
    let unfolded = tree.unfolded(enter)?;
    let mut known = Known::default();
    for entry in &unfolded {
        if let Some(id) = entry.id {
            known.add(&entry.path, Tracked { mode: entry.mode, id, skipped: true });
        }
    }
    let mut folders = Folders { enter, known: HashMap::new(), last: None };
    for entry in tree.index.entries().iter().filter(|entry| !entry.mode.is_sparse()) {
        let path = entry.path(&tree.index).as_bytes();
        if folders.entered(path) {
            let mode = raw_tree::mode(entry.mode.bits());
            known.add(path, Tracked { mode, id: Oid::of(&entry.id), skipped: entry.flags.contains(Flags::SKIP_WORKTREE) });
        }
    }
    let local = tree.repo.to_thread_local();
    let excludes = local
        .excludes(&tree.index, None, Source::WorktreeThenIdMappingIfNotSkipped)
        .map_err(|e| super::failed(b".gitignore", &GitError::git("read what is ignored", &e)))?;
    let mut walk = Walk { tree, known, excludes, enter, entries: Vec::new(), open: vec![(Vec::new(), false)] };
    while let Some((folder, ignored)) = walk.open.pop() {
        walk.folder(&folder, ignored).map_err(|e| tree.io(&folder, &e))?;
    }
    walk.left_out();
    let mut entries = walk.entries;
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(Listing { entries, defects: Vec::new() })
}

struct Walk<'a> {
    tree: &'a WorkTree,
    known: Known<'a>,
    excludes: gix::AttributeStack<'a>,
    enter: &'a dyn Fn(&[u8]) -> bool,
    entries: Vec<Entry>,
    /// Folders that are still to be read, and whether what is not tracked there is ignored.
    open: Vec<(Vec<u8>, bool)>,
}

impl Walk<'_> {
    fn folder(&mut self, folder: &[u8], ignored: bool) -> io::Result<()> {
        let items = match fs::read_dir(resolve(self.tree.root(), folder)?) {
            // Somebody removed it a moment ago.
            Err(e) if is_gone(&e) && !folder.is_empty() => return Ok(()),
            items => items?,
        };
        for item in items {
            let item = item?;
            let name = os_bytes(&item.file_name());
            // Git tracks nothing of this name, at any depth.
            if name == b".git" {
                continue;
            }
            let path = join(folder, &name);
            // Never follows a link.
            let kind = match item.file_type() {
                Err(e) if is_gone(&e) => continue,
                kind => kind?,
            };
            if kind.is_dir() {
                self.subfolder(path, &item.path(), ignored)?;
            } else if self.known.files.contains_key(path.as_slice()) || !(ignored || self.is_ignored(&path, false)?) {
                let mode = match self.mode(&path, &item, kind) {
                    Err(e) if is_gone(&e) => continue,
                    mode => mode?,
                };
                self.entries.push(Entry { path, mode, id: None });
            }
        }
        Ok(())
    }

    fn subfolder(&mut self, path: Vec<u8>, full: &std::path::Path, ignored: bool) -> io::Result<()> {
        let is_submodule = self.known.files.get(path.as_slice()).is_some_and(|tracked| tracked.mode == Mode::Submodule);
        if is_submodule {
            self.entries.push(Entry { path, mode: Mode::Submodule, id: None });
        } else if is_repository(full) && !self.has_tracked(&path) {
            if !(ignored || self.is_ignored(&path, true)?) {
                self.entries.push(Entry { path, mode: Mode::Submodule, id: None });
            }
        } else if (self.enter)(&path) {
            let ignored = ignored || self.is_ignored(&path, true)?;
            if !ignored || self.known.folders.contains(path.as_slice()) {
                self.open.push((path, ignored));
            }
        }
        Ok(())
    }

    /// Whether anything below a folder is tracked, entered or not.
    fn has_tracked(&self, folder: &[u8]) -> bool {
        self.known.folders.contains(folder) || self.tree.index.path_is_directory(folder.as_bstr())
    }

    fn is_ignored(&mut self, path: &[u8], is_folder: bool) -> io::Result<bool> {
        let mode = is_folder.then_some(IndexMode::DIR);
        Ok(self.excludes.at_entry(path.as_bstr(), mode).map_err(io::Error::other)?.is_excluded())
    }

    /// What a file or link is: where the file system cannot say it, what the index says.
    fn mode(&self, path: &[u8], item: &fs::DirEntry, kind: fs::FileType) -> io::Result<Mode> {
        let tracked = self.known.files.get(path).map(|tracked| tracked.mode);
        Ok(match tracked {
            Some(Mode::Link) if kind.is_file() && !self.tree.has_links => Mode::Link,
            Some(mode @ (Mode::File | Mode::Exec)) if kind.is_file() && !self.tree.trust_exec => mode,
            _ if kind.is_file() && !self.tree.trust_exec => Mode::File,
            _ => mode_of(&item.metadata()?),
        })
    }

    /// Adds what the index knows and the work tree was told to do without.
    fn left_out(&mut self) {
        let found: HashSet<&[u8]> = self.entries.iter().map(|entry| entry.path.as_slice()).collect();
        let mut more = Vec::new();
        for (path, tracked) in self.known.files.iter().filter(|(path, tracked)| tracked.skipped && !found.contains(**path)) {
            // A file in the place of one of its folders, or a folder in its own place, is what would be stored.
            let in_the_way = parents(path).any(|folder| found.contains(folder))
                || resolve(self.tree.root(), path).is_ok_and(|full| fs::symlink_metadata(full).is_ok());
            if !in_the_way {
                more.push(Entry { path: path.to_vec(), mode: tracked.mode, id: Some(tracked.id) });
            }
        }
        self.entries.extend(more);
    }
}

fn is_gone(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
