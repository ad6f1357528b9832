//! The chain of events: whoever changes, removes, adds or moves one is found.

use rusqlite::{Connection, Row, params};

use super::{Store, StoreError};
use crate::digest::Digest;

/// The end of the chain. Whoever remembers it elsewhere finds out when later events, and this one, are cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The number of the last event; 0 if there never was one.
    pub id: i64,
    /// The digest of the chain up to and with it.
    pub hash: Digest,
}

/// What a walk along the chain found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// How many events were walked.
    pub events: u64,
    /// The last event that retention gave up; the chain begins after it.
    pub anchor: Head,
    /// The last event.
    pub head: Head,
    /// Whether the remembered event lies before the anchor: then nothing can be said of it.
    pub outlived: bool,
    /// Where it breaks first, if it does.
    pub broken: Option<Break>,
}

/// A place where the chain breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Break {
    /// The event.
    pub id: i64,
    /// How.
    pub kind: BreakKind,
}

/// How a chain breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakKind {
    /// The event, or the one before it, is not what was written.
    Changed,
    /// One or more events are missing before it.
    Gap,
    /// The end of the chain is missing from this event on, or is not the one that was written last.
    Cut,
    /// The remembered event is not in this chain: it was cut off, or another chain stands here.
    Forgotten,
    /// A column holds something that was never written there.
    Unreadable,
}

impl Store {
    /// The end of the chain, to be remembered elsewhere.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn event_head(&self) -> Result<Head, StoreError> {
        head(&self.db)
    }

    /// Walks the whole chain. Without a remembered head a cut end is found only if it was not cut with care.
    ///
    /// # Errors
    /// When the store cannot be read. A broken chain is no error here.
    pub fn verify_events(&self, remembered: Option<&Head>) -> Result<Chain, StoreError> {
        let reading = self.db.unchecked_transaction()?;
        let anchor = reading.query_row("SELECT anchor_id, anchor_hash FROM event_chain", [], read_head)?;
        let written = head(&reading)?;
        let outlived = remembered.is_some_and(|head| head.id < anchor.id);
        let mut chain = Chain { events: 0, anchor, head: anchor, outlived, broken: None };
        let mut wanted = remembered.filter(|head| head.id > anchor.id);
        if let Some(same) = remembered
            && same.id == anchor.id
            && same.hash != anchor.hash
        {
            chain.broken = Some(Break { id: same.id, kind: BreakKind::Forgotten });
            return Ok(chain);
        }
        let mut query = reading.prepare("SELECT id, type, cycle_id, payload, created_at, hash FROM omega_events ORDER BY id")?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let id: i64 = row.get(0)?;
            let broken = match walk(row, &chain.head) {
                Ok(Ok(hash)) => {
                    chain.head = Head { id, hash };
                    chain.events += 1;
                    None
                }
                Ok(Err(kind)) => Some(kind),
                Err(_) => Some(BreakKind::Unreadable),
            };
            if let Some(kind) = broken {
                chain.broken = Some(Break { id, kind });
                return Ok(chain);
            }
            if let Some(head) = wanted
                && head.id == id
            {
                if head.hash != chain.head.hash {
                    chain.broken = Some(Break { id, kind: BreakKind::Forgotten });
                    return Ok(chain);
                }
                wanted = None;
            }
        }
        if chain.head != written {
            chain.broken = Some(Break { id: chain.head.id + 1, kind: BreakKind::Cut });
        } else if let Some(head) = wanted {
            chain.broken = Some(Break { id: head.id, kind: BreakKind::Forgotten });
        }
        Ok(chain)
    }
}

/// The digest of a chain with one more event, or how the event does not follow.
fn walk(row: &Row<'_>, before: &Head) -> rusqlite::Result<Result<Digest, BreakKind>> {
    let id: i64 = row.get(0)?;
    if id != before.id + 1 {
        return Ok(Err(BreakKind::Gap));
    }
    let (kind, payload): (String, String) = (row.get(1)?, row.get(3)?);
    let hash = next(&before.hash, id, &kind, row.get(2)?, &payload, row.get(4)?);
    Ok(if digest(row, 5)? == hash { Ok(hash) } else { Err(BreakKind::Changed) })
}

/// The digest of the chain with one more event. What is digested is a line that names the form, the digest before in hex, and
/// the columns as one line of JSON, which tells them apart whatever they hold.
pub(super) fn next(before: &Digest, id: i64, kind: &str, cycle: Option<i64>, payload: &str, at: i64) -> Digest {
    let columns = serde_json::json!([id, kind, cycle, payload, at]);
    Digest::of(format!("omega-event-v1\n{}\n{columns}\n", before.hex()).as_bytes())
}

pub(super) fn head(db: &Connection) -> Result<Head, StoreError> {
    Ok(db.prepare_cached("SELECT head_id, head_hash FROM event_chain")?.query_row([], read_head)?)
}

pub(super) fn set_head(db: &Connection, head: &Head) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE event_chain SET head_id = ?1, head_hash = ?2")?.execute(params![head.id, bytes(&head.hash)])?;
    Ok(())
}

pub(super) fn bytes(hash: &Digest) -> [u8; 32] {
    let hex = hash.hex();
    std::array::from_fn(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).expect("a digest has 64 hex digits"))
}

pub(super) fn digest(row: &Row<'_>, column: usize) -> rusqlite::Result<Digest> {
    let bytes: [u8; 32] = row.get(column)?;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Digest::from_hex(&hex).expect("these are 64 hex digits"))
}

fn read_head(row: &Row<'_>) -> rusqlite::Result<Head> {
    Ok(Head { id: row.get(0)?, hash: digest(row, 1)? })
}
