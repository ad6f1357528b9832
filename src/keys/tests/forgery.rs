//! Altered signatures, none of which may pass.

use base64ct::{Base64, Encoding};

use super::*;
use crate::keys::{Signature, SignatureError, armor};

fn passes(armor: &[u8], key: &PublicKey) -> bool {
    Signature::parse(armor).is_ok_and(|signature| signature.verify(key, NAMESPACE, MESSAGE).is_ok())
}

/// The blob inside an armor, altered and armored again.
fn rewrite(armored: &str, change: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut blob = armor::decode(armored.as_bytes()).unwrap();
    change(&mut blob);
    armor::encode(&blob)
}

#[test]
fn every_other_byte_anywhere_fails() {
    let (secret, key) = keypair(1);
    let token = PublicKey::from_blob(&hardware_key(&secret, b"ssh:")).unwrap();
    for (armor, key) in [(soft_armor(&secret, &key, MESSAGE), key), (hardware_armor(&secret, &token, MESSAGE, 1), token)] {
        assert!(passes(armor.as_bytes(), &key));
        let mut altered = armor.into_bytes();
        for position in 0..altered.len() {
            for difference in 1..=255 {
                altered[position] ^= difference;
                assert!(!passes(&altered, &key), "byte {position} xor {difference}");
                altered[position] ^= difference;
            }
        }
    }
}

#[test]
fn every_bit_of_the_blob_counts() {
    let (secret, key) = keypair(1);
    let armor = soft_armor(&secret, &key, MESSAGE);
    let size = armor::decode(armor.as_bytes()).unwrap().len();
    for position in 0..size {
        for bit in 0..8 {
            let altered = rewrite(&armor, |blob| blob[position] ^= 1 << bit);
            assert!(!passes(altered.as_bytes(), &key), "byte {position} bit {bit}");
        }
    }
}

#[test]
fn only_one_armor() {
    let (secret, key) = keypair(1);
    let armor = soft_armor(&secret, &key, MESSAGE);
    let body = armor.lines().filter(|line| !line.starts_with('-')).collect::<String>();
    let (begin, end) = ("-----BEGIN SSH SIGNATURE-----\n", "-----END SSH SIGNATURE-----\n");
    for other in [
        armor.replace('\n', "\r\n"),
        format!("{armor}\n"),
        format!("{armor} "),
        format!("{armor}{armor}"),
        armor.trim_end().to_owned(),
        armor.replacen('\n', "\n\n", 1),
        armor.replacen('\n', " \n", 1),
        format!("{begin}{body}\n{end}"),
        format!("{begin}{end}"),
        begin.to_owned(),
        begin.trim_end().to_owned(),
        armor.replace("SIGNATURE-----\n", "SIGNATURE-----"),
        rewrite(&armor, |blob| blob.clear()),
    ] {
        let expected = if other == format!("{begin}{end}") { SignatureError::Malformed } else { SignatureError::NonCanonical };
        assert_eq!(Signature::parse(other.as_bytes()), Err(expected), "{other}");
    }
    for other in [format!("\n{armor}"), format!(" {armor}"), format!("\u{feff}{armor}"), body, String::new()] {
        assert_eq!(Signature::parse(other.as_bytes()), Err(SignatureError::NotArmor), "{other}");
    }
    for cut in 0..armor.len() {
        assert!(Signature::parse(&armor.as_bytes()[..cut]).is_err());
    }
    let huge = armor.repeat(100);
    assert_eq!(Signature::parse(huge.as_bytes()), Err(SignatureError::TooLarge { size: huge.len(), limit: 8192 }));
}

