//! Statements that are sealed and not revealed yet. They are kept beside the objects of this clone, never
//! in the tree, readable by their owner alone, and shown by nothing but the reveal.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::council::tally::Choice;
use crate::digest::Digest;
use crate::git::{Repo, Sharing};

use crate::workspace::Error;
use crate::workspace::stamp::random_hex;

/// A statement with the nonce that hides it behind its seal.
#[derive(PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Kept {
    /// Random digits, so that nobody finds the statement by guessing.
    pub(super) nonce: String,
    pub(super) position: Choice,
    pub(super) confidence: u8,
    pub(super) body: String,
}

impl Kept {
    /// A statement with a new nonce.
    pub(super) fn new(position: Choice, confidence: u8, body: String) -> Self {
        Self { nonce: random_hex::<32>(), position, confidence, body }
    }

    /// Where the statement behind a seal with this hash is kept.
    fn path(common_dir: &Path, hash: &Digest) -> PathBuf {
        common_dir.join("omega").join("sealed").join(format!("{}.json", hash.hex()))
    }

    /// Keeps the statement for its seal, whole or not at all.
    pub(super) fn keep(&self, repo: &Repo, hash: &Digest) -> Result<(), Error> {
        let path = Self::path(repo.common_dir(), hash);
        let folder = path.parent().expect("the path has a folder");
        if repo.sharing() == Sharing::default() {
            make_private(folder)?;
        } else {
            // Others keep statements there too, and learn no more from the names than the seals tell them.
            repo.sharing().make_folder(folder).map_err(|error| Error::io("make", folder, &error))?;
        }
        let bytes = serde_json::to_vec(self).expect("a kept statement is a map of texts and a number");
        // The file that it is written to first is private from its beginning.
        Sharing::write_private(&path, &bytes).map_err(|error| Error::io("write", &path, &error))
    }

    /// The statement behind a seal; nothing, if this clone does not keep it or it was damaged.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub(super) fn recall(common_dir: &Path, hash: &Digest) -> Result<Option<Self>, Error> {
        let path = Self::path(common_dir, hash);
        match fs::read(&path) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::io("read", &path, &error)),
        }
    }
}

/// Makes a folder that nobody but its owner can look into.
fn make_private(folder: &Path) -> Result<(), Error> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| Error::io("make", folder, &error))
}
