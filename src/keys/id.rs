//! The name of a key: `<fp>` in file names.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;

/// The SHA-256 of a key's wire blob, written as 64 lowercase hex digits.
///
/// It is the same hash that `ssh-keygen -l` shows in base64, in a form that is safe in file names. Two blobs with the
/// same 32 key bytes (a plain and a hardware encoding) have different ids: uniqueness of keys is decided by
/// [`PublicKey::raw`](super::PublicKey::raw).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeyId(Digest);

/// A text that is not a key id in its one written form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a key id: expected 64 lowercase hex digits")]
pub struct NotAKeyId(String);

impl KeyId {
    /// The id of the key with this wire blob, whether or not the blob is an acceptable key.
    pub fn of_blob(blob: &[u8]) -> Self {
        Self(Digest::of(blob))
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.hex())
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for KeyId {
    type Err = NotAKeyId;

    /// Reads what [`Display`](fmt::Display) writes.
    ///
    /// # Errors
    /// Anything but exactly 64 lowercase hex digits.
    fn from_str(text: &str) -> Result<Self, NotAKeyId> {
        let excerpt = |_| NotAKeyId(text.escape_debug().take(80).collect());
        Digest::from_hex(text).map(Self).map_err(excerpt)
    }
}

impl TryFrom<String> for KeyId {
    type Error = NotAKeyId;

    fn try_from(text: String) -> Result<Self, NotAKeyId> {
        text.parse()
    }
}

impl From<KeyId> for String {
    fn from(id: KeyId) -> Self {
        id.to_string()
    }
}

impl schemars::JsonSchema for KeyId {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "KeyId".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "SHA-256 of a public key's SSH wire blob",
            "pattern": "^[0-9a-f]{64}$",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_written_form() {
        let id = KeyId::of_blob(b"blob");
        assert_eq!(id.to_string().parse(), Ok(id));
        assert!(id.to_string().to_uppercase().parse::<KeyId>().is_err());
        assert!(format!("sha256:{id}").parse::<KeyId>().is_err());
        assert!("".parse::<KeyId>().is_err());
    }
}
