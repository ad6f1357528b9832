//! What is staged: judged before it becomes a commit.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use crate::canon::path::fold;
use crate::canon::policy::{self, IdentityCore};
use crate::canon::text::MAX_TEXT;
use crate::canon::{ResolutionId, Who, layout};
use crate::git::{IndexTree, Oid};
use crate::ledger::evidence::read_one;
use crate::process::{End, Environment, Job, Purpose, run};
use crate::tree::{Entry, Listing, Mode, Tree};

use crate::ops::verify::{Conclusion, verify};

use super::{Error, Gate, Gated, Hook, drafts_branch};

/// What begins every armored private key.
const PRIVATE_KEY: &[u8] = b"PRIVATE KEY-----";
/// How long git may take to write a trailer.
const PATIENCE: Duration = Duration::from_secs(20);

/// A commit that is about to be made.
pub struct Commit<'a> {
    /// What it would hold.
    pub index: &'a IndexTree,
}

impl Gate<'_> {
    /// Judges what is staged. What changes nothing governed passes at once.
    ///
    /// # Errors
    /// When nothing can be said of the index.
    pub fn commit(&self, commit: &Commit<'_>) -> Result<Gated, Error> {
        let staged = self.staged(commit.index)?;
        let mut gated = Gated { changed: staged.keys().cloned().collect(), ..Gated::open(Hook::PreCommit) };
        if staged.is_empty() {
            return Ok(gated);
        }
        if let Some(path) = self.private_key(commit.index, &staged)? {
            let hint = format!("git rm --cached -- {path}; and make another key, if this one was ever pushed");
            gated.refuse(Conclusion::Violated, format!("`{path}` holds a private key"), hint);
            return Ok(gated);
        }
        let report = verify(commit.index, "index", self.pin, self.now, self.threads)?;
        match report.conclusion {
            Conclusion::Holds => {}
            Conclusion::Pending => {
                let branch = self.repo.head()?.branch.unwrap_or_default();
                if self.protected()?.contains(&branch) {
                    let fact = format!("drafts do not lie on `{}`, which is protected", branch.trim_start_matches("refs/heads/"));
                    gated.refuse(report.conclusion, fact, format!("git switch {}", drafts_branch(&report)));
                }
            }
            Conclusion::Violated => gated.refuse(
                report.conclusion,
                "governed files would be committed that the council did not ratify",
                "propose them instead: git restore --staged .; omega canon propose",
            ),
            Conclusion::Unknown => gated.refuse(
                report.conclusion,
                "nothing can be said: no root is pinned here",
                "omega canon verify shows the root; omega trust pin ROOT",
            ),
        }
        gated.reports.push(report);
        Ok(gated)
    }

    /// The resolution that a commit message has to name, if the staged governed changes belong to one.
    ///
    /// # Errors
    /// As for [`Gate::commit`].
    pub fn resolution(&self, commit: &Commit<'_>) -> Result<Option<ResolutionId>, Error> {
        if self.staged(commit.index)?.is_empty() {
            return Ok(None);
        }
        let report = verify(commit.index, "index", self.pin, self.now, self.threads)?;
        let drafts: BTreeSet<&ResolutionId> = report.drafts.iter().map(|draft| &draft.resolution).collect();
        let on_branch = self.repo.head()?.branch.and_then(|name| name.strip_prefix("refs/heads/canon/")?.parse().ok());
        Ok(match drafts.into_iter().collect::<Vec<_>>().as_slice() {
            [one] => Some((*one).clone()),
            _ => on_branch,
        })
    }

    /// The governed paths that the index and HEAD hold differently, with what the index holds.
    fn staged(&self, index: &IndexTree) -> Result<BTreeMap<String, Option<Entry>>, Error> {
        let head = self.repo.head()?.commit.map(|commit| self.repo.revision(commit)).transpose()?;
        governed_changes(head.as_ref().map(|head| head as &dyn Tree), index)
    }

    /// A staged governed file that holds a private key.
    fn private_key(&self, index: &IndexTree, staged: &BTreeMap<String, Option<Entry>>) -> Result<Option<String>, Error> {
        let mut reader = index.reader();
        for (path, entry) in staged {
            let Some(entry) = entry else { continue };
            // What is too large to read is refused when it is judged.
            if reader.read(entry, MAX_TEXT).is_ok_and(|bytes| bytes.windows(PRIVATE_KEY.len()).any(|window| window == PRIVATE_KEY)) {
                return Ok(Some(path.clone()));
            }
        }
        Ok(None)
    }
}

