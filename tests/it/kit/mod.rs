//! What the tests are made with: places, ledgers in memory, and numbers that look random.

pub mod files;
pub mod forge;
pub mod random;
pub mod sample;
pub mod terminal;
pub mod world;
