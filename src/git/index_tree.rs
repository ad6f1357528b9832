//! The index seen as a [`Tree`]: what the next commit would hold.

use std::collections::{BTreeMap, HashMap, HashSet};

use gix::bstr::ByteSlice;
use gix::index::entry::Flags;

use super::error::text;
use super::objects::Objects;
use super::raw_tree;
use super::rev_tree::{BlobReader, walk};
use super::{GitError, Oid, Repo, index_file};
use crate::tree::{Entry, FolderIds, Listing, Reader, Tree, TreeError};

/// The staged files. Unmerged paths are defects; paths that are only intended to be added are not there.
pub struct IndexTree {
    repo: gix::ThreadSafeRepository,
    index: gix::index::File,
}

impl Repo {
    /// The index as it is now; without an index file it is empty.
    pub fn index(&self) -> Result<IndexTree, GitError> {
        Ok(IndexTree { repo: self.inner.clone(), index: index_file::read(&self.local())? })
    }

    /// The index that lies in another file, as git keeps one while it commits a part of the changes.
    pub fn index_at(&self, path: &std::path::Path) -> Result<IndexTree, GitError> {
        Ok(IndexTree { repo: self.inner.clone(), index: index_file::read_at(path, self.hash())? })
    }

    /// Whether nothing is staged: the index holds exactly the files of HEAD.
    pub fn index_is_clean(&self) -> Result<bool, GitError> {
        let staged = self.index()?.list(&|_| true)?;
        let committed = match self.head()?.commit {
            Some(commit) => self.revision(commit)?.list(&|_| true)?,
            None => Listing::default(),
        };
        let same = |(a, b): (&Entry, &Entry)| a.path == b.path && a.mode == b.mode && a.id == b.id;
        Ok(staged.defects.is_empty()
            && staged.entries.len() == committed.entries.len()
            && staged.entries.iter().zip(&committed.entries).all(same))
    }
}

impl Tree for IndexTree {
    fn list(&self, enter: &dyn Fn(&[u8]) -> bool) -> Result<Listing, TreeError> {
        let mut listing = Listing::default();
        let mut folders = Folders { enter, known: HashMap::new(), last: None };
        let mut unmerged = BTreeMap::new();
        for entry in self.index.entries() {
            let path = entry.path(&self.index).as_bytes();
            if !folders.entered(path) || entry.flags.contains(Flags::INTENT_TO_ADD) {
                continue;
            }
            if entry.stage_raw() != 0 {
                unmerged.insert(path.to_vec(), "the path is unmerged".to_owned());
            } else if entry.mode.is_sparse() {
                // A sparse index folds whole folders into one entry that names their tree.
                let folder = path.trim_end_with(|c| c == '/');
                if enter(folder) {
                    let objects = &mut Objects::new(&self.repo);
                    walk(objects, Oid::of(&entry.id), folder, enter, &mut listing)?;
                }
            } else {
                let mode = raw_tree::mode(entry.mode.bits());
                listing.entries.push(Entry { path: path.to_vec(), mode, id: Some(Oid::of(&entry.id)) });
            }
        }
        listing.entries.sort_by(|a, b| a.path.cmp(&b.path));
        listing.defects.extend(unmerged);
        let wrong = defects(&listing.entries);
        listing.defects.extend(wrong);
        Ok(listing)
    }

    /// As the index remembers them. Git commits a remembered folder as it is, without looking at its files again.
    fn folder_ids(&self) -> FolderIds<'_> {
        Box::new(|folder| {
            let mut at = self.index.tree()?;
            for name in folder.split(|byte| *byte == b'/') {
                at = at.children.iter().find(|child| child.name.as_slice() == name)?;
            }
            at.num_entries.map(|_| Oid::of(&at.id))
        })
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        Box::new(BlobReader::new(&self.repo))
    }
}

/// Paths that no tree could hold, or not beside each other.
fn defects(entries: &[Entry]) -> Vec<(Vec<u8>, String)> {
    let mut found = Vec::new();
    let mut files = HashSet::with_capacity(entries.len());
    for entry in entries {
        if let Some(why) = raw_tree::path_defect(&entry.path) {
            found.push((entry.path.clone(), why.to_owned()));
        }
        if !files.insert(entry.path.as_slice()) {
            found.push((entry.path.clone(), "the path occurs twice".to_owned()));
        }
        if let Some(file) = parents(&entry.path).find(|parent| files.contains(parent)) {
            found.push((entry.path.clone(), format!("`{}` is a file, not a folder", text(file))));
        }
    }
    found
}

/// The folders above a path, the outermost first.
pub(super) fn parents(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.iter().enumerate().filter(|(_, b)| **b == b'/').map(|(at, _)| &path[..at])
}

/// Asks once per folder whether it is entered.
pub(super) struct Folders<'a> {
    pub(super) enter: &'a dyn Fn(&[u8]) -> bool,
    pub(super) known: HashMap<Vec<u8>, bool>,
    /// The folder of the entry before, which most often is that of the next.
    pub(super) last: Option<(Vec<u8>, bool)>,
}

impl Folders<'_> {
    pub(super) fn entered(&mut self, path: &[u8]) -> bool {
        let path = path.trim_end_with(|c| c == '/');
        let Some(end) = path.rfind_byte(b'/') else { return true };
        if let Some((folder, answer)) = &self.last
            && *folder == path[..end]
        {
            return *answer;
        }
        let answer = parents(path).all(|folder| match self.known.get(folder) {
            Some(answer) => *answer,
            None => {
                let answer = (self.enter)(folder);
                self.known.insert(folder.to_vec(), answer);
                answer
            }
        });
        self.last = Some((path[..end].to_vec(), answer));
        answer
    }
}
