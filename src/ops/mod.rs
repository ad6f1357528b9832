//! The use cases: one verb a file. They join the domain with the adapters and return reports; they
//! never talk to the user.

pub mod add;
pub mod advice;
pub mod assess;
mod attributes;
pub mod cases;
pub mod checkpoint;
pub mod ci;
pub mod convene;
pub mod council;
pub mod desk;
pub mod edits;
pub mod emergency;
pub mod enrol;
mod error;
pub mod find;
pub mod gate;
pub mod glance;
pub mod init;
mod kept;
pub mod key;
pub mod lint;
pub mod machine;
pub mod next;
pub mod open;
pub mod phylactery;
pub mod pin;
pub mod propose;
pub mod provisional;
pub mod recover;
pub mod report;
pub mod restore;
pub mod reveal;
pub mod rule;
pub mod seen;
pub mod stamp;
pub mod statement;
pub mod survey;
pub mod tally;
pub mod tidy;
pub mod verify;
pub mod vote;
pub mod watch;
pub mod why;
pub mod withdraw;

pub use error::{Error, Unsigned};
