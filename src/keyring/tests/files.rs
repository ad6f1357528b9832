//! Key files, made here and by `ssh-keygen`.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::keys::tests::{MESSAGE, NAMESPACE, make_key, run, stock_sign};
use crate::keys::{PublicKey, PublicKeyError, Signature};

fn verify(key: &PublicKey, armor: &[u8]) {
    Signature::parse(armor).unwrap().verify(key, NAMESPACE, MESSAGE).unwrap();
}

fn software(file: KeyFile) -> crate::keyring::PrivateKey {
    let KeyFile::Software(private) = file else { panic!("{file:?}") };
    private
}

#[test]
fn stock_files_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let plain = make_key(folder.path(), "ed25519", "");
    let private = software(read(&plain).unwrap());
    let public = KeyFile::read_public(&plain.with_extension("pub")).unwrap();
    assert_eq!(*private.public_key(), public);
    assert_eq!(KeyFile::read_public(&plain).unwrap(), public);
    verify(&public, private.sign(NAMESPACE, MESSAGE).as_bytes());
    let link = folder.path().join("link");
    std::os::unix::fs::symlink(&plain, &link).unwrap();
    assert!(read(&link).is_ok());
}

#[test]
fn protected_files_ask() {
    let folder = tempfile::tempdir().unwrap();
    let path = make_key(folder.path(), "ed25519", "correct horse");
    let public = KeyFile::read_public(&path).unwrap();
    assert!(matches!(read(&path), Err(KeyringError::PassphraseNeeded { .. })));

    let mut asked = 0;
    let private = KeyFile::read(&path, &mut |_| {
        asked += 1;
        Some(Zeroizing::new(if asked == 2 { "correct horse" } else { "wrong" }.to_owned()))
    });
    assert_eq!(*software(private.unwrap()).public_key(), public);
    assert_eq!(asked, 2);

    let mut asked = 0;
    let refused = KeyFile::read(&path, &mut |_| {
        asked += 1;
        Some(Zeroizing::new("wrong horse".to_owned()))
    });
    let refused = refused.unwrap_err();
    assert!(matches!(refused, KeyringError::WrongPassphrase { .. }));
    assert!(!full_text(&refused).contains("horse"));
    assert_eq!(asked, 3);
}

#[test]
fn files_made_here_work_stock() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    let public = KeyFile::generate(&path, "ada@home", None).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(&path.with_extension("pub")) & 0o600, 0o600);
    verify(&public, &stock_sign(&path, NAMESPACE.as_str(), MESSAGE, &[]));
    let line = fs::read_to_string(path.with_extension("pub")).unwrap();
    assert_eq!(line, format!("{public} ada@home\n"));
    assert_eq!(KeyFile::read_public(&path).unwrap(), public);

    let path = folder.path().join("protected");
    let public = KeyFile::generate(&path, "", Some("words")).unwrap();
    let arguments = ["-y", "-P", "words", "-f", path.to_str().unwrap()];
    let shown = String::from_utf8(run("ssh-keygen", &arguments, b"").stdout).unwrap();
    assert_eq!(PublicKey::parse(shown.trim_end()).unwrap(), public);
    let mut words = |_: &Path| Some(Zeroizing::new("words".to_owned()));
    assert_eq!(*software(KeyFile::read(&path, &mut words).unwrap()).public_key(), public);
}

#[test]
fn nothing_is_overwritten_or_left_behind() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    fs::write(path.with_extension("pub"), "mine").unwrap();
    assert!(matches!(KeyFile::generate(&path, "", None), Err(KeyringError::Create { .. })));
    assert!(!path.exists());
    assert_eq!(fs::read_to_string(path.with_extension("pub")).unwrap(), "mine");

    let path = folder.path().join("other");
    fs::write(&path, "mine").unwrap();
    assert!(matches!(KeyFile::generate(&path, "", None), Err(KeyringError::Create { .. })));
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    assert!(!path.with_extension("pub").exists());

    let path = folder.path().join("third");
    assert!(matches!(KeyFile::generate(&path, "", Some("")), Err(KeyringError::EmptyPassphrase)));
    for comment in ["two\nlines", "\u{1b}[31m", &"a".repeat(257)] {
        let refused = KeyFile::generate(&path, comment, None);
        assert!(matches!(refused, Err(KeyringError::BadComment { .. })));
    }
    assert!(!path.exists());
}

