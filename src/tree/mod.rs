//! What can be verified: a revision, the index, a work tree or a plain folder, all seen as a tree.
//!
//! The domain only knows these two traits; the adapters in `git/` implement them.

mod oid;

pub use oid::{NotAnOid, Oid};

/// What a path holds, as git sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// A plain file, git mode 100644.
    File,
    /// An executable file, git mode 100755.
    Exec,
    /// A symbolic link, git mode 120000; its bytes are the target.
    Link,
    /// A submodule, git mode 160000; it has no bytes.
    Submodule,
    /// Any other mode, socket or device: never acceptable at a governed path.
    Other,
}

/// One leaf of a tree.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Path from the root of the tree with `/` between segments; any bytes, as git allows.
    pub path: Vec<u8>,
    /// What lies there.
    pub mode: Mode,
    /// The git object, where the tree knows it; plain folders do not.
    pub id: Option<Oid>,
}

/// All leaves that were asked for, in byte order of their paths, and what is wrong with the tree itself.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// The leaves.
    pub entries: Vec<Entry>,
    /// Paths whose tree object breaks git's own rules (duplicate or unsorted names, padded modes, …), and how.
    pub defects: Vec<(Vec<u8>, String)>,
}

/// Why a tree could not be read. This is never "the canon is violated": nothing can be said.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// An object is not there: a partial or broken clone.
    #[error("object {id} of `{path}` is missing from this repository")]
    Missing {
        /// Where the tree names it.
        path: String,
        /// The object that is missing, in hex.
        id: String,
    },
    /// The bytes are there and are not what their name says, or cannot be decoded.
    #[error("object of `{path}` is corrupt: {cause}")]
    Corrupt {
        /// Where the tree names it.
        path: String,
        /// What is wrong.
        cause: String,
    },
    /// Larger than any governed file may be.
    #[error("`{path}` has {size} bytes; at most {limit} are read")]
    TooLarge {
        /// The file.
        path: String,
        /// Its size in bytes.
        size: u64,
        /// The bound in bytes.
        limit: u64,
    },
    /// Judging it would cost more than any honest tree does.
    #[error("too much to judge: {what}")]
    TooMuch {
        /// The folder or file at which the limit was met.
        path: String,
        /// Which limit was met.
        what: String,
    },
    /// The operating system said no.
    #[error("cannot read `{path}`: {cause}")]
    Io {
        /// The file or folder.
        path: String,
        /// The operating system's words.
        cause: String,
    },
}

/// Says what the id of a folder's tree object is.
pub type FolderIds<'a> = Box<dyn FnMut(&[u8]) -> Option<Oid> + 'a>;

/// A tree that can be listed and read, from several threads at once.
pub trait Tree: Sync {
    /// All leaves below the folders for which `enter` says yes. `enter` gets the folder's path
    /// without a trailing `/`; the root is always entered. Links are leaves and never followed,
    /// nested repositories are leaves of mode [`Mode::Submodule`].
    fn list(&self, enter: &dyn Fn(&[u8]) -> bool) -> Result<Listing, TreeError>;

    /// The ids of the folders' tree objects, where the tree knows them; of a folder that is not there, nothing. Two folders with
    /// one id hold the same.
    fn folder_ids(&self) -> FolderIds<'_> {
        Box::new(|_| None)
    }

    /// Which of these files hold other bytes on disk than git would store, line ends aside, and by which attributes
    /// (`filter=lfs`). Only a work tree has such files.
    fn rewritten(&self, _paths: &[&str]) -> Result<Vec<(String, String)>, TreeError> {
        Ok(Vec::new())
    }

    /// A reader of leaf contents; make one for each thread.
    fn reader(&self) -> Box<dyn Reader + '_>;
}

/// Reads leaves of one [`Tree`].
pub trait Reader {
    /// The exact bytes of a leaf (of a link: its target), at most `limit` of them.
    fn read(&mut self, entry: &Entry, limit: u64) -> Result<Vec<u8>, TreeError>;
}
