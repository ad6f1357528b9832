//! Where private keys live: files, the ssh-agent, hardware tokens. All I/O of signing is here.
//!
//! Nothing in this module looks at the environment or a home directory: paths, sockets and programs are passed in.
//! Secrets are wiped when dropped, and no error, `Debug` output or log ever holds one.

pub mod agent;
pub mod hardware;

mod container;
mod disk;
mod error;
mod file;
mod private;
pub mod program;
mod signer;

pub use error::KeyringError;
pub use file::KeyFile;
pub use private::PrivateKey;
pub use signer::Signer;

#[cfg(all(test, unix))]
mod tests;
