//! The watch: its cycle, the hands that touch the world, and what is read from what it remembers.

mod ask;
pub mod canon;
mod channels;
pub mod check;
pub mod cycle;
mod deliver;
mod hands;
mod kept;
pub mod metrics;
mod post;
pub mod read;
mod remember;
mod secrets;
mod tell;
pub mod thoughts;
mod unstored;
mod watcher;
mod world;

pub use crate::net::Trust;
pub use channels::Channels;
pub use kept::Kept;
pub use secrets::{Secrets, Telegram};
pub use watcher::{Place, Round, Watcher, store_path};
pub use world::World;
