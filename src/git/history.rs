//! Questions about commits and how they descend from each other.

use super::objects::Objects;
use super::{GitError, Oid, Repo};

impl Repo {
    /// The commit that `rev` names, in any of git's spellings; tags are peeled.
    pub fn resolve(&self, rev: &str) -> Result<Oid, GitError> {
        let failed = |cause| GitError::Revision { rev: rev.to_owned(), cause };
        let repo = self.local();
        // Git would take a tag for the branch of that name, and whoever may push tags could choose what is judged.
        let name = rev.split(['~', '^', '@', ':']).next().unwrap_or_default();
        let mut named = Vec::new();
        for folder in ["refs/tags", "refs/heads", "refs/remotes"] {
            let full = format!("{folder}/{name}");
            if !name.is_empty() && self.find_ref(&full).ok().flatten().is_some() {
                let commit = repo.rev_parse_single(full.as_str()).ok().and_then(|id| id.object().ok()?.peel_to_commit().ok());
                named.push((full, commit.map(|commit| commit.id)));
            }
        }
        if let Some((first, other)) = named.first().zip(named.iter().find(|(_, commit)| *commit != named[0].1)) {
            return Err(GitError::Ambiguous { rev: rev.to_owned(), first: first.0.clone(), other: other.0.clone() });
        }
        let id = repo.rev_parse_single(rev).map_err(|e| failed(super::error::chain(&e)))?;
        let object = id.object().map_err(|e| failed(super::error::chain(&e)))?;
        let commit = object.peel_to_kind(gix::objs::Kind::Commit).map_err(|e| failed(super::error::chain(&e)))?;
        Ok(Oid::of(&commit.id))
    }

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
