//! omega governs what an AI system is: its identity, its constitution, its rules.
//!
//! The rooms, in reading order; each may use those above it, see ARCHITECTURE.md. Without the feature `services` those
//! that talk to a network or keep the data of the watch are left out: the canon and its gates remain.
#![forbid(unsafe_code)]

#[cfg(not(unix))]
compile_error!("omega runs on Unix: it needs its process groups, file modes and signals");

mod words;

pub mod clock;
pub mod digest;
pub mod finding;
pub mod script;
pub mod secrets;
pub mod shell;
pub mod tree;

pub mod keys;

pub mod canon;
pub mod council;
pub mod economy;
pub mod identity;
pub mod memory;
pub mod phylactery;
pub mod resonance;
pub mod security;
pub mod watch;

pub mod enforcement;

pub mod ledger;

pub mod git;
pub mod keyring;
#[cfg(feature = "services")]
pub mod net;
pub mod process;
#[cfg(feature = "services")]
pub mod store;

pub mod workspace;

pub mod survey;
pub mod sync;

pub mod gates;
pub mod guard;
#[cfg(feature = "services")]
pub mod monitor;

pub mod ops;

#[cfg(feature = "services")]
pub mod daemon;
pub mod demo;
pub mod render;

pub mod terminal;

pub mod cli;
