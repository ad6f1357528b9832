//! The edits at hand against what is ratified.

use std::collections::BTreeSet;

use crate::canon::RepoPath;
use crate::git::Repo;
use crate::tree::Tree;
use crate::workspace::Error;
use crate::workspace::draft::{Changed, Changes, proposed_who};
use crate::workspace::files::{File, collect};
use crate::workspace::pin::Pin;

use super::Ratified;

/// What the work tree, or the index, holds otherwise than what is in force at HEAD.
///
/// # Errors
/// As for [`Ratified::of`], and when a file cannot be governed at all.
pub fn changes(repo: &Repo, staged: bool, pin: Option<&Pin>, threads: usize) -> Result<Vec<Changed>, Error> {
    let ratified = Ratified::of(repo, pin, threads)?;
    let ledger = &ratified.assessment.judgement.ledger;
    let tree: Box<dyn Tree> = if staged { Box::new(repo.index()?) } else { Box::new(repo.worktree()?) };
    let law = ratified.assessment.law()?;
    let first = collect(tree.as_ref(), &[&law.who])?;
    // A draft whose `who` cannot be read governs what it governed before.
    let who = proposed_who(&first, law.who.clone()).unwrap_or_else(|_| law.who.clone());
    let files = if who == law.who { first } else { collect(tree.as_ref(), &[&law.who, &who])? };
    let paths: BTreeSet<&RepoPath> = files.keys().chain(ledger.paths().map(|(path, _)| path)).collect();
    let mut changes = Vec::new();
    for path in paths {
        let (was, is) = (ledger.content(path), files.get(path));
        let stays = path.is_canon() || who.matches(path.as_str());
        if stays && was == is.map(File::content) {
            continue;
        }
        let what = match (was, is) {
            (Some(_), Some(_)) if !stays => Changes::Released,
            (Some(was), Some(is)) if was.digest == is.content().digest => Changes::Mode,
            (Some(_), Some(_)) => Changes::Changed,
            (None, _) if !path.is_canon() && !law.who.matches(path.as_str()) => Changes::Governed,
            (None, _) => Changes::Added,
            (Some(_), None) => Changes::Removed,
        };
        changes.push(Changed {
            path: path.clone(),
            what,
            before: ratified.assessment.in_force(path).cloned(),
            after: is.map(|file| file.bytes.clone()),
        });
    }
    Ok(changes)
}
