//! Edits of one commit, before it is written.

use std::collections::BTreeMap;

use crate::canon::RepoPath;
use crate::git::Edit;
use crate::tree::Mode;

/// Edits of one commit, by path.
pub type Edits = BTreeMap<Vec<u8>, Edit>;

/// Puts a plain file.
pub fn put(edits: &mut Edits, path: &RepoPath, bytes: Vec<u8>) {
    edits.insert(path.as_str().as_bytes().to_vec(), Edit::Put { mode: Mode::File, bytes });
}

/// Removes a file.
pub fn remove(edits: &mut Edits, path: &RepoPath) {
    edits.insert(path.as_str().as_bytes().to_vec(), Edit::Remove);
}
