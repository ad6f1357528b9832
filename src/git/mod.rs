//! Git repositories: the only module that knows `gix`.
//!
//! Three rules shape it. What is read for a verdict is read raw: replace refs, grafts, commit-graph
//! files and the process environment have no say, object ids are recomputed, and whatever breaks git's
//! own rules about trees is reported instead of being smoothed over. What is written is written in one
//! order: objects, sync, one reference, then index and work tree; a kill between any two steps leaves
//! the repository valid as it was before or as it is after. And no `gix` type leaves this module.

mod access;
mod actor;
mod ask;
mod attributes;
mod checkout;
mod commit;
mod convert;
mod database;
mod diff;
mod error;
mod exchange;
mod folder;
mod foreign;
mod format;
mod head;
mod history;
mod index_file;
mod index_tree;
mod lock;
mod meeting;
mod merge;
mod merged;
mod objects;
mod oid;
mod operation;
mod raw_tree;
mod refs;
mod reftable;
mod remotes;
mod repo;
mod rev_tree;
mod revision;
pub mod settings;
mod sharing;
mod signal;
mod stale;
mod worktree;

#[cfg(test)]
mod tests;

pub use access::{HeldLock, Known};
pub use actor::Actor;
pub use attributes::Attributes;
pub use checkout::{CheckoutReport, Wanted};
pub use commit::{Edit, NewCommit, Sign};
pub use error::GitError;
pub use exchange::{Push, Remote, Sent};
pub use folder::FolderTree;
pub use foreign::has_canon;
pub use head::Head;
pub use history::Brought;
pub use index_tree::IndexTree;
pub use lock::Lock;
pub use meeting::Meeting;
pub use merge::Merge;
pub use merged::MergedTree;
pub use operation::Operation;
pub use repo::Repo;
pub use rev_tree::RevTree;
pub use sharing::Sharing;
pub use signal::on_signal;
pub use worktree::{LeftOut, WorkTree};

pub use crate::tree::{NotAnOid, Oid};
