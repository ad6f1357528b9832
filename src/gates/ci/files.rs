//! What changes in the files that people read, bounded, however large a change is.

use serde::Serialize;
use similar::TextDiff;

use crate::canon::text::MAX_TEXT;
use crate::canon::{Place, RepoPath, ResolutionId};
use crate::digest::Digest;
use crate::enforcement::{self, Shift};
use crate::finding::{Code, Finding, Severity};
use crate::git::RevTree;
use crate::tree::{Entry, Listing, Mode, Tree, TreeError};
use crate::words::words;
use crate::workspace::Error;
use crate::workspace::assess::Assessment;

use super::sides::Outcome;
use super::{Changed, configures, deciding};

/// Larger files are not compared: it would take too long.
const MAX_COMPARED: u64 = 256 << 10;
/// Files of more lines are not compared either.
const MAX_LINES: usize = 6000;
/// The most bytes of differences that a report holds, and of a single one.
const MAX_ALL: usize = 256 << 10;
const MAX_ONE: usize = 32 << 10;
/// The most work that the differences of a report cost, in lines of the one side times lines of the other.
const MAX_WORK: usize = 200_000_000;
/// The most files that a report names.
const MAX_FILES: usize = 300;
/// The most enforcement cases that a report tells of for one document.
const MAX_SHIFTS: usize = 100;

words! {
    /// Where a changed file stands.
    pub enum Stands {
        /// It is what the council ratified.
        Ratified = "ratified",
        /// It is what an open proposal asks for.
        Draft = "draft",
        /// It is neither.
        Unratified = "unratified",
    }
}

/// One governed file that changes.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct FileChange {
    /// The path.
    pub path: String,
    /// `added`, `removed` or `changed`.
    pub what: String,
    /// Where it stands in the result.
    pub stands: Stands,
    /// The open proposal that asks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolution: Option<ResolutionId>,
    /// The first line that differs, in the result.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The difference, with three lines around each change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diff: Option<String>,
    /// The enforcement cases that come out otherwise, where the file is a document.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shifts: Vec<Shift>,
    /// Why the difference is not there, or not whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cut: Option<String>,
}

/// The changed files that are neither records nor what follows from them.
///
/// # Errors
/// When an object is missing.
pub(super) fn changes(
    changed: &Changed,
    base: Option<&RevTree>,
    outcome: &Outcome,
    assessment: &Assessment,
) -> Result<Vec<FileChange>, Error> {
    let mut files = Vec::new();
    let (mut left, mut work) = (MAX_ALL, MAX_WORK);
    let told = changed.iter().filter(|(path, (was, is))| (was.is_some() || is.is_some()) && is_read(path));
    for (path, (was, is)) in told.take(MAX_FILES) {
        let (stands, resolution) = stands(path, is.as_ref(), outcome, assessment)?;
        let what = match (was, is) {
            (None, _) => "added",
            (_, None) => "removed",
            _ => "changed",
        };
        let Compared { line, diff, mut cut } = compare(base, was.as_ref(), outcome, is.as_ref(), &mut work)?;
        let diff = diff.filter(|diff| {
            let fits = diff.len() <= left;
            if !fits {
                cut = Some("the change as a whole is too large to show more of it".to_owned());
            }
            left -= diff.len() * usize::from(fits);
            fits
        });
        let shifts = match (was, is) {
            // What nobody has put forward with their name is not asked anything.
            (Some(was), Some(is)) if stands != Stands::Unratified => shifts(path, base, was, outcome, is)?,
            _ => Vec::new(),
        };
        files.push(FileChange { path: path.clone(), what: what.to_owned(), stands, resolution, line, diff, shifts, cut });
    }
    Ok(files)
}

/// Warnings about edits of what decides how changes are checked.
///
/// # Errors
/// When an object is missing.
pub(super) fn check_edited(old: &Listing, new: &Listing, base: Option<&RevTree>, outcome: &Outcome) -> Result<Vec<Finding>, Error> {
    let mut findings = Vec::new();
    for (path, (was, is)) in deciding(old, new).iter().take(MAX_FILES) {
        let what = match (was, is) {
            (None, _) => "adds",
            (_, None) => "removes",
            _ => "edits",
        };
        let decides = configures::decides(path).unwrap_or("how changes are checked");
        let finding = Finding::error(Code::CheckEdited, path, format!("this change {what} what decides {decides}"));
        let line = compare(base, was.as_ref(), outcome, is.as_ref(), &mut 0)?.line.filter(|_| is.is_some());
        findings.push(Finding { severity: Severity::Warning, line, ..finding });
    }
    Ok(findings)
}

/// Whether people read this file: records are told of otherwise, and the rest follows from them.
fn is_read(path: &str) -> bool {
    match path.parse::<RepoPath>() {
        Ok(path) if path.is_canon() => Place::of(&path).is_none_or(|place| place.is_state()),
        _ => true,
    }
}

