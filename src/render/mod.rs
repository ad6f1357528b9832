//! Reports as people and programs read them. Colour lives here alone; it is taken away again where
//! the output is no terminal.

pub mod added;
pub mod cases;
pub mod council;
pub mod diff;
mod emergency;
pub mod gate;
pub mod human;
pub mod json;
pub mod machine;
pub mod phylactery;
pub mod resonance;
pub mod roster;
mod style;
pub mod survey;
pub mod tally;
pub mod why;
