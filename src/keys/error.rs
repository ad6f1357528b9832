//! Why a key or a signature is refused.

use super::{KeyId, Namespace};

/// Why some text or bytes are not an acceptable public key. The text itself is never repeated: it may be a secret
/// that was pasted into the wrong place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PublicKeyError {
    /// Not one line of the expected shape.
    #[error("not a public key line: expected `<type> <base64>` and at most a comment")]
    NotALine,
    /// The second word is not base64, or not its canonical form.
    #[error("the key is not canonical base64")]
    NotBase64,
    /// A key of another algorithm.
    #[error("`{0}` keys are not supported: use `ssh-ed25519` or `sk-ssh-ed25519@openssh.com`")]
    UnsupportedType(String),
    /// The word before the blob and the type inside the blob differ.
    #[error("the line says `{line}` and the key inside says `{blob}`")]
    TypeMismatch {
        /// The first word of the line.
        line: String,
        /// The type in the blob.
        blob: String,
    },
    /// Truncated, or bytes follow.
    #[error("the key blob is truncated or has bytes after its end")]
    Malformed,
    /// A hardware key for something other than SSH.
    #[error("the hardware key is for an application that does not begin with `ssh:`")]
    Application,
    /// The 32 bytes are no point of the curve.
    #[error("the key bytes are not a point of the curve")]
    NotAPoint,
    /// A second way to write a point.
    #[error("the key bytes encode their point in a non-canonical way")]
    NonCanonical,
    /// One of the eight points for which anybody can sign.
    #[error("the key is weak: its point has small order")]
    SmallOrder,
    /// A point with a small-order component: verifiers disagree about its signatures.
    #[error("the key is not in the prime-order subgroup")]
    MixedOrder,
}

/// Why some bytes are not a signature, or not the signature that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// Something else altogether.
    #[error("not an armored SSH signature")]
    NotArmor,
    /// More bytes than any accepted signature has.
    #[error("the signature has {size} bytes; at most {limit} are read")]
    TooLarge {
        /// How many there are.
        size: usize,
        /// How many are read.
        limit: usize,
    },
    /// The right signature perhaps, but not the bytes that `ssh-keygen -Y sign` writes.
    #[error("the signature armor is not byte for byte what `ssh-keygen -Y sign` writes")]
    NonCanonical,
    /// The armor holds something that is not an SSHSIG blob, or not only that.
    #[error("the signature blob is malformed")]
    Malformed,
    /// A version of SSHSIG that does not exist yet.
    #[error("signature version {0} is not supported")]
    UnsupportedVersion(u32),
    /// A key of another algorithm.
    #[error("signatures by `{0}` keys are not supported: use `ssh-ed25519` or `sk-ssh-ed25519@openssh.com`")]
    UnsupportedAlgorithm(String),
    /// A message hash other than the default.
    #[error("message hash `{0}` is not supported: sign with `sha512`")]
    UnsupportedHash(String),
    /// Made for another purpose.
    #[error("signed for `{found}`, expected `{expected}`")]
    WrongNamespace {
        /// What it should be for.
        expected: Namespace,
        /// What it is for, escaped.
        found: String,
    },
    /// Made by another key.
    #[error("signed by key `{found}`, expected `{expected}`")]
    WrongKey {
        /// Who should have signed.
        expected: KeyId,
        /// Who did, or claims to.
        found: KeyId,
    },
    /// A hardware token signed without being touched.
    #[error("the hardware key signed without user presence")]
    NoUserPresence,
    /// The mathematics say no: other bytes were signed, or by nobody.
    #[error("the signature does not match the signed bytes")]
    BadSignature,
}
