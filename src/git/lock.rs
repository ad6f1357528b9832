//! One writer at a time.

use std::fs::{File, TryLockError};
use std::io::{Read, Write};

use super::{GitError, Repo};

/// The right to write to a repository, held until it is dropped or the process ends.
#[derive(Debug)]
pub struct Lock {
    // The operating system ties the lock to the open file: a killed run cannot leave it behind.
    _file: File,
}

impl Repo {
    /// Takes the repository's write lock, shared by all its work trees, or says who holds it.
    pub fn lock(&self) -> Result<Lock, GitError> {
        let folder = self.common_dir().join("omega");
        self.sharing.make_folder(&folder).map_err(|e| GitError::io("make", &folder, &e))?;
        let path = folder.join("lock");
        let mut file =
            File::options().create(true).truncate(false).read(true).write(true).open(&path).map_err(|e| GitError::io("open", &path, &e))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // Best effort: on Windows the locked file cannot even be read.
                let _ = file.take(16).read_to_string(&mut holder);
                let holder = Some(holder.trim().to_owned()).filter(|pid| pid.parse::<u32>().is_ok());
                return Err(GitError::Locked { path: path.display().to_string(), holder });
            }
            Err(TryLockError::Error(e)) => return Err(GitError::io("lock", &path, &e)),
        }
        // Fails for a file of somebody else, who gave it the right permissions.
        let _ = self.sharing.adjust(&path);
        let pid = std::process::id();
        file.set_len(0).and_then(|()| writeln!(file, "{pid}")).map_err(|e| GitError::io("write", &path, &e))?;
        Ok(Lock { _file: file })
    }
}
