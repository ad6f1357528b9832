//! What carries alerts out of this machine.

use std::sync::Arc;
use std::time::Duration;

use crate::net::{self, Receipt};
use crate::workspace::Error;

use super::secrets::{Secrets, Telegram};

/// How long one message may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(15);

/// Sends one message. It ends within a bounded time.
pub(super) type Errand = Box<dyn FnOnce() -> Receipt + Send>;

/// What carries alerts out of this machine.
pub struct Channels {
    pub(super) telegram: Option<Arc<net::Telegram>>,
    pub(super) webhook: Option<Arc<net::Webhook>>,
    dead_man: Option<Arc<net::Ping>>,
}

impl Channels {
    /// Opens what the secrets of this machine allow.
    ///
    /// # Errors
    /// Usage, where one of them cannot be a secret of its kind. No secret is in the error.
    pub fn new(secrets: &Secrets) -> Result<Self, Error> {
        let bad = |error: net::NetError| Error::usage(error.to_string(), "docs/watch.md says what the secrets of the channels look like");
        let bot = |bot: &Telegram| net::Telegram::new(bot.api.as_deref(), &bot.token, &bot.chat, PATIENCE);
        Ok(Self {
            telegram: secrets.telegram.as_ref().map(bot).transpose().map_err(bad)?.map(Arc::new),
            webhook: secrets.webhook.as_ref().map(|url| net::Webhook::new(url, PATIENCE)).transpose().map_err(bad)?.map(Arc::new),
            dead_man: secrets.dead_man.as_ref().map(|url| net::Ping::new(url, PATIENCE)).transpose().map_err(bad)?.map(Arc::new),
        })
    }

    /// What says to the dead man's switch that a whole cycle went round; nothing, where there is none.
    pub(super) fn alive(&self) -> Option<Errand> {
        let ping = self.dead_man.clone()?;
        Some(Box::new(move || finish(ping.send())))
    }
}

/// Runs an errand of the network to its end, on the thread of this errand alone.
pub(super) fn finish(sending: impl Future<Output = Receipt>) -> Receipt {
    net::finish(sending).unwrap_or_else(|error| Receipt::Again { after: None, why: format!("this machine cannot send: {error}") })
}
