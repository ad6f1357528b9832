//! Channels that carry alerts out of the machine, or at least out of the store.

mod file;
mod http;
mod secret;
mod telegram;

use std::time::Duration;

pub use file::append;
pub use http::{Ping, Webhook};
pub(super) use secret::Token;
pub use telegram::Telegram;

/// What a channel made of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Receipt {
    /// It has it.
    Sent,
    /// Not now. The same may be taken later, and not before `after`, if it says so.
    Again {
        /// How long it wants to be left alone.
        after: Option<Duration>,
        /// Why, without any secret.
        why: String,
    },
    /// This message will never be taken.
    Refused {
        /// Why, without any secret.
        why: String,
    },
}

impl Receipt {
    fn again(why: impl Into<String>) -> Self {
        Self::Again { after: None, why: why.into() }
    }
}
