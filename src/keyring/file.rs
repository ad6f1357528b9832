//! OpenSSH key files.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use rand_core::{OsRng, RngCore};
use ssh_key::private::{Ed25519Keypair, KeypairData};
use ssh_key::{Kdf, LineEnding};
use zeroize::Zeroizing;

use super::disk::{create, read_text, remove, sync_folder};
use super::{KeyringError, PrivateKey, container};
use crate::keys::PublicKey;

/// `ssh-keygen -a` is rarely above 500; beyond this a file would only make the program hang.
const MAX_ROUNDS: u32 = 16_384;
/// As often as `ssh` asks.
const ATTEMPTS: usize = 3;
const MAX_COMMENT: usize = 256;

/// What an OpenSSH private key file gives.
#[derive(Debug)]
pub enum KeyFile {
    /// The private key itself.
    Software(PrivateKey),
    /// A handle for a hardware token: signing needs the token, see [`hardware::sign`](super::hardware::sign).
    Hardware(PublicKey),
}

impl KeyFile {
    /// Reads an OpenSSH private key file; symbolic links are followed.
    ///
    /// `passphrase` is asked up to three times, only if the file is protected, and gives up by `None`.
    ///
    /// # Errors
    /// A file that is unreadable, accessible to others, damaged, of another key type, or that stays closed.
    pub fn read(path: &Path, passphrase: &mut dyn FnMut(&Path) -> Option<Zeroizing<String>>) -> Result<Self, KeyringError> {
        let text = read_text(path, true)?;
        let container = container_of(path, &text)?;
        let public = public_of(path, &container)?;
        if public.is_hardware() {
            return Ok(Self::Hardware(public));
        }
        let damaged = |reason| KeyringError::NotAKey { path: path.to_owned(), reason };
        let mut key = ssh_key::PrivateKey::from_bytes(&container).map_err(|_| damaged("it is damaged"))?;
        if key.is_encrypted() {
            key = unlock(path, &key, passphrase)?;
        }
        let KeypairData::Ed25519(pair) = key.key_data() else {
            return Err(damaged("its public and private parts differ"));
        };
        let seed = Zeroizing::new(pair.private.to_bytes());
        let private = PrivateKey::from_seed(&seed);
        // Signing under a public key that is not the seed's own would give the seed away.
        if *private.public_key() != public {
            return Err(damaged("its public and private parts differ"));
        }
        Ok(Self::Software(private))
    }

    /// Makes a new key pair: `path` for its owner only, `path.pub` for everybody. Neither may exist.
    ///
    /// Both are on disk when this returns; after an error neither is.
    ///
    /// # Errors
    /// An existing or unwritable file, an empty passphrase, a comment that is no single line.
    pub fn generate(path: &Path, comment: &str, passphrase: Option<&str>) -> Result<PublicKey, KeyringError> {
        if comment.len() > MAX_COMMENT || comment.contains(char::is_control) {
            return Err(KeyringError::BadComment { limit: MAX_COMMENT });
        }
        let mut seed = Zeroizing::new([0; 32]);
        OsRng.try_fill_bytes(seed.as_mut()).map_err(|_| KeyringError::NoRandomness)?;
        let public = PrivateKey::from_seed(&seed).public_key().clone();
        let secret = encode(&seed, comment, passphrase)?;
        let line = format!("{public} {comment}\n");

        let public_path = public_path(path);
        create(path, 0o600, secret.as_bytes())?;
        let made = create(&public_path, 0o644, line.as_bytes()).and_then(|()| {
            sync_folder(path).map_err(|source| {
                remove(&public_path);
                KeyringError::Create { path: path.to_owned(), source }
            })
        });
        made.inspect_err(|_| remove(path)).map(|()| public)
    }

    /// Reads a public key file, or the public part of a private key file, which needs no passphrase.
    ///
    /// # Errors
    /// An unreadable file, or one that holds anything but one acceptable key.
    pub fn read_public(path: &Path) -> Result<PublicKey, KeyringError> {
        let text = read_text(path, false)?;
        if container::is_private(&text) {
            return public_of(path, &container_of(path, &text)?);
        }
        let line = text.strip_suffix('\n').unwrap_or(&text);
        let line = line.strip_suffix('\r').unwrap_or(line);
        PublicKey::parse(line).map_err(|source| KeyringError::Unusable { path: path.to_owned(), source })
    }
}

fn container_of(path: &Path, text: &str) -> Result<Zeroizing<Vec<u8>>, KeyringError> {
    container::decode(text).map_err(|reason| KeyringError::NotAKey { path: path.to_owned(), reason })
}

fn public_of(path: &Path, container: &[u8]) -> Result<PublicKey, KeyringError> {
    let blob = container::public_blob(container).map_err(|reason| KeyringError::NotAKey { path: path.to_owned(), reason })?;
    PublicKey::from_blob(&blob).map_err(|source| KeyringError::Unusable { path: path.to_owned(), source })
}

fn unlock(
    path: &Path,
    key: &ssh_key::PrivateKey,
    passphrase: &mut dyn FnMut(&Path) -> Option<Zeroizing<String>>,
) -> Result<ssh_key::PrivateKey, KeyringError> {
    if matches!(key.kdf(), Kdf::Bcrypt { rounds, .. } if *rounds > MAX_ROUNDS) {
        let reason = "its passphrase protection takes too many rounds";
        return Err(KeyringError::NotAKey { path: path.to_owned(), reason });
    }
    for _ in 0..ATTEMPTS {
        let words = passphrase(path).ok_or_else(|| KeyringError::PassphraseNeeded { path: path.to_owned() })?;
        if let Ok(open) = key.decrypt(words.as_bytes()) {
            return Ok(open);
        }
    }
    Err(KeyringError::WrongPassphrase { path: path.to_owned() })
}

fn encode(seed: &[u8; 32], comment: &str, passphrase: Option<&str>) -> Result<Zeroizing<String>, KeyringError> {
    if passphrase == Some("") {
        return Err(KeyringError::EmptyPassphrase);
    }
    let pair = KeypairData::Ed25519(Ed25519Keypair::from_seed(seed));
    let mut key = ssh_key::PrivateKey::new(pair, comment).map_err(|_| KeyringError::Encoding)?;
    if let Some(words) = passphrase {
        key = key.encrypt(&mut OsRng, words.as_bytes()).map_err(|_| KeyringError::Encoding)?;
    }
    key.to_openssh(LineEnding::LF).map_err(|_| KeyringError::Encoding)
}

fn public_path(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".pub");
    name.into()
}
