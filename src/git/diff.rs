//! Walking three trees at once, past everything that they have in common.

use std::collections::BTreeMap;

use super::error::text;
use super::objects::Objects;
use super::raw_tree::{self, RawEntry};
use super::rev_tree::MAX_DEPTH;
use super::{GitError, Oid};
use crate::tree::{Mode, TreeError};

/// A file, link or submodule in a tree or in the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Leaf {
    pub(super) mode: Mode,
    pub(super) id: Oid,
}

impl Leaf {
    pub(super) fn of_index(entry: &gix::index::Entry) -> Self {
        Self { mode: raw_tree::mode(entry.mode.bits()), id: Oid::of(&entry.id) }
    }
}

/// What the walk comes upon.
pub(super) enum Met {
    /// A leaf that differs: in the base, on our side, on their side.
    Leaf([Option<Leaf>; 3]),
    /// The merged tree would hold a file and a folder of the same name.
    Clash,
}

/// The three trees at one place: base, ours, theirs.
pub(super) type Trees = [Option<Oid>; 3];

/// Walks three trees. `meet` is told of each leaf where their side differs from the base and from
/// ours, and says whether the merged tree has a leaf there; folders that need no look are skipped.
pub(super) struct Walk<'a> {
    pub(super) objects: Objects,
    pub(super) meet: &'a mut dyn FnMut(&[u8], Met) -> bool,
}

/// One name in a folder: a leaf, a folder or nothing, for each side.
#[derive(Default)]
struct Place {
    leaves: [Option<Leaf>; 3],
    trees: Trees,
}

impl Walk<'_> {
    pub(super) fn run(&mut self, roots: Trees) -> Result<(), GitError> {
        self.folder(&mut Vec::new(), roots, 0).map(|_| ())
    }

    /// Whether the merged tree has anything here.
    fn folder(&mut self, path: &mut Vec<u8>, trees: Trees, depth: usize) -> Result<bool, GitError> {
        let [base, ours, theirs] = trees;
        if theirs == base || theirs == ours {
            return Ok(ours.is_some());
        }
        if depth > MAX_DEPTH {
            return Err(GitError::path(path, "the folders are nested too deeply"));
        }
        let mut left = false;
        for (name, place) in self.places(path, trees)? {
            let end = path.len();
            if end > 0 {
                path.push(b'/');
            }
            path.extend_from_slice(&name);
            let leaf = self.leaf(path, place.leaves);
            let folder = self.folder(path, place.trees, depth + 1)?;
            if leaf && folder {
                (self.meet)(path, Met::Clash);
            }
            left |= leaf | folder;
            path.truncate(end);
        }
        Ok(left)
    }

    fn leaf(&mut self, path: &[u8], leaves: [Option<Leaf>; 3]) -> bool {
        let [base, ours, theirs] = leaves;
        if theirs == base || theirs == ours { ours.is_some() } else { (self.meet)(path, Met::Leaf(leaves)) }
    }

    fn places(&mut self, path: &[u8], trees: Trees) -> Result<BTreeMap<Vec<u8>, Place>, GitError> {
        let mut places: BTreeMap<Vec<u8>, Place> = BTreeMap::new();
        for (side, tree) in trees.into_iter().enumerate() {
            let Some(tree) = tree else { continue };
            let corrupt = |cause: String| TreeError::Corrupt { path: text(path), cause };
            let bytes = self.objects.tree(tree, path)?;
            for entry in raw_tree::parse(bytes, tree.hash()).map_err(|e| corrupt(e.to_owned()))? {
                let refuse = |why: &str| corrupt(format!("`{}`: {why}", text(entry.name)));
                if let Some(why) = raw_tree::name_defect(entry.name) {
                    return Err(refuse(why).into());
                }
                let place = places.entry(entry.name.to_vec()).or_default();
                if place.leaves[side].is_some() || place.trees[side].is_some() {
                    return Err(refuse("the name occurs twice in its folder").into());
                }
                if entry.is_tree() {
                    place.trees[side] = Some(entry.id);
                } else {
                    let mode = lenient(&entry).ok_or_else(|| refuse("its mode is none that git writes"))?;
                    place.leaves[side] = Some(Leaf { mode, id: entry.id });
                }
            }
        }
        Ok(places)
    }
}

/// Like git, takes file modes of old tools (100664) for what they mean.
fn lenient(entry: &RawEntry<'_>) -> Option<Mode> {
    match entry.kind() {
        Mode::Other if entry.mode >> 12 == 0o10 => Some(if entry.mode & 0o100 == 0 { Mode::File } else { Mode::Exec }),
        Mode::Other => None,
        mode => Some(mode),
    }
}