#[test]
fn open_files_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = make_key(folder.path(), "ed25519", "");
    for mode in [0o644, 0o640, 0o604, 0o620, 0o610] {
        chmod(&path, mode);
        let refused = read(&path).unwrap_err();
        assert!(matches!(refused, KeyringError::TooOpen { .. }), "{mode:o}");
        assert!(KeyFile::read_public(&path).is_ok());
    }
    chmod(&path, 0o400);
    assert!(read(&path).is_ok());
}

#[test]
fn other_files_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (kind, name) in [("rsa", "ssh-rsa"), ("ecdsa", "ecdsa-sha2-nistp256")] {
        let path = make_key(folder.path(), kind, "");
        for refused in [read(&path).map(drop), KeyFile::read_public(&path).map(drop)] {
            let Err(KeyringError::Unusable { source, .. }) = refused else { panic!("{refused:?}") };
            assert_eq!(source, PublicKeyError::UnsupportedType(name.to_owned()));
        }
    }
    let path = folder.path().join("file");
    for junk in [&b""[..], b"-----BEGIN RSA PRIVATE KEY-----\n", b"\xff\xfe", &[b'a'; 70_000]] {
        fs::write(&path, junk).unwrap();
        chmod(&path, 0o600);
        assert!(matches!(read(&path), Err(KeyringError::NotAKey { .. })));
        assert!(KeyFile::read_public(&path).is_err());
    }
    assert!(matches!(read(folder.path()), Err(KeyringError::NotAKey { .. })));
    assert!(matches!(read(&folder.path().join("none")), Err(KeyringError::Read { .. })));
}

#[test]
fn damaged_files_are_refused_and_stay_secret() {
    let folder = tempfile::tempdir().unwrap();
    let path = make_key(folder.path(), "ed25519", "");
    let text = fs::read_to_string(&path).unwrap();
    let secret_lines: Vec<_> = text.lines().filter(|line| !line.starts_with('-')).collect();
    let size = text.len();
    for position in (0..size).step_by(5) {
        let mut bytes = text.clone().into_bytes();
        bytes[position] = if bytes[position] == b'A' { b'B' } else { b'A' };
        fs::write(&path, &bytes).unwrap();
        for refused in [read(&path).map(drop), KeyFile::read_public(&path).map(drop)] {
            let Err(error) = refused else { continue };
            let message = format!("{} {error:?}", full_text(&error));
            assert!(!secret_lines.iter().any(|line| message.contains(&line[..16])), "{message}");
        }
        fs::write(&path, &text[..position]).unwrap();
        assert!(read(&path).is_err());
    }
}

#[test]
fn a_swapped_public_part_is_refused() {
    // The public key outside of a protected part is not authenticated by it.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    let public = KeyFile::generate(&path, "", Some("words")).unwrap();
    let (_, other) = crate::keys::tests::keypair(9);
    let text = fs::read_to_string(&path).unwrap();
    let body: String = text.lines().filter(|line| !line.starts_with('-')).collect();
    use base64ct::{Base64, Encoding};
    let mut container = Base64::decode_vec(&body).unwrap();
    let at = container.windows(32).position(|window| window == public.raw()).unwrap();
    container[at..at + 32].copy_from_slice(&other.raw());
    let body = Base64::encode_string(&container);
    let lines: Vec<_> = body.as_bytes().chunks(70).map(|line| std::str::from_utf8(line).unwrap()).collect();
    let text = format!("-----BEGIN OPENSSH PRIVATE KEY-----\n{}\n-----END OPENSSH PRIVATE KEY-----\n", lines.join("\n"));
    fs::write(&path, text).unwrap();
    assert_eq!(KeyFile::read_public(&path).unwrap(), other);
    assert!(KeyFile::read(&path, &mut |_| Some(Zeroizing::new("words".to_owned()))).is_err());
}

#[test]
fn debug_shows_no_secret() {
    let private = crate::keyring::PrivateKey::from_seed(&[0x5a; 32]);
    let signer = crate::keyring::Signer::from_seed(&[0x5a; 32]);
    for shown in [format!("{private:?}"), format!("{signer:?}"), format!("{:?}", KeyFile::Software(private))] {
        assert!(!shown.contains("5a5a") && !shown.contains("90, 90"), "{shown}");
        assert!(shown.contains("ssh-ed25519"), "{shown}");
    }
}
