//! Keys that must be refused.

use base64ct::{Base64, Encoding};
use ed25519_dalek::VerifyingKey;

use super::*;
use crate::keys::PublicKeyError;

fn bytes(hex: &str) -> [u8; 32] {
    let digit = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    std::array::from_fn(|index| digit(2 * index))
}

/// The eight points of small order.
fn small_order() -> Vec<[u8; 32]> {
    let mut points = vec![[0; 32], [0; 32], [0; 32]];
    points[1][0] = 1;
    points[2][31] = 0x80;
    points.push(bytes("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"));
    for sign in [0, 0x80] {
        for hex in [
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        ] {
            let mut point = bytes(hex);
            point[31] ^= sign;
            points.push(point);
        }
    }
    points
}

#[test]
fn weak_keys_are_refused() {
    for point in small_order() {
        assert_eq!(PublicKey::from_raw(&point), Err(PublicKeyError::SmallOrder), "{point:x?}");
    }
}

#[test]
fn second_encodings_are_refused() {
    // Every y from p to 2^255 - 1, and x = 0 with a sign.
    let mut others = Vec::new();
    for low in 0xed..=0xff_u8 {
        for high in [0x7f, 0xff] {
            let mut point = [0xff; 32];
            (point[0], point[31]) = (low, high);
            others.push(point);
        }
    }
    let mut identity = [0; 32];
    (identity[0], identity[31]) = (1, 0x80);
    let mut minus_one = [0xff; 32];
    minus_one[0] = 0xec;
    others.extend([identity, minus_one]);
    let mut seen = 0;
    for point in others {
        match PublicKey::from_raw(&point) {
            Err(PublicKeyError::NonCanonical) => seen += 1,
            other => assert_eq!(other, Err(PublicKeyError::NotAPoint), "{point:x?}"),
        }
    }
    assert!(seen >= 8, "{seen}");
}

#[test]
fn mixed_order_is_refused() {
    let (_, key) = keypair(1);
    let sound = VerifyingKey::from_bytes(&key.raw()).unwrap().to_edwards();
    for point in small_order().into_iter().filter(|point| point[0] != 1) {
        let torsion = VerifyingKey::from_bytes(&point).unwrap().to_edwards();
        let mixed = (sound + torsion).compress().to_bytes();
        assert_eq!(PublicKey::from_raw(&mixed), Err(PublicKeyError::MixedOrder));
    }
}

#[test]
fn lines_are_strict() {
    let (_, key) = keypair(1);
    let line = key.to_string();
    for fine in [line.clone(), format!("{line} "), format!("{line} ada"), format!("{line} ada l. ü")] {
        assert_eq!(PublicKey::parse(&fine), Ok(key.clone()), "{fine}");
    }
    for (other, expected) in [
        (format!("{line}\n"), PublicKeyError::NotALine),
        (format!(" {line}"), PublicKeyError::NotALine),
        (line.replace(' ', "  "), PublicKeyError::NotALine),
        (line.replace(' ', "\t"), PublicKeyError::NotALine),
        (String::new(), PublicKeyError::NotALine),
        ("ssh-ed25519".to_owned(), PublicKeyError::NotALine),
        ("a".repeat(5000), PublicKeyError::NotALine),
        (format!("{line}="), PublicKeyError::NotBase64),
        (format!("{line}AAAA"), PublicKeyError::Malformed),
        (line[..line.len() - 4].to_owned(), PublicKeyError::Malformed),
        (format!("restrict {line}"), PublicKeyError::UnsupportedType("restrict".to_owned())),
        ("ssh-rsa AAAA".to_owned(), PublicKeyError::UnsupportedType("ssh-rsa".to_owned())),
    ] {
        assert_eq!(PublicKey::parse(&other), Err(expected), "{other}");
    }
    let disguised = line.replacen("ssh-ed25519", "sk-ssh-ed25519@openssh.com", 1);
    assert!(matches!(PublicKey::parse(&disguised), Err(PublicKeyError::TypeMismatch { .. })));
}

#[test]
fn spare_bits_of_base64_are_zero() {
    let (secret, _) = keypair(1);
    let blob = hardware_key(&secret, b"ssh:");
    let line = PublicKey::from_blob(&blob).unwrap().to_string();
    assert!(line.ends_with("Do="), "{line}");
    assert_eq!(PublicKey::parse(&line.replace("Do=", "Dp=")), Err(PublicKeyError::NotBase64));
    assert_eq!(PublicKey::parse(&line.replace("Do=", "Do")), Err(PublicKeyError::NotBase64));
}

#[test]
fn hardware_keys_are_for_ssh() {
    let (secret, plain) = keypair(1);
    for fine in [&b"ssh:"[..], b"ssh:omega"] {
        let key = PublicKey::from_blob(&hardware_key(&secret, fine)).unwrap();
        assert_eq!(key.raw(), plain.raw());
        assert_ne!(key, plain);
        assert_ne!(key.id(), plain.id());
    }
    for other in [&b""[..], b"web:", b"https://example.org", b"ssh:\0", &[b"ssh:".as_slice(), &[b'a'; 252]].concat()] {
        let refused = PublicKey::from_blob(&hardware_key(&secret, other));
        assert_eq!(refused, Err(PublicKeyError::Application));
    }
}

#[test]
fn errors_repeat_no_secret() {
    let secret = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmU=";
    for text in [secret.to_owned(), secret.replace('\n', " "), Base64::encode_string(secret.as_bytes()) + " x"] {
        let message = PublicKey::parse(&text).unwrap_err().to_string();
        assert!(!message.contains("b3Bl") && !message.contains("LS0t"), "{message}");
    }
}

#[test]
fn keys_are_strings_in_data() {
    let (_, key) = keypair(1);
    let json = serde_json::to_string(&key).unwrap();
    assert_eq!(json, format!("\"{key}\""));
    assert_eq!(serde_json::from_str::<PublicKey>(&json).unwrap(), key);
    assert!(serde_json::from_str::<PublicKey>("\"ssh-ed25519 AAAA\"").is_err());
    let schema = schemars::schema_for!(PublicKey);
    assert!(jsonschema::is_valid(schema.as_value(), &serde_json::json!(key.to_string())));
    assert!(!jsonschema::is_valid(schema.as_value(), &serde_json::json!("ssh-rsa AAAA")));
}
