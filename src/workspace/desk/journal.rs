//! A killed run is finished, or leaves no trace: what a write is about to do lies on disk until it is done.

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::canon::RepoPath;
use crate::git::{Oid, Repo};
use crate::workspace::{Error, pin};

/// What a run is about to do to a branch, index and work tree, kept on disk until it is done.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Journal {
    branch: String,
    from: Option<String>,
    /// Nothing, if the branch is deleted.
    to: Option<String>,
    checkout: bool,
    overwrites: Vec<RepoPath>,
}

impl Journal {
    pub(super) fn new(branch: &str, from: Option<Oid>, to: Option<Oid>, checkout: bool, overwrites: &[RepoPath]) -> Self {
        let text = |oid: Oid| oid.to_string();
        Self { branch: branch.to_owned(), from: from.map(text), to: to.map(text), checkout, overwrites: overwrites.to_vec() }
    }

    fn path(repo: &Repo) -> PathBuf {
        repo.git_dir().join("omega").join("journal.json")
    }

    /// Keeps the journal, unless it could not be finished: nobody's work is overwritten, and then no
    /// reference may move either.
    pub(super) fn begin(&self, repo: &Repo) -> Result<(), Error> {
        self.write(repo)?;
        let Some((from, to)) = self.checkout() else { return Ok(()) };
        repo.check_checkout(from, to, &|path| self.may_overwrite(path)).map_err(|refused| match Self::forget(repo) {
            Ok(()) => refused.into(),
            Err(error) => error,
        })
    }

    /// From where to where the work tree is to be brought.
    fn checkout(&self) -> Option<(Option<Oid>, Oid)> {
        // What was read from disk is parsed once before: see `read`.
        let parse = |text: &str| text.parse::<Oid>().ok();
        let to = self.to.as_deref().and_then(parse).filter(|_| self.checkout)?;
        Some((self.from.as_deref().and_then(parse), to))
    }

    fn may_overwrite(&self, path: &[u8]) -> bool {
        self.overwrites.iter().any(|known| known.as_str().as_bytes() == path)
    }

    fn write(&self, repo: &Repo) -> Result<(), Error> {
        let bytes = serde_json::to_vec(self).expect("a journal is a map of texts");
        repo.step("journal");
        pin::write_whole(&Self::path(repo), &bytes, repo.sharing())
    }

    /// Does the rest, after the reference has moved.
    pub(super) fn finish(&self, repo: &Repo) -> Result<(), Error> {
        let finished = match self.checkout() {
            Some((from, to)) => repo.checkout(from, to, &|path| self.may_overwrite(path)).map(drop).map_err(Error::from),
            None => Ok(()),
        };
        let name = self.branch.trim_start_matches("refs/heads/");
        finished.and_then(|()| Self::forget(repo)).map_err(|cause| Error::Unfinished {
            done: match self.to.is_some() {
                true => format!("`{name}` has the new commit"),
                false => format!("`{name}` is deleted"),
            },
            cause: Box::new(cause),
        })
    }

    /// What lies on disk, if anything does.
    fn read(repo: &Repo) -> Result<Option<Self>, Error> {
        let path = Self::path(repo);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::io("read", &path, &error)),
        };
        let whole = |journal: &Self| [&journal.from, &journal.to].into_iter().flatten().all(|id| id.parse::<Oid>().is_ok());
        serde_json::from_slice(&bytes).ok().filter(whole).map(Some).ok_or_else(|| {
            let file = path.display().to_string();
            Error::unready(
                format!("an earlier command was killed, and its journal is damaged: `{file}`"),
                format!("compare the work tree with git status; when it is as you want it: rm {}", crate::shell::quote(&file)),
            )
        })
    }

    fn forget(repo: &Repo) -> Result<(), Error> {
        let path = Self::path(repo);
        repo.step("forget");
        fs::remove_file(&path).map_err(|error| Error::io("remove", &path, &error))
    }
}

/// Finishes what a killed run began, and gives the commit that is checked out now; if its reference never moved, forgets it.
/// Called under the write lock only: whoever wrote the journal is gone.
pub(super) fn resume(repo: &Repo) -> Result<Option<Oid>, Error> {
    let path = Journal::path(repo);
    let Some(journal) = Journal::read(repo)? else { return Ok(None) };
    if let Ok(written) = fs::metadata(&path).and_then(|meta| meta.modified()) {
        repo.clear_locks_since(written, &[&journal.branch])?;
    }
    let head = repo.head()?;
    let moved = head.branch.as_ref() == Some(&journal.branch) && head.commit.map(|at| at.to_string()) == journal.to;
    if moved && journal.checkout {
        return journal.finish(repo).map(|()| head.commit);
    }
    Journal::forget(repo).map(|()| None)
}

/// The same for whoever writes only later, and looks at the work tree before.
pub(crate) fn recover(repo: &Repo) -> Result<(), Error> {
    if Journal::read(repo)?.is_some() {
        let _lock = repo.lock()?;
        resume(repo)?;
    }
    Ok(())
}
