//! SSHSIG as bytes and as text: what is signed, and how a signature is written down.

use base64ct::{Base64, Encoding};
use sha2::{Digest as _, Sha512};

use super::wire::put_string;
use super::{Namespace, PublicKey, SignatureError};

/// The first bytes of an SSHSIG blob, and of what is signed.
pub(super) const MAGIC: [u8; 6] = *b"SSHSIG";
/// The one version of SSHSIG.
pub(super) const VERSION: u32 = 1;
/// The one accepted message hash: the default of `ssh-keygen`.
pub(super) const HASH: &str = "sha512";

const BEGIN: &str = "-----BEGIN SSH SIGNATURE-----\n";
const END: &str = "-----END SSH SIGNATURE-----\n";
/// Where `ssh-keygen` folds the base64.
const COLUMNS: usize = 70;
/// An ed25519 signature has about 300 bytes of armor; this leaves room to name an RSA one in the error.
pub const MAX_ARMOR: usize = 8192;

/// The exact bytes that an ed25519 key signs for `message`.
pub fn signed_data(namespace: Namespace, message: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(128);
    out.extend_from_slice(&MAGIC);
    put_string(&mut out, namespace.as_str().as_bytes());
    put_string(&mut out, b"");
    put_string(&mut out, HASH.as_bytes());
    put_string(&mut out, &Sha512::digest(message));
    out
}

/// The armor of a plain ed25519 signature over [`signed_data`], byte for byte as `ssh-keygen -Y sign` writes it.
///
/// Nothing is verified here. For a hardware key the result is no signature: use [`assemble_wire`].
pub fn assemble(key: &PublicKey, namespace: Namespace, signature: &[u8; 64]) -> String {
    let mut wire = Vec::with_capacity(83);
    put_string(&mut wire, key.kind().as_bytes());
    put_string(&mut wire, signature);
    assemble_wire(key, namespace, &wire)
}

/// The armor of a signature in SSH wire form, as an agent returns it, for plain and hardware keys.
///
/// Nothing is verified here.
pub fn assemble_wire(key: &PublicKey, namespace: Namespace, signature: &[u8]) -> String {
    let mut blob = Vec::with_capacity(256);
    blob.extend_from_slice(&MAGIC);
    blob.extend_from_slice(&VERSION.to_be_bytes());
    put_string(&mut blob, key.blob());
    put_string(&mut blob, namespace.as_str().as_bytes());
    put_string(&mut blob, b"");
    put_string(&mut blob, HASH.as_bytes());
    put_string(&mut blob, signature);
    encode(&blob)
}

/// Writes an SSHSIG blob as armor.
pub(super) fn encode(blob: &[u8]) -> String {
    let base64 = Base64::encode_string(blob);
    let mut out = String::with_capacity(BEGIN.len() + base64.len() + base64.len() / COLUMNS + 1 + END.len());
    out.push_str(BEGIN);
    let mut rest = base64.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(COLUMNS));
        out.push_str(line);
        out.push('\n');
        rest = after;
    }
    out.push_str(END);
    out
}

/// Reads armor in exactly the form that [`encode`] writes.
pub(super) fn decode(armor: &[u8]) -> Result<Vec<u8>, SignatureError> {
    if armor.len() > MAX_ARMOR {
        return Err(SignatureError::TooLarge { size: armor.len(), limit: MAX_ARMOR });
    }
    let begin = BEGIN.trim_end().as_bytes();
    if !armor.starts_with(begin) {
        return Err(SignatureError::NotArmor);
    }
    let body =
        armor.strip_prefix(BEGIN.as_bytes()).and_then(|rest| rest.strip_suffix(END.as_bytes())).ok_or(SignatureError::NonCanonical)?;
    let mut base64 = Vec::with_capacity(body.len());
    base64.extend(body.iter().filter(|&&byte| byte != b'\n'));
    let base64 = std::str::from_utf8(&base64).map_err(|_| SignatureError::NonCanonical)?;
    let blob = Base64::decode_vec(base64).map_err(|_| SignatureError::NonCanonical)?;
    // One rule instead of many: no second text may stand for the same signature.
    if encode(&blob).as_bytes() != armor {
        return Err(SignatureError::NonCanonical);
    }
    Ok(blob)
}

/// The base64 of an armor, without its folding: for a signature in one line.
pub fn unfolded(armor: &str) -> String {
    armor.strip_prefix(BEGIN).and_then(|rest| rest.strip_suffix(END)).unwrap_or_default().replace('\n', "")
}

/// The armor whose base64 this is. Whether it is one is only known when it is parsed.
pub fn folded(base64: &str) -> String {
    Base64::decode_vec(base64).map_or_else(|_| base64.to_owned(), |blob| encode(&blob))
}
