//! The use cases: one verb a file. They join the domain with the adapters and return reports; they
//! never talk to the user.

pub mod add;
pub mod convene;
pub mod council;
pub mod emergency;
pub mod enrol;
pub mod init;
mod kept;
pub mod key;
pub mod phylactery;
pub mod propose;
pub mod recover;
pub mod restore;
pub mod reveal;
pub mod revert;
pub mod rule;
pub mod statement;
pub mod tidy;
pub mod vote;
pub mod withdraw;
