//! Reading and making small files that hold secrets.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

use zeroize::Zeroizing;

use super::KeyringError;

/// Larger than any ed25519 key file with the longest comment.
const MAX_FILE: u64 = 64 * 1024;

/// Reads a bounded regular file; `private` refuses one that others have access to.
pub(super) fn read_text(path: &Path, private: bool) -> Result<Zeroizing<String>, KeyringError> {
    let failed = |source| KeyringError::Read { path: path.to_owned(), source };
    let not_a_key = |reason| KeyringError::NotAKey { path: path.to_owned(), reason };
    // Asked before opening, which would wait for ever on a named pipe.
    if !fs::metadata(path).map_err(failed)?.is_file() {
        return Err(not_a_key("not a regular file"));
    }
    let file = File::open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    if metadata.len() > MAX_FILE {
        return Err(not_a_key("it is too large"));
    }
    // Full size from the start: a growing buffer would leave copies of the secret behind.
    let mut text = Zeroizing::new(String::with_capacity(MAX_FILE as usize + 1));
    match file.take(MAX_FILE + 1).read_to_string(&mut text) {
        Ok(_) if text.len() as u64 > MAX_FILE => Err(not_a_key("it is too large")),
        // Of a file that is no key it would be the wrong advice.
        Ok(_) if private && text.trim_start().starts_with("-----BEGIN ") => check_mode(path, &metadata).map(|()| text),
        Ok(_) => Ok(text),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Err(not_a_key("it is not text")),
        Err(error) => Err(failed(error)),
    }
}

fn check_mode(path: &Path, metadata: &fs::Metadata) -> Result<(), KeyringError> {
    use std::os::unix::fs::PermissionsExt;
    match metadata.permissions().mode() & 0o7777 {
        mode if mode & 0o077 != 0 => Err(KeyringError::TooOpen { path: path.to_owned(), mode }),
        _ => Ok(()),
    }
}

/// Writes a new file with these permissions and syncs it; a file that could not be completed is removed.
pub(super) fn create(path: &Path, mode: u32, bytes: &[u8]) -> Result<(), KeyringError> {
    let failed = |source| KeyringError::Create { path: path.to_owned(), source };
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    let mut file = options.open(path).map_err(failed)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(|error| {
        remove(path);
        failed(error)
    })
}

/// Removes a file that this module has just made; the error that led here matters more than one from removing.
pub(super) fn remove(path: &Path) {
    let _ = fs::remove_file(path);
}

/// A new name is durable only once its folder is synced.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(not(unix)) {
        return Ok(());
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
}
