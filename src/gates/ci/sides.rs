//! The two sides of a change, as commits of this repository; and the tree that it would come to.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::canon::Who;
use crate::canon::text::visible;
use crate::finding::{Code, Finding};
use crate::gates::governed::Governed;
use crate::git::{GitError, Meeting, MergedTree, Oid, Repo, RevTree};
use crate::shell;
use crate::tree::{Listing, Reader, Tree, TreeError};
use crate::workspace::Error;

use super::asked::{Asked, Wanted};

/// A file, and where git may put it.
type Moved = (Vec<u8>, Vec<u8>);

/// More places to which files could be moved along are not looked at.
const MAX_TARGETS: usize = 1_000_000;

/// What was judged, and how it came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum How {
    /// The merge of the head into the base, worked out here.
    Merge,
    /// The head as it is: it contains the base, takes its place, or there is no base.
    Head,
    /// The merge commit that the forge prepared: the head itself is not in this checkout.
    Prepared,
    /// The base as it is: it contains the head already.
    Base,
}

/// Both sides, found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sides {
    pub(super) base: Option<Oid>,
    pub(super) head: Oid,
    /// The head is the merge commit that the forge prepared.
    prepared: bool,
}

/// The tree that a change comes to.
pub(super) enum Outcome {
    Revision(RevTree),
    Merged(MergedTree),
}

impl Tree for Outcome {
    fn list(&self, enter: &dyn Fn(&[u8]) -> bool) -> Result<Listing, TreeError> {
        match self {
            Self::Revision(tree) => tree.list(enter),
            Self::Merged(tree) => tree.list(enter),
        }
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        match self {
            Self::Revision(tree) => tree.reader(),
            Self::Merged(tree) => tree.reader(),
        }
    }
}

impl Sides {
    /// Finds both sides here.
    ///
    /// # Errors
    /// Unknown, with what to fetch, if one of them is not here.
    pub(super) fn find(repo: &Repo, asked: &Asked) -> Result<Self, Error> {
        let prepared = asked.prepared.as_deref().and_then(|id| merge_of(repo, id, asked.head.names.first()?));
        let base = match (&asked.base, prepared) {
            (None, _) => None,
            // The first parent of the prepared merge is what the forge would have merged into when it prepared it. A job that is
            // run again keeps that merge, and the branch may have gone on.
            (Some(wanted), Some((_, into))) if here(repo, into) => Some(goes_on(repo, wanted, into).unwrap_or(into)),
            (Some(wanted), _) => Some(first_here(repo, wanted)?),
        };
        match (first_here(repo, &asked.head), prepared) {
            (Ok(head), _) => Ok(Self { base, head, prepared: false }),
            (Err(_), Some((merge, into))) if here(repo, merge) && base == Some(into) => Ok(Self { base, head: merge, prepared: true }),
            (Err(error), _) => Err(error),
        }
    }

    /// What the change comes to, and what stands against it coming to anything.
    ///
    /// # Errors
    /// Unknown, with what to fetch, if it cannot be known where both sides meet.
    pub(super) fn outcome(&self, repo: &Repo, asked: &Asked, ratified: Option<&Who>) -> Result<(How, Outcome, Vec<Finding>), Error> {
        let as_is = |how, commit| Ok((how, Outcome::Revision(repo.revision(commit)?), Vec::new()));
        let Some(base) = self.base.filter(|_| !asked.replaces) else { return as_is(How::Head, self.head) };
        if self.prepared {
            return as_is(How::Prepared, self.head);
        }
        let meetings = match repo.meeting(base, self.head)? {
            Meeting::Contains => return as_is(How::Head, self.head),
            Meeting::Contained => return as_is(How::Base, base),
            Meeting::At(commits) => commits,
            Meeting::CutOff => match asked.meeting.as_deref().and_then(|id| id.parse().ok()).filter(|commit| here(repo, *commit)) {
                Some(commit) => vec![commit],
                None => return Err(cut_off(base, self.head)),
            },
        };
        self.merge(repo, base, &meetings, ratified)
    }

