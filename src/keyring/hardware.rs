//! Signing with a hardware token. Talking to tokens is left to `ssh-keygen`, which knows them all.

use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::KeyringError;
use crate::keys::Namespace;

/// Far more than any armored signature.
const MAX_OUTPUT: u64 = 64 * 1024;

/// Runs `program -Y sign -n NAMESPACE -f key` on `message` and gives what it writes, not verified.
///
/// The program talks to the user (touch, PIN) by terminal and standard error, which are left to it. `key` is the
/// private key file that is the token's handle.
///
/// # Errors
/// A program that cannot be run, fails, or writes no text.
pub fn sign(program: &Path, key: &Path, namespace: Namespace, message: &[u8]) -> Result<String, KeyringError> {
    let failed = |source| KeyringError::Program { program: program.to_owned(), source };
    #[allow(clippy::disallowed_methods, reason = "hardware keys are signed with by ssh-keygen")]
    let child = Command::new(program)
        .args(["-Y", "sign", "-n", namespace.as_str(), "-f"])
        .arg(key)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    let mut child = Reaped(child);
    let armor = converse(&mut child.0, message).map_err(failed)?;
    let status = child.0.wait().map_err(failed)?;
    if !status.success() {
        return Err(KeyringError::ProgramFailed { program: program.to_owned(), status });
    }
    Ok(armor)
}

/// Hands over the message, then reads the signature; the program reads everything before it writes anything.
fn converse(child: &mut Child, message: &[u8]) -> io::Result<String> {
    if let Some(mut stdin) = child.stdin.take() {
        match stdin.write_all(message) {
            // It gave up before reading; its exit status says more than the broken pipe.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
            other => other?,
        }
    }
    let mut armor = String::new();
    if let Some(stdout) = child.stdout.take() {
        stdout.take(MAX_OUTPUT).read_to_string(&mut armor)?;
    }
    Ok(armor)
}

/// A child that never outlives the call, whichever way it ends.
struct Reaped(Child);

impl Drop for Reaped {
    fn drop(&mut self) {
        // Both do nothing to a child that has been waited for.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
