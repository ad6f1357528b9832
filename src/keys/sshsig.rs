//! SSHSIG signatures: parsed strictly, verified strictly.

use std::fmt;

use sha2::{Digest as _, Sha256};

use super::armor::{self, HASH, MAGIC, VERSION, signed_data};
use super::public::hardware_type;
use super::wire::{Reader, algorithm_name};
use super::{KeyId, Namespace, PublicKey, SignatureError};

/// The token says that somebody touched it.
const USER_PRESENT: u8 = 1;

/// One signature, read from its armor and not yet verified.
///
/// Accepted are SSHSIG version 1 with hash sha512 (what `ssh-keygen -Y sign` makes unless told otherwise) by plain
/// and hardware ed25519 keys. The embedded key stays bytes: whether it is sound and whose it is, is the caller's
/// [`PublicKey`] to say. Parsing takes about a microsecond.
#[derive(Clone, PartialEq, Eq)]
pub struct Signature {
    signer: Box<[u8]>,
    namespace: Box<str>,
    bytes: [u8; 64],
    /// What the token says of the signing; present exactly for hardware keys.
    token: Option<Token>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Token {
    flags: u8,
    counter: u32,
}

impl Signature {
    /// Reads armor that is byte for byte what `ssh-keygen -Y sign` writes.
    ///
    /// # Errors
    /// Anything else: other folding or line ends, text around it, trailing bytes at any level, other algorithms.
    pub fn parse(armor: &[u8]) -> Result<Self, SignatureError> {
        let blob = armor::decode(armor)?;
        let fields = Fields::read(&blob).ok_or(SignatureError::Malformed)?;
        if fields.version != VERSION {
            return Err(SignatureError::UnsupportedVersion(fields.version));
        }
        let kind = Reader::new(fields.signer).string().ok_or(SignatureError::Malformed)?;
        let hardware = hardware_type(kind).ok_or_else(|| SignatureError::UnsupportedAlgorithm(algorithm_name(kind)))?;
        if fields.hash != HASH.as_bytes() {
            return Err(SignatureError::UnsupportedHash(algorithm_name(fields.hash)));
        }
        if !fields.reserved.is_empty() {
            return Err(SignatureError::Malformed);
        }
        let (bytes, token) = read_scheme(fields.signature, kind, hardware).ok_or(SignatureError::Malformed)?;
        let namespace = std::str::from_utf8(fields.namespace).map_err(|_| SignatureError::Malformed)?;
        Ok(Self { signer: fields.signer.into(), namespace: namespace.into(), bytes, token })
    }

    /// Whether `key` signed exactly `message` for `namespace`.
    ///
    /// Verification is strict: no malleable `S`, no small-order `R`; a hardware key must report user presence.
    ///
    /// # Errors
    /// What is wrong, in this order: the key, the namespace, the presence of the user, the signature itself.
    pub fn verify(&self, key: &PublicKey, namespace: Namespace, message: &[u8]) -> Result<(), SignatureError> {
        if *self.signer != *key.blob() {
            return Err(SignatureError::WrongKey { expected: key.id(), found: self.signer_id() });
        }
        if *self.namespace != *namespace.as_str() {
            let found = self.namespace.escape_debug().take(80).collect();
            return Err(SignatureError::WrongNamespace { expected: namespace, found });
        }
        let mut data = signed_data(namespace, message);
        match (key.application(), self.token) {
            (None, None) => {}
            (Some(application), Some(token)) => {
                if !self.user_present() {
                    return Err(SignatureError::NoUserPresence);
                }
                data = token_data(application, token, &data);
            }
            _ => return Err(SignatureError::BadSignature),
        }
        let signature = ed25519_dalek::Signature::from_bytes(&self.bytes);
        key.point().verify_strict(&data, &signature).map_err(|_| SignatureError::BadSignature)
    }

    /// The wire blob of the key that claims to have signed.
    pub fn signer_blob(&self) -> &[u8] {
        &self.signer
    }

    /// The id of the key that claims to have signed.
    pub fn signer_id(&self) -> KeyId {
        KeyId::of_blob(&self.signer)
    }

    /// What it claims to be signed for; untrusted text.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// Whether a hardware token claims to have made it.
    pub fn is_hardware(&self) -> bool {
        self.token.is_some()
    }

    /// Whether a hardware token says that it was touched; always false for plain keys. Proven only after
    /// [`Signature::verify`].
    pub fn user_present(&self) -> bool {
        self.token.is_some_and(|token| token.flags & USER_PRESENT != 0)
    }
}

/// What a token signs instead of the data itself (OpenSSH, PROTOCOL.u2f).
fn token_data(application: &[u8; 32], token: Token, data: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(69);
    out.extend_from_slice(application);
    out.push(token.flags);
    out.extend_from_slice(&token.counter.to_be_bytes());
    out.extend_from_slice(&Sha256::digest(data));
    out
}

/// The parts of an SSHSIG blob, none of them judged.
struct Fields<'a> {
    version: u32,
    signer: &'a [u8],
    namespace: &'a [u8],
    reserved: &'a [u8],
    hash: &'a [u8],
    signature: &'a [u8],
}

impl<'a> Fields<'a> {
    fn read(blob: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(blob);
        if reader.array()? != MAGIC {
            return None;
        }
        let fields = Self {
            version: reader.u32()?,
            signer: reader.string()?,
            namespace: reader.string()?,
            reserved: reader.string()?,
            hash: reader.string()?,
            signature: reader.string()?,
        };
        reader.finish().map(|()| fields)
    }
}

/// The inner signature, which must be of the same kind as the key beside it.
fn read_scheme(wire: &[u8], kind: &[u8], hardware: bool) -> Option<([u8; 64], Option<Token>)> {
    let mut reader = Reader::new(wire);
    if reader.string()? != kind {
        return None;
    }
    let bytes = reader.fixed_string()?;
    let token = if hardware { Some(Token { flags: reader.byte()?, counter: reader.u32()? }) } else { None };
    reader.finish().map(|()| (bytes, token))
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signature")
            .field("signer", &self.signer_id())
            .field("namespace", &self.namespace)
            .field("hardware", &self.is_hardware())
            .finish_non_exhaustive()
    }
}
