//! Public keys and signatures as values: parsing, identity, verification. Nothing here does I/O.
//!
//! Everything is stricter than OpenSSH and never laxer: whatever is accepted here, `ssh-keygen -Y verify` accepts
//! too. A key has one encoding, a signature has one armor, and a signature cannot be altered into another valid one.

mod armor;
mod cache;
mod error;
mod id;
mod namespace;
mod public;
mod sshsig;
mod wire;

pub use armor::{MAX_ARMOR, assemble, assemble_wire, folded, signed_data, unfolded};
pub use cache::KeyCache;
pub use error::{PublicKeyError, SignatureError};
pub use id::{KeyId, NotAKeyId};
pub use namespace::Namespace;
pub use public::PublicKey;
pub use sshsig::Signature;

pub(crate) use wire::{Reader, put_string};

#[cfg(test)]
pub(crate) mod tests;
