//! One run of omega: the folder, the clock, the environment, the terminal, who signs, and how it ends.

pub mod ask;
#[cfg(feature = "services")]
pub mod comment;
pub mod complete;
pub mod context;
pub mod decision;
pub mod editor;
pub mod environment;
pub mod exchange;
pub mod failure;
pub mod guarding;
pub mod job;
pub mod manual;
pub mod mistyped;
pub mod pager;
pub mod settings;
pub mod signing;
pub mod variables;
