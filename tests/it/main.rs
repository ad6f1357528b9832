//! The tests that drive the real binary on real temporary repositories.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests stop where they fail")]

mod world;

mod crashes;
mod mutations;
mod smoke;
