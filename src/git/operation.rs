//! What git is in the middle of: an operation that it has begun in a work tree, and will go on with.

use std::fs;
use std::path::Path;

use super::Repo;

/// An operation of git that was begun in a work tree and is not ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// `git rebase`, by either of its backends.
    Rebase,
    /// `git am`.
    Am,
    /// `git merge`.
    Merge,
    /// `git cherry-pick`, of one commit or several.
    CherryPick,
    /// `git revert`, of one commit or several.
    Revert,
    /// `git bisect`.
    Bisect,
}

impl Operation {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rebase => "rebase",
            Self::Am => "am",
            Self::Merge => "merge",
            Self::CherryPick => "cherry-pick",
            Self::Revert => "revert",
            Self::Bisect => "bisect",
        }
    }

    /// The commands that end it.
    pub fn ends_by(self) -> &'static str {
        match self {
            Self::Rebase => "git rebase --continue, or git rebase --abort",
            Self::Am => "git am --continue, or git am --abort",
            Self::Merge => "git merge --continue, or git merge --abort",
            Self::CherryPick => "git cherry-pick --continue, or git cherry-pick --abort",
            Self::Revert => "git revert --continue, or git revert --abort",
            Self::Bisect => "git bisect reset",
        }
    }
}

impl Repo {
    /// The operation that git is in the middle of in this work tree, the outermost first: a rebase merges and picks.
    pub fn operation(&self) -> Option<Operation> {
        let at = |name: &str| self.git_dir().join(name);
        // Git keeps these two where it keeps references, in whatever format; what is there and cannot be read is there too.
        let is_ref = |name: &str| !matches!(self.find_ref(name), Ok(None));
        let sequence = || fs::read_to_string(at("sequencer/todo")).unwrap_or_default();
        let todo = |verb: &str| sequence().lines().any(|line| line.split_whitespace().next() == Some(verb));
        if at("rebase-apply/applying").exists() {
            Some(Operation::Am)
        } else if at("rebase-apply").is_dir() || at("rebase-merge").is_dir() {
            Some(Operation::Rebase)
        } else if is_ref("CHERRY_PICK_HEAD") || todo("pick") {
            Some(Operation::CherryPick)
        } else if is_ref("REVERT_HEAD") || todo("revert") {
            Some(Operation::Revert)
        } else if at("MERGE_HEAD").exists() {
            Some(Operation::Merge)
        } else if at("BISECT_LOG").exists() || at("BISECT_START").exists() {
            Some(Operation::Bisect)
        } else {
            None
        }
    }
}

/// Whether an operation in the work tree of this git folder will move `branch`, given by its full name, when it ends.
pub(super) fn works_on(git_dir: &Path, branch: &str) -> bool {
    let says = |file: &str| fs::read_to_string(git_dir.join(file)).unwrap_or_default();
    let short = branch.strip_prefix("refs/heads/");
    ["rebase-merge/head-name", "rebase-apply/head-name"].iter().any(|file| says(file).trim_end() == branch)
        || says("rebase-merge/update-refs").lines().any(|line| line == branch)
        || short.is_some_and(|short| says("BISECT_START").trim_end() == short)
}
