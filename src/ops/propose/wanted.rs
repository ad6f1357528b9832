//! What the editor wants: every governed path that differs.

use std::collections::{BTreeMap, BTreeSet};

use crate::canon::{RepoPath, Who};
use crate::ledger::kinds::Content;

use super::super::assess::Assessment;
use super::super::edits::File;

/// What a path shall be.
pub(super) enum Wanted {
    File(File),
    Nothing,
    Released,
}

/// Every path that the editor changed against the reference, as far as it also differs from the state
/// that judges; and every path that enters or leaves by a change of `who`.
pub(super) fn wanted_changes(
    start: &Assessment,
    reference: &BTreeMap<RepoPath, Content>,
    edited: &BTreeMap<RepoPath, File>,
    who: &Who,
) -> BTreeMap<RepoPath, Wanted> {
    let ledger = &start.judgement.ledger;
    let mut wanted = BTreeMap::new();
    let paths: BTreeSet<&RepoPath> = reference.keys().chain(edited.keys()).collect();
    for path in paths {
        if !path.is_canon() && !who.matches(path.as_str()) {
            continue;
        }
        let file = edited.get(path);
        let content = file.map(File::content);
        if content == reference.get(path).copied() || content == ledger.content(path) {
            continue;
        }
        wanted.insert(path.clone(), file.map_or(Wanted::Nothing, |file| Wanted::File(file.clone())));
    }
    for (path, _) in ledger.paths().filter(|(path, _)| !path.is_canon() && !who.matches(path.as_str())) {
        wanted.insert(path.clone(), Wanted::Released);
    }
    wanted
}
