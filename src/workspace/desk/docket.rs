//! What a ruling is made on: the main branch with the records of one resolution. Whatever else is on the branch of that
//! resolution stays there.

use std::collections::{BTreeMap, BTreeSet};

use crate::canon::text::visible;
use crate::canon::{RepoPath, ResolutionId, layout};
use crate::finding::Code;
use crate::git::{Edit, Oid};
use crate::ledger::kinds::Proposal;
use crate::ledger::state::{Law, Ledger};
use crate::shell::quote;
use crate::tree::{Mode, Tree as _};
use crate::workspace::assess::Assessment;
use crate::workspace::draft::holds_edit;
use crate::workspace::{Error, attributes, find};

use super::Desk;
use crate::workspace::edits::Edits;

/// A branch with more commits of its own than this is not walked through.
const MAX_COMMITS: usize = 10_000;

/// The main branch of a canon: the first that it protects.
#[derive(Clone, Debug)]
pub struct Main {
    /// Its full name.
    pub name: String,
    /// The newest commit of it that is known: here, or as it was fetched.
    pub tip: Oid,
    /// Where it is here; nothing, where only a remote has it.
    pub here: Option<Oid>,
}

/// The main branch with the records of one resolution.
pub struct Docket {
    /// The main branch.
    pub main: Main,
    /// Its tree with the records.
    pub tree: Oid,
    /// What that tree is. The governed paths that the proposal changes need not be as ratified: a ruling writes them.
    pub assessment: Assessment,
    /// What the branch of the resolution is by itself.
    pub branch: Assessment,
    /// The paths outside of the resolution that commits on its branch change. They are left behind.
    pub left: BTreeSet<String>,
}

