//! Statements that fill the table `phylactery` in SQLite and in PostgreSQL. They can be run again on a
//! table that an earlier export filled.

use crate::canon::{Domain, Place};
use crate::ledger::state::Bytes;
use crate::ledger::state::Ledger;

use super::super::history::{VersionReport, versions};

const TABLE: &str = "\
CREATE TABLE IF NOT EXISTS phylactery (
  id                    TEXT PRIMARY KEY,
  domain                TEXT NOT NULL CHECK (domain IN ('value','style','fact','invariant','memory')),
  key                   TEXT NOT NULL,
  value                 TEXT NOT NULL,
  version               INTEGER NOT NULL DEFAULT 1,
  source                TEXT NOT NULL,
  confidence            FLOAT NOT NULL DEFAULT 1.0,
  superseded_by         TEXT REFERENCES phylactery(id),
  raw_artifact_url      TEXT,
  council_resolution_id TEXT,
  created_at            TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX IF NOT EXISTS idx_phylactery_key ON phylactery(key);
CREATE INDEX IF NOT EXISTS idx_phylactery_domain ON phylactery(domain);
";

const COLUMNS: &str =
    "id, domain, key, value, version, source, confidence, superseded_by, raw_artifact_url, council_resolution_id, created_at";

/// How many rows, and the statements. A version is written after the one that it names, so that every
/// reference is valid at once. What was removed without a successor names itself: only what is in force has
/// no `superseded_by`. Purged versions are left out, and deleted where an earlier export wrote them.
pub(super) fn render(ledger: &Ledger, bytes: &Bytes, chosen: &dyn Fn(Domain) -> bool) -> (usize, String) {
    let (mut rows, mut inserts, mut deletes) = (0, String::new(), String::new());
    for path in ledger.timeline.keys() {
        let Some(Place::Entry(domain, key)) = Place::of(path).filter(|place| matches!(place, Place::Entry(domain, _) if chosen(*domain)))
        else {
            continue;
        };
        let id = |version: u32| text(&format!("{}/{key}_v{version}", domain.as_str()));
        let all = versions(ledger, bytes, path);
        // An undone emergency's successor is older than itself: whatever ended last is written first.
        let mut order: Vec<&VersionReport> = all.iter().collect();
        order.sort_by_key(|version| std::cmp::Reverse(end(ledger, path, version)));
        let kept: Vec<String> = all.iter().filter_map(|version| version.version).map(&id).collect();
        if kept.len() < all.len() {
            let others = if kept.is_empty() { String::new() } else { format!(" AND id NOT IN ({})", kept.join(", ")) };
            let (domain, key) = (text(domain.as_str()), text(key.as_str()));
            deletes.push_str(&format!("DELETE FROM phylactery WHERE domain = {domain} AND key = {key}{others};\n"));
        }
        for version in order {
            let (Some(content), Some(number)) = (&version.content, version.version) else { continue };
            let successor = if version.live { "NULL".to_owned() } else { id(successor(&all, version).unwrap_or(number)) };
            let values = [
                id(number),
                text(domain.as_str()),
                text(key.as_str()),
                text(&content.value),
                number.to_string(),
                text(&content.source),
                format!("{}.{:02}", content.confidence / 100, content.confidence % 100),
                successor,
                content.artifact.as_ref().map_or_else(|| "NULL".to_owned(), |artifact| text(&artifact.url)),
                text(version.resolution.as_str()),
                text(&content.created_at.to_string()),
            ];
            rows += 1;
            inserts
                .push_str(&format!("INSERT INTO phylactery ({COLUMNS}) VALUES ({})\n  ON CONFLICT (id) DO UPDATE SET", values.join(", ")));
            let set = COLUMNS.split(", ").skip(1).map(|column| format!(" {column} = excluded.{column}"));
            inserts.push_str(&set.collect::<Vec<_>>().join(","));
            inserts.push_str(";\n");
        }
    }
    (rows, format!("BEGIN;\n{TABLE}{inserts}{deletes}COMMIT;\n"))
}

/// The step of the timeline with which a version ended last.
fn end(ledger: &Ledger, path: &crate::canon::RepoPath, version: &VersionReport) -> Option<usize> {
    let timeline = ledger.timeline.get(path)?;
    timeline.iter().rposition(|(_, content)| content.is_some_and(|content| content.digest == version.digest))
}

/// The number of the first version after this one that is not purged.
fn successor(all: &[VersionReport], version: &VersionReport) -> Option<u32> {
    let mut at = version;
    loop {
        at = all.iter().find(|other| Some(other.digest) == at.next)?;
        if at.version.is_some() {
            return at.version;
        }
    }
}

/// A text as a literal that both databases read alike.
fn text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
