//! Hardware keys. The token is played by a program, for tests have nobody to touch one.

use std::path::PathBuf;

use ssh_key::LineEnding;
use ssh_key::private::{KeypairData, SkEd25519};
use ssh_key::public::{Ed25519PublicKey, SkEd25519 as SkPublic};

use super::*;
use crate::keyring::{Signer, hardware};
use crate::keys::tests::{MESSAGE, NAMESPACE, hardware_armor, hardware_key, keypair, make_key, run, soft_armor};
use crate::keys::{PublicKey, Signature};

/// A key file as `ssh-keygen -t ed25519-sk` makes it.
fn handle(folder: &Path, raw: [u8; 32]) -> PathBuf {
    let public = SkPublic::new(Ed25519PublicKey(raw), "ssh:");
    let pair = KeypairData::SkEd25519(SkEd25519::new(public, 1, vec![1; 64]).unwrap());
    let text = ssh_key::PrivateKey::new(pair, "").unwrap().to_openssh(LineEnding::LF).unwrap();
    let path = folder.join("handle");
    std::fs::write(&path, text.as_bytes()).unwrap();
    chmod(&path, 0o600);
    path
}

/// A program, written by another process: one that this process has open for writing could not be run while a test
/// beside it forks.
fn program(folder: &Path, script: &str) -> PathBuf {
    let path = folder.join("program");
    let _ = std::fs::remove_file(&path);
    let write = "cat > \"$1\" && chmod 755 \"$1\"";
    let text = format!("#!/bin/sh\n{script}\n");
    assert!(run("sh", &["-c", write, "sh", path.to_str().unwrap()], text.as_bytes()).status.success());
    path
}

fn signer(handle: &Path, program: &Path) -> Signer {
    Signer::from_file(handle, program, &mut nobody).unwrap()
}

#[test]
fn stock_program_signs() {
    let folder = tempfile::tempdir().unwrap();
    let path = make_key(folder.path(), "ed25519", "");
    let public = KeyFile::read_public(&path).unwrap();
    // Larger than any pipe.
    let message = vec![b'x'; 1 << 20];
    let armor = hardware::sign(Path::new("ssh-keygen"), &path, NAMESPACE, &message).unwrap();
    let signature = Signature::parse(armor.as_bytes()).unwrap();
    assert_eq!(signature.verify(&public, NAMESPACE, &message), Ok(()));
}

#[test]
fn tokens_sign_by_program() {
    let folder = tempfile::tempdir().unwrap();
    let (secret, plain) = keypair(6);
    let handle = handle(folder.path(), plain.raw());
    let public = PublicKey::from_blob(&hardware_key(&secret, b"ssh:")).unwrap();
    let KeyFile::Hardware(found) = read(&handle).unwrap() else { panic!() };
    assert_eq!(found, public);
    assert_eq!(KeyFile::read_public(&handle).unwrap(), public);

    let armor = hardware_armor(&secret, &public, MESSAGE, 1);
    let asks = format!("-Y sign -n {NAMESPACE} -f {}", handle.display());
    let script = format!("[ \"$*\" = \"{asks}\" ] || exit 3\ncat > /dev/null\ncat <<'END'\n{armor}END");
    let program = program(folder.path(), &script);
    assert_eq!(signer(&handle, &program).sign(NAMESPACE, MESSAGE).unwrap(), armor);
}

#[test]
fn faulty_programs_are_caught() {
    let folder = tempfile::tempdir().unwrap();
    let (secret, plain) = keypair(6);
    let handle = handle(folder.path(), plain.raw());
    let public = PublicKey::from_blob(&hardware_key(&secret, b"ssh:")).unwrap();
    for armor in [
        "junk\n".to_owned(),
        String::new(),
        hardware_armor(&secret, &public, MESSAGE, 0),
        hardware_armor(&secret, &public, b"other", 1),
        soft_armor(&secret, &plain, MESSAGE),
    ] {
        let program = program(folder.path(), &format!("cat > /dev/null\ncat <<'END'\n{armor}END"));
        let refused = signer(&handle, &program).sign(NAMESPACE, MESSAGE);
        assert!(matches!(refused, Err(KeyringError::BadSignature(_))), "{refused:?}");
    }
    let large = vec![b'x'; 1 << 20];
    for script in ["exit 1", "kill -9 $$"] {
        let program = program(folder.path(), script);
        let refused = signer(&handle, &program).sign(NAMESPACE, &large);
        assert!(matches!(refused, Err(KeyringError::ProgramFailed { .. })), "{refused:?}");
    }
    let missing = signer(&handle, &folder.path().join("none")).sign(NAMESPACE, MESSAGE);
    assert!(matches!(missing, Err(KeyringError::Program { .. })));
}
