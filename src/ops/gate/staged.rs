//! What is staged: judged before it becomes a commit.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::canon::path::fold;
use crate::canon::policy::{self, IdentityCore};
use crate::canon::text::MAX_TEXT;
use crate::canon::{Who, layout};
use crate::git::{IndexTree, Oid};
use crate::ledger::evidence::read_one;
use crate::tree::{Entry, Listing, Mode, Tree};

use crate::ops::assess::assess;
use crate::ops::verify::{Conclusion, report};

use super::received::{departs, digests};
use super::unfit::malformed;
use super::{Error, Gate, Gated, Hook, drafts_branch};

/// A commit that is about to be made.
pub struct Commit<'a> {
    /// What it would hold.
    pub index: &'a IndexTree,
}

impl Gate<'_> {
    /// Judges what is staged. What changes nothing governed passes at once.
    ///
    /// # Errors
    /// When nothing can be said of the index, or the memory of rulings cannot be understood.
    pub fn commit(&self, hook: Hook, commit: &Commit<'_>) -> Result<Gated, Error> {
        let staged = self.staged(commit.index)?;
        let mut gated = Gated { changed: staged.keys().cloned().collect(), ..Gated::open(hook) };
        if staged.is_empty() {
            return Ok(gated);
        }
        let assessment = assess(commit.index, self.threads)?;
        let rulings = digests(&assessment.judgement.ledger);
        let rolled_back = self.seen.check(&assessment.judgement.ledger)?;
        let mut report = report(assessment, "index", self.pin, self.now);
        let head = self.repo.head()?;
        let branch = head.branch.unwrap_or_default();
        let on_protected = matches!(report.conclusion, Conclusion::Holds | Conclusion::Pending) && self.protected()?.contains(&branch);
        let short = branch.trim_start_matches("refs/heads/");
        if report.conclusion != Conclusion::Holds
            && let Some((fact, hint)) = self.unfit(commit.index, &staged)?
        {
            // What must not be said at all is said first.
            gated.refuse(Conclusion::Violated, fact, hint);
            return Ok(gated);
        }
        if report.conclusion == Conclusion::Violated {
            // What people write is looked at before it is anybody's proposal.
            report.findings.extend(malformed(commit.index, &staged));
            report.findings.dedup();
        }
        match report.conclusion {
            Conclusion::Pending if on_protected => {
                let fact = format!("drafts do not lie on `{short}`, which is protected");
                gated.refuse(report.conclusion, fact, format!("git switch {}", drafts_branch(&report)));
            }
            Conclusion::Holds if on_protected => {
                let before = head.commit.map(|commit| self.rulings_of(commit)).transpose()?.unwrap_or_default();
                if let Some(why) = departs(&before, &rulings) {
                    let fact = format!("`{short}` is protected, and would lose what was ruled: {why}");
                    gated.refuse(Conclusion::Violated, fact, "git restore --staged --worktree .");
                } else if let Some(finding) = rolled_back.first() {
                    gated.refuse(Conclusion::Violated, finding.message.clone(), finding.hint.clone());
                }
            }
            Conclusion::Holds | Conclusion::Pending => {}
            Conclusion::Violated => match self.by_hand(&staged, &report)? {
                Some((path, what)) => gated.refuse(
                    report.conclusion,
                    format!("`{path}` is {what}, and never edited by hand"),
                    format!("git restore --staged --worktree -- {path}"),
                ),
                None => gated.refuse(
                    report.conclusion,
                    "governed files would be committed that the council did not ratify",
                    "propose them instead: git restore --staged .; omega canon propose",
                ),
            },
            Conclusion::Unknown => gated.refuse(
                report.conclusion,
                "nothing can be said: no root is pinned here",
                "omega canon verify shows the root; omega trust pin ROOT",
            ),
        }
        gated.reports.push(report);
        Ok(gated)
    }

    /// The governed paths that the index and HEAD hold differently, with what the index holds.
    pub(super) fn staged(&self, index: &IndexTree) -> Result<BTreeMap<String, Option<Entry>>, Error> {
        let head = self.repo.head()?.commit.map(|commit| self.repo.revision(commit)).transpose()?;
        governed_changes(head.as_ref().map(|head| head as &dyn Tree), index)
    }
}

/// The governed paths that two trees hold differently, with what the new one holds; none, where neither has a canon.
/// What could change how governed paths are found or read counts as one.
pub(super) fn governed_changes(old: Option<&dyn Tree>, new: &dyn Tree) -> Result<BTreeMap<String, Option<Entry>>, Error> {
    let has_canon = |tree: &dyn Tree| -> Result<bool, Error> {
        let mut known = tree.folder_ids();
        if known(b"canon").is_some() {
            return Ok(true);
        }
        Ok(tree.list(&|folder| is_canon(folder))?.entries.iter().any(|entry| is_canon(&entry.path)))
    };
    if !has_canon(new)? && !old.map(has_canon).transpose()?.unwrap_or(false) {
        return Ok(BTreeMap::new());
    }
    let scope = Governed::of(old, new, None)?;
    // Folders with one id hold the same, and nothing governed lies outside of those that `who` looks into.
    let ids = RefCell::new((old.map(|old| old.folder_ids()), new.folder_ids()));
    let differs = |folder: &[u8]| {
        let (old, new) = &mut *ids.borrow_mut();
        let was = old.as_mut().and_then(|old| old(folder));
        was.is_none() || was != new(folder)
    };
    let relevant = |folder: &[u8]| {
        let matters = is_canon(folder) || std::str::from_utf8(folder).map_or(true, |folder| scope.any(&|who| who.reaches_into(folder)));
        matters && differs(folder)
    };
    let new = new.list(&relevant)?;
    let old = old.map(|old| old.list(&relevant)).transpose()?.unwrap_or_default();
    Ok(scope.changes(&old, &new).into_iter().map(|(path, (_, is))| (path, is)).collect())
}

