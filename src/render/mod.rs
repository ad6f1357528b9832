//! Reports as people and programs read them. Colour lives here alone; it is taken away again where
//! the output is no terminal.

pub mod added;
pub mod cases;
pub mod checkpoint;
pub mod ci;
pub mod code_quality;
pub mod council;
pub mod diff;
mod emergency;
pub mod gate;
pub mod github;
pub mod human;
pub mod json;
pub mod junit;
pub mod machine;
mod markdown;
pub mod phylactery;
pub mod prose;
pub mod resonance;
pub mod restore;
pub mod roster;
pub mod sarif;
pub mod setup;
mod style;
pub mod summary;
pub mod survey;
pub mod sync;
pub mod tally;
#[cfg(feature = "services")]
pub mod watch;
pub mod why;
