//! The Bot API of Telegram (<https://core.telegram.org/bots/api>).

use std::time::Duration;

use reqwest::Client;
use reqwest::header::CONTENT_TYPE;
use serde::Deserialize;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};

use super::secret::{SecretUrl, Token};
use super::{Receipt, http};
use crate::net::NetError;
use crate::net::client::{body, cause, client};

/// Where bots are served.
const HOME: &str = "https://api.telegram.org";
/// What a message may have, in units of UTF-16.
const MOST: usize = 4096;
/// A chat takes one message a second.
const PAUSE: Duration = Duration::from_secs(1);
/// What an answer may have, in bytes.
const ANSWER: usize = 64 << 10;
/// Longer than this nobody is believed to want to be left alone.
const LONGEST: u64 = 3600;

/// One chat, through one bot.
#[derive(Debug)]
pub struct Telegram {
    home: SecretUrl,
    token: Token,
    chat: String,
    client: Client,
    last: Mutex<Option<Instant>>,
}

#[derive(Deserialize)]
struct Answer {
    ok: bool,
    #[serde(default)]
    description: String,
    #[serde(default)]
    parameters: Option<Parameters>,
}

#[derive(Deserialize)]
struct Parameters {
    #[serde(default)]
    retry_after: Option<u64>,
}

impl Telegram {
    /// A chat. Another home than Telegram's own is for a Bot API server of one's own: https, or http on this machine.
    ///
    /// # Errors
    /// When the token or the chat cannot be one, or the home may not be asked. The token is in no error.
    pub fn new(home: Option<&str>, token: &str, chat: &str, timeout: Duration) -> Result<Self, NetError> {
        let refuse = |what: &str, why| NetError::Address { url: what.to_owned(), why };
        let is_token = token.split_once(':').is_some_and(|(bot, half)| {
            !bot.is_empty()
                && bot.bytes().all(|b| b.is_ascii_digit())
                && !half.is_empty()
                && half.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
        });
        if !is_token {
            return Err(refuse("the token of the bot", "is not the number of a bot, a colon and a secret"));
        }
        if chat.is_empty() || chat.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(refuse("the chat", "is neither a number nor a name"));
        }
        let home = SecretUrl::new(home.unwrap_or(HOME), "the address of the Bot API")?;
        let client = client(&home.url(), timeout).map_err(|error| NetError::Unreachable { url: home.shown(), cause: cause(&error) })?;
        Ok(Self { home, token: Token::new(token), chat: chat.to_owned(), client, last: Mutex::new(None) })
    }

    /// Sends plain text, at most one message a second. What is longer than Telegram allows is cut, and says so.
    pub async fn send(&self, text: &str) -> Receipt {
        if text.trim().is_empty() {
            return Receipt::Refused { why: "the message is empty".to_owned() };
        }
        let mut last = self.last.lock().await;
        if let Some(last) = *last {
            sleep_until(last + PAUSE).await;
        }
        let receipt = self.post(text).await;
        *last = Some(Instant::now());
        receipt
    }

    async fn post(&self, text: &str) -> Receipt {
        let mut url = self.home.url();
        let path = format!("{}/bot{}/sendMessage", url.path().trim_end_matches('/'), self.token.reveal());
        url.set_path(&path);
        let message = serde_json::json!({
            "chat_id": self.chat,
            "text": fit(text),
            "link_preview_options": { "is_disabled": true },
        });
        let failed = |error: reqwest::Error| Receipt::again(self.scrub(&cause(&error.without_url())));
        let response = match self.client.post(url).header(CONTENT_TYPE, "application/json").body(message.to_string()).send().await {
            Ok(response) => response,
            Err(error) => return failed(error),
        };
        let (status, headers) = (response.status(), response.headers().clone());
        let read = match body(response, ANSWER).await {
            Ok(read) => read.unwrap_or_default(),
            // Whether it was taken is not known: better twice than never.
            Err(error) => return failed(error),
        };
        let Ok(answer) = serde_json::from_slice::<Answer>(&read) else {
            return match http::judge(status, &headers) {
                Receipt::Sent => Receipt::again("what answers is not Telegram"),
                again => again,
            };
        };
        if answer.ok && status.is_success() {
            return Receipt::Sent;
        }
        let said: String = answer.description.chars().filter(|c| !c.is_control()).take(200).collect();
        let why = self.scrub(&format!("it answers with status {}: {said}", status.as_u16()));
        // Of the refusals only those of the text are final; a chat or a token can be put in order, and what is too long is sent
        // shorter with the next try.
        let of = |text: &str| said.to_lowercase().contains(text);
        if status.as_u16() == 400 && (of("message is") || of("message text")) && !of("too long") {
            return Receipt::Refused { why };
        }
        let wanted = answer.parameters.and_then(|parameters| parameters.retry_after);
        let after = wanted.map(|seconds| Duration::from_secs(seconds.min(LONGEST)));
        match http::judge(status, &headers) {
            Receipt::Again { after: header, .. } => Receipt::Again { after: after.or(header), why },
            _ => Receipt::Again { after, why },
        }
    }

    fn scrub(&self, text: &str) -> String {
        self.token.scrub(text)
    }
}

/// The text, or as much of it as fits.
fn fit(text: &str) -> String {
    const CUT: &str = "\n… (cut)";
    if text.encode_utf16().count() <= MOST {
        return text.to_owned();
    }
    let mut left = MOST - CUT.encode_utf16().count();
    let kept = text.chars().take_while(|c| {
        let fits = c.len_utf16() <= left;
        left = left.saturating_sub(c.len_utf16());
        fits
    });
    kept.collect::<String>() + CUT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_message_is_cut_to_what_is_allowed() {
        assert_eq!(fit("short"), "short");
        assert_eq!(fit(&"x".repeat(MOST)), "x".repeat(MOST));
        for long in ["x".repeat(MOST + 1), "\u{1f525}".repeat(3000), format!("{}\u{1f525}", "é".repeat(MOST - 1))] {
            let cut = fit(&long);
            let units = cut.encode_utf16().count();
            assert!((MOST - 2..=MOST).contains(&units), "{units}");
            assert!(cut.ends_with("(cut)"));
        }
    }

    #[test]
    fn no_error_and_no_view_shows_the_token() {
        let timeout = Duration::from_secs(1);
        for (token, chat, home) in [
            ("123SECRET", "1", None),
            ("abc:SECRET", "1", None),
            ("1:SECRET/..", "1", None),
            ("1:SECRET", "", None),
            ("1:SECRET", "a b", None),
            ("1:SECRET", "1", Some("http://example.org/SECRET")),
            ("1:SECRET", "1", Some("https://me:SECRET@example.org/")),
        ] {
            let error = Telegram::new(home, token, chat, timeout).map(drop).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("SECRET"), "{error:?}");
        }
        let telegram = Telegram::new(Some("https://example.org/SECRET"), "1:SECRET", "1", timeout).unwrap();
        assert!(!format!("{telegram:?}").contains("SECRET"), "{telegram:?}");
    }
}
