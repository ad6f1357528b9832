//! Which paths of two trees count as governed, and which of them differ.

use crate::canon::Who;
use crate::canon::alias;
use crate::canon::layout;
use crate::canon::path::fold;
use crate::canon::policy::{self, IdentityCore, LawDocuments};
use crate::canon::text::MAX_TEXT;
use crate::git::Oid;
use crate::ledger::evidence::read_one;
use crate::ledger::links;
use crate::tree::{Entry, Listing, Mode, Tree};
use crate::workspace::Error;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// The governed paths that two trees hold differently, with what the new one holds; none, where neither has a canon.
/// What could change how governed paths are found or read counts as one.
pub(in crate::gates) fn governed_changes(old: Option<&dyn Tree>, new: &dyn Tree) -> Result<BTreeMap<String, Option<Entry>>, Error> {
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
    let relevant = |folder: &[u8]| scope.may_lie_in(folder) && differs(folder);
    let new = new.list(&relevant)?;
    let old = old.map(|old| old.list(&relevant)).transpose()?.unwrap_or_default();
    Ok(scope.changes(&old, &new).into_iter().map(|(path, (_, is))| (path, is)).collect())
}

/// What two trees govern, as far as they can be understood.
pub(in crate::gates) struct Governed {
    /// What cannot be read may govern everything.
    who: Vec<Option<Who>>,
    /// Where links go through that are governed or above governed paths, folded: what is there is read by governed names.
    through: Vec<String>,
}

impl Governed {
    /// Whoever narrows `who` in a draft does not get what it named past a gate: what either tree says counts, and
    /// what was ratified.
    pub(in crate::gates) fn of(old: Option<&dyn Tree>, new: &dyn Tree, ratified: Option<&Who>) -> Result<Self, Error> {
        let mut who = vec![who_of(new)?];
        if let Some(old) = old {
            who.push(who_of(old)?);
        }
        who.extend(ratified.map(|ratified| Some(ratified.clone())));
        let mut governed = Self { who, through: Vec::new() };
        let inside = |folder: &[u8]| governed.reaches_into(folder);
        let mut reader = new.reader();
        let mut through = Vec::new();
        let names = |path: &[u8]| governed.any(&|who| who.names(&String::from_utf8_lossy(path)));
        let is_looked_at = |entry: &&Entry| entry.mode == Mode::Link && (inside(&entry.path) || names(&entry.path));
        for link in new.list(&inside)?.entries.iter().filter(is_looked_at) {
            // A target that is too long to be one leads nowhere. One that leads on by other links is found when it is judged.
            let Ok(target) = reader.read(link, MAX_TEXT) else { continue };
            let (path, target) = (String::from_utf8_lossy(&link.path), String::from_utf8_lossy(&target));
            through.extend(links::passes(&path, &target).iter().map(|place| folded(place)));
        }
        through.sort_unstable();
        through.dedup();
        governed.through = through;
        Ok(governed)
    }

    fn reaches_into(&self, folder: &[u8]) -> bool {
        std::str::from_utf8(folder).map_or(true, |folder| self.any(&|who| who.names_into(folder)))
    }

    /// Whether something governed may lie in a folder.
    fn may_lie_in(&self, folder: &[u8]) -> bool {
        is_canon(folder) || self.reaches_into(folder) || self.is_gone_through(&String::from_utf8_lossy(folder))
    }

    fn is_gone_through(&self, path: &str) -> bool {
        let path = folded(path);
        self.through.iter().any(|place| is_within(&path, place) || is_within(place, &path))
    }

    fn any(&self, says: &dyn Fn(&Who) -> bool) -> bool {
        self.who.iter().any(|who| who.as_ref().is_none_or(says))
    }

    fn covers(&self, entry: &Entry) -> bool {
        let Ok(path) = std::str::from_utf8(&entry.path) else { return true };
        // A link or submodule can stand above governed paths, and attributes can convert them.
        let leads = matches!(entry.mode, Mode::Link | Mode::Submodule) && self.any(&|who| who.names_into(path));
        leads || self.covers_path(path)
    }

    /// Whether a file with this path counts as governed, or says how governed ones are read.
    pub(in crate::gates) fn covers_path(&self, path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or_default();
        is_canon(path.as_bytes()) || fold(name) == ".gitattributes" || self.is_gone_through(path) || self.any(&|who| who.names(path))
    }

    /// As [`governed_changes`], between two whole listings.
    pub(in crate::gates) fn differences(&self, old: &Listing, new: &Listing) -> BTreeMap<String, Sides> {
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

/// Whether a path is another one, or is below it.
fn is_within(path: &str, folder: &str) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A path as the most forgiving system reads it.
fn folded(path: &str) -> String {
    if alias::is_odd(path) { alias::segments(path).collect::<Vec<_>>().join("/") } else { fold(path) }
}

/// What a path held, and what it holds.
pub(in crate::gates) type Sides = (Option<Entry>, Option<Entry>);

/// The paths that two listings hold differently, as far as `counts` says yes to either side.
pub(in crate::gates) fn differences(old: &Listing, new: &Listing, counts: &dyn Fn(&Entry) -> bool) -> BTreeMap<String, Sides> {
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

pub(in crate::gates) fn is_canon(path: &[u8]) -> bool {
    alias::is_canon(&String::from_utf8_lossy(path))
}

/// What a tree governs, by the document that says it; nothing, if that cannot be read or there are two: then everything may be
/// governed.
fn who_of(tree: &dyn Tree) -> Result<Option<Who>, Error> {
    let mut found = Vec::new();
    for name in LawDocuments::OF_WHO {
        found.extend(read_one(tree, &layout::document(&name.parse().expect("a document name")), MAX_TEXT)?);
    }
    let [bytes] = found.as_slice() else { return Ok(None) };
    Ok(policy::read::<IdentityCore>(bytes).ok().map(|core| core.who))
}

/// Whether a commit has anything under `canon/`, however that is spelled.
pub(in crate::gates) fn has_canon(repo: &crate::git::Repo, commit: Oid) -> Result<bool, Error> {
    let tree = repo.revision(commit)?;
    Ok(tree.list(&|folder| is_canon(folder) && !folder.contains(&b'/'))?.entries.iter().any(|entry| is_canon(&entry.path)))
}
