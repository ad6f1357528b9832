//! Public keys that are safe to trust a signature to.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::Arc;

use base64ct::{Base64, Base64Unpadded, Encoding};
use ed25519_dalek::VerifyingKey;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::wire::{Reader, algorithm_name, put_string};
use super::{KeyId, PublicKeyError};

/// The type of a plain ed25519 key.
const ED25519: &str = "ssh-ed25519";
/// The type of an ed25519 key that lives in a FIDO token.
const SK_ED25519: &str = "sk-ssh-ed25519@openssh.com";
/// No key line that people write comes near this; longer input is not worth decoding.
const MAX_LINE: usize = 4096;

/// An ed25519 key, plain (`ssh-ed25519`) or in a hardware token (`sk-ssh-ed25519@openssh.com`).
///
/// Invariants, by construction: the blob is the one canonical encoding, the point is encoded canonically and lies in
/// the prime-order subgroup. So no value of this type "verifies" signatures that nobody made, and no key has a twin.
/// Equality, order and hash are those of the blob; for "is this the same key pair" compare [`PublicKey::raw`].
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PublicKey(Arc<Inner>);

/// Shared, for a key is cloned with every signature that is looked at and a decompressed point is large.
struct Inner {
    point: VerifyingKey,
    blob: Box<[u8]>,
    /// SHA-256 of the FIDO application; present exactly for hardware keys.
    application: Option<[u8; 32]>,
}

impl PublicKey {
    /// Reads `<type> <base64>` with an optional comment behind one more space; the comment is dropped.
    ///
    /// # Errors
    /// Other spacing, control characters, another key type, base64 or a blob that is not canonical, and weak keys.
    pub fn parse(line: &str) -> Result<Self, PublicKeyError> {
        if line.len() > MAX_LINE || line.contains(char::is_control) {
            return Err(PublicKeyError::NotALine);
        }
        let mut words = line.splitn(3, ' ');
        let (Some(kind), Some(base64)) = (words.next(), words.next()) else {
            return Err(PublicKeyError::NotALine);
        };
        if kind.is_empty() || base64.is_empty() {
            return Err(PublicKeyError::NotALine);
        }
        if hardware_type(kind.as_bytes()).is_none() {
            let name = algorithm_name(kind.as_bytes());
            return Err(PublicKeyError::UnsupportedType(name));
        }
        let blob = Base64::decode_vec(base64).map_err(|_| PublicKeyError::NotBase64)?;
        // The decoder is strict today; the guarantee must not hang on that.
        if Base64::encode_string(&blob) != base64 {
            return Err(PublicKeyError::NotBase64);
        }
        let key = Self::from_blob(&blob)?;
        if key.kind() != kind {
            return Err(PublicKeyError::TypeMismatch { line: kind.to_owned(), blob: key.kind().to_owned() });
        }
        Ok(key)
    }

    /// Reads the SSH wire encoding.
    ///
    /// # Errors
    /// As [`PublicKey::parse`], for what concerns the blob.
    pub fn from_blob(blob: &[u8]) -> Result<Self, PublicKeyError> {
        let mut reader = Reader::new(blob);
        let kind = reader.string().ok_or(PublicKeyError::Malformed)?;
        let hardware = hardware_type(kind).ok_or_else(|| PublicKeyError::UnsupportedType(algorithm_name(kind)))?;
        let raw = reader.fixed_string().ok_or(PublicKeyError::Malformed)?;
        let application = if hardware { Some(reader.string().ok_or(PublicKeyError::Malformed)?) } else { None };
        reader.finish().ok_or(PublicKeyError::Malformed)?;
        if application.is_some_and(|name| !name.starts_with(b"ssh:") || name.len() > 255 || name.contains(&0)) {
            return Err(PublicKeyError::Application);
        }
        let application = application.map(|name| Sha256::digest(name).into());
        let point = sound_point(&raw)?;
        let blob = blob.into();
        Ok(Self(Arc::new(Inner { point, blob, application })))
    }