#[test]
fn spare_bits_of_base64_are_zero() {
    // A hardware blob leaves 2 or 4 spare bits behind its last byte.
    let (secret, _) = keypair(1);
    let spare = (0..3).find_map(|more| {
        let application = [&b"ssh:"[..], &vec![b'a'; more]].concat();
        let key = PublicKey::from_blob(&hardware_key(&secret, &application)).unwrap();
        let armor = hardware_armor(&secret, &key, MESSAGE, 1);
        armor.contains("=\n").then_some(armor)
    });
    let armor = spare.unwrap();
    let last = armor.find('=').unwrap() - 1;
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let value = alphabet.iter().position(|each| *each == armor.as_bytes()[last]).unwrap();
    let mut altered = armor.clone().into_bytes();
    altered[last] = alphabet[value | 1];
    assert!(Signature::parse(armor.as_bytes()).is_ok());
    assert_eq!(Signature::parse(&altered), Err(SignatureError::NonCanonical));
}

#[test]
fn the_blob_has_no_slack() {
    let (secret, key) = keypair(1);
    let armor = soft_armor(&secret, &key, MESSAGE);
    let trailing = rewrite(&armor, |blob| blob.push(0));
    assert_eq!(Signature::parse(trailing.as_bytes()), Err(SignatureError::Malformed));
    let version = rewrite(&armor, |blob| blob[9] = 2);
    assert_eq!(Signature::parse(version.as_bytes()), Err(SignatureError::UnsupportedVersion(2)));

    let signature = secret.sign(&signed_data(NAMESPACE, MESSAGE)).to_bytes();
    let wire = |kind: &[u8], signature: &[u8], more: &[u8]| {
        let mut wire = Vec::new();
        put_string(&mut wire, kind);
        put_string(&mut wire, signature);
        wire.extend_from_slice(more);
        assemble_wire(&key, NAMESPACE, &wire)
    };
    assert_eq!(wire(b"ssh-ed25519", &signature, b""), armor);
    for slack in [
        wire(b"ssh-ed25519", &signature, &[0]),
        wire(b"ssh-ed25519", &signature[..63], b""),
        wire(b"sk-ssh-ed25519@openssh.com", &signature, &[1, 0, 0, 0, 0]),
        wire(b"rsa-sha2-512", &signature, b""),
    ] {
        assert_eq!(Signature::parse(slack.as_bytes()), Err(SignatureError::Malformed));
    }
}

#[test]
fn signatures_are_not_malleable() {
    // The group order, little endian; S + L is the same scalar written otherwise.
    let order = Base64::decode_vec("7dP1XBpjEljWnPei3vneFAAAAAAAAAAAAAAAAAAAABA=").unwrap();
    let (secret, key) = keypair(1);
    let mut bytes = secret.sign(&signed_data(NAMESPACE, MESSAGE)).to_bytes();
    let mut carry = 0;
    for (digit, add) in bytes[32..].iter_mut().zip(order) {
        let sum = u16::from(*digit) + u16::from(add) + carry;
        *digit = sum as u8;
        carry = sum >> 8;
    }
    let armor = assemble(&key, NAMESPACE, &bytes);
    let signature = Signature::parse(armor.as_bytes()).unwrap();
    assert_eq!(signature.verify(&key, NAMESPACE, MESSAGE), Err(SignatureError::BadSignature));
}

#[test]
fn the_wrong_signer_is_named() {
    let ((secret, key), (_, other)) = (keypair(1), keypair(2));
    let armor = soft_armor(&secret, &key, MESSAGE);
    let signature = Signature::parse(armor.as_bytes()).unwrap();
    let expected = SignatureError::WrongKey { expected: other.id(), found: key.id() };
    assert_eq!(signature.verify(&other, NAMESPACE, MESSAGE), Err(expected));
    // The same key bytes as a token's key are another key.
    let token = PublicKey::from_blob(&hardware_key(&secret, b"ssh:")).unwrap();
    assert_eq!(token.raw(), key.raw());
    assert!(signature.verify(&token, NAMESPACE, MESSAGE).is_err());
    // Claiming the other key does not help.
    let claimed = soft_armor(&secret, &other, MESSAGE);
    assert!(!passes(claimed.as_bytes(), &other));
}