impl Desk<'_> {
    /// The main branch.
    ///
    /// # Errors
    /// Denied, if neither this clone nor a remote has it.
    pub fn main(&self, law: &Law) -> Result<Main, Error> {
        let name = law.protected_refs[0].clone();
        let here = self.repo.find_ref(&name)?;
        let tip = here.map_or_else(|| find::fetched(self.repo, &name), |tip| Ok(Some(tip)))?.ok_or_else(|| {
            let short = name.trim_start_matches("refs/heads/");
            let hint = match self.repo.remotes().first() {
                Some(remote) => format!("fetch it: git fetch {0} {1}:{1}", quote(remote), quote(short)),
                None => format!("make it: git branch {}", quote(short)),
            };
            Error::denied(format!("there is no branch `{short}` in this clone, and the canon protects that one"), hint)
        })?;
        Ok(Main { name, tip, here })
    }

    /// Judges a commit or tree that is built upon. The paths for which `rewritten` says yes need not be as ratified: what is made
    /// next writes them.
    ///
    /// # Errors
    /// Violated, if anything else does not hold, or it is not the pinned canon.
    pub fn assess_but_for(
        &self,
        known: Option<&Assessment>,
        tree: Oid,
        rewritten: &dyn Fn(&RepoPath) -> bool,
    ) -> Result<Assessment, Error> {
        let assessment = self.judge(known, tree)?;
        must_hold_but_for(&assessment, rewritten)?;
        self.hold_to_pin(&assessment.judgement.ledger)?;
        Ok(assessment)
    }

    /// Puts the records of a resolution onto the main branch.
    ///
    /// # Errors
    /// Denied, if commits that were joined hold different records at one place; violated, if the main branch does not hold
    /// with them.
    pub fn docket(&self, found: &find::Found, id: &ResolutionId) -> Result<Docket, Error> {
        let branch = self.look_at(found.tips[0])?;
        let main = self.main(branch.law()?)?;
        let changed = changed_paths(&branch, id);
        let rewritten = |path: &RepoPath| changed.contains(path);
        let before = self.assess_but_for(Some(&branch), main.tip, &rewritten)?;
        let records = self.records(&found.tips, id, &before.judgement.ledger)?;
        let tree = self.repo.write_tree(Some(main.tip), &records)?;
        let assessment = self.assess_but_for(Some(&before), tree, &rewritten)?;
        let left = self.beside(&main, found, &changed)?;
        Ok(Docket { main, tree, assessment, branch, left })
    }

    /// The files of a resolution, and of those that it supersedes, as commits hold them; those that the main branch has closed
    /// are there already.
    pub fn records(&self, tips: &[Oid], id: &ResolutionId, main: &Ledger) -> Result<Edits, Error> {
        let mut edits = Edits::new();
        let (mut open, mut seen) = (vec![id.clone()], BTreeSet::new());
        while let Some(id) = open.pop() {
            if main.closed.contains_key(&id) || !seen.insert(id.clone()) {
                continue;
            }
            for tip in tips {
                let folder = layout::folder(&id);
                let mut held = self.taken(*tip, &[format!("{folder}/")])?;
                // A ruling renders these two anew.
                for derived in ["transcript.md", "docket.md"] {
                    held.remove(format!("{folder}/{derived}").as_bytes());
                }
                join(&mut edits, held)?;
                let Some(proposal) = find::proposal(&self.repo.revision(*tip)?, &id)? else { continue };
                let bytes: Vec<String> =
                    proposal.changes.iter().filter_map(|change| Some(layout::bytes(&change.after?).to_string())).collect();
                join(&mut edits, self.taken(*tip, &bytes)?)?;
                open.extend(proposal.supersedes);
            }
        }
        Ok(edits)
    }

    /// What a commit holds at these paths, and below those that end with `/`.
    fn taken(&self, from: Oid, paths: &[String]) -> Result<Edits, Error> {
        let is_wanted = |path: &[u8]| {
            paths.iter().any(|wanted| if wanted.ends_with('/') { path.starts_with(wanted.as_bytes()) } else { path == wanted.as_bytes() })
        };
        let is_on_the_way = |folder: &[u8]| {
            let folder = [folder, b"/"].concat();
            paths
                .iter()
                .any(|wanted| wanted.as_bytes().starts_with(&folder) || (wanted.ends_with('/') && folder.starts_with(wanted.as_bytes())))
        };
        let listing = self.repo.revision(from)?.list(&is_on_the_way)?;
        let wanted = listing.entries.into_iter().filter(|entry| is_wanted(&entry.path));
        Ok(wanted.filter_map(|entry| Some((entry.path, Edit::Keep { mode: entry.mode, id: entry.id? }))).collect())
    }

    /// The paths that commits on the branch of a resolution change and that do not belong to it.
    fn beside(&self, main: &Main, found: &find::Found, changed: &BTreeSet<RepoPath>) -> Result<BTreeSet<String>, Error> {
        let brought = self.repo.brought(&found.tips, &[main.tip], MAX_COMMITS)?.unwrap_or_default();
        let beside = brought.iter().flat_map(|commit| &commit.paths).filter(|path| !belongs(path, changed));
        Ok(beside.map(|path| String::from_utf8_lossy(path).into_owned()).collect())
    }

    /// Whether a commit holds all that the branch of a resolution does, so that nothing is lost with the branch.
    ///
    /// # Errors
    /// When an object is missing.
    pub fn is_spent(&self, branch: Oid, id: &ResolutionId, left: &BTreeSet<String>, by: Oid) -> Result<bool, Error> {
        let folder = [format!("{}/", layout::folder(id))];
        let (there, here) = (self.taken(branch, &folder)?, self.taken(by, &folder)?);
        Ok(left.is_empty() && there.iter().all(|(path, edit)| here.get(path) == Some(edit)))
    }

    /// Whether a branch of a resolution that is closed on the main branch has nothing that the main branch does not have: no
    /// record, no ruling, and no commit that changes anything else.
    ///
    /// # Errors
    /// When an object is missing.
    pub fn is_contained(&self, tip: Oid, id: &ResolutionId, main: &Assessment, at: Oid) -> Result<bool, Error> {
        if !main.judgement.ledger.closed.contains_key(id) {
            return Ok(false);
        }
        let kept = ["canon/resolutions/", "canon/ledger/"].map(str::to_owned);
        let (there, here) = (self.taken(tip, &kept)?, self.taken(at, &kept)?);
        // A ruling renders these two anew.
        let is_derived = |path: &[u8]| path.ends_with(b"/transcript.md") || path.ends_with(b"/docket.md");
        if there.iter().any(|(path, edit)| !is_derived(path) && here.get(path) != Some(edit)) {
            return Ok(false);
        }
        // What cannot be walked through may hold anything.
        let Some(brought) = self.repo.brought(&[tip], &[at], MAX_COMMITS)? else { return Ok(false) };
        let changed = changed_paths(main, id);
        Ok(brought.iter().flat_map(|commit| &commit.paths).all(|path| belongs(path, &changed)))
    }

    /// The paths for which the local content is all in what a ruling makes of them, so that nothing is lost where they are
    /// written: what the ruling brings, before omega stamped it, or a part of that.
    ///
    /// # Errors
    /// When index or work tree cannot be read.
    pub fn taken_up(&self, before: &Assessment, after: &Assessment, paths: &[RepoPath]) -> Result<Vec<RepoPath>, Error> {
        if self.repo.is_bare() {
            return Ok(Vec::new());
        }
        let on_the_way = |folder: &[u8]| paths.iter().any(|path| path.as_str().as_bytes().starts_with(&[folder, b"/"].concat()));
        let mut held: BTreeMap<RepoPath, bool> = BTreeMap::new();
        let (worktree, index) = (self.repo.worktree()?, self.repo.index()?);
        let trees: [(&dyn crate::tree::Tree, bool); 2] = [(&worktree, false), (&index, true)];
        for (tree, is_index) in trees {
            let listing = tree.list(&on_the_way)?;
            let mut reader = tree.reader();
            for path in paths {
                let (old, new) = (before.in_force(path), after.in_force(path));
                let Some(entry) = listing.entries.iter().find(|entry| entry.path == path.as_str().as_bytes()) else {
                    // A staged removal is somebody's work, too.
                    if is_index && old.is_some() && new.is_some() {
                        held.insert(path.clone(), false);
                    }
                    continue;
                };
                let here = reader.read(entry, crate::canon::text::MAX_BYTES)?;
                let holds_bytes = old == Some(&here) || new.is_some_and(|new| holds_edit(path, old, new, &here));
                let modes = [before, after].map(|state| state.judgement.ledger.content(path).map(|content| Mode::from(content.mode)));
                let is_held = holds_bytes && modes.contains(&Some(entry.mode));
                held.entry(path.clone()).and_modify(|all| *all &= is_held).or_insert(is_held);
            }
        }
        Ok(held.into_iter().filter_map(|(path, is_held)| is_held.then_some(path)).collect())
    }
}