    /// The plain `ssh-ed25519` key with these 32 key bytes.
    ///
    /// # Errors
    /// Bytes that are no point, not its canonical encoding, or weak.
    pub fn from_raw(raw: &[u8; 32]) -> Result<Self, PublicKeyError> {
        let mut blob = Vec::with_capacity(51);
        put_string(&mut blob, ED25519.as_bytes());
        put_string(&mut blob, raw);
        Self::from_blob(&blob)
    }

    /// The exact SSH wire encoding.
    pub fn blob(&self) -> &[u8] {
        &self.0.blob
    }

    /// The 32 key bytes: the identity of the key pair, however it is wrapped.
    pub fn raw(&self) -> [u8; 32] {
        self.0.point.to_bytes()
    }

    /// The name of this key in file names and findings.
    pub fn id(&self) -> KeyId {
        KeyId::of_blob(&self.0.blob)
    }

    /// `SHA256:` and unpadded base64, as `ssh-keygen -l` shows it.
    pub fn fingerprint(&self) -> String {
        format!("SHA256:{}", Base64Unpadded::encode_string(&Sha256::digest(&self.0.blob)))
    }

    /// Whether the private half lives in a hardware token.
    pub fn is_hardware(&self) -> bool {
        self.0.application.is_some()
    }

    /// The SSH type name.
    pub fn kind(&self) -> &'static str {
        if self.is_hardware() { SK_ED25519 } else { ED25519 }
    }

    pub(super) fn point(&self) -> &VerifyingKey {
        &self.0.point
    }

    pub(super) fn application(&self) -> Option<&[u8; 32]> {
        self.0.application.as_ref()
    }
}

/// Whether keys of this SSH type live in hardware; `None` for types that are not supported.
pub(super) fn hardware_type(kind: &[u8]) -> Option<bool> {
    match kind {
        _ if kind == ED25519.as_bytes() => Some(false),
        _ if kind == SK_ED25519.as_bytes() => Some(true),
        _ => None,
    }
}

/// Decompresses a point and refuses every one on which two verifiers could disagree.
fn sound_point(raw: &[u8; 32]) -> Result<VerifyingKey, PublicKeyError> {
    let point = VerifyingKey::from_bytes(raw).map_err(|_| PublicKeyError::NotAPoint)?;
    // Decompression takes y >= p and a negative zero x; compressing again gives the canonical bytes.
    if point.to_edwards().compress().to_bytes() != *raw {
        return Err(PublicKeyError::NonCanonical);
    }
    if point.is_weak() {
        return Err(PublicKeyError::SmallOrder);
    }
    if !point.to_edwards().is_torsion_free() {
        return Err(PublicKeyError::MixedOrder);
    }
    Ok(point)
}

impl fmt::Display for PublicKey {
    /// `<type> <base64>`, without a comment.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind(), Base64::encode_string(&self.0.blob))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.0.blob == other.0.blob
    }
}

impl Eq for PublicKey {}

impl PartialOrd for PublicKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for PublicKey {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.blob.cmp(&other.0.blob)
    }
}

impl Hash for PublicKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.blob.hash(state);
    }
}

impl FromStr for PublicKey {
    type Err = PublicKeyError;

    fn from_str(line: &str) -> Result<Self, PublicKeyError> {
        Self::parse(line)
    }
}

impl TryFrom<String> for PublicKey {
    type Error = PublicKeyError;

    fn try_from(line: String) -> Result<Self, PublicKeyError> {
        Self::parse(&line)
    }
}

impl From<PublicKey> for String {
    fn from(key: PublicKey) -> Self {
        key.to_string()
    }
}

impl schemars::JsonSchema for PublicKey {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PublicKey".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "an OpenSSH public key line: type, base64 and at most a comment",
            "pattern": "^(ssh-ed25519|sk-ssh-ed25519@openssh\\.com) [A-Za-z0-9+/]+={0,2}( .*)?$",
        })
    }
}
