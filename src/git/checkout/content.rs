//! What the content of a path is, in git and on disk, with the conversions between the two.

use std::fs;
use std::io;
use std::path::Path;

use gix::worktree::stack::state::attributes::Source;

use super::Change;
use crate::git::convert::{Conversion, is_raw};
use crate::git::diff::Leaf;
use crate::git::folder::{mode_of, os_bytes, resolve};
use crate::git::objects::{Objects, blob_id};
use crate::git::{GitError, Oid, Repo};
use crate::tree::Mode;

/// Compares and converts contents for one checkout.
pub(super) struct Content {
    objects: Objects,
    /// Absent where no touched path can be subject to conversion.
    filters: Option<Filters>,
    trust_exec: bool,
    pub(super) has_links: bool,
}

struct Filters {
    conversion: Conversion,
    index: gix::index::File,
}

impl Content {
    pub(super) fn new(repo: &Repo, local: &gix::Repository, to: Oid, changes: &[Change]) -> Result<Self, GitError> {
        let mut objects = Objects::new(&repo.inner);
        let converts = changes.iter().any(|change| !is_raw(&change.path));
        let filters = converts.then(|| Filters::new(local, objects.root_tree(to)?)).transpose()?;
        let config = local.config_snapshot();
        let yes = |key: &str| config.boolean(key).unwrap_or(true);
        Ok(Self { objects, filters, trust_exec: yes("core.fileMode"), has_links: yes("core.symlinks") })
    }

    /// Whether the file or link at `path` is what `leaf` says.
    pub(super) fn matches(&mut self, root: &Path, path: &[u8], leaf: Leaf) -> Result<bool, GitError> {
        let full = resolve(root, path).map_err(|e| GitError::io("name", root, &e))?;
        let io = |e: io::Error| GitError::io("read", &full, &e);
        let mode = mode_of(&fs::symlink_metadata(&full).map_err(io)?);
        let bytes = match mode {
            Mode::Link => os_bytes(fs::read_link(&full).map_err(io)?.as_os_str()),
            Mode::File | Mode::Exec => fs::read(&full).map_err(io)?,
            Mode::Submodule | Mode::Other => return Ok(false),
        };
        let same_kind = match (leaf.mode, mode) {
            (Mode::File | Mode::Exec, Mode::File | Mode::Exec) => !self.trust_exec || leaf.mode == mode,
            // Where links cannot be made, a file with the target stands for one.
            (Mode::Link, Mode::File) => !self.has_links,
            (wanted, found) => wanted == found,
        };
        if !same_kind {
            return Ok(false);
        }
        if blob_id(leaf.id.hash(), &bytes) == Some(leaf.id) {
            return Ok(true);
        }
        match &mut self.filters {
            Some(filters) if mode != Mode::Link && !is_raw(path) => {
                // Content that cannot be converted back is not in git, whatever the reason.
                Ok(filters
                    .conversion
                    .git_form(path, &bytes, &filters.index)
                    .is_ok_and(|bytes| blob_id(leaf.id.hash(), &bytes) == Some(leaf.id)))
            }
            _ => Ok(false),
        }
    }

    /// The bytes to be written to disk for `leaf`.
    pub(super) fn on_disk(&mut self, path: &[u8], leaf: Leaf) -> Result<Vec<u8>, GitError> {
        let bytes = self.objects.blob(leaf.id, path, u64::MAX)?;
        match &mut self.filters {
            Some(filters) if leaf.mode != Mode::Link && !is_raw(path) => filters.conversion.disk_form(path, &bytes),
            _ => Ok(bytes),
        }
    }
}

impl Filters {
    /// Attributes are taken from the tree that is checked out, not from the one that is left.
    fn new(local: &gix::Repository, tree: Oid) -> Result<Self, GitError> {
        let index = local.index_from_tree(&tree.gix()).map_err(|e| GitError::git("read the attributes of the new tree", &e))?;
        Ok(Self { conversion: Conversion::new(local.clone(), &index, Source::IdMapping)?, index })
    }
}
