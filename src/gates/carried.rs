//! What a change carries along with a resolution: paths that no council was asked about.

use std::collections::BTreeSet;

use crate::canon::Who;
use crate::canon::text::MAX_TEXT;
use crate::finding::{Code, Finding, Severity};
use crate::git::{GitError, Oid, Repo};
use crate::ledger::state::Ledger;
use crate::tree::{Tree, TreeError};
use crate::workspace::{Error, attributes};

use super::governed::has_canon;
use super::governed::is_canon;

/// More paths are not named one by one.
const MAX_NAMED: usize = 50;

/// The paths in a change that stand beside the resolutions in it; none, where it carries no resolution, or the canon is only
/// planted.
pub(in crate::gates) fn beside<'p>(
    changed: impl Iterator<Item = &'p [u8]> + Clone,
    ledgers: &[&Ledger],
    old: Option<&dyn Tree>,
    new: &dyn Tree,
) -> Result<BTreeSet<String>, Error> {
    if old.is_none() || !changed.clone().any(is_record) {
        return Ok(BTreeSet::new());
    }
    let who: Vec<&Who> = ledgers.iter().flat_map(|ledger| &ledger.laws).map(|law| &law.who).collect();
    let is_governed = |path: &[u8]| is_canon(path) || std::str::from_utf8(path).is_ok_and(|path| who.iter().any(|who| who.matches(path)));
    let mut beside = BTreeSet::new();
    for path in changed.filter(|path| !is_governed(path)) {
        if path != attributes::FILE || !keeps_bytes(old, new)? {
            beside.insert(String::from_utf8_lossy(path).into_owned());
        }
    }
    Ok(beside)
}

/// Whether a path belongs to the records of a resolution, or to the ledger.
fn is_record(path: &[u8]) -> bool {
    path.starts_with(b"canon/resolutions/") || path.starts_with(b"canon/ledger/")
}

/// Whether the root's `.gitattributes` only gained lines that omega itself writes for paths which become governed.
fn keeps_bytes(old: Option<&dyn Tree>, new: &dyn Tree) -> Result<bool, Error> {
    let read = |tree: &dyn Tree| -> Result<Vec<u8>, Error> {
        let listing = tree.list(&|_| false)?;
        let entry = listing.entries.iter().find(|entry| entry.path == attributes::FILE);
        Ok(entry.map(|entry| tree.reader().read(entry, MAX_TEXT)).transpose()?.unwrap_or_default())
    };
    Ok(attributes::only_keeps(&old.map(read).transpose()?.unwrap_or_default(), &read(new)?))
}

/// A warning for each path that is carried along: whether it may is for those to say who review it.
pub(in crate::gates) fn findings(beside: &BTreeSet<String>, with: &str) -> Vec<Finding> {
    let severity = Severity::Warning;
    let finding = |path: &String| Finding {
        severity,
        ..Finding::error(Code::Carried, path, format!("it changes together with {with}, which does not name it"))
    };
    let mut findings: Vec<Finding> = beside.iter().take(MAX_NAMED).map(finding).collect();
    if let Some(path) = beside.iter().nth(MAX_NAMED) {
        let more = beside.len() - MAX_NAMED;
        findings.push(Finding {
            severity,
            ..Finding::error(Code::Carried, path, format!("this path and {} more change together with {with}", more - 1))
        });
    }
    findings
}

/// What a push carries along to a protected branch.
///
/// # Errors
/// When an object is missing.
pub(super) fn in_push(repo: &Repo, old: Oid, new: Oid, ledgers: &[&Ledger]) -> Result<Vec<Finding>, Error> {
    let (was, is) = (repo.revision(old)?, repo.revision(new)?);
    let changed = match repo.changed_paths(Some(old), new) {
        Ok(changed) => changed,
        // What is malformed is found where the tree is judged.
        Err(GitError::Tree(TreeError::Corrupt { .. })) => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let was = has_canon(repo, old)?.then_some(&was as &dyn Tree);
    let beside = beside(changed.iter().map(Vec::as_slice), ledgers, was, &is)?;
    let with = changed.iter().find_map(|path| named(path)).map_or_else(|| "a ruling".to_owned(), |id| format!("resolution {id}"));
    Ok(findings(&beside, &with))
}

/// The resolution to whose records a path belongs.
fn named(path: &[u8]) -> Option<String> {
    std::str::from_utf8(path).ok()?.strip_prefix("canon/resolutions/")?.split('/').next().map(str::to_owned)
}
