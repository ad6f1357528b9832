//! The stricter-than-OpenSSH promise, checked against the real `ssh-keygen` and against forgeries.

#![allow(clippy::disallowed_methods, clippy::disallowed_macros, reason = "tests drive real programs and say what they measured")]

mod forgery;
mod interop;
mod public;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use ed25519_dalek::{Signer as _, SigningKey};
use sha2::{Digest as _, Sha256};

use super::{Namespace, PublicKey, assemble, assemble_wire, put_string, signed_data};

pub(crate) const MESSAGE: &[u8] = b"kind: vote\nchoice: approve\n";
pub(crate) const NAMESPACE: Namespace = Namespace::Vote;

/// A fixed key pair.
pub(crate) fn keypair(seed: u8) -> (SigningKey, PublicKey) {
    let secret = SigningKey::from_bytes(&[seed; 32]);
    let public = PublicKey::from_raw(&secret.verifying_key().to_bytes()).unwrap();
    (secret, public)
}

/// The public key of a token whose secret is known, which only tests have.
pub(crate) fn hardware_key(secret: &SigningKey, application: &[u8]) -> Vec<u8> {
    let mut blob = Vec::new();
    put_string(&mut blob, b"sk-ssh-ed25519@openssh.com");
    put_string(&mut blob, &secret.verifying_key().to_bytes());
    put_string(&mut blob, application);
    blob
}

/// What a token signs and how the result is armored, written down a second time from PROTOCOL.u2f.
pub(crate) fn hardware_armor(secret: &SigningKey, key: &PublicKey, message: &[u8], flags: u8) -> String {
    let mut data = Sha256::digest(b"ssh:").to_vec();
    data.push(flags);
    data.extend_from_slice(&7_u32.to_be_bytes());
    data.extend_from_slice(&Sha256::digest(signed_data(NAMESPACE, message)));
    let mut wire = Vec::new();
    put_string(&mut wire, b"sk-ssh-ed25519@openssh.com");
    put_string(&mut wire, &secret.sign(&data).to_bytes());
    wire.push(flags);
    wire.extend_from_slice(&7_u32.to_be_bytes());
    assemble_wire(key, NAMESPACE, &wire)
}

/// A signature made without any file.
pub(crate) fn soft_armor(secret: &SigningKey, key: &PublicKey, message: &[u8]) -> String {
    assemble(key, NAMESPACE, &secret.sign(&signed_data(NAMESPACE, message)).to_bytes())
}

/// Runs a program with these arguments and this standard input.
pub(crate) fn run(program: &str, arguments: &[&str], input: &[u8]) -> Output {
    let mut child =
        Command::new(program).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A program that fails early closes its end.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

/// Makes a key file with `ssh-keygen`.
pub(crate) fn make_key(folder: &Path, kind: &str, passphrase: &str) -> PathBuf {
    let path = folder.join(format!("id_{kind}"));
    let text = path.to_str().unwrap();
    let bits: &[&str] = if kind == "rsa" { &["-b", "2048"] } else { &[] };
    let arguments = [&["-q", "-t", kind, "-N", passphrase, "-C", "", "-f", text], bits].concat();
    let output = run("ssh-keygen", &arguments, b"");
    assert!(output.status.success(), "{output:?}");
    path
}

/// Signs with `ssh-keygen`.
pub(crate) fn stock_sign(key: &Path, namespace: &str, message: &[u8], more: &[&str]) -> Vec<u8> {
    let arguments = [&["-Y", "sign", "-n", namespace, "-f", key.to_str().unwrap()], more].concat();
    let output = run("ssh-keygen", &arguments, message);
    assert!(output.status.success(), "{output:?}");
    output.stdout
}

/// Whether `ssh-keygen` takes this armor for a signature of `message`.
pub(crate) fn stock_verify(key: &str, namespace: &str, message: &[u8], armor: &str) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let (signers, signature) = (folder.path().join("signers"), folder.path().join("sig"));
    std::fs::write(&signers, format!("ada namespaces=\"{namespace}\" {key}\n")).unwrap();
    std::fs::write(&signature, armor).unwrap();
    let (signers, signature) = (signers.to_str().unwrap(), signature.to_str().unwrap());
    let arguments = ["-Y", "verify", "-f", signers, "-I", "ada", "-n", namespace, "-s", signature];
    run("ssh-keygen", &arguments, message).status.success()
}
