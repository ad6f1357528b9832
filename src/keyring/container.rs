//! The outer layer of an OpenSSH private key file: whose key it is, readable without the passphrase.

use base64ct::{Base64, Encoding};
use zeroize::Zeroizing;

use crate::keys::Reader;

const BEGIN: &str = "-----BEGIN OPENSSH PRIVATE KEY-----";
const END: &str = "-----END OPENSSH PRIVATE KEY-----";
const MAGIC: &[u8; 15] = b"openssh-key-v1\0";

/// Whether `text` is a private key of any format, and so must not be treated as a public one.
pub(super) fn is_private(text: &str) -> bool {
    text.trim_start().starts_with("-----BEGIN ")
}

/// What an OpenSSH private key file holds below its armor, however wide the lines are: `ssh-keygen` reads any width.
///
/// # Errors
/// What is wrong with the file, without an excerpt.
pub(super) fn decode(text: &str) -> Result<Zeroizing<Vec<u8>>, &'static str> {
    let body = text
        .trim()
        .strip_prefix(BEGIN)
        .and_then(|rest| rest.strip_suffix(END))
        .ok_or("not in the `BEGIN OPENSSH PRIVATE KEY` format; `ssh-keygen -p -f FILE` converts")?;
    // An unprotected file decodes to the secret itself. Room for all of it is taken at once, so that growing
    // leaves no copy behind.
    let mut base64 = Zeroizing::new(String::with_capacity(body.len()));
    base64.extend(body.chars().filter(|each| !each.is_ascii_whitespace()));
    Base64::decode_vec(&base64).map(Zeroizing::new).map_err(|_| "its base64 is damaged")
}

/// The wire blob of the public key that a decoded file carries in the clear.
///
/// It is not authenticated: who decrypts the file must compare it with what is inside.
///
/// # Errors
/// What is wrong with the file, without an excerpt.
pub(super) fn public_blob(container: &[u8]) -> Result<Vec<u8>, &'static str> {
    fields(container).ok_or("it is damaged, or holds several keys")
}

fn fields(container: &[u8]) -> Option<Vec<u8>> {
    let mut reader = Reader::new(container);
    if reader.array()? != *MAGIC {
        return None;
    }
    let (_cipher, _kdf, _kdf_options) = (reader.string()?, reader.string()?, reader.string()?);
    if reader.u32()? != 1 {
        return None;
    }
    let blob = reader.string()?.to_vec();
    let _encrypted = reader.string()?;
    // Authenticated ciphers put their tag behind; the file is fully judged when it is opened.
    Some(blob)
}
