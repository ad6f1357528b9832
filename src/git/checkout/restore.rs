//! Bringing chosen paths of index and work tree to chosen contents, whatever is there.

use std::collections::BTreeMap;
use std::fs;

use gix::objs::Kind;

use super::plan::{OnDisk, probe};
use super::{Change, CheckoutReport, apply, content, plan};
use crate::git::diff::Leaf;
use crate::git::folder::resolve;
use crate::git::index_file::LockedIndex;
use crate::git::objects::Writer;
use crate::git::{GitError, Oid, Repo};
use crate::tree::Mode;

/// What paths are to hold: a blob of the repository with its mode, or nothing.
pub type Wanted = BTreeMap<Vec<u8>, Option<(Mode, Oid)>>;

impl Repo {
    /// Of these paths, those where the index or the work tree holds something else. A path that only the index has, by
    /// sparse checkout, is not missed in the work tree. Attributes are those of the tree of `commit`.
    pub fn differing(&self, wanted: &Wanted, commit: Oid) -> Result<Vec<Vec<u8>>, GitError> {
        let (root, local) = (self.need_workdir()?, self.local());
        let index = LockedIndex::acquire(&local, self.sharing)?;
        let changes = changes(wanted);
        let mut content = content::Content::new(self, &local, commit, &changes)?;
        let mut differing = Vec::new();
        for Change { path, to, .. } in changes {
            let on_disk = match (to, probe(root, &path)?) {
                (Some(_), OnDisk::Nothing) => index.is_skipped(&path),
                (Some(to), OnDisk::Leaf) => content.matches(root, &path, to)?,
                (Some(_), OnDisk::Folder | OnDisk::Below(_)) => false,
                (None, disk) => !matches!(disk, OnDisk::Leaf),
            };
            if !on_disk || index.get(&path) != Ok(to) {
                differing.push(path);
            }
        }
        Ok(differing)
    }

    /// Brings index and work tree to what is wanted, and overwrites what is there. Other paths stay as they are.
    pub fn restore(&self, wanted: &Wanted, commit: Oid) -> Result<CheckoutReport, GitError> {
        let local = self.local();
        let changes = changes(wanted);
        let index = LockedIndex::acquire(&local, self.sharing)?;
        let mut content = content::Content::new(self, &local, commit, &changes)?;
        let plan = plan::make(self.need_workdir()?, &changes, &index, &mut content, &|_| true)?;
        apply::apply(self, self.need_workdir()?, plan, &mut content, index)
    }

    /// The bytes of a plain file of the work tree, kept as an object; nothing, where there is no plain file.
    pub fn keep_file(&self, path: &[u8]) -> Result<Option<Oid>, GitError> {
        let root = self.need_workdir()?;
        let full = resolve(root, path).map_err(|error| GitError::io("name", root, &error))?;
        if !matches!(probe(root, path)?, OnDisk::Leaf) || !fs::symlink_metadata(&full).is_ok_and(|meta| meta.is_file()) {
            return Ok(None);
        }
        let bytes = fs::read(&full).map_err(|error| GitError::io("read", &full, &error))?;
        self.keep(&bytes).map(Some)
    }

    /// Keeps bytes as a blob, which git's garbage collection removes when nothing names it for some weeks.
    pub fn keep(&self, bytes: &[u8]) -> Result<Oid, GitError> {
        let mut writer = Writer::new(self);
        let id = writer.write(Kind::Blob, bytes)?;
        writer.sync()?;
        Ok(id)
    }
}

fn changes(wanted: &Wanted) -> Vec<Change> {
    let leaf = |(mode, id): (Mode, Oid)| Leaf { mode, id };
    wanted.iter().map(|(path, to)| Change { path: path.clone(), from: None, to: to.map(leaf) }).collect()
}
