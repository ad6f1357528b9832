//! The watch: its cycle, the hands that touch the world, and what is read from what it remembers.

mod ask;
pub mod canon;
pub mod cycle;
mod deliver;
mod hands;
mod kept;
pub mod metrics;
pub mod read;
mod remember;
mod secrets;
mod tell;
pub mod thoughts;
mod watcher;

pub use crate::net::Trust;
pub use kept::Kept;
pub use secrets::{Secrets, Telegram};
pub use tell::Channels;
pub use watcher::{Place, Round, Watcher, World, store_path};