    fn merge(&self, repo: &Repo, base: Oid, meetings: &[Oid], ratified: Option<&Who>) -> Result<(How, Outcome, Vec<Finding>), Error> {
        let theirs = repo.revision(self.head)?;
        // A merge takes folders of the head as they are, with all that is wrong with them.
        let defects = theirs.list(&|_| true)?.defects;
        if !defects.is_empty() {
            let finding = |(path, what): &(Vec<u8>, String)| Finding::error(Code::TreeDefect, String::from_utf8_lossy(path), what);
            return Ok((How::Head, Outcome::Revision(theirs), defects.iter().map(finding).collect()));
        }
        let Some((first, more)) = meetings.split_first() else {
            let what = "head and base have no commit in common, and git merges no such histories";
            let finding =
                Finding::error(Code::Conflict, "canon", what).hint("start the branch again from the base, and carry the edits over");
            return Ok((How::Head, Outcome::Revision(theirs), vec![finding]));
        };
        let merge = repo.merge_trees(Some(*first), base, self.head)?;
        let outcome = repo.merged(base, &merge)?;
        let ours = repo.revision(base)?;
        let governed = Governed::of(Some(&ours), &outcome, ratified)?;
        let covers = |path: &[u8]| std::str::from_utf8(path).map_or(true, |path| governed.covers_path(path));
        let mut findings = Vec::new();
        let conflict = |path: &[u8], what: &str| Finding::error(Code::Conflict, String::from_utf8_lossy(path), what);
        let both = "both sides changed it since they diverged, and what git merges is neither side's version";
        findings.extend(merge.conflicts.iter().filter(|path| covers(path)).map(|path| conflict(path, both)));
        // Git follows renames: an edit of a file that the other side moved to a governed path would arrive there.
        if let Some(moved) = self.moved_and_edited(repo, base, *first, &merge.conflicts, &covers)? {
            findings
                .push(conflict(&moved, "one side removed or moved it and the other edited it; git may carry the edit to a governed path"));
        }
        for other in more {
            let merged = repo.merge_trees(Some(*other), base, self.head)?;
            let differing = merge.edits.iter().filter(|(path, edit)| merged.edits.get(*path) != Some(*edit));
            let differing = differing.chain(merged.edits.iter().filter(|(path, edit)| merge.edits.get(*path) != Some(*edit)));
            let what = "the histories meet in several commits, and it depends on them what the merge takes";
            findings.extend(differing.filter(|(path, _)| covers(path)).map(|(path, _)| conflict(path, what)));
            findings.extend(merged.conflicts.iter().filter(|path| covers(path)).map(|path| conflict(path, what)));
            if let Some(moved) = self.moved_and_edited(repo, base, *other, &merged.conflicts, &covers)? {
                findings.push(conflict(&moved, what));
            }
        }
        for meeting in meetings {
            let moved = self.moved_folders(repo, base, *meeting, &covers)?;
            findings.extend(moved.iter().map(|(path, to)| {
                let to = String::from_utf8_lossy(to);
                conflict(path, &format!("the other side moved or removed its folder; git may move it along, to `{}`", visible(&to)))
            }));
        }
        findings.sort_by(|a, b| a.path.cmp(&b.path));
        findings.dedup_by(|a, b| a.path == b.path);
        Ok((How::Merge, Outcome::Merged(outcome), findings))
    }

    /// New files of one side in a folder that is gone on the other, with a governed path where git would put them if it took
    /// that folder for moved (`merge.directoryRenames`). Which folder git takes for the new one depends on likeness, so every
    /// folder that got a file counts.
    fn moved_folders(&self, repo: &Repo, base: Oid, meeting: Oid, covers: &dyn Fn(&[u8]) -> bool) -> Result<Vec<Moved>, Error> {
        let list = |commit| -> Result<BTreeSet<Vec<u8>>, Error> {
            Ok(repo.revision(commit)?.list(&|_| true)?.entries.into_iter().map(|entry| entry.path).collect())
        };
        let (old, ours, theirs) = (list(meeting)?, list(base)?, list(self.head)?);
        let old_folders = folders(&old);
        let (mut moved, mut left) = (Vec::new(), MAX_TARGETS);
        for (side, other) in [(&ours, &theirs), (&theirs, &ours)] {
            let there = folders(other);
            let gone: BTreeSet<&[u8]> =
                old_folders.iter().copied().filter(|folder| !folder.is_empty() && !there.contains(folder)).collect();
            if gone.is_empty() {
                continue;
            }
            let got: BTreeSet<Vec<u8>> = other.difference(&old).cloned().collect();
            let targets = folders(&got);
            for path in side.difference(&old) {
                let within = above(path).filter(|folder| gone.contains(folder));
                let mut to = within.flat_map(|folder| targets.iter().map(move |target| inside(target, &path[folder.len() + 1..])));
                // What cannot be looked at whole is not let through.
                if let Some(to) = judge(&mut to, &mut left, covers) {
                    moved.push((path.clone(), to));
                }
            }
        }
        Ok(moved)
    }

