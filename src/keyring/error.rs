//! Why a key could not be read or used.

use std::io;
use std::path::PathBuf;

use crate::keys::{PublicKeyError, SignatureError};

/// Why a key could not be read, made or used. No variant ever holds key material or a passphrase.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyringError {
    /// A file could not be read.
    #[error("could not read key file `{path}`")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file could not be made; nothing was overwritten, and nothing half-written is left.
    #[error("could not create key file `{path}`")]
    Create {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Others may read or write the private key.
    #[error("private key `{path}` is accessible to others (mode {mode:04o})")]
    TooOpen {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Not a key file at all, or a damaged one.
    #[error("`{path}` is not an OpenSSH key file: {reason}")]
    NotAKey {
        /// The file.
        path: PathBuf,
        /// What is wrong; never an excerpt.
        reason: &'static str,
    },
    /// The key in the file is not one that may sign.
    #[error("the key in `{path}` cannot be used")]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: PublicKeyError,
    },
    /// The file is protected and nobody gave a passphrase.
    #[error("private key `{path}` needs its passphrase")]
    PassphraseNeeded {
        /// The file.
        path: PathBuf,
    },
    /// None of the passphrases given opens the file.
    #[error("the passphrase does not open private key `{path}`")]
    WrongPassphrase {
        /// The file.
        path: PathBuf,
    },
    /// A new key cannot be protected by nothing.
    #[error("the passphrase is empty")]
    EmptyPassphrase,
    /// A comment that would break the one line of a public key file.
    #[error("the key comment has control characters or more than {limit} bytes")]
    BadComment {
        /// The longest comment, in bytes.
        limit: usize,
    },
    /// The system gives no randomness.
    #[error("the system gave no random bytes for a new key")]
    NoRandomness,
    /// A new key could not be encoded or encrypted.
    #[error("the new key could not be encoded")]
    Encoding,
    /// The agent is not there, or stopped talking.
    #[error("could not talk to the ssh-agent at `{socket}`")]
    Agent {
        /// The socket.
        socket: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The agent answers something that is no answer.
    #[error("the ssh-agent at `{socket}` gave a malformed answer")]
    AgentAnswer {
        /// The socket.
        socket: PathBuf,
    },
    /// The agent does not sign with this key.
    #[error("the ssh-agent at `{socket}` refused to sign with {fingerprint}: key not loaded, or use not confirmed")]
    AgentRefused {
        /// The socket.
        socket: PathBuf,
        /// The key, as `ssh-add -l` shows it.
        fingerprint: String,
    },
    /// The signing program could not be run.
    #[error("could not run `{program}`")]
    Program {
        /// The program.
        program: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The signing program ran and failed; it told the user why on its standard error.
    #[error("`{program}` did not sign: {status}")]
    ProgramFailed {
        /// The program.
        program: PathBuf,
        /// How it ended.
        status: std::process::ExitStatus,
    },
    /// The user's signing program ran and did not sign.
    #[error("`{program}` did not sign ({status}): {complaint}")]
    ProgramRefused {
        /// The program.
        program: PathBuf,
        /// How it ended.
        status: std::process::ExitStatus,
        /// What it said, shortened.
        complaint: String,
    },
    /// What came out is not this key's signature of these bytes; it was thrown away.
    #[error("the signature made does not verify")]
    BadSignature(#[source] SignatureError),
}
