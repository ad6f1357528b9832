//! Key files, agents and signing programs as they are found in the wild.

#![allow(clippy::disallowed_methods, clippy::disallowed_macros, reason = "tests drive real programs and say what they measured")]

mod agents;
mod files;
mod tokens;

use std::path::Path;

use zeroize::Zeroizing;

use super::{KeyFile, KeyringError};

/// A passphrase prompt that nobody answers.
pub(super) fn nobody(_: &Path) -> Option<Zeroizing<String>> {
    None
}

/// Reads a file that is expected to be unprotected.
pub(super) fn read(path: &Path) -> Result<KeyFile, KeyringError> {
    KeyFile::read(path, &mut nobody)
}

/// The error and its causes, as a front end shows them.
pub(super) fn full_text(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |each| each.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// Changes the permissions of a file.
pub(super) fn chmod(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}
