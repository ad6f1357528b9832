//! Which ruling a line of a governed file goes back to, from the ratified bytes alone.

use std::collections::BTreeMap;

use similar::{DiffTag, TextDiff};

use crate::canon::RepoPath;
use crate::digest::Digest;

use super::kinds::{Content, Verdict};
use super::state::Bytes;
use super::state::Ledger;

/// Where a line comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The ruling that made it canon.
    pub ruling: u32,
    /// The ruling that purged the version before, so that the line may be older.
    pub purged_before: Option<u32>,
}

/// A line of a draft that an earlier version had and a ruling removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Returning {
    /// Its number in the draft, from 1.
    pub line: usize,
    /// The line.
    pub text: String,
    /// The ruling that removed it.
    pub ruling: u32,
}

/// Lines shorter than this say too little to be recognised.
const TELLING: usize = 20;

/// The ruling that brought a line (from 0) of what a path holds in the last state; nothing, if that is no
/// text or has no such line.
pub fn origin(ledger: &Ledger, bytes: &Bytes, path: &RepoPath, line: usize) -> Option<Origin> {
    let timeline = ledger.timeline.get(path)?;
    let text = |content: Option<Content>| std::str::from_utf8(bytes.get(&content?.digest)?).ok();
    let mut at = timeline.len().checked_sub(1)?;
    let mut current = text(timeline[at].1)?;
    let mut line = line;
    if line >= current.lines().count() {
        return None;
    }
    loop {
        let (ruling, content) = timeline[at];
        let Some(before) = before(ledger, timeline, at) else { return Some(Origin { ruling, purged_before: None }) };
        let older = timeline[before].1;
        if older != content {
            let Some(older_text) = text(older) else {
                let purged_before = older.and_then(|older| ledger.purged.get(&older.digest).copied());
                return Some(Origin { ruling, purged_before });
            };
            match counterpart(older_text, current, line) {
                Some(number) => (line, current) = (number, older_text),
                None => return Some(Origin { ruling, purged_before: None }),
            }
        }
        at = before;
    }
}

/// Whether a ruling that changed something undid an emergency.
pub fn undoes(ledger: &Ledger, ruling: u32) -> bool {
    ledger.rulings.get(ruling as usize).is_some_and(|ruled| matches!(ruled.verdict, Verdict::Expire | Verdict::Reject))
}

/// The step that a step of a timeline goes back to. What undoes an emergency brings back the bytes of
/// before, and goes back to where these came from.
fn before(ledger: &Ledger, timeline: &[(u32, Option<Content>)], at: usize) -> Option<usize> {
    let (ruling, content) = timeline[at];
    let same = undoes(ledger, ruling).then(|| timeline[..at].iter().rposition(|(_, older)| *older == content)).flatten();
    same.or_else(|| at.checked_sub(1))
}

/// The line of `old` (from 0) that a line of `new` was taken over from; nothing, if it is not in `old`.
pub fn counterpart(old: &str, new: &str, line: usize) -> Option<usize> {
    let diff = TextDiff::from_lines(old, new);
    let op = diff.ops().iter().find(|op| op.tag() == DiffTag::Equal && op.new_range().contains(&line))?;
    Some(op.old_range().start + (line - op.new_range().start))
}

/// The telling lines of a draft that are not ratified now, and that a ruling removed.
pub fn returning(ledger: &Ledger, bytes: &Bytes, path: &RepoPath, draft: &[u8]) -> Vec<Returning> {
    let (Some(timeline), Ok(draft)) = (ledger.timeline.get(path), std::str::from_utf8(draft)) else { return Vec::new() };
    let text = |content: &Option<Content>| content.and_then(|content| std::str::from_utf8(bytes.get(&content.digest)?).ok());
    let mut removed: BTreeMap<&str, u32> = BTreeMap::new();
    for pair in timeline.windows(2) {
        let ((_, old), (ruling, new)) = (&pair[0], &pair[1]);
        // What a purged version said is nobody's business any more.
        let Some(old) = text(old) else { continue };
        let new = text(new).unwrap_or_default();
        for line in new.lines().map(str::trim) {
            removed.remove(line);
        }
        let stays: std::collections::BTreeSet<&str> = new.lines().map(str::trim).collect();
        let gone = old.lines().map(str::trim).filter(|line| line.chars().count() > TELLING && !stays.contains(line));
        removed.extend(gone.map(|line| (line, *ruling)));
    }
    let returns = |(number, line): (usize, &str)| {
        let ruling = removed.get(line.trim())?;
        Some(Returning { line: number + 1, text: line.trim().to_owned(), ruling: *ruling })
    };
    draft.lines().enumerate().filter_map(returns).collect()
}

/// The digests that a path held, in the order in which they came, each once.
pub fn held(ledger: &Ledger, path: &RepoPath) -> Vec<(u32, Digest)> {
    let mut held: Vec<(u32, Digest)> = Vec::new();
    for (ruling, content) in ledger.timeline.get(path).into_iter().flatten() {
        if let Some(content) = content.filter(|content| held.iter().all(|(_, known)| *known != content.digest)) {
            held.push((*ruling, content.digest));
        }
    }
    held
}
