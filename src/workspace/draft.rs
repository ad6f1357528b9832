//! A draft: governed files as they shall be, with what is ratified beside them.

use std::collections::BTreeMap;

use crate::canon::policy::{self, IdentityCore, LawDocuments};
use crate::canon::{Place, RepoPath, ResolutionId, Who, layout};
use crate::git::Repo;
use crate::ledger::kinds::Change;
use crate::ledger::state::Law;

use super::Error;
use super::assess::Assessment;
use super::here::go_to;
use super::stamp::{same_but_for_stamps, with_stamps_of};
use crate::workspace::files::File;

/// A change with its bytes, for showing before anything is signed.
#[derive(Clone, Debug)]
pub struct Planned {
    /// What changes.
    pub change: Change,
    /// The ratified bytes.
    pub before: Option<Vec<u8>>,
    /// The proposed bytes, stamped.
    pub after: Option<Vec<u8>>,
}

/// One path that holds something else than what is ratified.
pub struct Changed {
    /// The path.
    pub path: RepoPath,
    /// What happens to it.
    pub what: Changes,
    /// What is ratified.
    pub before: Option<Vec<u8>>,
    /// What is there.
    pub after: Option<Vec<u8>>,
}

/// What happens to a governed path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Changes {
    /// It is new.
    Added,
    /// Its bytes change.
    Changed,
    /// Only its kind changes: executable, plain or link.
    Mode,
    /// It goes away.
    Removed,
    /// It was there before, and comes under governance.
    Governed,
    /// It stays, and is no longer governed.
    Released,
}

impl Changes {
    /// What a proposal does to a path; `who` is what was governed before it.
    pub fn of(change: &Change, who: Option<&Who>) -> Self {
        match (change.before, change.after) {
            _ if change.is_release() => Self::Released,
            (None, _) if !change.path.is_canon() && who.is_some_and(|who| !who.matches(change.path.as_str())) => Self::Governed,
            (None, _) => Self::Added,
            (_, None) => Self::Removed,
            (before, after) if before == after => Self::Mode,
            _ => Self::Changed,
        }
    }
}

/// The files that a plan brings.
pub fn drafts(changes: &[Planned]) -> impl Iterator<Item = (&RepoPath, &[u8])> {
    changes.iter().filter_map(|planned| Some((&planned.change.path, planned.after.as_deref()?)))
}

/// No proposal takes the draft of another one along.
pub fn refuse_foreign(repo: &Repo, assessment: &Assessment, own: Option<&ResolutionId>) -> Result<(), Error> {
    match foreign(assessment, own) {
        Some(id) => Err(holds_open(repo, id, assessment.law()?)),
        None => Ok(()),
    }
}

/// An open proposal whose draft lies there, other than the one that is superseded.
pub fn foreign<'a>(assessment: &'a Assessment, own: Option<&ResolutionId>) -> Option<&'a ResolutionId> {
    assessment.judgement.drafts.iter().map(|draft| &draft.resolution).find(|id| Some(*id) != own)
}

pub fn holds_open(repo: &Repo, id: &ResolutionId, law: &Law) -> Error {
    Error::denied(
        format!("this branch holds the open proposal {id}"),
        format!(
            "propose from the main branch: {}; or carry that one over: omega propose --supersedes {id}",
            go_to(repo, law.protected_refs[0].trim_start_matches("refs/heads/")),
        ),
    )
}

/// What `who` would be: that of the edited document that says it.
pub fn proposed_who(edited: &BTreeMap<RepoPath, File>, current: Who) -> Result<Who, Error> {
    let paths = LawDocuments::OF_WHO.map(|name| layout::document(&name.parse().expect("a document name")));
    match paths.iter().find_map(|path| Some((path, edited.get(path)?))) {
        Some((path, file)) => policy::read::<IdentityCore>(&file.bytes)
            .map(|core| core.who)
            .map_err(|error| Error::usage(format!("`{path}` is not valid: {error}"), "fix it, and propose again")),
        None => Ok(current),
    }
}

/// The edit that leads from `base` to `edited`, made to `current` instead. Nothing, where both changed the
/// same lines: then only a person can say what is meant.
pub fn carry(path: &RepoPath, base: Option<&[u8]>, current: Option<&[u8]>, edited: &[u8]) -> Option<Vec<u8>> {
    let (base, current) = (base?, current?);
    let stamped = matches!(Place::of(path), Some(Place::Document(_) | Place::Entry(..)));
    let as_current = |bytes: &[u8]| if stamped { with_stamps_of(current, bytes) } else { Some(bytes.to_vec()) };
    diffy::merge_bytes(&as_current(base)?, current, &as_current(edited)?).ok()
}

/// Whether what `here` has of its own against `old` is all in `new`, which omega may have stamped since.
pub fn holds_edit(path: &RepoPath, old: Option<&Vec<u8>>, new: &[u8], here: &[u8]) -> bool {
    same_but_for_stamps(new, here) || carry(path, old.map(Vec::as_slice), Some(new), here).is_some_and(|merged| merged == new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(version: &str, resolution: &str, lines: &[&str]) -> Vec<u8> {
        let body = lines.join("\n");
        format!("---\ndocument: X\nversion: \"{version}\"\ncouncil_resolution_id: {resolution}\nratified_by: ry\n---\n\n{body}\n")
            .into_bytes()
    }

    #[test]
    fn edits_of_different_lines_are_both_kept() {
        let path: RepoPath = "canon/ECONOMY_MODEL.md".parse().expect("a path");
        let base = document("1.0.0", "2026-01-01-a", &["one", "two", "three", "four", "five"]);
        let current = document("1.0.1", "2026-01-02-b", &["ONE", "two", "three", "four", "five"]);
        let edited = document("1.0.1", "2026-01-03-c", &["one", "two", "three", "four", "FIVE"]);
        let both = document("1.0.1", "2026-01-02-b", &["ONE", "two", "three", "four", "FIVE"]);
        assert_eq!(carry(&path, Some(&base), Some(&current), &edited), Some(both));
    }

    #[test]
    fn a_local_edit_is_held_by_what_takes_it_up_and_by_nothing_else() {
        let path: RepoPath = "canon/ECONOMY_MODEL.md".parse().expect("a path");
        let old = document("1.0.0", "2026-01-01-a", &["one", "two", "three"]);
        let edit = document("1.0.0", "2026-01-01-a", &["one", "two", "three", "four"]);
        let new = document("1.0.1", "2026-01-02-b", &["one", "two", "three", "four", "five"]);
        let further = document("1.0.0", "2026-01-01-a", &["one", "two", "three", "four", "six"]);
        assert!(holds_edit(&path, Some(&old), &document("1.0.1", "2026-01-02-b", &["one", "two", "three", "four"]), &edit));
        assert!(holds_edit(&path, None, &edit, &edit));
        assert!(!holds_edit(&path, Some(&old), &new, &further));
        assert!(!holds_edit(&path, None, &new, &edit));
    }

    #[test]
    fn edits_of_the_same_line_are_left_to_people() {
        let path: RepoPath = "AGENTS.md".parse().expect("a path");
        assert_eq!(carry(&path, Some(b"a\n"), Some(b"b\n"), b"c\n"), None);
        assert_eq!(carry(&path, None, Some(b"b\n"), b"c\n"), None);
        assert_eq!(carry(&path, Some(b"a\n"), None, b"c\n"), None);
    }
}