/// The enforcement cases of a document that come out otherwise than before.
fn shifts(path: &str, base: Option<&RevTree>, was: &Entry, outcome: &Outcome, is: &Entry) -> Result<Vec<Shift>, Error> {
    let Some(Place::Document(name)) = path.parse::<RepoPath>().ok().and_then(|path| Place::of(&path)) else { return Ok(Vec::new()) };
    let (Some(old), Some(new)) = (read(base.map(|tree| tree as &dyn Tree), Some(was))?, read(Some(outcome), Some(is))?) else {
        return Ok(Vec::new());
    };
    // What is no valid document is found by the judgement.
    let mut shifts = enforcement::shifts(&name, &old, &new).unwrap_or_default();
    shifts.truncate(MAX_SHIFTS);
    Ok(shifts)
}

fn stands(path: &str, is: Option<&Entry>, outcome: &Outcome, assessment: &Assessment) -> Result<(Stands, Option<ResolutionId>), Error> {
    let judgement = &assessment.judgement;
    let Ok(path) = path.parse::<RepoPath>() else { return Ok((Stands::Unratified, None)) };
    if let Some(draft) = judgement.drafts.iter().find(|draft| draft.path == path) {
        return Ok((Stands::Draft, Some(draft.resolution.clone())));
    }
    let ratified = match (judgement.ledger.content(&path), is) {
        (None, None) => true,
        (Some(content), Some(entry)) => outcome_digest(outcome, entry)? == Some(content.digest),
        _ => false,
    };
    Ok((if ratified { Stands::Ratified } else { Stands::Unratified }, None))
}

fn outcome_digest(outcome: &Outcome, entry: &Entry) -> Result<Option<Digest>, Error> {
    match outcome.reader().read(entry, crate::canon::text::MAX_BYTES) {
        Ok(bytes) => Ok(Some(Digest::of(&bytes))),
        Err(TreeError::TooLarge { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

#[derive(Default)]
struct Compared {
    line: Option<usize>,
    diff: Option<String>,
    cut: Option<String>,
}

/// Compares two files for as much work as is left; the first line that differs is always found.
fn compare(
    base: Option<&RevTree>,
    was: Option<&Entry>,
    outcome: &Outcome,
    is: Option<&Entry>,
    work: &mut usize,
) -> Result<Compared, Error> {
    let cut = |why: &str| Ok(Compared { cut: Some(why.to_owned()), ..Compared::default() });
    let link = |entry: Option<&Entry>| entry.is_some_and(|entry| !matches!(entry.mode, Mode::File | Mode::Exec));
    if link(was) || link(is) {
        return cut("a link or submodule");
    }
    let (Some(old), Some(new)) = (read(base.map(|tree| tree as &dyn Tree), was)?, read(Some(outcome), is)?) else {
        return cut("too large to compare");
    };
    let (Ok(old), Ok(new)) = (String::from_utf8(old), String::from_utf8(new)) else { return cut("not text") };
    let line = first_difference(&old, &new);
    let lines = [old.lines().count(), new.lines().count()];
    if lines.iter().any(|lines| *lines > MAX_LINES) {
        return Ok(Compared { line, cut: Some("too long to compare".to_owned()), diff: None });
    }
    let Some(left) = work.checked_sub(lines.iter().product()) else {
        return Ok(Compared { line, cut: Some("the change as a whole is too large to compare more of it".to_owned()), diff: None });
    };
    *work = left;
    let mut diff = TextDiff::from_lines(&old, &new).unified_diff().context_radius(3).to_string();
    let whole = diff.len();
    if whole > MAX_ONE {
        // A byte that ends a line is never a part of another character.
        let end = diff.as_bytes()[..MAX_ONE].iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        diff.truncate(end);
    }
    let cut = (whole > MAX_ONE).then(|| format!("the first {} of {whole} bytes of the difference", diff.len()));
    Ok(Compared { line, diff: Some(diff), cut })
}

/// The bytes of one side, none where it has no such file; nothing, if there are too many.
fn read(tree: Option<&dyn Tree>, entry: Option<&Entry>) -> Result<Option<Vec<u8>>, Error> {
    let (Some(tree), Some(entry)) = (tree, entry) else { return Ok(Some(Vec::new())) };
    match tree.reader().read(entry, MAX_COMPARED.min(MAX_TEXT)) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(TreeError::TooLarge { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The first line of the new text that is not in its place in the old one.
fn first_difference(old: &str, new: &str) -> Option<usize> {
    let (mut before, mut after) = (old.split_inclusive('\n'), new.split_inclusive('\n'));
    (1..).find_map(|number| match (before.next(), after.next()) {
        (None, None) => Some(None),
        (old, new) if old != new => Some(Some(if new.is_some() { number } else { (number - 1).max(1) })),
        _ => None,
    })?
}
