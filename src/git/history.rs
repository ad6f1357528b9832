//! Questions about commits and how they descend from each other.

use super::objects::Objects;
use super::{GitError, Oid, Repo};

impl Repo {
    /// The parents of a commit.
    pub fn parents(&self, commit: Oid) -> Result<Vec<Oid>, GitError> {
        Ok(Objects::new(&self.inner).commit(commit)?.1)
    }

    /// Whether `ancestor` is `of` or lies in its history. In a shallow clone "no" may be wrong.
    pub fn is_ancestor(&self, ancestor: Oid, of: Oid) -> Result<bool, GitError> {
        Ok(ancestor == of || self.merge_base(ancestor, of)? == Some(ancestor))
    }

    /// The best common ancestor of two commits, if their histories meet.
    pub fn merge_base(&self, a: Oid, b: Oid) -> Result<Option<Oid>, GitError> {
        let (from, to) = (self.key(a)?, self.key(b)?);
        let base = self
            .local()
            .merge_base(from, to)
            .map(|base| base.map(|id| Oid::of(&id)))
            .map_err(|e| GitError::git(format!("find the merge base of {a} and {b}"), &e))?;
        Ok(base)
    }
}
