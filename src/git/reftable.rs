//! References in a reftable (`extensions.refStorage`). The library knows only those in files, so git is asked, for
//! references and for nothing else.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::actor::first_line;
use super::ask::{Answer, Ask};
use super::{Actor, GitError, Oid};

/// The references of one work tree, with those that all work trees share.
pub(super) struct Reftable<'a> {
    git_dir: &'a Path,
}

/// A reference: its full name, the object at its end, and the reference that it stands for, if it is symbolic.
pub(super) struct Found {
    pub(super) name: String,
    pub(super) id: Oid,
    pub(super) target: Option<String>,
}

impl<'a> Reftable<'a> {
    pub(super) fn new(git_dir: &'a Path) -> Self {
        Self { git_dir }
    }

    /// The references below a prefix that ends in a slash, or the one with this full name; HEAD is one too.
    pub(super) fn list(&self, pattern: &str) -> Result<Vec<Found>, GitError> {
        let format = "--format=%(objectname) %(refname) %(symref)";
        let answer = self.ask(&["for-each-ref", "--include-root-refs", format, "--", pattern])?;
        if answer.code != 0 {
            return Err(failed(format!("list `{pattern}`"), &answer));
        }
        // Names have no spaces.
        let read = |line: &str| match line.split(' ').collect::<Vec<_>>()[..] {
            [id, name, target] => {
                let target = Some(target.to_owned()).filter(|target| !target.is_empty());
                Some(Found { name: name.to_owned(), id: id.parse().ok()?, target })
            }
            _ => None,
        };
        let misread = |line: &str| GitError::Git { what: format!("list `{pattern}`"), cause: format!("git said `{line}`") };
        answer.text.lines().map(|line| read(line).ok_or_else(|| misread(line))).collect()
    }

    /// The reference with this full name, if it exists and leads to an object.
    pub(super) fn find(&self, name: &str) -> Result<Option<Found>, GitError> {
        Ok(self.list(name)?.into_iter().find(|found| found.name == name))
    }

    /// The reference at the end of a symbolic one, whether that exists or not; nothing, if this is not symbolic.
    pub(super) fn target(&self, name: &str) -> Result<Option<String>, GitError> {
        let answer = self.ask(&["symbolic-ref", "--quiet", name])?;
        match answer.code {
            0 => Ok(Some(answer.text.trim_end().to_owned())),
            1 => Ok(None),
            _ => Err(failed(format!("read `{name}`"), &answer)),
        }
    }

    /// Moves a reference by compare-and-swap; no id means that it does not exist, before or after. Git has it on disk when it
    /// returns, and notes the move of a branch that HEAD is on for HEAD too.
    pub(super) fn swap(&self, name: &str, old: Option<Oid>, new: Option<Oid>, by: &Actor, why: &str) -> Result<(), GitError> {
        let line = match (old, new) {
            (Some(old), Some(new)) => format!("update {name}\0{new}\0{old}\0"),
            (None, Some(new)) => format!("create {name}\0{new}\0"),
            (Some(old), None) => format!("option no-deref\0delete {name}\0{old}\0"),
            (None, None) => return Ok(()),
        };
        let why = first_line(why);
        let message: &[&str] = if why.is_empty() { &[] } else { &["-m", why] };
        let answer = self.write(&[&["update-ref"], message, &["--stdin", "-z"]].concat(), Some(line.as_bytes()), by)?;
        if answer.code == 0 { Ok(()) } else { Err(failed(format!("update `{name}`"), &answer)) }
    }

    /// Makes HEAD stand for a branch.
    pub(super) fn point_head(&self, branch: &str, by: &Actor, why: &str) -> Result<(), GitError> {
        let answer = self.write(&["symbolic-ref", "-m", why, "HEAD", branch], None, by)?;
        if answer.code == 0 { Ok(()) } else { Err(failed(format!("move HEAD to `{branch}`"), &answer)) }
    }

    /// The commit that a revision names, or why it names none.
    pub(super) fn commit(&self, rev: &str) -> Result<Result<Oid, String>, GitError> {
        let answer = self.ask(&["rev-parse", "--verify", "--end-of-options", &format!("{rev}^{{commit}}")])?;
        Ok(match answer.text.trim_end().parse() {
            Ok(id) if answer.code == 0 => Ok(id),
            _ => Err(answer.complaint),
        })
    }

    /// The files that lock the references below a git folder or a common one.
    pub(super) fn lock_of(folder: &Path) -> PathBuf {
        folder.join("reftable").join("tables.list")
    }

    fn ask(&self, args: &[&str]) -> Result<Answer, GitError> {
        // Not by its path, which need not be text.
        Ask { dir: self.git_dir, args: &[&["--git-dir=."], args].concat(), input: None, more: &[] }.answer()
    }

    fn write(&self, args: &[&str], input: Option<&[u8]>, by: &Actor) -> Result<Answer, GitError> {
        let date = format!("@{} +0000", by.time.unix());
        let more = [("GIT_COMMITTER_NAME", &by.name), ("GIT_COMMITTER_EMAIL", &by.email), ("GIT_COMMITTER_DATE", &date)];
        let more = more.map(|(name, value)| (name, OsStr::new(value)));
        Ask { dir: self.git_dir, args: &[&["--git-dir=."], args].concat(), input, more: &more }.answer()
    }
}

fn failed(what: String, answer: &Answer) -> GitError {
    GitError::Git { what, cause: answer.complaint.clone() }
}
