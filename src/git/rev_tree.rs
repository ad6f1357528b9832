//! A commit's tree, or any tree object, seen as a [`Tree`].

use std::collections::HashMap;
use std::collections::hash_map::Entry as Place;
use std::sync::Arc;

use super::error::text;
use super::objects::Objects;
use super::raw_tree::{self, RawEntry};
use super::{GitError, Oid, Repo};
use crate::tree::{Entry, FolderIds, Listing, Mode, Reader, Tree, TreeError};

/// Deeper folders, longer paths and larger trees exist only in attacks: a kilobyte of trees that
/// name each other can list more files than there are atoms.
pub(super) const MAX_DEPTH: usize = 512;
const MAX_PATH: usize = 16 << 10;
/// How many folders one listing may open.
const MAX_FOLDERS: usize = 125_000;
/// How much memory one listing may take, in bytes: its paths, and for each of them what is kept beside it.
const MAX_LISTED: usize = 128 << 20;
const ENTRY_SIZE: usize = 64;
/// How many bytes of trees are kept while one listing is made.
const MAX_KNOWN: usize = 8 << 20;

/// The files of one revision, read from objects whose ids are recomputed.
pub struct RevTree {
    repo: gix::ThreadSafeRepository,
    root: Oid,
}

impl Repo {
    /// The files of a commit, or of a tree.
    pub fn revision(&self, commit_or_tree: Oid) -> Result<RevTree, GitError> {
        Ok(RevTree { repo: self.inner.clone(), root: self.tree_of(commit_or_tree)? })
    }

    /// Whether this is a commit or a tree, and no tag or file.
    pub fn has_tree(&self, id: Oid) -> Result<bool, GitError> {
        Ok(Objects::new(&self.inner).has_tree(id)?)
    }

    /// The tree of a commit; a tree is its own.
    pub fn tree_of(&self, commit_or_tree: Oid) -> Result<Oid, GitError> {
        Ok(Objects::new(&self.inner).root_tree(commit_or_tree)?)
    }
}

impl RevTree {
    /// The tree object at the root.
    pub fn id(&self) -> Oid {
        self.root
    }

    pub(super) fn objects(&self) -> &gix::ThreadSafeRepository {
        &self.repo
    }
}

impl Tree for RevTree {
    fn list(&self, enter: &dyn Fn(&[u8]) -> bool) -> Result<Listing, TreeError> {
        let mut listing = Listing::default();
        walk(&mut Objects::new(&self.repo), self.root, &[], enter, &mut listing)?;
        listing.entries.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(listing)
    }

    fn folder_ids(&self) -> FolderIds<'_> {
        let mut objects = Objects::new(&self.repo);
        let mut known: HashMap<Vec<u8>, HashMap<Vec<u8>, Oid>> = HashMap::new();
        Box::new(move |folder| {
            let mut id = self.root;
            let mut at = 0;
            // Each folder above is read once, however many ask.
            for name in folder.split(|byte| *byte == b'/') {
                let above = folder[..at].to_vec();
                at += name.len() + usize::from(at > 0);
                let children = match known.entry(above) {
                    Place::Occupied(children) => children.into_mut(),
                    Place::Vacant(place) => place.insert(children(&mut objects, id, folder)?),
                };
                id = *children.get(name)?;
            }
            Some(id)
        })
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        Box::new(BlobReader::new(&self.repo))
    }
}

/// The folders in a folder; nothing, if it cannot be read, which the listing says.
fn children(objects: &mut Objects, id: Oid, path: &[u8]) -> Option<HashMap<Vec<u8>, Oid>> {
    let entries = raw_tree::parse(objects.tree(id, path).ok()?, id.hash()).ok()?;
    // Of a name that occurs twice nothing can be said.
    if !raw_tree::defects(&entries).is_empty() {
        return None;
    }
    Some(entries.iter().filter(|entry| entry.is_tree()).map(|entry| (entry.name.to_vec(), entry.id)).collect())
}

/// Adds all leaves below the tree `root`, which lies at `path`. Their order is left to the caller.
pub(super) fn walk(
    objects: &mut Objects,
    root: Oid,
    path: &[u8],
    enter: &dyn Fn(&[u8]) -> bool,
    listing: &mut Listing,
) -> Result<(), TreeError> {
    // An own stack, because the depth of the folders is the attacker's choice.
    let mut open = vec![(path.to_vec(), root, 0)];
    let (mut folders, mut listed) = (0, 0);
    let (mut known, mut kept) = (HashMap::new(), 0);
    while let Some((folder, id, depth)) = open.pop() {
        let corrupt = |cause: &str| TreeError::Corrupt { path: text(&folder), cause: cause.to_owned() };
        // A tree that is named many times is read once.
        let bytes = match known.get(&id) {
            Some(bytes) => Arc::clone(bytes),
            None => {
                let bytes: Arc<[u8]> = objects.tree(id, &folder)?.into();
                kept += bytes.len();
                if kept <= MAX_KNOWN {
                    known.insert(id, Arc::clone(&bytes));
                }
                bytes
            }
        };
        let entries = raw_tree::parse(&bytes, id.hash()).map_err(corrupt)?;
        let too_much = |what: String| TreeError::TooMuch { path: text(&folder), what };
        folders += 1;
        if folders > MAX_FOLDERS {
            return Err(too_much(format!("the tree has more than {MAX_FOLDERS} folders to look into")));
        }
        if depth > MAX_DEPTH || folder.len() > MAX_PATH {
            return Err(too_much(format!("folders are nested deeper than {MAX_DEPTH} levels or {MAX_PATH} bytes")));
        }
        let above = if folder.is_empty() { 0 } else { folder.len() + 1 };
        listed += entries.iter().map(|entry| ENTRY_SIZE + above + entry.name.len()).sum::<usize>();
        if listed > MAX_LISTED {
            return Err(too_much(format!("the names of the tree's files take more than {} MiB", MAX_LISTED >> 20)));
        }
        for (at, what) in raw_tree::defects(&entries) {
            listing.defects.push((join(&folder, entries[at].name), what));
        }
        let first = open.len();
        for entry in entries.iter().filter(|entry| raw_tree::is_segment(entry.name)) {
            let path = join(&folder, entry.name);
            if !entry.is_tree() {
                listing.entries.push(leaf(path, entry));
            } else if enter(&path) {
                open.push((path, entry.id, depth + 1));
            }
        }
        // Last in, first out: the folders come out in the order of the tree.
        open[first..].reverse();
    }
    Ok(())
}

fn leaf(path: Vec<u8>, entry: &RawEntry<'_>) -> Entry {
    Entry { path, mode: entry.kind(), id: Some(entry.id) }
}

pub(super) fn join(folder: &[u8], name: &[u8]) -> Vec<u8> {
    if folder.is_empty() { name.to_vec() } else { [folder, b"/", name].concat() }
}

/// Reads leaves by their object ids.
pub(super) struct BlobReader {
    objects: Objects,
}

impl BlobReader {
    pub(super) fn new(repo: &gix::ThreadSafeRepository) -> Self {
        Self { objects: Objects::new(repo) }
    }
}

impl Reader for BlobReader {
    fn read(&mut self, entry: &Entry, limit: u64) -> Result<Vec<u8>, TreeError> {
        match entry.id {
            _ if entry.mode == Mode::Submodule => Ok(Vec::new()),
            Some(id) => self.objects.blob(id, &entry.path, limit),
            None => Err(TreeError::Corrupt { path: text(&entry.path), cause: "no object id is known".to_owned() }),
        }
    }
}