/// Holds a tree to being sound, but for the content of some governed paths.
///
/// # Errors
/// Violated.
pub fn must_hold_but_for(assessment: &Assessment, rewritten: &dyn Fn(&RepoPath) -> bool) -> Result<(), Error> {
    let excused = |code: Code, path: &str| {
        matches!(code, Code::Unratified | Code::Missing | Code::Ungoverned) && path.parse().is_ok_and(|path| rewritten(&path))
    };
    let findings = &assessment.judgement.findings;
    let wrong: Vec<_> = findings.iter().filter(|finding| finding.is_error() && !excused(finding.code, &finding.path)).cloned().collect();
    if wrong.is_empty() { Ok(()) } else { Err(Error::Violated(wrong)) }
}

/// The paths that a resolution changes, and those that it supersedes.
fn changed_paths(assessment: &Assessment, id: &ResolutionId) -> BTreeSet<RepoPath> {
    let (mut changed, mut seen, mut next) = (BTreeSet::new(), BTreeSet::new(), Some(id.clone()));
    while let Some(id) = next.take().filter(|id| seen.insert(id.clone())) {
        let proposal: Option<&Proposal> =
            assessment.evidence.folders.get(&id).and_then(|folder| folder.proposal.as_ref()).map(|proposal| proposal.record());
        changed.extend(proposal.into_iter().flat_map(|proposal| &proposal.changes).map(|change| change.path.clone()));
        next = proposal.and_then(|proposal| proposal.supersedes.clone());
    }
    changed
}

/// Whether a change of a path is part of a resolution, which changes these governed paths.
fn belongs(path: &[u8], changed: &BTreeSet<RepoPath>) -> bool {
    path.starts_with(b"canon/") || path == attributes::FILE || changed.iter().any(|changed| changed.as_str().as_bytes() == path)
}

fn join(edits: &mut Edits, more: Edits) -> Result<(), Error> {
    for (path, edit) in more {
        if edits.get(&path).is_some_and(|known| *known != edit) {
            let path = visible(&String::from_utf8_lossy(&path));
            return Err(Error::denied(
                format!("the branch here and the one that was fetched hold different records at `{path}`"),
                "compare both, and delete the wrong branch: git branch -avv --list '*canon/*'",
            ));
        }
        edits.insert(path, edit);
    }
    Ok(())
}
