//! A webhook, as n8n and others offer it, and a dead man's switch.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::{Client, StatusCode};
use serde_json::Value;

use super::Receipt;
use super::secret::SecretUrl;
use crate::net::NetError;
use crate::net::client::{cause, client};

/// Longer than this nobody is believed to want to be left alone.
const LONGEST: Duration = Duration::from_secs(3600);

/// An address that takes alerts as JSON.
#[derive(Debug)]
pub struct Webhook {
    url: SecretUrl,
    client: Client,
}

impl Webhook {
    /// A webhook at this address: https, or http on this machine.
    ///
    /// # Errors
    /// When it may not be asked. The address is not in the error: it is a secret.
    pub fn new(url: &str, timeout: Duration) -> Result<Self, NetError> {
        let url = SecretUrl::new(url, "the address of the webhook")?;
        let client = client(&url.url(), timeout).map_err(|error| NetError::Unreachable { url: url.shown(), cause: cause(&error) })?;
        Ok(Self { url, client })
    }

    /// Sends one alert.
    pub async fn send(&self, alert: &Value) -> Receipt {
        let post = self.client.post(self.url.url()).header(CONTENT_TYPE, "application/json").body(alert.to_string());
        match post.send().await {
            Err(error) => Receipt::again(self.url.scrub(&cause(&error.without_url()))),
            Ok(response) => judge(response.status(), response.headers()),
        }
    }
}

/// An address that wants to be asked again and again, and tells somebody when that stops.
#[derive(Debug)]
pub struct Ping {
    url: SecretUrl,
    client: Client,
}

impl Ping {
    /// A dead man's switch at this address: https, or http on this machine.
    ///
    /// # Errors
    /// When it may not be asked. The address is not in the error: it is a secret.
    pub fn new(url: &str, timeout: Duration) -> Result<Self, NetError> {
        let url = SecretUrl::new(url, "the address of the dead man's switch")?;
        let client = client(&url.url(), timeout).map_err(|error| NetError::Unreachable { url: url.shown(), cause: cause(&error) })?;
        Ok(Self { url, client })
    }

    /// Says that we live.
    pub async fn send(&self) -> Receipt {
        match self.client.get(self.url.url()).send().await {
            Err(error) => Receipt::again(self.url.scrub(&cause(&error.without_url()))),
            Ok(response) if response.status().is_success() => Receipt::Sent,
            Ok(response) => Receipt::again(format!("it answers with status {}", response.status().as_u16())),
        }
    }
}

/// What a status means. Nothing but success is final: whatever answers there can be put in order while the alert waits.
pub(super) fn judge(status: StatusCode, headers: &HeaderMap) -> Receipt {
    let why = format!("it answers with status {}", status.as_u16());
    match status.as_u16() {
        200..=299 => Receipt::Sent,
        300..=399 => Receipt::again(format!("{why}: redirects are not followed")),
        _ => Receipt::Again { after: wait(headers), why },
    }
}

fn wait(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?;
    let seconds: u64 = text.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST))
}
