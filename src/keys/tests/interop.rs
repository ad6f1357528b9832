//! Both ways against `ssh-keygen`.

use proptest::prelude::*;

use super::*;
use crate::keys::{KeyId, Signature, SignatureError};

fn public_line(key: &Path) -> String {
    let text = std::fs::read_to_string(key.with_extension("pub")).unwrap();
    text.strip_suffix('\n').unwrap().to_owned()
}

#[test]
fn stock_signatures_verify_here() {
    let folder = tempfile::tempdir().unwrap();
    let file = make_key(folder.path(), "ed25519", "");
    let key = PublicKey::parse(&public_line(&file)).unwrap();
    for namespace in Namespace::ALL {
        let armor = stock_sign(&file, namespace.as_str(), MESSAGE, &[]);
        let signature = Signature::parse(&armor).unwrap();
        assert_eq!(signature.namespace(), namespace.as_str());
        assert_eq!(signature.signer_blob(), key.blob());
        assert!(!signature.is_hardware() && !signature.user_present());
        assert_eq!(signature.verify(&key, namespace, MESSAGE), Ok(()));
        assert_eq!(signature.verify(&key, namespace, b"other"), Err(SignatureError::BadSignature));
    }
}

#[test]
fn signatures_from_here_verify_stock() {
    let (secret, key) = keypair(3);
    for namespace in Namespace::ALL {
        let signature = secret.sign(&signed_data(namespace, MESSAGE)).to_bytes();
        let armor = assemble(&key, namespace, &signature);
        assert!(stock_verify(&key.to_string(), namespace.as_str(), MESSAGE, &armor));
        assert!(!stock_verify(&key.to_string(), namespace.as_str(), b"other", &armor));
    }
}

#[test]
fn both_sign_the_same_bytes() {
    // ed25519 is deterministic: the same key gives the same armor, whoever makes it.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("id");
    crate::keyring::KeyFile::generate(&file, "", None).unwrap();
    let signer = crate::keyring::Signer::from_file(&file, Path::new("ssh-keygen"), &mut |_| None).unwrap();
    for size in [0, 1, 127, 128, 100_000] {
        let message = vec![b'x'; size];
        let armor = signer.sign(NAMESPACE, &message).unwrap();
        assert_eq!(armor.as_bytes(), stock_sign(&file, NAMESPACE.as_str(), &message, &[]));
    }
}

#[test]
fn armor_of_every_width_is_canonical() {
    // Some of these namespaces end the base64 exactly at a fold.
    let folder = tempfile::tempdir().unwrap();
    let file = make_key(folder.path(), "ed25519", "");
    let key = PublicKey::parse(&public_line(&file)).unwrap();
    for width in 36..44 {
        let armor = stock_sign(&file, &"n".repeat(width), MESSAGE, &[]);
        let signature = Signature::parse(&armor).unwrap();
        let found = "n".repeat(width);
        assert_eq!(signature.verify(&key, NAMESPACE, MESSAGE), Err(SignatureError::WrongNamespace { expected: NAMESPACE, found }));
    }
}

#[test]
fn fingerprints_agree() {
    let folder = tempfile::tempdir().unwrap();
    let file = make_key(folder.path(), "ed25519", "");
    let key = PublicKey::parse(&public_line(&file)).unwrap();
    let shown = run("ssh-keygen", &["-l", "-f", file.to_str().unwrap()], b"").stdout;
    let shown = String::from_utf8(shown).unwrap();
    assert_eq!(shown.split(' ').nth(1), Some(key.fingerprint().as_str()));
    assert_eq!(key.id(), KeyId::of_blob(key.blob()));
}

#[test]
fn other_algorithms_are_named() {
    let folder = tempfile::tempdir().unwrap();
    for (kind, name) in [("rsa", "ssh-rsa"), ("ecdsa", "ecdsa-sha2-nistp256")] {
        let file = make_key(folder.path(), kind, "");
        let armor = stock_sign(&file, NAMESPACE.as_str(), MESSAGE, &[]);
        let expected = SignatureError::UnsupportedAlgorithm(name.to_owned());
        assert_eq!(Signature::parse(&armor), Err(expected));
    }
    let file = make_key(folder.path(), "ed25519", "");
    let armor = stock_sign(&file, NAMESPACE.as_str(), MESSAGE, &["-O", "hashalg=sha256"]);
    assert_eq!(Signature::parse(&armor), Err(SignatureError::UnsupportedHash("sha256".to_owned())));
}

#[test]
fn hardware_signatures_need_presence() {
    let (secret, _) = keypair(5);
    let key = PublicKey::from_blob(&hardware_key(&secret, b"ssh:")).unwrap();
    assert!(key.is_hardware());
    assert_eq!(PublicKey::parse(&key.to_string()), Ok(key.clone()));

    let touched = hardware_armor(&secret, &key, MESSAGE, 1);
    let signature = Signature::parse(touched.as_bytes()).unwrap();
    assert!(signature.is_hardware() && signature.user_present());
    assert_eq!(signature.verify(&key, NAMESPACE, MESSAGE), Ok(()));
    assert_eq!(signature.verify(&key, NAMESPACE, b"other"), Err(SignatureError::BadSignature));
    assert!(stock_verify(&key.to_string(), NAMESPACE.as_str(), MESSAGE, &touched));

    for flags in [0, 4, 0xfe] {
        let armor = hardware_armor(&secret, &key, MESSAGE, flags);
        let signature = Signature::parse(armor.as_bytes()).unwrap();
        assert_eq!(signature.verify(&key, NAMESPACE, MESSAGE), Err(SignatureError::NoUserPresence));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_signed_verifies(seed: u8, message: Vec<u8>, other: Vec<u8>, which in 0..12_usize) {
        let (secret, key) = keypair(seed);
        let namespace = Namespace::ALL[which];
        let armor = assemble(&key, namespace, &secret.sign(&signed_data(namespace, &message)).to_bytes());
        let signature = Signature::parse(armor.as_bytes()).unwrap();
        prop_assert_eq!(signature.verify(&key, namespace, &message), Ok(()));
        prop_assert_eq!(signature.verify(&key, namespace, &other).is_ok(), message == other);
        for wrong in Namespace::ALL.into_iter().filter(|each| *each != namespace) {
            prop_assert!(signature.verify(&key, wrong, &message).is_err());
        }
    }

    #[test]
    fn nothing_panics(bytes: Vec<u8>, text: String) {
        let _ = Signature::parse(&bytes);
        let _ = PublicKey::from_blob(&bytes);
        let _ = PublicKey::parse(&text);
        let _ = text.parse::<KeyId>();
    }
}