/// What two trees govern, as far as they can be understood.
pub(in crate::ops) struct Governed {
    /// What cannot be read may govern everything.
    who: Vec<Option<Who>>,
}

impl Governed {
    /// Whoever narrows `who` in a draft does not get what it named past a gate: what either tree says counts, and
    /// what was ratified.
    pub(in crate::ops) fn of(old: Option<&dyn Tree>, new: &dyn Tree, ratified: Option<&Who>) -> Result<Self, Error> {
        let mut who = vec![who_of(new)?];
        if let Some(old) = old {
            who.push(who_of(old)?);
        }
        who.extend(ratified.map(|ratified| Some(ratified.clone())));
        Ok(Self { who })
    }

    fn any(&self, says: &dyn Fn(&Who) -> bool) -> bool {
        self.who.iter().any(|who| who.as_ref().is_none_or(says))
    }

    fn covers(&self, entry: &Entry) -> bool {
        let Ok(path) = std::str::from_utf8(&entry.path) else { return true };
        // A link or submodule can stand above governed paths, and attributes can convert them.
        let leads = matches!(entry.mode, Mode::Link | Mode::Submodule) && self.any(&|who| who.reaches_into(path));
        leads || self.covers_path(path)
    }

    /// Whether a file with this path counts as governed, or says how governed ones are read.
    pub(in crate::ops) fn covers_path(&self, path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or_default();
        is_canon(path.as_bytes()) || fold(name) == ".gitattributes" || self.any(&|who| who.matches(path))
    }

    /// As [`governed_changes`], between two whole listings.
    pub(in crate::ops) fn differences(&self, old: &Listing, new: &Listing) -> BTreeMap<String, Sides> {
        if !new.entries.iter().chain(&old.entries).any(|entry| is_canon(&entry.path)) {
            return BTreeMap::new();
        }
        self.changes(old, new)
    }

    fn changes(&self, old: &Listing, new: &Listing) -> BTreeMap<String, Sides> {
        let mut changes = differences(old, new, &|entry| self.covers(entry));
        // Of two entries with one path only one was compared.
        changes.extend(new.defects.iter().map(|(path, _)| (String::from_utf8_lossy(path).into_owned(), (None, None))));
        changes
    }
}

/// What a path held, and what it holds.
pub(in crate::ops) type Sides = (Option<Entry>, Option<Entry>);

/// The paths that two listings hold differently, as far as `counts` says yes to either side.
pub(in crate::ops) fn differences(old: &Listing, new: &Listing, counts: &dyn Fn(&Entry) -> bool) -> BTreeMap<String, Sides> {
    let by_path = |listing: &Listing| -> BTreeMap<Vec<u8>, Entry> {
        listing.entries.iter().filter(|entry| counts(entry)).map(|entry| (entry.path.clone(), entry.clone())).collect()
    };
    let (mut was, mut is) = (by_path(old), by_path(new));
    let paths: BTreeSet<Vec<u8>> = was.keys().chain(is.keys()).cloned().collect();
    let mut changes = BTreeMap::new();
    for path in paths {
        let (was, is) = (was.remove(&path), is.remove(&path));
        let same = matches!((&was, &is), (Some(was), Some(is)) if was.id == is.id && was.mode == is.mode);
        if !same {
            changes.insert(String::from_utf8_lossy(&path).into_owned(), (was, is));
        }
    }
    changes
}

pub(super) fn is_canon(path: &[u8]) -> bool {
    let first = path.split(|byte| *byte == b'/').next().unwrap_or_default();
    fold(&String::from_utf8_lossy(first)) == "canon"
}

/// What a tree's identity document governs; nothing, if it cannot be read: then everything may be governed.
fn who_of(tree: &dyn Tree) -> Result<Option<Who>, Error> {
    let path = layout::document(&"OMEGA_IDENTITY".parse().expect("a document name"));
    let bytes = read_one(tree, &path, MAX_TEXT)?;
    Ok(bytes.and_then(|bytes| policy::read::<IdentityCore>(&bytes).ok()).map(|core| core.who))
}

/// Whether a commit has anything under `canon/`, however that is spelled.
pub(in crate::ops) fn has_canon(repo: &crate::git::Repo, commit: Oid) -> Result<bool, Error> {
    let tree = repo.revision(commit)?;
    Ok(tree.list(&|folder| is_canon(folder) && !folder.contains(&b'/'))?.entries.iter().any(|entry| is_canon(&entry.path)))
}
