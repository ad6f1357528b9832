//! Questions about commits and how they descend from each other.

use std::collections::BTreeSet;

use super::diff::{Met, Walk};
use super::objects::Objects;
use super::{GitError, Oid, Repo};
use crate::tree::TreeError;

/// A commit with the paths that it changes itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brought {
    /// The commit.
    pub commit: Oid,
    /// The paths at which it differs from each of its parents; what a merge takes over unchanged is not its own.
    pub paths: BTreeSet<Vec<u8>>,
}

impl Repo {
    /// The parents of a commit.
    pub fn parents(&self, commit: Oid) -> Result<Vec<Oid>, GitError> {
        Ok(Objects::new(&self.inner).commit(commit)?.1)
    }

    /// The commits behind `tips` that are not behind `known`, with what each of them brings; nothing, where there are more than
    /// `limit`, history is cut off before that can be known, or a tree is malformed.
    pub fn brought(&self, tips: &[Oid], known: &[Oid], limit: usize) -> Result<Option<Vec<Brought>>, GitError> {
        let failed = |e: &gix::Error| GitError::git("walk through history", e);
        let keys = |ids: &[Oid]| ids.iter().map(|id| self.key(*id)).collect::<Result<Vec<_>, _>>();
        let (tips, known) = (keys(tips)?, keys(known)?);
        let commits = self.database().again(
            |walked| matches!(walked, Ok(Some(_))),
            |repo| {
                let walk = repo.rev_walk(tips.clone()).with_hidden(known.clone()).all()?;
                // One more than the limit says that there are more.
                Ok(walk.take(limit + 1).map(|commit| commit.map(|commit| Oid::of(&commit.id)).ok()).collect::<Option<Vec<_>>>())
            },
        );
        let Some(commits) = commits.map_err(|e: gix::Error| failed(&e))?.filter(|commits| commits.len() <= limit) else { return Ok(None) };
        let mut brought = Vec::new();
        for commit in commits {
            match self.own_paths(commit) {
                Ok(paths) => brought.push(Brought { commit, paths }),
                // What is malformed is found where the tree is judged.
                Err(GitError::Tree(TreeError::Missing { .. } | TreeError::Corrupt { .. })) => return Ok(None),
                Err(error) => return Err(error),
            }
        }
        Ok(Some(brought))
    }

    /// The paths at which a commit differs from each of its parents.
    pub fn own_paths(&self, commit: Oid) -> Result<BTreeSet<Vec<u8>>, GitError> {
        let parents = self.parents(commit)?;
        let Some((first, others)) = parents.split_first() else { return self.changed_paths(None, commit) };
        let mut own = self.changed_paths(Some(*first), commit)?;
        for parent in others {
            if own.is_empty() {
                break;
            }
            let differing = self.changed_paths(Some(*parent), commit)?;
            own.retain(|path| differing.contains(path));
        }
        Ok(own)
    }

    /// The paths that two commits or trees hold differently.
    pub fn changed_paths(&self, old: Option<Oid>, new: Oid) -> Result<BTreeSet<Vec<u8>>, GitError> {
        let mut objects = Objects::new(&self.inner);
        let old = old.map(|old| objects.root_tree(old)).transpose()?;
        let new = objects.root_tree(new)?;
        let mut paths = BTreeSet::new();
        let mut meet = |path: &[u8], met: Met| match met {
            Met::Leaf([_, _, is]) => {
                paths.insert(path.to_vec());
                is.is_some()
            }
            Met::Clash => true,
        };
        // With our side equal to the base, the walk meets exactly what differs from theirs.
        Walk { objects, meet: &mut meet }.run([old, old, Some(new)])?;
        Ok(paths)
    }

    /// Whether `ancestor` is `of` or lies in its history. In a shallow clone "no" may be wrong.
    pub fn is_ancestor(&self, ancestor: Oid, of: Oid) -> Result<bool, GitError> {
        Ok(ancestor == of || self.merge_base(ancestor, of)? == Some(ancestor))
    }

    /// The best common ancestor of two commits, if their histories meet.
    pub fn merge_base(&self, a: Oid, b: Oid) -> Result<Option<Oid>, GitError> {
        let (from, to) = (self.key(a)?, self.key(b)?);
        self.database()
            .again(Result::is_ok, |repo| repo.merge_base(from, to).map(|base| base.map(|id| Oid::of(&id))))
            .map_err(|e| GitError::git(format!("find the merge base of {a} and {b}"), &e))
    }
}
