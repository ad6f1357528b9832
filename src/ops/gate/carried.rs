//! What a change carries along with a resolution: paths that no council was asked about.

use std::collections::{BTreeMap, BTreeSet};

use crate::canon::Who;
use crate::canon::text::MAX_TEXT;
use crate::finding::{Code, Finding, Severity};
use crate::git::{Brought, Oid, Repo};
use crate::ledger::state::Ledger;
use crate::ops::{Error, attributes};
use crate::tree::Tree;

use super::has_canon;
use super::staged::is_canon;

/// More paths are not named one by one.
const MAX_NAMED: usize = 50;
/// A push of more commits is not walked through.
const MAX_COMMITS: usize = 10_000;

/// The paths in a change that stand beside the resolutions in it; none, where it carries no resolution, or the canon is only
/// planted.
pub(in crate::ops) fn beside<'p>(
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

/// A finding for each path that is carried along.
pub(in crate::ops) fn findings(beside: &BTreeSet<String>, severity: Severity, with: &str) -> Vec<Finding> {
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

/// What is carried along by the commits that a push brings to a protected branch: an error, where one commit does both; a
/// warning, where the push as a whole does.
pub(super) fn by_commits(repo: &Repo, old: Oid, new: Oid, ledgers: &[&Ledger]) -> Result<Vec<Finding>, Error> {
    let Some(brought) = repo.brought(&[new], &[old], MAX_COMMITS)? else { return Ok(Vec::new()) };
    let mut mixed: BTreeMap<Oid, BTreeSet<String>> = BTreeMap::new();
    let (mut resolution, mut others) = (None, BTreeSet::new());
    for Brought { commit, paths } in &brought {
        let Some(parent) = repo.parents(*commit)?.first().copied() else { continue };
        if !paths.iter().any(|path| is_record(path)) {
            others.extend(paths.iter().map(|path| String::from_utf8_lossy(path).into_owned()));
            continue;
        }
        resolution = resolution.or_else(|| paths.iter().find_map(|path| named(path)));
        let (was, is) = (repo.revision(parent)?, repo.revision(*commit)?);
        // A canon is planted into a repository as it is.
        let was = has_canon(repo, parent)?.then_some(&was as &dyn Tree);
        let beside = beside(paths.iter().map(Vec::as_slice), ledgers, was, &is)?;
        if !beside.is_empty() {
            mixed.insert(*commit, beside);
        }
    }
    let mut found: Vec<Finding> =
        mixed.iter().flat_map(|(commit, beside)| findings(beside, Severity::Error, &format!("the records in commit {commit}"))).collect();
    if let Some(id) = resolution.filter(|_| found.is_empty()) {
        let governed =
            |path: &String| is_canon(path.as_bytes()) || ledgers.iter().any(|ledger| ledger.law().is_some_and(|law| law.who.matches(path)));
        others.retain(|path| !governed(path));
        found = findings(&others, Severity::Warning, &format!("resolution {id} in this push"));
    }
    Ok(found)
}

/// The resolution to whose records a path belongs.
fn named(path: &[u8]) -> Option<String> {
    std::str::from_utf8(path).ok()?.strip_prefix("canon/resolutions/")?.split('/').next().map(str::to_owned)
}
