//! Why the store could not do something.

use std::io;
use std::path::PathBuf;

use rusqlite::ErrorCode;

/// Why the store could not do something. Nothing was written then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// There is no store.
    #[error("there is no store at `{path}`")]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// A newer omega has written it.
    #[error("the store `{path}` has format {found}, and this omega knows {known} at most: use the newer omega that wrote it")]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The newest known here.
        known: i64,
    },
    /// An older omega has written it, and it is only read.
    #[error("the store `{path}` has the older format {found}: the next run of the watch brings it up to date")]
    Older {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: i64,
    },
    /// Something else lies there.
    #[error("`{path}` is not a store of omega")]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The file could not be made or opened.
    #[error("could not open the store `{path}`: {cause}")]
    Open {
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// Somebody else is writing, for too long.
    #[error("the store is locked by another program")]
    Busy,
    /// There is no room.
    #[error("the store cannot grow: the disk is full")]
    Full,
    /// It may only be read.
    #[error("the store may only be read")]
    ReadOnly,
    /// The file is damaged.
    #[error("the store is damaged: {cause}")]
    Damaged {
        /// What the database says.
        cause: String,
    },
    /// What was to be written breaks a rule of the store.
    #[error("the store refuses this: {rule}")]
    Refused {
        /// The rule.
        rule: String,
    },
    /// The disk, or anything else.
    #[error("the store could not be used: {cause}")]
    Fault {
        /// What the database says.
        cause: String,
    },
}

impl StoreError {
    /// Whether the same may succeed a little later: somebody else was writing, or the disk was full or unwell, and so may only be
    /// read for now.
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Busy | Self::Full | Self::ReadOnly | Self::Fault { .. } | Self::Open { .. })
    }

    pub(super) fn refused(rule: impl Into<String>) -> Self {
        Self::Refused { rule: rule.into() }
    }

    pub(super) fn damaged(cause: impl Into<String>) -> Self {
        Self::Damaged { cause: cause.into() }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        let cause = error.to_string();
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::ReadOnly) => Self::ReadOnly,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged { cause },
            Some(ErrorCode::ConstraintViolation) => Self::Refused { rule: cause },
            Some(_) => Self::Fault { cause },
            // Without a code, a column does not hold what the program writes there.
            None => Self::Damaged { cause },
        }
    }
}
