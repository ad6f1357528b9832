use crate::canon::RepoPath;
use crate::finding::{Code, Finding};
use crate::git::GitError;
use crate::keyring::KeyringError;
use crate::keys::Namespace;
#[cfg(feature = "services")]
use crate::store::StoreError;
use crate::tree::TreeError;

/// Why a use case did not do what it was asked. Nothing was changed, unless the message says so.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The canon forbids it.
    #[error("{fact}")]
    Denied {
        /// What is so.
        fact: String,
        /// What to do, or the command to type next.
        hint: String,
    },
    /// The request itself makes no sense.
    #[error("{fact}")]
    Usage {
        /// What is so.
        fact: String,
        /// What to do, or the command to type next.
        hint: String,
    },
    /// The tree that was to be built upon does not hold.
    #[error("refused: the canon here does not verify")]
    Violated(Vec<Finding>),
    /// A canon that is to be set up would not verify.
    #[error("no canon is set up here: its first commit would not verify")]
    Unfit(Vec<Finding>),
    /// The repository is not in a state in which something can be written. Nothing was changed.
    #[error("{fact}")]
    Unready {
        /// What is so.
        fact: String,
        /// What to do, or the command to type next.
        hint: String,
    },
    /// The command was interrupted after its first durable step; repeated, it finishes.
    #[error("{done}, and the rest is still to be done: {cause}")]
    Unfinished {
        /// What is done.
        done: String,
        /// What stopped the command.
        cause: Box<Error>,
    },
    /// Nothing can be said: no pin, missing objects, a newer format.
    #[error("{fact}")]
    Unknown {
        /// What is so.
        fact: String,
        /// What to do, or the command to type next.
        hint: String,
    },
    /// The watcher itself is in trouble, and could not know how things are.
    #[error("{fact}")]
    Blind {
        /// What is so.
        fact: String,
        /// What to do, or the command to type next.
        hint: String,
    },
    /// Another run holds the lease.
    #[error("{fact}")]
    Held {
        /// Who, and since when.
        fact: String,
        /// What to do, or the command to type next.
        hint: String,
    },
    /// The record is drafted, and waits for a signature that is made elsewhere. Nothing was written.
    #[error("the record waits for its signature")]
    Unsigned(Unsigned),
    /// A hook that was here before omega said no, with this exit code.
    #[error("the hook that was here before omega refused: `{path}`")]
    Hook {
        /// The hook.
        path: String,
        /// What it exited with.
        code: u8,
    },
    /// The repository said no.
    #[error(transparent)]
    Git(#[from] GitError),
    /// A key could not be read or used.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// A file could not be read or written.
    #[error("cannot {what} `{path}`: {cause}")]
    Io {
        /// The attempted act.
        what: &'static str,
        /// The file or folder.
        path: String,
        /// The operating system's words.
        cause: String,
    },
}

/// What somebody signs elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsigned {
    /// What the signature is for.
    pub namespace: Namespace,
    /// The exact bytes.
    pub text: String,
}

impl Error {
    /// The canon forbids it.
    pub fn denied(fact: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Denied { fact: fact.into(), hint: hint.into() }
    }

    /// The request makes no sense.
    pub fn usage(fact: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Usage { fact: fact.into(), hint: hint.into() }
    }

    /// Nothing can be written now.
    pub fn unready(fact: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Unready { fact: fact.into(), hint: hint.into() }
    }

    /// Nothing can be said.
    pub fn unknown(fact: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Unknown { fact: fact.into(), hint: hint.into() }
    }

    /// The watcher could not know.
    pub fn blind(fact: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Blind { fact: fact.into(), hint: hint.into() }
    }

    /// The operating system said no.
    pub fn io(what: &'static str, path: &std::path::Path, cause: &std::io::Error) -> Self {
        Self::Io { what, path: path.display().to_string(), cause: cause.to_string() }
    }

    /// A file follows rules of a later version.
    pub fn newer(path: &RepoPath, rules: i64) -> Self {
        Self::unknown(
            format!("`{path}` follows version {rules} of the rules, and this omega knows {}", crate::canon::front::RULES),
            "install a newer omega",
        )
    }
}

/// A tree that costs too much to judge is violated: nobody has to read on to refuse it.
pub(crate) fn too_much(path: &str, what: String) -> Finding {
    Finding::error(Code::Limit, path, what)
}

/// The command that brings the objects that a partial clone left out.
pub const REFETCH: &str = "git fetch --refetch --no-filter";

impl From<TreeError> for Error {
    fn from(error: TreeError) -> Self {
        match error {
            TreeError::Missing { .. } => Self::unknown(error.to_string(), REFETCH),
            TreeError::TooMuch { path, what } => Self::Violated(vec![too_much(&path, what)]),
            TreeError::Corrupt { .. } => Self::unknown(error.to_string(), "find the damage: git fsck"),
            other => Self::Git(other.into()),
        }
    }
}

#[cfg(feature = "services")]
impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::Missing { .. } => Self::unknown(error.to_string(), "make it: omega watch --once"),
            StoreError::Older { .. } => Self::unknown(error.to_string(), "omega watch --once"),
            StoreError::Busy => Self::blind(error.to_string(), "repeat the command when the other program is done"),
            StoreError::Refused { .. } => Self::denied(error.to_string(), "omega watch status"),
            _ => Self::blind(error.to_string(), "choose another file with --store FILE, or repair this one"),
        }
    }
}
