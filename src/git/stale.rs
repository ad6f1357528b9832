//! Clearing away what a killed run left.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::time::SystemTime;

use super::reftable::Reftable;
use super::{GitError, Repo};

impl Repo {
    /// Removes git's locks of the index, of HEAD, of the packed references and of `refs` (full names)
    /// that were last modified at or after `since`. Older ones belong to someone else.
    ///
    /// Only for a caller that holds [`Repo::lock`] and knows that a run was killed after `since`: other
    /// git commands do not ask for that lock, and their locks look the same. The time is the file
    /// system's, whose clock may tick in steps and be behind by one; a time read from a file that the
    /// killed run wrote before is safe.
    pub fn clear_locks_since(&self, since: SystemTime, refs: &[&str]) -> Result<(), GitError> {
        // Nothing is removed if a name is refused.
        let mut locked = vec![self.git_dir().join("index"), self.git_dir().join("HEAD"), self.common_dir().join("packed-refs")];
        for name in refs {
            self.ref_name(name)?;
            locked.push(self.ref_path(name));
        }
        if self.reftable().is_some() {
            locked.extend([self.git_dir(), self.common_dir()].map(Reftable::lock_of));
        }
        for path in locked {
            let mut lock = path.into_os_string();
            lock.push(".lock");
            let lock = Path::new(&lock);
            clear(lock, since).map_err(|e| GitError::io("clear the lock", lock, &e))?;
        }
        Ok(())
    }
}

/// Removes a plain file that was modified at or after `since`.
fn clear(lock: &Path, since: SystemTime) -> io::Result<()> {
    let found = fs::symlink_metadata(lock).and_then(|meta| {
        let is_ours = meta.is_file() && meta.modified()? >= since;
        if is_ours { fs::remove_file(lock) } else { Ok(()) }
    });
    match found {
        Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(()),
        other => other,
    }
}
