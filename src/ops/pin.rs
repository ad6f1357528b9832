//! The pin: what a verifier trusts from outside the repository. It is kept beside the objects, never
//! in the tree.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::git::{Repo, Sharing};

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
/// A given root needs no pin that this user may not read, or that another user wrote.
///
/// # Errors
/// When the pin cannot be read, or the repository belongs to another user.
pub fn trusted(repo: Option<&Repo>, root: Option<Digest>) -> Result<Option<Pin>, Error> {
    let kept = match repo {
        Some(repo) if root.is_some() && (!repo.is_trusted() || is_closed(repo.common_dir())) => None,
        Some(repo) if !repo.is_trusted() && path(repo.common_dir()).exists() => return Err(foreign(repo, "its pin is not used")),
        Some(repo) => read(repo.common_dir())?,
        None => None,
    };
    Ok(match root {
        Some(root) => Some(kept.filter(|kept| kept.root == root).unwrap_or(Pin { root, sequence: None, head: None })),
        None => kept,
    })
}

/// Whether this user may not read the pin.
fn is_closed(common_dir: &Path) -> bool {
    fs::File::open(path(common_dir)).is_err_and(|error| error.kind() == std::io::ErrorKind::PermissionDenied)
}

/// A repository of another user, who could have put anything there.
pub(super) fn foreign(repo: &Repo, consequence: &str) -> Error {
    let dir = repo.workdir().unwrap_or(repo.git_dir()).display().to_string();
    Error::unknown(
        format!("`{dir}` belongs to another user, so {consequence}"),
        format!("if you trust it, as for git: git config --global --add safe.directory {}", quoted(&dir)),
    )
}

/// The pin of a clone, if it has one.
pub fn read(common_dir: &Path) -> Result<Option<Pin>, Error> {
    let path = path(common_dir);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            let file = path.display().to_string();
            return Err(Error::unknown(
                format!("there is a pin, and this user may not read it: `{file}`"),
                format!("its owner can share it: chmod g+r {}; or name the root: omega canon verify --root ROOT", quoted(&file)),
            ));
        }
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
pub fn write(repo: &Repo, pin: &Pin) -> Result<(), Error> {
    let path = path(repo.common_dir());
    let text = toml::to_string(pin).expect("a pin is a table of texts and numbers");
    write_whole(&path, text.as_bytes(), repo.sharing())
}

/// Writes a file and the folder that it is in, whole or not at all, for all who share the repository.
pub(super) fn write_whole(path: &Path, bytes: &[u8], sharing: Sharing) -> Result<(), Error> {
    let folder = path.parent().expect("the path has a folder");
    sharing.make_folder(folder).map_err(|error| Error::io("make", folder, &error))?;
    sharing.write_whole(path, bytes).map_err(|error| Error::io("write", path, &error))
}

/// A text as one word of a shell command.
pub(super) fn quoted(text: &str) -> String {
    shlex::try_quote(text).map_or_else(|_| text.to_owned(), |quoted| quoted.into_owned())
}
