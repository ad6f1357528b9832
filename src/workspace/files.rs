//! The governed files of a tree with their bytes, as their editors left them.

use std::collections::BTreeMap;

use crate::canon::text::MAX_BYTES;
use crate::canon::{Place, RepoPath, Who};
use crate::digest::Digest;
use crate::git::WorkTree;
use crate::ledger::kinds::{Content, FileMode};
use crate::tree::{Mode, Tree};

use super::{Error, here};

/// One governed file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// What kind of file.
    pub mode: FileMode,
    /// Its exact bytes.
    pub bytes: Vec<u8>,
}

impl File {
    /// Its content by digest.
    pub fn content(&self) -> Content {
        Content { mode: self.mode, digest: Digest::of(&self.bytes) }
    }
}

/// Reads all state files under `canon/`, and all files that one of these `who` names.
///
/// # Errors
/// When a file can be no governed file at all, or cannot be read.
pub fn collect(tree: &dyn Tree, who: &[&Who]) -> Result<BTreeMap<RepoPath, File>, Error> {
    let state_folder = |folder: &str| {
        folder == "canon" || folder == "canon/council" || folder == "canon/phylactery" || folder.starts_with("canon/phylactery/")
    };
    let listing = tree.list(&|folder| {
        std::str::from_utf8(folder).is_ok_and(|folder| state_folder(folder) || who.iter().any(|who| who.reaches_into(folder)))
    })?;
    let mut reader = tree.reader();
    let mut files = BTreeMap::new();
    for entry in &listing.entries {
        let Ok(text) = std::str::from_utf8(&entry.path) else { continue };
        let canon = text.starts_with("canon/");
        if !canon && !who.iter().any(|who| who.matches(text)) {
            continue;
        }
        let refuse = |why: String| Error::denied(why, "rename or remove it");
        let path: RepoPath = text.parse().map_err(|error| refuse(format!("{error}")))?;
        let mode = match FileMode::of(entry.mode) {
            Some(mode) => mode,
            None if entry.mode == Mode::Submodule => continue,
            None => return Err(refuse(format!("`{path}` is neither a file nor a link"))),
        };
        if canon {
            match Place::of(&path) {
                Some(place) if place.is_state() => {}
                Some(_) => continue,
                None => return Err(refuse(format!("`{path}` is under canon/, and no kind of canon file has this path"))),
            }
        }
        files.insert(path, File { mode, bytes: reader.read(entry, MAX_BYTES)? });
    }
    Ok(files)
}

/// The same of a work tree, for what is to be recorded.
///
/// # Errors
/// As for [`collect`]; denied, if git would store other bytes than those that people read on disk.
pub fn collect_edits(tree: &WorkTree, who: &[&Who]) -> Result<BTreeMap<RepoPath, File>, Error> {
    here::must_be_plain(tree, who)?;
    collect(tree, who)
}
