//! One command a file: its arguments and a short run.

pub mod canon;
pub mod ci;
pub mod completions;
pub mod council;
pub mod demo;
pub mod guard;
pub mod hook;
pub mod hooks;
pub mod inbox;
pub mod init;
pub mod key;
pub mod man;
pub mod phylactery;
pub mod resonance;
pub mod sync;
pub mod trust;
#[cfg(feature = "services")]
pub mod watch;
pub mod why;

mod add;
mod ask;
mod checkpoint;
pub mod diff;
mod emergency;
mod enrol;
mod list;
mod log;
pub mod print;
pub mod propose;
mod restore;
mod revert;
pub mod review;
pub mod rule;
mod show;
mod statement;
mod status;
mod tally;
mod test;
mod tidy;
mod verify;
mod vote;
mod withdraw;
