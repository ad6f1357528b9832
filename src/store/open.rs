//! Opening the store.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use super::StoreError;
use super::migrate;

/// How long is waited for somebody else who writes.
const PATIENCE: Duration = Duration::from_secs(5);

/// The open store.
#[derive(Debug)]
pub struct Store {
    pub(super) db: Connection,
    path: PathBuf,
}

impl Store {
    /// Opens the store for writing. Makes it, readable by its owner alone, with the folder that it lies in, if there is none; brings
    /// an older format up to date.
    ///
    /// # Errors
    /// When a newer omega has written it, something else lies there, or it cannot be used.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let failed = |cause| StoreError::Open { path: path.to_owned(), cause };
        create(path).map_err(failed)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut store = Self { db: Connection::open_with_flags(path, flags)?, path: path.to_owned() };
        store.prepare()?;
        Ok(store)
    }

    /// Stands in for a store that cannot be opened now, as on a disk that is full: it is empty but for the state of the loop and the
    /// alerts, as far as those can still be read, and nothing can be written to it.
    ///
    /// # Errors
    /// When there is no memory for it.
    pub fn stand_in(path: &Path) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
        let mut store = Self { db: Connection::open_in_memory_with_flags(flags)?, path: path.to_owned() };
        store.prepare()?;
        // What was written last may still lie beside the file: then the file alone is not whole.
        let mut beside = path.as_os_str().to_owned();
        beside.push("-wal");
        if fs::metadata(beside).map_or(true, |about| about.len() == 0) {
            // Where that does not succeed, there is less to go on from.
            let _ = store.copy(path);
        }
        store.db.pragma_update(None, "query_only", true)?;
        Ok(store)
    }

    /// Copies what the loop has to know from a file, which is read as if nobody ever wrote to it: that needs no room beside it.
    /// Whoever holds the lease can do so.
    fn copy(&mut self, path: &Path) -> Result<(), StoreError> {
        // What is not read literally in such an address is written by its number.
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte);
        let bytes = std::os::unix::ffi::OsStrExt::as_bytes(path.as_os_str()).iter();
        let address: String = bytes.map(|byte| if plain(*byte) { char::from(*byte).to_string() } else { format!("%{byte:02x}") }).collect();
        self.db.execute("ATTACH DATABASE ?1 AS file", [format!("file:{address}?mode=ro&immutable=1")])?;
        // Alerts name cycles, which stay where they are.
        self.db.pragma_update(None, "foreign_keys", false)?;
        let copying = self.begin()?;
        for table in ["loop_state", "alerts", "outbox", "acknowledgements"] {
            copying.execute(&format!("INSERT INTO main.{table} SELECT * FROM file.{table}"), [])?;
        }
        Ok(copying.commit()?)
    }

    /// Sets up the connection, and makes or renews what lies in the store.
    fn prepare(&mut self) -> Result<(), StoreError> {
        self.db.busy_timeout(PATIENCE)?;
        let path = self.path.clone();
        self.guard(|db| {
            // Before anything of it is changed.
            migrate::format(db, &path, migrate::newest())?;
            // Takes effect while the file is still empty.
            db.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
            db.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
            db.pragma_update(None, "synchronous", "FULL")?;
            db.pragma_update(None, "foreign_keys", true)?;
            // Without it, a replaced row would pass by the triggers.
            db.pragma_update(None, "recursive_triggers", true)?;
            db.pragma_update_and_check(None, "journal_size_limit", 4 << 20, |_| Ok(()))?;
            // In KiB: the daemon lives long, and what it writes in one round is little.
            db.pragma_update(None, "cache_size", -512)?;
            migrate::migrate(db, &path)
        })
    }

    /// Opens the store for reading only.
    ///
    /// # Errors
    /// When there is none, its format is another one, or it cannot be read.
    pub fn read(path: &Path) -> Result<Self, StoreError> {
        if !path.exists() {
            return Err(StoreError::Missing { path: path.to_owned() });
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut store = Self { db: Connection::open_with_flags(path, flags)?, path: path.to_owned() };
        store.db.busy_timeout(PATIENCE)?;
        store.guard(|db| {
            let found = migrate::format(db, path, migrate::newest())?;
            if found < migrate::newest() { Err(StoreError::Older { path: path.to_owned(), found }) } else { Ok(()) }
        })?;
        Ok(store)
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the whole file for damage, and says what is wrong with it, if anything.
    ///
    /// # Errors
    /// When it cannot be read at all.
    pub fn check(&self) -> Result<Vec<String>, StoreError> {
        let mut wrong = Vec::new();
        self.db.pragma_query(None, "integrity_check", |row| {
            let line: String = row.get(0)?;
            if line != "ok" {
                wrong.push(line);
            }
            Ok(())
        })?;
        self.db.pragma_query(None, "foreign_key_check", |row| {
            wrong.push(format!("a row of `{}` points to one that is not there", row.get::<_, String>(0)?));
            Ok(())
        })?;
        Ok(wrong)
    }

    /// A transaction that writes: nobody else can begin one meanwhile.
    pub(super) fn begin(&mut self) -> Result<Transaction<'_>, StoreError> {
        Ok(self.db.transaction_with_behavior(TransactionBehavior::Immediate)?)
    }

    fn guard(&mut self, work: impl FnOnce(&mut Connection) -> Result<(), StoreError>) -> Result<(), StoreError> {
        work(&mut self.db).map_err(|error| match error {
            StoreError::Damaged { cause } if cause.contains("not a database") => StoreError::Foreign { path: self.path.clone() },
            other => other,
        })
    }
}

/// Makes the file before the database does, which would let others read it; what the database lays beside it has the same
/// permissions.
fn create(path: &Path) -> io::Result<()> {
    create_folder(path)?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made.map(drop),
    }
}

/// Makes the folder that a file of the store is to lie in.
pub(super) fn create_folder(path: &Path) -> io::Result<()> {
    if let Some(dir) = path.parent().filter(|dir| !dir.as_os_str().is_empty() && !dir.exists()) {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(dir)?;
    }
    Ok(())
}
