//! What the editor wants: every governed path that differs.

use std::collections::{BTreeMap, BTreeSet};

use crate::canon::{RepoPath, Who};
use crate::ledger::kinds::Content;

use super::{LeftOut, Request, Start};
use crate::workspace::assess::Assessment;
use crate::workspace::desk::Desk;
use crate::workspace::files::File;
use crate::workspace::proposed::brings;
use crate::workspace::stamp::is_document_fact;
use crate::workspace::{Error, find};

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

/// Leaves out what open proposals bring already: an edit stays in the work tree when it is proposed, and is not proposed again
/// with the next one.
///
/// # Errors
/// Denied, if nothing is left.
pub(super) fn leave_out_proposed(
    desk: &Desk<'_>,
    request: &Request<'_>,
    start: &Start,
    wanted: &mut BTreeMap<RepoPath, Wanted>,
) -> Result<Vec<LeftOut>, Error> {
    let closed = &start.assessment.judgement.ledger.closed;
    let mut left_out = Vec::new();
    for proposal in find::proposals(desk.repo)? {
        let id = &proposal.resolution;
        if closed.contains_key(id) || request.supersedes.as_ref() == Some(id) {
            continue;
        }
        let Some(tip) = desk.locate(id)?.tips.first().copied() else { continue };
        let tree = desk.repo.revision(tip)?;
        for change in proposal.changes.iter().filter(|change| !is_document_fact(&change.path)) {
            let live = match wanted.get(&change.path) {
                Some(Wanted::File(file)) => Some((file.mode, file.bytes.as_slice())),
                Some(Wanted::Nothing) => None,
                Some(Wanted::Released) | None => continue,
            };
            if brings(&tree, change, live)? {
                wanted.remove(&change.path);
                left_out.push(LeftOut { path: change.path.clone(), resolution: id.clone() });
            }
        }
    }
    match left_out.first() {
        Some(first) if wanted.is_empty() => {
            Err(Error::denied(format!("{} proposes this already", first.resolution), format!("omega show {}", first.resolution)))
        }
        _ => Ok(left_out),
    }
}
