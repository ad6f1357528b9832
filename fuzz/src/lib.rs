//! What the fuzz targets run. The same functions run for a moment in `cargo test`, see tests/it/fuzz_smoke.rs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod bodies;

#[path = "../../tests/it/kit/forge/mod.rs"]
#[allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
pub mod forge;
