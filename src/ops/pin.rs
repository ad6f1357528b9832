//! The pin: what a verifier trusts from outside the repository. It is kept beside the objects, never
//! in the tree.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::digest::Digest;

use super::Error;

/// The root of the canon that is trusted, and optionally a ruling that its ledger must contain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pin {
    /// The digest of the genesis ruling.
    pub root: Digest,
    /// The number of a ruling that was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequence: Option<u32>,
    /// The digest of that ruling.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<Digest>,
}

impl Pin {
    /// The ruling that the ledger must contain.
    pub fn checkpoint(&self) -> Option<(u32, Digest)> {
        Some((self.sequence?, self.head?))
    }
}

/// Where a clone keeps its pin.
pub fn path(common_dir: &Path) -> PathBuf {
    common_dir.join("omega").join("pin.toml")
}

/// What is trusted in a clone: its own pin, or a root that is given, which brings no ruling of another canon with it.
///
/// # Errors
/// When the pin cannot be read.
pub fn trusted(common_dir: Option<&Path>, root: Option<Digest>) -> Result<Option<Pin>, Error> {
    let kept = common_dir.map(read).transpose()?.flatten();
    Ok(match root {
        Some(root) => Some(kept.filter(|kept| kept.root == root).unwrap_or(Pin { root, sequence: None, head: None })),
        None => kept,
    })
}

/// The pin of a clone, if it has one.
pub fn read(common_dir: &Path) -> Result<Option<Pin>, Error> {
    let path = path(common_dir);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::io("read", &path, &error)),
    };
    toml::from_str(&text).map(Some).map_err(|error| {
        Error::unknown(
            format!("the pin in `{}` cannot be understood: {}", path.display(), error.message()),
            "pin it again: omega trust pin ROOT",
        )
    })
}

/// Writes the pin of a clone, whole or not at all.
pub fn write(common_dir: &Path, pin: &Pin) -> Result<(), Error> {
    let path = path(common_dir);
    let folder = path.parent().expect("the path has two names more than the folder");
    fs::create_dir_all(folder).map_err(|error| Error::io("make", folder, &error))?;
    let text = toml::to_string(pin).expect("a pin is a table of texts and numbers");
    write_whole(folder, &path, text.as_bytes())
}

/// Writes a file beside its place, syncs it and moves it there.
pub(super) fn write_whole(folder: &Path, path: &Path, bytes: &[u8]) -> Result<(), Error> {
    use std::io::Write as _;
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|error| Error::io("write in", folder, &error))?;
    file.write_all(bytes).and_then(|()| file.as_file().sync_all()).map_err(|error| Error::io("write", path, &error))?;
    file.persist(path).map_err(|error| Error::io("write", path, &error.error))?;
    Ok(())
}
