//! The state of the loop: one document, which only the loop understands.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::words::time;
use super::{Store, StoreError};
use crate::clock::Timestamp;

/// A state to be saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The version of its form, from 1.
    pub version: u32,
    /// JSON.
    pub json: String,
}

/// A state that was saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// The state.
    pub document: Document,
    /// When it was saved.
    pub at: Timestamp,
}

impl Store {
    /// The last state of the loop, if it ever saved one.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn state(&self) -> Result<Option<Saved>, StoreError> {
        let read =
            |row: &rusqlite::Row<'_>| Ok(Saved { document: Document { version: row.get(0)?, json: row.get(1)? }, at: time(row, 2)? });
        Ok(self.db.query_row("SELECT version, document, saved_at FROM loop_state", [], read).optional()?)
    }
}

pub(super) fn save(db: &Connection, document: &Document, at: Timestamp) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO loop_state (only, version, document, saved_at) VALUES (1, ?1, ?2, ?3)
         ON CONFLICT (only) DO UPDATE SET version = excluded.version, document = excluded.document, saved_at = excluded.saved_at",
    )?
    .execute(params![document.version, document.json, at.unix()])?;
    Ok(())
}
