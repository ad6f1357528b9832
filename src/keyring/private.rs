//! A private key in memory.

use std::fmt;

use ed25519_dalek::{Signer as _, SigningKey};

use crate::keys::{Namespace, PublicKey, assemble, signed_data};

/// An ed25519 private key that is wiped when dropped and never shown.
pub struct PrivateKey {
    /// Boxed, so that moving the key around leaves no copies of it on the stack.
    secret: Box<SigningKey>,
    public: PublicKey,
}

impl PrivateKey {
    /// The key with this 32-byte seed. The caller wipes the seed.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        let secret = Box::new(SigningKey::from_bytes(seed));
        // A clamped scalar is a multiple of 8 below 2^255 and no multiple of the odd group order there is one.
        let public = PublicKey::from_raw(&secret.verifying_key().to_bytes())
            .expect("a derived key is a canonical point of the prime-order subgroup");
        Self { secret, public }
    }

    /// The public half.
    pub fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// The armored signature of `message` for `namespace`.
    pub fn sign(&self, namespace: Namespace, message: &[u8]) -> String {
        let signature = self.secret.sign(&signed_data(namespace, message));
        assemble(&self.public, namespace, &signature.to_bytes())
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrivateKey").field("public", &self.public).finish_non_exhaustive()
    }
}
