//! Keys that sign.

use std::sync::Arc;

use ed25519_dalek::Signer as _;
use omega::keyring::Signer;
use omega::keys::{Namespace, PublicKey, assemble_wire, signed_data};
use sha2::{Digest as _, Sha256};

/// A key that signs, in memory or as a hardware token would.
#[derive(Clone)]
pub enum Key {
    Plain(Arc<Signer>),
    /// A token, and what it says of the touch.
    Token(Arc<ed25519_dalek::SigningKey>, PublicKey, u8),
}

fn seed(name: &str) -> [u8; 32] {
    Sha256::digest(name.as_bytes()).into()
}

impl Key {
    /// The key of a name: the same one each time.
    pub fn of(name: &str) -> Self {
        Self::Plain(Arc::new(Signer::from_seed(&seed(name))))
    }

    /// A hardware key with these flags in each signature.
    pub fn token(name: &str, flags: u8) -> Self {
        let secret = ed25519_dalek::SigningKey::from_bytes(&seed(name));
        let mut blob = Vec::new();
        for part in [&b"sk-ssh-ed25519@openssh.com"[..], secret.verifying_key().as_bytes(), b"ssh:"] {
            put_string(&mut blob, part);
        }
        Self::Token(Arc::new(secret), PublicKey::from_blob(&blob).unwrap(), flags)
    }

    pub fn public(&self) -> PublicKey {
        match self {
            Self::Plain(signer) => signer.public_key().clone(),
            Self::Token(_, public, _) => public.clone(),
        }
    }

    pub fn sign(&self, namespace: Namespace, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Plain(signer) => signer.sign(namespace, bytes).unwrap().into_bytes(),
            Self::Token(secret, public, flags) => {
                let mut data = Sha256::digest(b"ssh:").to_vec();
                data.push(*flags);
                data.extend(7u32.to_be_bytes());
                data.extend(Sha256::digest(signed_data(namespace, bytes)));
                let mut wire = Vec::new();
                put_string(&mut wire, b"sk-ssh-ed25519@openssh.com");
                put_string(&mut wire, &secret.sign(&data).to_bytes());
                wire.push(*flags);
                wire.extend(7u32.to_be_bytes());
                assemble_wire(public, namespace, &wire).into_bytes()
            }
        }
    }
}

pub fn put_string(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend((bytes.len() as u32).to_be_bytes());
    out.extend(bytes);
}
