//! The pin: what a verifier trusts from outside the repository. It is kept beside the objects, never
//! in the tree.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::git::{Repo, Sharing};
use crate::ledger::checkpoint::Checkpoint;
use crate::shell::quote;

use super::Error;

/// What is trusted of a canon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(try_from = "Written", into = "Written")]
#[schemars(with = "Written")]
pub enum Pin {
    /// The digest of the genesis ruling.
    Root(Digest),
    /// The same, and a ruling that the ledger must contain.
    Checkpoint(Checkpoint),
}

/// The root of the canon that is trusted, and optionally a ruling that its ledger must contain.
#[derive(Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Pin")]
struct Written {
    /// The digest of the genesis ruling.
    root: Digest,
    /// The number of a ruling that was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sequence: Option<u32>,
    /// The digest of that ruling.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    head: Option<Digest>,
}

impl TryFrom<Written> for Pin {
    type Error = &'static str;

    fn try_from(Written { root, sequence, head }: Written) -> Result<Self, Self::Error> {
        Self::new(root, sequence, head).ok_or("a checkpoint is a `sequence` and a `head`, and one of them is missing")
    }
}

impl From<Pin> for Written {
    fn from(pin: Pin) -> Self {
        let checkpoint = pin.checkpoint();
        Self { root: pin.root(), sequence: checkpoint.map(|seen| seen.sequence), head: checkpoint.map(|seen| seen.head) }
    }
}

impl Pin {
    /// A root, with a checkpoint if number and digest are given; nothing, if only one of them is.
    pub fn new(root: Digest, sequence: Option<u32>, head: Option<Digest>) -> Option<Self> {
        match (sequence, head) {
            (None, None) => Some(Self::Root(root)),
            (Some(sequence), Some(head)) => Some(Self::Checkpoint(Checkpoint { root, sequence, head })),
            _ => None,
        }
    }

    /// The digest of the genesis ruling.
    pub fn root(&self) -> Digest {
        match self {
            Self::Root(root) | Self::Checkpoint(Checkpoint { root, .. }) => *root,
        }
    }

    /// The ruling that the ledger must contain.
    pub fn checkpoint(&self) -> Option<&Checkpoint> {
        match self {
            Self::Root(_) => None,
            Self::Checkpoint(checkpoint) => Some(checkpoint),
        }
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
        Some(root) => Some(kept.filter(|kept| kept.root() == root).unwrap_or(Pin::Root(root))),
        None => kept,
    })
}

/// Whether this user may not read the pin.
fn is_closed(common_dir: &Path) -> bool {
    fs::File::open(path(common_dir)).is_err_and(|error| error.kind() == std::io::ErrorKind::PermissionDenied)
}

/// A repository of another user, who could have put anything there.
pub(crate) fn foreign(repo: &Repo, consequence: &str) -> Error {
    let dir = repo.workdir().unwrap_or(repo.git_dir()).display().to_string();
    Error::unknown(
        format!("`{dir}` belongs to another user, so {consequence}"),
        format!("if you trust it, as for git: git config --global --add safe.directory {}", quote(&dir)),
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
                format!("its owner can share it: chmod g+r {}; or name the root: omega verify --root ROOT", quote(&file)),
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
///
/// # Errors
/// When the repository belongs to another user, or the file cannot be written.
pub fn write(repo: &Repo, pin: &Pin) -> Result<(), Error> {
    if !repo.is_trusted() {
        return Err(foreign(repo, "no pin is written to it"));
    }
    let path = path(repo.common_dir());
    let text = toml::to_string(pin).expect("a pin is a table of texts and numbers");
    write_whole(&path, text.as_bytes(), repo.sharing())
}

/// Writes a file and the folder that it is in, whole or not at all, for all who share the repository.
pub(crate) fn write_whole(path: &Path, bytes: &[u8], sharing: Sharing) -> Result<(), Error> {
    let folder = path.parent().expect("the path has a folder");
    sharing.make_folder(folder).map_err(|error| Error::io("make", folder, &error))?;
    sharing.write_whole(path, bytes).map_err(|error| Error::io("write", path, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_checkpoint_is_none() {
        let dir = tempfile::tempdir().expect("a folder");
        let (root, head) = (Digest::of(b"root"), Digest::of(b"head"));
        fs::create_dir(dir.path().join("omega")).expect("a folder");
        for pin in [Pin::Root(root), Pin::Checkpoint(Checkpoint { root, sequence: 7, head })] {
            fs::write(path(dir.path()), toml::to_string(&pin).expect("a table")).expect("written");
            assert_eq!(read(dir.path()).expect("whole"), Some(pin));
        }
        for half in ["sequence = 7".to_owned(), format!("head = \"{head}\"")] {
            fs::write(path(dir.path()), format!("root = \"{root}\"\n{half}\n")).expect("written");
            let error = read(dir.path()).expect_err(&half).to_string();
            assert!(error.contains("one of them is missing"), "{error}");
        }
    }
}
