//! Entries of the phylactery: drafted, and purged.

mod draft;
mod purge;

pub use draft::{Drafted, Turn, Wish, draft, undo};
pub use purge::{Extent, Purge, purge};