/// The governed paths that two trees hold differently, with what the new one holds; none, where neither has a canon.
/// What could change how governed paths are found or read counts as one.
pub(super) fn governed_changes(old: Option<&dyn Tree>, new: &dyn Tree) -> Result<BTreeMap<String, Option<Entry>>, Error> {
    // Whoever narrows `who` in a draft does not get what it named past this gate.
    let mut who = vec![who_of(new)?];
    if let Some(old) = old {
        who.push(who_of(old)?);
    }
    let new = new.list(&|_| true)?;
    let old = old.map(|old| old.list(&|_| true)).transpose()?.unwrap_or_default();
    if !new.entries.iter().chain(&old.entries).any(|entry| is_canon(&entry.path)) {
        return Ok(BTreeMap::new());
    }
    let any = |says: &dyn Fn(&Who) -> bool| who.iter().any(|who| who.as_ref().is_none_or(says));
    let governed = |entry: &Entry| {
        let Ok(path) = std::str::from_utf8(&entry.path) else { return true };
        // A link or submodule can stand above governed paths, and attributes can convert them.
        let leads = matches!(entry.mode, Mode::Link | Mode::Submodule) && any(&|who| who.reaches_into(path));
        let name = path.rsplit('/').next().unwrap_or_default();
        is_canon(path.as_bytes()) || leads || fold(name) == ".gitattributes" || any(&|who| who.matches(path))
    };
    let by_path = |listing: &Listing| -> BTreeMap<Vec<u8>, Entry> {
        listing.entries.iter().filter(|entry| governed(entry)).map(|entry| (entry.path.clone(), entry.clone())).collect()
    };
    let (was, mut is) = (by_path(&old), by_path(&new));
    let paths: BTreeSet<Vec<u8>> = was.keys().chain(is.keys()).cloned().collect();
    let mut changes = BTreeMap::new();
    for path in paths {
        let (was, is) = (was.get(&path), is.remove(&path));
        let same = matches!((was, &is), (Some(was), Some(is)) if was.id == is.id && was.mode == is.mode);
        if !same {
            changes.insert(String::from_utf8_lossy(&path).into_owned(), is);
        }
    }
    // Of two entries with one path only one was compared.
    changes.extend(new.defects.iter().map(|(path, _)| (String::from_utf8_lossy(path).into_owned(), None)));
    Ok(changes)
}

fn is_canon(path: &[u8]) -> bool {
    let first = path.split(|byte| *byte == b'/').next().unwrap_or_default();
    fold(&String::from_utf8_lossy(first)) == "canon"
}

/// What a tree's identity document governs; nothing, if it cannot be read: then everything may be governed.
fn who_of(tree: &dyn Tree) -> Result<Option<Who>, Error> {
    let path = layout::document(&"OMEGA_IDENTITY".parse().expect("a document name"));
    let bytes = read_one(tree, &path, MAX_TEXT)?;
    Ok(bytes.and_then(|bytes| policy::read::<IdentityCore>(&bytes).ok()).map(|core| core.who))
}

/// Adds the trailer that names a resolution to a commit message, unless one stands there.
///
/// # Errors
/// When git cannot be run, or does not understand the message.
pub fn trailer(dir: &Path, message: &Path, id: &ResolutionId) -> Result<(), Error> {
    let file = message.display().to_string();
    let line = format!("Council-Resolution: {id}");
    let argv = ["git", "interpret-trailers", "--in-place", "--if-exists", "doNothing", "--trailer", &line, "--", &file].map(str::to_owned);
    let failed = |cause: String| Error::Io { what: "add a trailer to", path: file.clone(), cause };
    let environment = Environment::Without(&[]);
    let job = Job { argv: &argv, dir, input: None, environment, timeout: PATIENCE, purpose: Purpose::Answer(4096) };
    let outcome = run(&job).map_err(|error| failed(error.to_string()))?;
    match outcome.end {
        End::Exited(0) => Ok(()),
        _ => Err(failed(outcome.complaint.trim().to_owned())),
    }
}

/// Whether a commit has anything under `canon/`, however that is spelled.
pub(super) fn has_canon(repo: &crate::git::Repo, commit: Oid) -> Result<bool, Error> {
    let tree = repo.revision(commit)?;
    Ok(tree.list(&|folder| is_canon(folder) && !folder.contains(&b'/'))?.entries.iter().any(|entry| is_canon(&entry.path)))
}
