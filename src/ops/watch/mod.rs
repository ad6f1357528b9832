//! The watch: its cycle, and what is read from what it remembers.

pub mod cycle;
