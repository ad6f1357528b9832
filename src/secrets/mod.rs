//! Secrets in texts: where they stand, and the text without them.
//!
//! What is known by its form is found: armored private keys, tokens of common services by their prefixes, assignments of
//! passwords, addresses that carry a token. Personal data has no form and is not guessed. Something that is found is
//! never repeated: a [`Secret`] says where it is, not what it is.

mod assignment;
mod plausible;
mod shapes;

use std::ops::Range;

/// What kind of secret was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A private key, armored or as a bare block of base64.
    PrivateKey,
    /// An address that carries a password or token.
    Address,
    /// A token of a service, known by its prefix or form.
    Token,
    /// A password or token that is assigned to a name that says so.
    Password,
}

impl Kind {
    /// The kind in words, with its article.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PrivateKey => "a private key",
            Self::Address => "an address with a token",
            Self::Token => "an access token",
            Self::Password => "a password",
        }
    }
}

/// A secret, and where it stands. It does not hold the secret itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secret {
    /// What kind.
    pub kind: Kind,
    /// Whose form it has, as in `GitHub`; empty, where it is nobody's.
    pub service: &'static str,
    /// The line where it begins, from 1.
    pub line: usize,
    /// The bytes that must not be shown.
    pub bytes: Range<usize>,
}

/// All secrets of a text, in the order in which they stand there. No two overlap.
pub fn find(text: &[u8]) -> Vec<Secret> {
    let mut hits = Vec::new();
    shapes::find(text, &mut hits);
    assignment::find(text, &mut hits);
    hits.sort_by_key(|hit: &Hit| (hit.bytes.start, hit.kind));
    let (mut line, mut at) = (1, 0);
    let mut secrets: Vec<Secret> = Vec::with_capacity(hits.len());
    for Hit { kind, service, bytes } in hits {
        // Of two readings of the same bytes the more certain one stands, and what either covers is not shown.
        if let Some(last) = secrets.last_mut().filter(|last| bytes.start < last.bytes.end) {
            last.bytes.end = last.bytes.end.max(bytes.end);
            if kind < last.kind {
                (last.kind, last.service) = (kind, service);
            }
            continue;
        }
        line += text[at..bytes.start].iter().filter(|byte| **byte == b'\n').count();
        at = bytes.start;
        secrets.push(Secret { kind, service, line, bytes });
    }
    secrets
}

/// The text with `[a private key]`, `[an access token]` and so on in the place of each secret.
pub fn redact(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for secret in find(text.as_bytes()) {
        let (mut start, mut end) = (secret.bytes.start, secret.bytes.end);
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        while !text.is_char_boundary(end) {
            end += 1;
        }
        out.push_str(&text[at..start]);
        out.push_str(&format!("[{}]", secret.kind.as_str()));
        at = end;
    }
    out.push_str(&text[at..]);
    out
}

/// Something that has the form of a secret.
struct Hit {
    kind: Kind,
    service: &'static str,
    bytes: Range<usize>,
}

#[cfg(test)]
mod tests;
