//! The ledger: signed records, and the one pure fold that says what they ratify.
//!
//! Nothing in here can fail because of the clock, the disk or the network: what is read comes in
//! through [`crate::tree::Tree`], and the time is given by whoever asks.

pub mod artifacts;
pub mod checkpoint;
mod digests;
pub mod evidence;
pub mod examine;
pub mod fold;
pub mod folder;
pub mod kinds;
pub mod law;
pub mod lines;
pub mod links;
pub mod live;
pub mod proposal;
pub mod record;
pub mod signers;
pub mod state;
pub mod verdict;
