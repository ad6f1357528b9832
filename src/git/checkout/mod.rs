//! Bringing index and work tree from one commit to another without losing anybody's work.

mod apply;
mod content;
mod plan;
mod restore;

use super::diff::{Leaf, Met, Walk};
use super::index_file::LockedIndex;
use super::objects::Objects;
use super::{GitError, Oid, Repo};

pub use restore::Wanted;

/// What a checkout did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CheckoutReport {
    /// Files, links and submodule folders that were written.
    pub written: usize,
    /// Files and links that were removed.
    pub removed: usize,
    /// Paths whose content already was the wanted one; only the index learned of it.
    pub refreshed: usize,
}

/// A path that differs between the two trees.
struct Change {
    path: Vec<u8>,
    from: Option<Leaf>,
    to: Option<Leaf>,
}

impl Repo {
    /// Brings index and work tree from the tree of `from` (none: from nothing), which they reflect now,
    /// to the tree of `to`. Only paths that differ between the two are looked at: whatever else is
    /// staged or changed stays so.
    ///
    /// If such a path holds content that is neither the old nor the new one, in the index or on disk,
    /// nothing is changed and [`GitError::WouldOverwrite`] names it, unless `may_overwrite(path)`. That
    /// also makes the call repeatable after a kill. Paths below `canon/` are written byte for byte;
    /// elsewhere the conversions of `.gitattributes` and the configuration apply.
    pub fn checkout(&self, from: Option<Oid>, to: Oid, may_overwrite: &dyn Fn(&[u8]) -> bool) -> Result<CheckoutReport, GitError> {
        let local = self.local();
        match self.prepare(&local, from, to, may_overwrite)? {
            Some((plan, mut content, index)) => apply::apply(self, self.need_workdir()?, plan, &mut content, index),
            None => Ok(CheckoutReport::default()),
        }
    }

    /// Fails where [`Repo::checkout`] would refuse, and changes nothing. A killed call may leave the lock of
    /// the index.
    pub fn check_checkout(&self, from: Option<Oid>, to: Oid, may_overwrite: &dyn Fn(&[u8]) -> bool) -> Result<(), GitError> {
        self.prepare(&self.local(), from, to, may_overwrite).map(drop)
    }

    /// The acts of a checkout; none, if the trees are the same.
    fn prepare(
        &self,
        local: &gix::Repository,
        from: Option<Oid>,
        to: Oid,
        may_overwrite: &dyn Fn(&[u8]) -> bool,
    ) -> Result<Option<(plan::Plan, content::Content, LockedIndex)>, GitError> {
        let workdir = self.need_workdir()?;
        let changes = self.changes(from, to)?;
        if changes.is_empty() {
            return Ok(None);
        }
        let index = LockedIndex::acquire(local, self.sharing)?;
        let mut content = content::Content::new(self, local, to, &changes)?;
        let plan = plan::make(workdir, &changes, &index, &mut content, may_overwrite)?;
        Ok(Some((plan, content, index)))
    }

    fn changes(&self, from: Option<Oid>, to: Oid) -> Result<Vec<Change>, GitError> {
        let mut objects = Objects::new(&self.inner);
        let from = from.map(|from| objects.root_tree(from)).transpose()?;
        let to = objects.root_tree(to)?;
        let mut changes = Vec::new();
        // With our side equal to the base, the walk meets exactly what differs from theirs.
        let mut meet = |path: &[u8], met: Met| match met {
            Met::Leaf([from, _, to]) => {
                changes.push(Change { path: path.to_vec(), from, to });
                to.is_some()
            }
            Met::Clash => true,
        };
        Walk { objects, meet: &mut meet }.run([from, from, Some(to)])?;
        Ok(changes)
    }
}
