//! Merging two commits file by file.

use std::collections::{BTreeMap, BTreeSet};

use super::diff::{Met, Walk};
use super::objects::Objects;
use super::{Edit, GitError, Oid, Repo};

/// The outcome of a merge.
#[derive(Debug, Default)]
pub struct Merge {
    /// What has to be done to our tree; empty where ours already is the merge.
    pub edits: BTreeMap<Vec<u8>, Edit>,
    /// Paths that both sides changed differently, in order; `edits` leaves ours there.
    pub conflicts: Vec<Vec<u8>>,
}

impl Repo {
    /// Merges `theirs` into `ours` (commits or trees) since `base` (none: unrelated histories). Files are
    /// taken whole from the side that changed them: contents are not merged, renames not followed.
    pub fn merge_trees(&self, base: Option<Oid>, ours: Oid, theirs: Oid) -> Result<Merge, GitError> {
        let mut objects = Objects::new(&self.inner);
        let base = base.map(|base| objects.root_tree(base)).transpose()?;
        let roots = [base, Some(objects.root_tree(ours)?), Some(objects.root_tree(theirs)?)];
        let mut edits = BTreeMap::new();
        let mut conflicts = BTreeSet::new();
        let mut meet = |path: &[u8], met: Met| match met {
            Met::Leaf([base, ours, theirs]) if base == ours => {
                let edit = theirs.map_or(Edit::Remove, |leaf| Edit::Keep { mode: leaf.mode, id: leaf.id });
                edits.insert(path.to_vec(), edit);
                theirs.is_some()
            }
            Met::Leaf([_, ours, _]) => {
                conflicts.insert(path.to_vec());
                ours.is_some()
            }
            Met::Clash => {
                conflicts.insert(path.to_vec());
                true
            }
        };
        Walk { objects, meet: &mut meet }.run(roots)?;
        Ok(Merge { edits, conflicts: conflicts.into_iter().collect() })
    }
}
