//! Addresses and tokens that nobody may read in an error.

use reqwest::Url;
use zeroize::Zeroizing;

use crate::net::NetError;
use crate::net::client::address;

/// An address of which only scheme, host and port may be shown.
#[derive(Clone)]
pub(super) struct SecretUrl(Url);

impl SecretUrl {
    pub(super) fn new(text: &str, what: &'static str) -> Result<Self, NetError> {
        address(text).map(Self).map_err(|error| match error {
            NetError::Address { why, .. } => NetError::Address { url: what.to_owned(), why },
            other => other,
        })
    }

    pub(super) fn url(&self) -> Url {
        self.0.clone()
    }

    /// What may be shown of it.
    pub(super) fn shown(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// Takes out of a text what may not be shown.
    pub(super) fn scrub(&self, text: &str) -> String {
        let mut text = text.replace(self.0.as_str(), &self.shown());
        for secret in [self.0.path(), self.0.query().unwrap_or_default()] {
            if secret.len() > 3 {
                text = text.replace(secret, "…");
            }
        }
        text
    }
}

impl std::fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.shown())
    }
}

/// A token.
#[derive(Clone)]
pub(in crate::net) struct Token(Zeroizing<String>);

impl Token {
    pub(in crate::net) fn new(text: &str) -> Self {
        Self(Zeroizing::new(text.to_owned()))
    }

    pub(in crate::net) fn reveal(&self) -> &str {
        &self.0
    }

    /// Takes the token out of a text, and its secret half alone too.
    pub(in crate::net) fn scrub(&self, text: &str) -> String {
        let text = text.replace(self.0.as_str(), "…");
        match self.0.split_once(':') {
            Some((_, half)) if half.len() > 3 => text.replace(half, "…"),
            _ => text,
        }
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}
