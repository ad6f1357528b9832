//! The digests of governed files, each object read once.

use std::collections::HashMap;

use crate::canon::text::MAX_BYTES;
use crate::digest::Digest;
use crate::tree::{Entry, Oid, Reader, Tree, TreeError};

/// The most bytes of governed files outside `canon/`, where equal objects count once.
const MAX_ALL: u64 = 512 << 20;

/// Reads files for their digests alone.
pub(super) struct Digests<'a> {
    reader: Box<dyn Reader + 'a>,
    known: HashMap<Oid, Digest>,
    left: u64,
}

impl<'a> Digests<'a> {
    pub(super) fn of(tree: &'a dyn Tree) -> Self {
        Self { reader: tree.reader(), known: HashMap::new(), left: MAX_ALL }
    }

    /// The digest of a file or of a link's target.
    pub(super) fn get(&mut self, entry: &Entry) -> Result<Digest, TreeError> {
        if let Some(known) = entry.id.and_then(|id| self.known.get(&id)) {
            return Ok(*known);
        }
        let bytes = self.reader.read(entry, MAX_BYTES)?;
        self.left = self.left.checked_sub(bytes.len() as u64).ok_or_else(|| TreeError::TooMuch {
            path: String::from_utf8_lossy(&entry.path).into_owned(),
            what: format!("the governed files outside canon/ have more than {} MiB together", MAX_ALL >> 20),
        })?;
        let digest = Digest::of(&bytes);
        self.known.extend(entry.id.map(|id| (id, digest)));
        Ok(digest)
    }
}