    /// A path that one side removed and the other changed, where a governed path appeared on either side.
    fn moved_and_edited(
        &self,
        repo: &Repo,
        base: Oid,
        meeting: Oid,
        conflicts: &[Vec<u8>],
        covers: &dyn Fn(&[u8]) -> bool,
    ) -> Result<Option<Vec<u8>>, Error> {
        if conflicts.is_empty() {
            return Ok(None);
        }
        let list = |commit| -> Result<Vec<Vec<u8>>, Error> {
            Ok(repo.revision(commit)?.list(&|_| true)?.entries.into_iter().map(|entry| entry.path).collect())
        };
        let (old, sides) = (list(meeting)?, [list(base)?, list(self.head)?]);
        let has = |paths: &[Vec<u8>], path: &Vec<u8>| paths.binary_search(path).is_ok();
        let is_target = |path: &&Vec<u8>| !has(&old, path) && covers(path);
        if !sides.iter().flatten().any(|path| is_target(&path)) {
            return Ok(None);
        }
        Ok(conflicts.iter().find(|path| has(&old, path) && sides.iter().any(|side| !has(side, path))).cloned())
    }
}

/// The first place that is governed, or that is one too many to be looked at.
fn judge(places: &mut impl Iterator<Item = Vec<u8>>, left: &mut usize, covers: &dyn Fn(&[u8]) -> bool) -> Option<Vec<u8>> {
    places.find(|place| {
        let is_too_many = *left == 0;
        *left = left.saturating_sub(1);
        is_too_many || covers(place)
    })
}

/// The folders above a path, the root last.
fn above(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.iter().enumerate().rev().filter(|(_, byte)| **byte == b'/').map(|(at, _)| &path[..at]).chain([&path[..0]])
}

/// All folders above some paths.
fn folders(paths: &BTreeSet<Vec<u8>>) -> BTreeSet<&[u8]> {
    paths.iter().flat_map(|path| above(path)).collect()
}

fn inside(folder: &[u8], rest: &[u8]) -> Vec<u8> {
    if folder.is_empty() { rest.to_vec() } else { [folder, b"/", rest].concat() }
}

/// A commit by its id, with its parents, if it is the merge of this head.
fn merge_of(repo: &Repo, id: &str, head: &str) -> Option<(Oid, Oid)> {
    let (merge, head): (Oid, Oid) = (id.parse().ok()?, head.parse().ok()?);
    match repo.parents(merge).ok()?.as_slice() {
        [into, merged] if *merged == head => Some((merge, *into)),
        _ => None,
    }
}

/// What is known here of the branch, if it goes on from a commit.
fn goes_on(repo: &Repo, wanted: &Wanted, from: Oid) -> Option<Oid> {
    let known = wanted.names.iter().filter_map(|name| name.parse().ok().or_else(|| repo.resolve(name).ok()));
    known.filter(|tip| *tip != from && here(repo, *tip)).find(|tip| matches!(repo.meeting(from, *tip), Ok(Meeting::Contains)))
}

/// Whether a commit and its tree are here.
fn here(repo: &Repo, commit: Oid) -> bool {
    repo.revision(commit).is_ok_and(|tree| tree.list(&|_| false).is_ok())
}

fn first_here(repo: &Repo, wanted: &Wanted) -> Result<Oid, Error> {
    let mut unknown = None;
    for name in &wanted.names {
        let found = match name.parse::<Oid>() {
            Ok(id) => Some(id),
            Err(_) => match repo.resolve(name) {
                Ok(commit) => Some(commit),
                Err(error @ (GitError::Revision { .. } | GitError::NoRevision { .. })) => {
                    unknown.get_or_insert(error);
                    None
                }
                Err(error) => return Err(error.into()),
            },
        };
        if let Some(commit) = found.filter(|commit| here(repo, *commit)) {
            return Ok(commit);
        }
    }
    if wanted.fetch.is_empty() {
        return Err(unknown.map_or_else(|| Error::usage("no commit is named", "omega ci --base REV --head REV"), Error::from));
    }
    let name = wanted.names.first().map_or(wanted.fetch.as_str(), String::as_str);
    Err(Error::unknown(format!("`{}` is not in this clone", visible(name)), fetch(&wanted.fetch)))
}

/// What brings one commit or branch into a clone. A branch gets the name that it is looked for by.
pub(super) fn fetch(what: &str) -> String {
    if what.starts_with("refs/") || what.parse::<Oid>().is_ok() {
        return format!("git fetch --depth=1 origin {}", shell::quote(what));
    }
    format!("git fetch origin {}", shell::quote(&format!("+refs/heads/{what}:refs/remotes/origin/{what}")))
}

fn cut_off(base: Oid, head: Oid) -> Error {
    Error::unknown(
        format!("this clone is shallow, and does not reach to where {base} and {head} part"),
        "git fetch --unshallow origin; or let the job check out all history (fetch-depth: 0, GIT_DEPTH: 0)",
    )
}
