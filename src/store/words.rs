//! Enumerations as the words that stand in the tables, and times as numbers.

use rusqlite::{Connection, OptionalExtension as _, Row};

use super::StoreError;
use crate::canon::policy::Level;
use crate::clock::Timestamp;
use crate::watch::{AlertKind, Grade};

/// Lets values stand in the tables as words: by default their own, else the one that a function gives.
macro_rules! stored {
    ($name:ty) => {
        stored!($name, |value: $name| value.as_str(), |word: &str| word.parse().ok());
    };
    ($name:ty, $word:expr, $value:expr) => {
        impl rusqlite::types::ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
                Ok($word(*self).into())
            }
        }

        impl rusqlite::types::FromSql for $name {
            fn column_result(value: rusqlite::types::ValueRef<'_>) -> rusqlite::types::FromSqlResult<Self> {
                $value(value.as_str()?).ok_or(rusqlite::types::FromSqlError::InvalidType)
            }
        }
    };
}

pub(super) use stored;

stored!(Grade);
// Who was told is in the outbox: that it is over is one word here.
stored!(AlertKind, |kind: AlertKind| if kind == AlertKind::Over { AlertKind::Resolved.as_str() } else { kind.as_str() }, |word: &str| word
    .parse()
    .ok());
stored!(Level, |level: Level| if level == Level::Notice { "info" } else { level.as_str() }, |word: &str| if word == "info" {
    Some(Level::Notice)
} else {
    word.parse().ok()
});

/// The time in a column.
pub(super) fn time(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    let seconds: i64 = row.get(column)?;
    Timestamp::from_unix(seconds).ok_or(rusqlite::Error::IntegralValueOutOfRange(column, seconds))
}

/// The time in a column, if there is one.
pub(super) fn maybe_time(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Timestamp>> {
    let Some(seconds) = row.get::<_, Option<i64>>(column)? else { return Ok(None) };
    Timestamp::from_unix(seconds).map(Some).ok_or(rusqlite::Error::IntegralValueOutOfRange(column, seconds))
}

/// A number for a column that holds signed ones.
pub(super) fn count(number: u64, what: &str) -> Result<i64, StoreError> {
    i64::try_from(number).map_err(|_| StoreError::refused(format!("{what} is too large")))
}

/// The count in a column.
pub(super) fn number(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let number: i64 = row.get(column)?;
    u64::try_from(number).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, number))
}

/// The count in a column, if there is one.
pub(super) fn maybe_number(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<u64>> {
    let Some(number) = row.get::<_, Option<i64>>(column)? else { return Ok(None) };
    u64::try_from(number).map(Some).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, number))
}

/// The number of a service; a new one gets one.
pub(super) fn service_id(db: &Connection, name: &str) -> Result<i64, StoreError> {
    let known = db.prepare_cached("SELECT id FROM services WHERE name = ?1")?.query_row([name], |row| row.get(0)).optional()?;
    if let Some(id) = known {
        return Ok(id);
    }
    db.prepare_cached("INSERT INTO services (name) VALUES (?1)")?.execute([name])?;
    Ok(db.last_insert_rowid())
}
