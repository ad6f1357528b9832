//! What the content of a path is, in git and on disk, with the conversions between the two.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use gix::bstr::ByteSlice;
use gix::filter::plumbing::pipeline::convert::ToGitOutcome;
use gix::worktree::stack::state::attributes::Source;

use super::Change;
use crate::git::diff::Leaf;
use crate::git::folder::{mode_of, os_bytes, resolve};
use crate::git::objects::{Objects, blob_id};
use crate::git::{GitError, Oid, Repo};
use crate::tree::Mode;

/// Compares and converts contents for one checkout.
pub(super) struct Content<'a> {
    objects: Objects,
    /// Absent where no touched path can be subject to conversion.
    filters: Option<Filters<'a>>,
    trust_exec: bool,
    pub(super) has_links: bool,
}

struct Filters<'a> {
    pipeline: gix::filter::Pipeline<'a>,
    index: gix::index::File,
}

impl<'a> Content<'a> {
    pub(super) fn new(repo: &Repo, local: &'a gix::Repository, to: Oid, changes: &[Change]) -> Result<Self, GitError> {
        let mut objects = Objects::new(&repo.inner);
        let converts = changes.iter().any(|change| !is_raw(&change.path));
        let filters = converts.then(|| Filters::new(local, objects.root_tree(to)?)).transpose()?;
        let config = local.config_snapshot();
        let yes = |key: &str| config.boolean(key).unwrap_or(true);
        Ok(Self { objects, filters, trust_exec: cfg!(unix) && yes("core.fileMode"), has_links: cfg!(unix) && yes("core.symlinks") })
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
                Ok(filters.git_form(path, &bytes).is_ok_and(|bytes| blob_id(leaf.id.hash(), &bytes) == Some(leaf.id)))
            }
            _ => Ok(false),
        }
    }

    /// The bytes to be written to disk for `leaf`.
    pub(super) fn on_disk(&mut self, path: &[u8], leaf: Leaf) -> Result<Vec<u8>, GitError> {
        let bytes = self.objects.blob(leaf.id, path, u64::MAX)?;
        match &mut self.filters {
            Some(filters) if leaf.mode != Mode::Link && !is_raw(path) => filters.disk_form(path, &bytes),
            _ => Ok(bytes),
        }
    }
}

impl<'a> Filters<'a> {
    /// Attributes are taken from the tree that is checked out, not from the one that is left.
    fn new(local: &'a gix::Repository, tree: Oid) -> Result<Self, GitError> {
        let failed = |e: &gix::Error| GitError::git("read the attributes of the new tree", e);
        let index = local.index_from_tree(&tree.gix()).map_err(|e| failed(&e))?;
        let stack = local.attributes_only(&index, Source::IdMapping).map_err(|e| failed(&e))?.detach();
        let pipeline = gix::filter::Pipeline::new(local, stack).map_err(|e| failed(&e))?;
        Ok(Self { pipeline, index })
    }

    fn git_form(&mut self, path: &[u8], bytes: &[u8]) -> Result<Vec<u8>, GitError> {
        let name = resolve(Path::new(""), path).map_err(|e| GitError::io("name", Path::new(""), &e))?;
        let failed = |e: &(dyn std::error::Error + 'static)| GitError::git(format!("convert `{}`", path.as_bstr()), e);
        let mut converted = Vec::new();
        match self.pipeline.convert_to_git(bytes, &name, &self.index).map_err(|e| failed(&e))? {
            ToGitOutcome::Unchanged(same) => converted.extend_from_slice(same),
            ToGitOutcome::Buffer(buffer) => converted.extend_from_slice(buffer),
            ToGitOutcome::Process(mut process) => {
                process.read_to_end(&mut converted).map_err(|e| failed(&e))?;
            }
        }
        Ok(converted)
    }

    fn disk_form(&mut self, path: &[u8], bytes: &[u8]) -> Result<Vec<u8>, GitError> {
        let failed = |e: &(dyn std::error::Error + 'static)| GitError::git(format!("convert `{}`", path.as_bstr()), e);
        let mut converted = Vec::new();
        self.pipeline
            .convert_to_worktree(bytes, path.as_bstr(), Default::default())
            .map_err(|e| failed(&e))?
            .read_to_end(&mut converted)
            .map_err(|e| failed(&e))?;
        Ok(converted)
    }
}

/// Governed bytes are what they are, whatever attributes or configuration say.
fn is_raw(path: &[u8]) -> bool {
    path.starts_with(b"canon/")
}
