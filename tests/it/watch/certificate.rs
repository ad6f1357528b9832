//! Certificates that sign themselves, made for each test. The tests of `src/net` use them too.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use ed25519_dalek::{Signer, SigningKey};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use x509_cert::der::Encode;
use x509_cert::der::asn1::{BitString, GeneralizedTime, Ia5String, OctetString};
use x509_cert::der::oid::ObjectIdentifier;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};
use x509_cert::time::{Time, Validity};
use x509_cert::{Certificate, TbsCertificate, Version};

/// 2020-01-01T00:00:00Z, from when they all are valid.
const FROM: i64 = 1_577_836_800;

fn time(unix: i64) -> Time {
    Time::GeneralTime(GeneralizedTime::from_unix_duration(Duration::from_secs(u64::try_from(unix).unwrap())).unwrap())
}

/// A certificate, for a name and 127.0.0.1, and its key in PKCS #8; both in DER.
pub fn certificate(name: &str, until: i64) -> (Vec<u8>, Vec<u8>) {
    let seed: Vec<u8> = format!("{until} {name}").bytes().cycle().take(32).collect();
    let key = SigningKey::from_bytes(seed.as_slice().try_into().unwrap());
    let algorithm = || AlgorithmIdentifierOwned { oid: ObjectIdentifier::new_unwrap("1.3.101.112"), parameters: None };
    let names = SubjectAltName(vec![
        GeneralName::DnsName(Ia5String::new(name).unwrap()),
        GeneralName::IpAddress(OctetString::new(vec![127, 0, 0, 1]).unwrap()),
    ]);
    let subject = Name::from_str(&format!("CN={name}")).unwrap();
    let tbs = TbsCertificate {
        version: Version::V3,
        serial_number: SerialNumber::from(7u8),
        signature: algorithm(),
        issuer: subject.clone(),
        validity: Validity { not_before: time(FROM), not_after: time(until) },
        subject,
        subject_public_key_info: SubjectPublicKeyInfoOwned {
            algorithm: algorithm(),
            subject_public_key: BitString::from_bytes(key.verifying_key().as_bytes()).unwrap(),
        },
        issuer_unique_id: None,
        subject_unique_id: None,
        extensions: Some(vec![Extension {
            extn_id: ObjectIdentifier::new_unwrap("2.5.29.17"),
            critical: false,
            extn_value: OctetString::new(names.to_der().unwrap()).unwrap(),
        }]),
    };
    let signature = BitString::from_bytes(&key.sign(&tbs.to_der().unwrap()).to_bytes()).unwrap();
    let whole = Certificate { tbs_certificate: tbs, signature_algorithm: algorithm(), signature };
    // The one form of such a key: a head that never changes, and the seed.
    let mut pkcs8 = vec![0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
    pkcs8.extend(seed);
    (whole.to_der().unwrap(), pkcs8)
}

/// What a server needs to speak TLS with it.
pub fn server(certificate: &(Vec<u8>, Vec<u8>)) -> Arc<ServerConfig> {
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from(certificate.0.clone())],
            PrivateKeyDer::from(PrivatePkcs8KeyDer::from(certificate.1.clone())),
        )
        .unwrap();
    Arc::new(config)
}
