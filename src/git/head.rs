//! Where HEAD is, and moving it to another branch.

use super::actor::first_line;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use gix::refs::transaction::{PreviousValue, RefEdit};

use super::error::chain;
use super::reftable::Reftable;
use super::{Actor, GitError, Oid, Repo, objects, operation};

/// What is checked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The full name of the branch; none if HEAD is detached.
    pub branch: Option<String>,
    /// The commit; none if the branch is unborn.
    pub commit: Option<Oid>,
}

impl Repo {
    /// What is checked out.
    pub fn head(&self) -> Result<Head, GitError> {
        if let Some(refs) = self.reftable() {
            return Ok(match refs.find("HEAD")? {
                Some(found) => Head { branch: found.target, commit: Some(self.peeled(found.id)?) },
                None => Head { branch: refs.target("HEAD")?, commit: None },
            });
        }
        let repo = self.local();
        let head = repo.head().map_err(|e| GitError::git("read HEAD", &e))?;
        // A branch may be another name for one, as after a rename: it is that one which moves.
        let branch = head.referent_name().map(|name| self.meant_by(&name.as_bstr().to_string())).transpose()?;
        let commit = match &branch {
            Some(name) => self.find_ref(name)?,
            None => head.id().map(|id| Oid::of(&id)),
        };
        Ok(Head { branch, commit })
    }

    /// The other work tree of this repository that has a branch checked out, or rebases or bisects it, if there is one. Moving the
    /// branch from here would leave its index and files behind, as if somebody had undone the move.
    pub fn checked_out_elsewhere(&self, branch: &str) -> Option<PathBuf> {
        let common = self.common_dir();
        let is_bare = self.config_string("core.bare").is_some_and(|bare| bare == "true");
        let main = common.parent().filter(|_| !is_bare).map(|path| (common.to_owned(), path.to_owned()));
        let links = fs::read_dir(common.join("worktrees")).into_iter().flatten().flatten();
        let linked = links.filter_map(|link| {
            let file = fs::read_to_string(link.path().join("gitdir")).ok()?;
            let path = Path::new(file.trim_end()).parent()?.to_owned();
            path.is_dir().then(|| (link.path(), path))
        });
        let here = fs::canonicalize(self.git_dir()).ok();
        let has_it = |git_dir: &Path| {
            let is_at = if self.reftable().is_some() {
                Reftable::new(git_dir).target("HEAD").is_ok_and(|target| target.as_deref() == Some(branch))
            } else {
                let head = fs::read_to_string(git_dir.join("HEAD")).unwrap_or_default();
                head.strip_prefix("ref:").is_some_and(|name| self.meant_by(name.trim()).is_ok_and(|meant| meant == branch))
            };
            is_at || operation::works_on(git_dir, branch)
        };
        main.into_iter().chain(linked).find(|(git_dir, _)| fs::canonicalize(git_dir).ok() != here && has_it(git_dir)).map(|(_, path)| path)
    }

    /// Makes HEAD point to a branch, given by its full name. Index and work tree stay as they are.
    pub fn set_head(&self, branch: &str, by: &Actor) -> Result<(), GitError> {
        let before = self.head()?;
        let target = self.ref_name(branch)?;
        let short = |name: &str| name.strip_prefix("refs/heads/").unwrap_or(name).to_owned();
        let from = match (&before.branch, before.commit) {
            (Some(branch), _) => short(branch),
            (None, Some(commit)) => commit.to_string(),
            (None, None) => "nothing".to_owned(),
        };
        let why = format!("checkout: moving from {from} to {}", short(branch));
        if let Some(refs) = self.reftable() {
            self.step("ref");
            return refs.point_head(branch, by, &why);
        }
        let edit = RefEdit::update(self.ref_name("HEAD")?, target, PreviousValue::Any, "");
        self.transact("HEAD", edit, by)?;
        let after = self.find_ref(branch)?;
        self.log_head(before.commit, after, by, &why)
    }

    /// Adds a line to HEAD's reflog, if it has one: the library does not where git does.
    pub(super) fn log_head(&self, old: Option<Oid>, new: Option<Oid>, by: &Actor, why: &str) -> Result<(), GitError> {
        let Some(new) = new else { return Ok(()) };
        let path = self.git_dir().join("logs").join("HEAD");
        if !path.exists() {
            return Ok(());
        }
        let old = old.unwrap_or_else(|| new.null());
        let mut line = format!("{old} {new} ").into_bytes();
        by.signature().write_to(&mut line).map_err(|e| GitError::Git { what: "write the reflog of HEAD".to_owned(), cause: chain(&e) })?;
        line.extend_from_slice(format!("\t{}\n", first_line(why)).as_bytes());
        self.step("log");
        // One write call, so that two runs cannot interleave within a line.
        File::options()
            .append(true)
            .open(&path)
            .and_then(|mut file| file.write_all(&line))
            .map_err(|e| GitError::io("write", &path, &e))?;
        objects::sync(&path)
    }
}
