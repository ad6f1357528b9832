//! The lease: one loop at a time. A lock on a file beside the store decides; a row in the store says who and since when.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{OptionalExtension as _, params};

use super::words::time;
use super::{Store, StoreError};
use crate::clock::Timestamp;

/// Who runs the loop.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[schemars(rename = "Running")]
pub struct Holder {
    /// What it calls itself.
    pub name: String,
    /// Its process.
    pub pid: u32,
    /// The start of the machine that the process belongs to.
    #[serde(skip)]
    pub boot: Option<String>,
    /// Since when.
    pub since: Timestamp,
    /// When it last said that it lives.
    pub heartbeat: Timestamp,
}

/// The right to run the loop. It ends with this value, or with the process, however that ends: the system holds it. Programs
/// that the process starts do not inherit it.
#[derive(Debug)]
pub struct Lease {
    _lock: File,
}

/// Whether the lease could be taken.
#[derive(Debug)]
pub enum Taken {
    /// It is ours.
    Ours(Lease),
    /// Somebody else holds it.
    Held,
}

impl Lease {
    /// Takes the lease of a store. Whoever only looks whether it is held is out of the way within an instant, and so is a
    /// program that was just being started: that long it is waited for, and no longer.
    ///
    /// # Errors
    /// When the file beside the store cannot be made or locked.
    pub fn try_acquire(store: &Path) -> Result<Taken, StoreError> {
        let path = lock_path(store);
        let failed = |cause| StoreError::Open { path: path.clone(), cause };
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = super::open::create_folder(&path).and_then(|()| options.open(&path)).map_err(failed)?;
        for _ in 0..25 {
            match file.try_lock() {
                Ok(()) => return Ok(Taken::Ours(Self { _lock: file })),
                Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(20)),
                Err(TryLockError::Error(cause)) => return Err(failed(cause)),
            }
        }
        Ok(Taken::Held)
    }

    /// Whether somebody holds the lease of a store now.
    ///
    /// # Errors
    /// When the file beside the store cannot be looked at.
    pub fn is_held(store: &Path) -> Result<bool, StoreError> {
        let path = lock_path(store);
        let failed = |cause| StoreError::Open { path: path.clone(), cause };
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(failed(error)),
        };
        // Many may look at once, and none is taken for the one who runs.
        match file.try_lock_shared() {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(cause)) => Err(failed(cause)),
        }
    }
}

/// The file beside the store that is locked. It is never removed: two could then hold locks of two files.
fn lock_path(store: &Path) -> PathBuf {
    let mut name = store.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}

impl Store {
    /// Writes down that we hold the lease; later again, that we still live.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn hold(&mut self, _: &Lease, holder: &Holder) -> Result<(), StoreError> {
        let transaction = self.begin()?;
        transaction
            .prepare_cached(
                "INSERT INTO lease (only, holder, pid, boot, since, heartbeat) VALUES (1, ?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (only) DO UPDATE SET holder = excluded.holder, pid = excluded.pid, boot = excluded.boot,
                 since = excluded.since, heartbeat = excluded.heartbeat",
            )?
            .execute(params![holder.name, holder.pid, holder.boot, holder.since.unix(), holder.heartbeat.unix()])?;
        transaction.commit()?;
        Ok(())
    }

    /// Removes what [`Store::hold`] wrote, before the lease is given back.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn let_go(&mut self, _: &Lease) -> Result<(), StoreError> {
        self.db.execute("DELETE FROM lease", [])?;
        Ok(())
    }

    /// Who holds the lease, by its own word. Only the lock tells whether it still lives; one that was killed stays written here.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn holder(&self) -> Result<Option<Holder>, StoreError> {
        let read = |row: &rusqlite::Row<'_>| {
            Ok(Holder { name: row.get(0)?, pid: row.get(1)?, boot: row.get(2)?, since: time(row, 3)?, heartbeat: time(row, 4)? })
        };
        Ok(self.db.query_row("SELECT holder, pid, boot, since, heartbeat FROM lease", [], read).optional()?)
    }
}
