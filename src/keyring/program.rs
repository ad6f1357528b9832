//! Signing with a program of the user's, as git does with `gpg.ssh.program`: password managers keep keys that no file and no
//! agent gives out.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use super::KeyringError;
use crate::keys::{Namespace, PublicKey};

/// More than any armored signature.
const MAX_SIGNATURE: u64 = 64 * 1024;
/// As much of a complaint as helps.
const MAX_COMPLAINT: usize = 400;

/// Runs `program -Y sign -n NAMESPACE -f KEYFILE FILE` and gives what it writes to `FILE.sig`, not verified.
///
/// Without a file of the key, its public half is written to one, and `-U` says that the private half is elsewhere: so does git.
///
/// # Errors
/// A program that cannot be run, fails, or leaves no signature.
pub fn sign(
    program: &Path,
    key_file: Option<&Path>,
    key: &PublicKey,
    namespace: Namespace,
    message: &[u8],
) -> Result<String, KeyringError> {
    let failed = |source| KeyringError::Program { program: program.to_owned(), source };
    // The folder is for its owner only, and goes away with all that is in it.
    let folder = tempfile::Builder::new().prefix("omega-").tempdir().map_err(failed)?;
    let (file, written) = (folder.path().join("message"), folder.path().join("key.pub"));
    fs::write(&file, message).map_err(failed)?;
    #[allow(clippy::disallowed_methods, reason = "the user's signing program is a program")]
    let mut command = Command::new(program);
    command.args(["-Y", "sign", "-n", namespace.as_str(), "-f"]);
    match key_file {
        Some(path) => command.arg(path),
        None => {
            fs::write(&written, format!("{key}\n")).map_err(failed)?;
            command.arg(&written).arg("-U")
        }
    };
    let ran = command.arg(&file).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).output().map_err(failed)?;
    if !ran.status.success() {
        let complaint: String = String::from_utf8_lossy(&ran.stderr).trim().chars().take(MAX_COMPLAINT).collect();
        return Err(KeyringError::ProgramRefused { program: program.to_owned(), status: ran.status, complaint });
    }
    let signature = folder.path().join("message.sig");
    let too_large = || std::io::Error::other("the signature is too large");
    match fs::metadata(&signature).map_err(failed)?.len() {
        size if size > MAX_SIGNATURE => Err(failed(too_large())),
        _ => fs::read_to_string(&signature).map_err(failed),
    }
}
