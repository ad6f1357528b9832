//! Carrying an edit over onto a file that was ratified anew since the edit was made.

use std::collections::BTreeMap;

use crate::canon::{Place, RepoPath};
use crate::ledger::kinds::Content;
use crate::ops::Error;
use crate::ops::edits::File;
use crate::ops::stamp::{is_document_fact, same_but_for_stamps, with_stamps_of};

use super::wanted::Wanted;
use super::{Request, Start};

/// Makes each edit to the file as it is ratified now, if that is not the one that was edited: a proposal
/// shall not silently undo what was ratified meanwhile.
pub(super) fn carry_over(
    request: &Request<'_>,
    start: &Start,
    reference: &BTreeMap<RepoPath, Content>,
    wanted: &mut BTreeMap<RepoPath, Wanted>,
) -> Result<Vec<RepoPath>, Error> {
    let ledger = &start.assessment.judgement.ledger;
    let bytes = |content: Option<Content>| {
        let digest = content?.digest;
        start.assessment.evidence.bytes.get(&digest).or_else(|| start.edited_from.get(&digest)).map(Vec::as_slice)
    };
    let mut carried = Vec::new();
    for (path, wanted) in wanted.iter_mut() {
        let (base, current) = (reference.get(path).copied(), ledger.content(path));
        if is_document_fact(path)
            || matches!(wanted, Wanted::Released)
            || base.map(|base| base.digest) == current.map(|current| current.digest)
        {
            continue;
        }
        let merged = match wanted {
            Wanted::File(file) => carry(path, bytes(base), bytes(current), &file.bytes).map(|bytes| File { mode: file.mode, bytes }),
            _ => None,
        };
        let file = merged.ok_or_else(|| {
            let ruling = ledger.since(path).map_or_else(String::new, |sequence| format!(" by ruling {sequence}"));
            let again = request.supersedes.as_ref().map_or_else(String::new, |id| format!(" --supersedes {id}"));
            Error::denied(
                format!("`{path}` was changed{ruling} since the draft was made, in the same places"),
                format!("edit it on the main branch, and propose that: omega canon propose{again}"),
            )
        })?;
        *wanted = Wanted::File(file);
        carried.push(path.clone());
    }
    wanted.retain(|path, wanted| !matches!(wanted, Wanted::File(file) if Some(file.content()) == ledger.content(path)));
    Ok(carried)
}

/// The edit that leads from `base` to `edited`, made to `current` instead. Nothing, where both changed the
/// same lines: then only a person can say what is meant.
fn carry(path: &RepoPath, base: Option<&[u8]>, current: Option<&[u8]>, edited: &[u8]) -> Option<Vec<u8>> {
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
