//! What can go wrong with a repository, in words for its user.

use std::error::Error;
use std::path::Path;

use super::Oid;
use crate::tree::TreeError;

/// Why a repository could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// No repository contains the folder.
    #[error("`{dir}` is not inside a git repository")]
    NotARepository {
        /// Where the search began.
        dir: String,
    },
    /// The repository keeps its references in a format that cannot be read here.
    #[error("the repository stores its references as `{format}`; only `files` and `reftable` are supported")]
    RefStorage {
        /// The value of `extensions.refStorage`.
        format: String,
    },
    /// The repository names its objects with another hash.
    #[error("the repository names its objects by `{format}`; only `sha1` and `sha256` are supported")]
    ObjectFormat {
        /// The value of `extensions.objectFormat`.
        format: String,
    },
    /// The repository demands a feature that is not known here.
    #[error("the repository uses the unknown extension `{name}`")]
    Extension {
        /// The key below `extensions.`.
        name: String,
    },
    /// Something needs a work tree and the repository is bare.
    #[error("`{git_dir}` is a bare repository without a work tree")]
    Bare {
        /// The repository's folder.
        git_dir: String,
    },
    /// Another run writes to this repository.
    #[error("another run holds the lock `{path}`{}", holder.as_ref().map(|pid| format!(" (process {pid})")).unwrap_or_default())]
    Locked {
        /// The lock file.
        path: String,
        /// The process that holds it, if it said so.
        holder: Option<String>,
    },
    /// Nothing has this name.
    #[error("no such revision: `{rev}`")]
    NoRevision {
        /// What was to be resolved.
        rev: String,
    },
    /// The revision does not name a commit.
    #[error("`{rev}` names no commit: {cause}")]
    Revision {
        /// What was to be resolved.
        rev: String,
        /// Why it was not.
        cause: String,
    },
    /// The revision names several commits.
    #[error("`{rev}` means two things: {first} and {other}")]
    Ambiguous {
        /// What was to be resolved.
        rev: String,
        /// One full name that it may stand for.
        first: String,
        /// Another one.
        other: String,
    },
    /// A reference is not where the caller last saw it; nothing was changed.
    #[error("`{name}` moved: expected {}, found {}", shown(.expected), shown(.found))]
    RefMoved {
        /// The full reference name.
        name: String,
        /// Where it had to be.
        expected: Option<Oid>,
        /// Where it is.
        found: Option<Oid>,
    },
    /// A path cannot be written to a git tree or a work tree.
    #[error("`{path}` cannot be written: {why}")]
    Path {
        /// The refused path.
        path: String,
        /// The broken rule.
        why: String,
    },
    /// A checkout would lose content that is in no commit; nothing was changed.
    #[error("uncommitted content would be overwritten: {}", listed(.0))]
    WouldOverwrite(Vec<Vec<u8>>),
    /// Making the commit signature failed.
    #[error("the commit cannot be signed: {0}")]
    Sign(String),
    /// An object is missing or corrupt, or a file cannot be read.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// The operating system said no.
    #[error("cannot {what} `{path}`: {cause}")]
    Io {
        /// The attempted act.
        what: &'static str,
        /// The file or folder.
        path: String,
        /// The operating system's words.
        cause: String,
    },
    /// The git library said no.
    #[error("cannot {what}: {cause}")]
    Git {
        /// The attempted act and its object.
        what: String,
        /// The library's words, from the outermost to the root cause.
        cause: String,
    },
}

impl GitError {
    /// Whether the repository is in a format that is not understood here.
    pub fn is_foreign_format(&self) -> bool {
        matches!(self, Self::RefStorage { .. } | Self::ObjectFormat { .. } | Self::Extension { .. })
    }

    pub(super) fn git(what: impl Into<String>, cause: &(dyn Error + 'static)) -> Self {
        Self::Git { what: what.into(), cause: chain(cause) }
    }

    pub(super) fn io(what: &'static str, path: &Path, cause: &std::io::Error) -> Self {
        Self::Io { what, path: path.display().to_string(), cause: cause.to_string() }
    }

    pub(super) fn path(path: &[u8], why: impl Into<String>) -> Self {
        Self::Path { path: text(path), why: why.into() }
    }
}

/// An error and its sources as one line. A source that its parent already quotes is not repeated.
pub(super) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut line = error.to_string().trim_end_matches('.').to_owned();
    let mut source = error.source();
    while let Some(inner) = source {
        let words = inner.to_string();
        // One word (`NotFound`) is the library's classification, not a cause.
        if words.contains(' ') && !line.contains(&words) {
            line.push_str(": ");
            line.push_str(&words);
        }
        source = inner.source();
    }
    line.replace('\n', " ")
}

/// Path bytes for a message.
pub(super) fn text(path: &[u8]) -> String {
    String::from_utf8_lossy(path).into_owned()
}

fn shown(id: &Option<Oid>) -> String {
    id.map_or_else(|| "nothing".to_owned(), |id| id.to_string())
}

fn listed(paths: &[Vec<u8>]) -> String {
    const SHOWN: usize = 10;
    let mut names: Vec<_> = paths.iter().take(SHOWN).map(|path| format!("`{}`", text(path))).collect();
    if paths.len() > SHOWN {
        names.push(format!("and {} more", paths.len() - SHOWN));
    }
    names.join(", ")
}
