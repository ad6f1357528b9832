//! Reading a work tree's files as git would store them.

use std::fs;
use std::io;

use super::WorkTree;
use crate::git::convert::{Conversion, is_raw};
use crate::git::error::text;
use crate::git::folder::{os_bytes, read_file, resolve};
use crate::git::rev_tree::BlobReader;
use crate::tree::{Entry, Mode, Reader, TreeError};

pub(super) struct FileReader<'a> {
    tree: &'a WorkTree,
    /// Made when a file first asks for it.
    conversion: Option<Conversion>,
    blobs: Option<BlobReader>,
}

impl<'a> FileReader<'a> {
    pub(super) fn new(tree: &'a WorkTree) -> Self {
        Self { tree, conversion: None, blobs: None }
    }

    fn git_form(&mut self, path: &[u8], bytes: &[u8]) -> Result<Vec<u8>, TreeError> {
        let tree = self.tree;
        let conversion = match &mut self.conversion {
            Some(conversion) => conversion,
            none => none.insert(tree.conversion().map_err(|e| super::failed(path, &e))?),
        };
        conversion.git_form(path, bytes, &tree.index).map_err(|e| super::failed(path, &e))
    }
}

impl Reader for FileReader<'_> {
    fn read(&mut self, entry: &Entry, limit: u64) -> Result<Vec<u8>, TreeError> {
        if entry.id.is_some() {
            let repo = &self.tree.repo;
            return self.blobs.get_or_insert_with(|| BlobReader::new(repo)).read(entry, limit);
        }
        let io = |e: io::Error| self.tree.io(&entry.path, &e);
        let full = resolve(self.tree.root(), &entry.path).map_err(io)?;
        let is_link = || fs::symlink_metadata(&full).is_ok_and(|meta| meta.is_symlink());
        let bytes = match entry.mode {
            Mode::Submodule => return Ok(Vec::new()),
            Mode::Link if is_link() => return bounded(entry, os_bytes(fs::read_link(&full).map_err(io)?.as_os_str()), limit),
            // Where links cannot be made, a file with the target stands for one.
            Mode::File | Mode::Exec | Mode::Link => read_file(&full, limit).map_err(io)?,
            Mode::Other => return Err(io(io::Error::other("neither a file nor a link"))),
        };
        if bytes.len() as u64 > limit {
            // The rest was not read, its size comes from the file system.
            let size = fs::symlink_metadata(&full).map_or(limit + 1, |meta| meta.len().max(limit + 1));
            return Err(TreeError::TooLarge { path: text(&entry.path), size, limit });
        }
        if is_raw(&entry.path) {
            return Ok(bytes);
        }
        // Git could not store what cannot be converted. It is taken as it is, and is nothing that was ratified.
        let converted = self.git_form(&entry.path, &bytes).unwrap_or(bytes);
        bounded(entry, converted, limit)
    }
}

fn bounded(entry: &Entry, bytes: Vec<u8>, limit: u64) -> Result<Vec<u8>, TreeError> {
    match bytes.len() as u64 {
        size if size > limit => Err(TreeError::TooLarge { path: text(&entry.path), size, limit }),
        _ => Ok(bytes),
    }
}
