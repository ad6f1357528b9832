//! A merge seen as a [`Tree`], before anybody makes it: no object is written.

use std::collections::{BTreeMap, HashMap};

use super::index_tree::Folders;
use super::rev_tree::BlobReader;
use super::{Edit, GitError, Merge, Oid, Repo, RevTree};
use crate::tree::{Entry, Listing, Reader, Tree, TreeError};

/// What our tree would hold after a merge.
pub struct MergedTree {
    ours: RevTree,
    /// Paths that the merge changes in ours: what they hold then, or nothing.
    changed: BTreeMap<Vec<u8>, Option<Entry>>,
}

impl Repo {
    /// The files of `ours` (a commit or a tree) after a merge into it. Where the merge has conflicts, ours stays.
    pub fn merged(&self, ours: Oid, merge: &Merge) -> Result<MergedTree, GitError> {
        let changed = merge.edits.iter().map(|(path, edit)| {
            let entry = match edit {
                Edit::Keep { mode, id } => Some(Entry { path: path.clone(), mode: *mode, id: Some(*id) }),
                // A merge takes whole files, so there is nothing to put.
                Edit::Put { .. } | Edit::Remove => None,
            };
            (path.clone(), entry)
        });
        Ok(MergedTree { ours: self.revision(ours)?, changed: changed.collect() })
    }
}

impl Tree for MergedTree {
    fn list(&self, enter: &dyn Fn(&[u8]) -> bool) -> Result<Listing, TreeError> {
        let mut listing = self.ours.list(enter)?;
        listing.entries.retain(|entry| !self.changed.contains_key(&entry.path));
        let mut folders = Folders { enter, known: HashMap::new(), last: None };
        let added = self.changed.values().flatten().filter(|entry| folders.entered(&entry.path));
        listing.entries.extend(added.cloned());
        listing.entries.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(listing)
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        Box::new(BlobReader::new(self.ours.objects()))
    }
}
