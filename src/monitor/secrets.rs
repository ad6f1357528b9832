//! What is secret about a way to tell somebody. It stands on the machine, and in no document, log or error.

use std::fmt;

/// The secrets of this machine.
#[derive(Clone, Default)]
pub struct Secrets {
    /// The bot that tells the Chief.
    pub telegram: Option<Telegram>,
    /// Where alerts are posted.
    pub webhook: Option<String>,
    /// What is asked after each whole cycle.
    pub dead_man: Option<String>,
}

/// A Telegram bot, and whom it writes to.
#[derive(Clone)]
pub struct Telegram {
    /// Its token.
    pub token: String,
    /// The chat.
    pub chat: String,
    /// The service, where it is not Telegram's own.
    pub api: Option<String>,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets")
    }
}

impl Secrets {
    /// A text without the secrets that stand in it.
    pub fn redact(&self, text: &str) -> String {
        let telegram = self.telegram.iter().flat_map(|bot| [&bot.token, &bot.chat]);
        let all = telegram.chain(&self.webhook).chain(&self.dead_man);
        // What is too short to be a secret would tear holes into every text.
        all.filter(|secret| secret.len() >= 6).fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), "[…]"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_do_not_show() {
        let bot = Telegram { token: ["123", "secret-token"].join(":"), chat: "7".to_owned(), api: None };
        let secrets = Secrets { telegram: Some(bot), webhook: Some("https://n8n.invalid/hook/abc".to_owned()), dead_man: None };
        let text = secrets.redact("GET https://api.invalid/bot123:secret-token/x and https://n8n.invalid/hook/abc, 7 times");
        assert_eq!(text, "GET https://api.invalid/bot[…]/x and […], 7 times");
        assert!(!format!("{secrets:?}").contains("secret-token"));
    }
}
