//! Formats of the store, each made from the one before it.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::StoreError;

/// Marks the file as a store of omega: `OmSt`.
pub(super) const MARK: i64 = 0x4f6d_5374;

/// The steps; the format is the number of steps taken.
const STEPS: &[&str] = &[include_str!("migrations/0001.sql"), include_str!("migrations/0002.sql")];

/// The format that this omega writes.
pub(super) fn newest() -> i64 {
    i64::try_from(STEPS.len()).expect("there are few steps")
}

/// Brings the file to the newest format. Each step is taken whole or not at all.
pub(super) fn migrate(db: &mut Connection, path: &Path) -> Result<(), StoreError> {
    migrate_by(db, path, STEPS)
}

pub(super) fn migrate_by(db: &mut Connection, path: &Path, steps: &[&str]) -> Result<(), StoreError> {
    let known = i64::try_from(steps.len()).expect("there are few steps");
    loop {
        // Two that open at once take turns: the second finds the work done.
        let step = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let found = format(&step, path, known)?;
        let Some(sql) = usize::try_from(found).ok().and_then(|found| steps.get(found)) else { return Ok(()) };
        step.execute_batch(sql)?;
        step.pragma_update(None, "application_id", MARK)?;
        step.pragma_update(None, "user_version", found + 1)?;
        step.commit()?;
    }
}

/// The format of the file; 0 if it is new.
pub(super) fn format(db: &Connection, path: &Path, known: i64) -> Result<i64, StoreError> {
    // In one statement, which sees one moment: another run may be making the file.
    let (found, mark, things): (i64, i64, i64) = db.query_row(
        "SELECT user_version, application_id, (SELECT count(*) FROM sqlite_schema) FROM pragma_user_version, pragma_application_id",
        [],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    let is_new = found == 0 && mark == 0 && things == 0;
    if !is_new && mark != MARK {
        return Err(StoreError::Foreign { path: path.to_owned() });
    }
    if found > known {
        return Err(StoreError::Newer { path: path.to_owned(), found, known });
    }
    Ok(found)
}
