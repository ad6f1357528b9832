//! Deciding what a checkout does, before anything is touched.

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::io;
use std::path::Path;

use super::Change;
use super::content::Content;
use crate::git::GitError;
use crate::git::diff::Leaf;
use crate::git::folder::{os_bytes, resolve};
use crate::git::index_file::LockedIndex;
use crate::git::rev_tree::join;
use crate::tree::Mode;

/// The acts, each list in path order.
#[derive(Default)]
pub(super) struct Plan {
    pub(super) remove: Vec<Vec<u8>>,
    pub(super) write: Vec<(Vec<u8>, Leaf)>,
    pub(super) refresh: Vec<(Vec<u8>, Leaf)>,
    /// Paths that leave the index; the work tree does not have them, or has something else there.
    pub(super) forget: Vec<Vec<u8>>,
    /// Paths that only the index has, by sparse checkout.
    pub(super) index_only: Vec<(Vec<u8>, Leaf)>,
}

/// What is on disk.
pub(super) enum OnDisk {
    Nothing,
    Leaf,
    Folder,
    /// A part of the path is a file or a link.
    Below(Vec<u8>),
}

pub(super) fn make(
    root: &Path,
    changes: &[Change],
    index: &LockedIndex,
    content: &mut Content,
    may_overwrite: &dyn Fn(&[u8]) -> bool,
) -> Result<Plan, GitError> {
    let leaving: HashSet<&[u8]> = changes.iter().filter(|c| c.to.is_none()).map(|c| c.path.as_slice()).collect();
    let outside = index.outside_of_sparse(root, changes.iter().filter(|c| c.to.is_some()).map(|c| c.path.as_slice()))?;
    let mut plan = Plan::default();
    let mut lost = BTreeSet::new();
    for Change { path, from, to } in changes {
        let staged = index.get(path);
        if staged != Ok(*from) && staged != Ok(*to) && !may_overwrite(path) {
            lost.insert(path.clone());
            continue;
        }
        let disk = probe(root, path)?;
        let mut is = |leaf: &Option<Leaf>| leaf.map_or(Ok(false), |leaf| content.matches(root, path, leaf));
        match (to, disk) {
            (Some(to), OnDisk::Nothing) if index.is_skipped(path) || outside.contains(path) => plan.index_only.push((path.clone(), *to)),
            // The work of a submodule is its own: only the index says which commit is wanted.
            (Some(to), OnDisk::Folder) if to.mode == Mode::Submodule => plan.refresh.push((path.clone(), *to)),
            (Some(to), OnDisk::Nothing) => plan.write.push((path.clone(), *to)),
            (Some(to), OnDisk::Leaf) => {
                if is(&Some(*to))? {
                    plan.refresh.push((path.clone(), *to));
                } else if is(from)? || may_overwrite(path) {
                    plan.write.push((path.clone(), *to));
                } else {
                    lost.insert(path.clone());
                }
            }
            (Some(to), OnDisk::Folder) => {
                let staying = files_below(root, path)?.into_iter().filter(|file| !leaving.contains(file.as_slice()));
                let before = lost.len();
                lost.extend(staying);
                if lost.len() == before {
                    plan.write.push((path.clone(), *to));
                }
            }
            (Some(to), OnDisk::Below(parent)) => {
                if leaving.contains(parent.as_slice()) {
                    plan.write.push((path.clone(), *to));
                } else {
                    lost.insert(parent);
                }
            }
            (None, OnDisk::Leaf) => {
                if is(from)? || may_overwrite(path) {
                    plan.remove.push(path.clone());
                } else {
                    lost.insert(path.clone());
                }
            }
            (None, OnDisk::Nothing | OnDisk::Folder | OnDisk::Below(_)) => plan.forget.push(path.clone()),
        }
    }
    if lost.is_empty() { Ok(plan) } else { Err(GitError::WouldOverwrite(lost.into_iter().collect())) }
}

/// What lies at a path, without following any link on the way.
pub(super) fn probe(root: &Path, path: &[u8]) -> Result<OnDisk, GitError> {
    let ends = path.iter().enumerate().filter(|(_, b)| **b == b'/').map(|(at, _)| at).chain([path.len()]);
    for end in ends {
        let part = &path[..end];
        let full = resolve(root, part).map_err(|e| GitError::io("name", root, &e))?;
        let meta = match fs::symlink_metadata(&full) {
            Ok(meta) => meta,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(OnDisk::Nothing),
            Err(e) => return Err(GitError::io("read", &full, &e)),
        };
        match (meta.is_dir(), end == path.len()) {
            (true, true) => return Ok(OnDisk::Folder),
            (true, false) => {}
            (false, true) => return Ok(OnDisk::Leaf),
            (false, false) => return Ok(OnDisk::Below(part.to_vec())),
        }
    }
    Ok(OnDisk::Nothing)
}

/// All files below a folder, whatever they are.
fn files_below(root: &Path, folder: &[u8]) -> Result<Vec<Vec<u8>>, GitError> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_vec()];
    while let Some(folder) = open.pop() {
        let full = resolve(root, &folder).map_err(|e| GitError::io("name", root, &e))?;
        let failed = |e: io::Error| GitError::io("read", &full, &e);
        for item in fs::read_dir(&full).map_err(failed)? {
            let item = item.map_err(failed)?;
            let path = join(&folder, &os_bytes(&item.file_name()));
            if item.file_type().map_err(failed)?.is_dir() {
                open.push(path);
            } else {
                found.push(path);
            }
        }
    }
    Ok(found)
}
