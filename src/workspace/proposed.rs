//! Edits that an open proposal brings already. They stay in the work tree while the council decides.

use std::collections::BTreeMap;

use crate::canon::text::MAX_BYTES;
use crate::canon::{ResolutionId, layout};
use crate::finding::{Code, Finding};
use crate::git::Repo;
use crate::ledger::evidence::read_one;
use crate::ledger::kinds::{Change, FileMode};
use crate::ledger::state::Ledger;
use crate::tree::Tree;

use super::stamp::same_but_for_stamps;
use super::{Error, find};

/// Whether a change of a proposal brings what is at its path now; `tree` holds the proposal with its bytes.
///
/// # Errors
/// When the bytes cannot be read.
pub fn brings(tree: &dyn Tree, change: &Change, live: Option<(FileMode, &[u8])>) -> Result<bool, Error> {
    match (live, change.after) {
        (Some((mode, live)), Some(after)) if Some(mode) == change.mode => {
            let bytes = read_one(tree, &layout::bytes(&after), MAX_BYTES)?;
            Ok(bytes.is_some_and(|bytes| same_but_for_stamps(&bytes, live)))
        }
        (None, None) => Ok(!change.is_release()),
        _ => Ok(false),
    }
}

/// The paths of a tree that findings call unratified, missing or new, and that hold what an open proposal asks for.
///
/// # Errors
/// When a branch or the tree cannot be read.
pub fn among(repo: &Repo, tree: &dyn Tree, ledger: &Ledger, findings: &[Finding]) -> Result<BTreeMap<String, ResolutionId>, Error> {
    let is_edit = |finding: &&Finding| matches!(finding.code, Code::Unratified | Code::Missing | Code::Ungoverned);
    let mut edits: BTreeMap<&str, Option<(FileMode, Vec<u8>)>> =
        findings.iter().filter(is_edit).map(|finding| (finding.path.as_str(), None)).collect();
    let mut found = BTreeMap::new();
    if edits.is_empty() {
        return Ok(found);
    }
    let below = |folder: &[u8]| edits.keys().any(|path| path.as_bytes().strip_prefix(folder).is_some_and(|rest| rest.starts_with(b"/")));
    let listing = tree.list(&below)?;
    for entry in &listing.entries {
        let live = std::str::from_utf8(&entry.path).ok().and_then(|path| edits.get_mut(path));
        let Some(mode) = FileMode::of(entry.mode) else { continue };
        if let Some(live) = live {
            *live = Some((mode, tree.reader().read(entry, MAX_BYTES)?));
        }
    }
    for proposal in find::proposals(repo)? {
        let id = &proposal.resolution;
        if ledger.closed.contains_key(id) {
            continue;
        }
        let held = find::joined(repo, &find::locate(repo, id)?.tips)?;
        for change in &proposal.changes {
            let Some(live) = edits.get(change.path.as_str()) else { continue };
            if brings(held.as_ref(), change, live.as_ref().map(|(mode, bytes)| (*mode, bytes.as_slice())))? {
                found.insert(change.path.to_string(), id.clone());
            }
        }
    }
    Ok(found)
}
