//! One way to sign, wherever the private key lives.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::{KeyFile, KeyringError, PrivateKey, agent, hardware, program};
use crate::keys::{Namespace, PublicKey, Signature, assemble_wire, signed_data};

/// A key that can sign, and where it does so.
#[derive(Debug)]
pub struct Signer {
    public: PublicKey,
    source: Source,
}

#[derive(Debug)]
enum Source {
    Memory(PrivateKey),
    Agent { socket: PathBuf },
    Token { program: PathBuf, handle: PathBuf },
    Program { program: PathBuf, key_file: Option<PathBuf> },
}

impl Signer {
    /// Signs with an OpenSSH private key file. `ssh_keygen` is the program that is run if the file turns out to be
    /// the handle of a hardware token.
    ///
    /// # Errors
    /// As [`KeyFile::read`].
    pub fn from_file(
        path: &Path,
        ssh_keygen: &Path,
        passphrase: &mut dyn FnMut(&Path) -> Option<Zeroizing<String>>,
    ) -> Result<Self, KeyringError> {
        Ok(match KeyFile::read(path, passphrase)? {
            KeyFile::Software(private) => Self::from_private(private),
            KeyFile::Hardware(public) => {
                let source = Source::Token { program: ssh_keygen.to_owned(), handle: path.to_owned() };
                Self { public, source }
            }
        })
    }

    /// Signs with `key` in the agent at `socket`, which is first asked when signing.
    pub fn from_agent(socket: &Path, key: PublicKey) -> Self {
        Self { public: key, source: Source::Agent { socket: socket.to_owned() } }
    }

    /// Signs with `key` by a program of the user's, which is given the file of the key, or its public half.
    pub fn from_program(program: &Path, key_file: Option<&Path>, key: PublicKey) -> Self {
        Self { public: key, source: Source::Program { program: program.to_owned(), key_file: key_file.map(Path::to_owned) } }
    }

    /// Signs with a private key in memory.
    pub fn from_private(private: PrivateKey) -> Self {
        Self { public: private.public_key().clone(), source: Source::Memory(private) }
    }

    /// Signs with the key of a fixed seed: for tests and demonstrations, whose keys protect nothing.
    #[doc(hidden)]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self::from_private(PrivateKey::from_seed(seed))
    }

    /// The public half of the key.
    pub fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// The armored signature of exactly `message` for `namespace`.
    ///
    /// Whoever made it, it has been verified when it is returned: a faulty token, agent or program, or a file that
    /// is the handle of another key, is found here and not by the reader of a ledger.
    ///
    /// # Errors
    /// A source that fails or refuses, and a signature that does not verify.
    pub fn sign(&self, namespace: Namespace, message: &[u8]) -> Result<String, KeyringError> {
        let armor = match &self.source {
            Source::Memory(private) => private.sign(namespace, message),
            Source::Agent { socket } => {
                let wire = agent::sign(socket, &self.public, &signed_data(namespace, message))?;
                assemble_wire(&self.public, namespace, &wire)
            }
            Source::Program { program, key_file } => program::sign(program, key_file.as_deref(), &self.public, namespace, message)?,
            Source::Token { program, handle } => hardware::sign(program, handle, namespace, message)?,
        };
        Signature::parse(armor.as_bytes())
            .and_then(|signature| signature.verify(&self.public, namespace, message))
            .map_err(KeyringError::BadSignature)?;
        Ok(armor)
    }
}
