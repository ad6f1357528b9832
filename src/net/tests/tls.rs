//! Certificates, made for each test.

use std::str::FromStr;
use std::sync::Arc;

use ed25519_dalek::{Signer, SigningKey};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
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

use super::*;
use crate::net::{Cause, Expect, HttpProbe, Probe, ProbeResult, Stage, Trust, Verdict, probe};

/// 2020-01-01, 2021-01-01, 2099-01-01.
const PAST: [i64; 2] = [1_577_836_800, 1_609_459_200];
const FUTURE: i64 = 4_070_908_800;

fn time(unix: i64) -> Time {
    Time::GeneralTime(GeneralizedTime::from_unix_duration(Duration::from_secs(u64::try_from(unix).unwrap())).unwrap())
}

/// A certificate that signs itself, for a name and 127.0.0.1, and its key.
fn certificate(name: &str, until: i64) -> (Vec<u8>, Vec<u8>) {
    let seed = crate::digest::Digest::of(format!("{name} {until}").as_bytes()).hex();
    let seed: [u8; 32] = seed.as_bytes()[..32].try_into().unwrap();
    let key = SigningKey::from_bytes(&seed);
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
        validity: Validity { not_before: time(PAST[0]), not_after: time(until) },
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

/// A server that answers with status 204.
fn secured(certificate: &(Vec<u8>, Vec<u8>)) -> SocketAddr {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from(certificate.0.clone())],
            PrivateKeyDer::from(PrivatePkcs8KeyDer::from(certificate.1.clone())),
        )
        .unwrap();
    let config = Arc::new(config);
    server(move |stream| {
        let mut stream = StreamOwned::new(ServerConnection::new(config.clone()).unwrap(), stream);
        let mut head = [0; 4096];
        if stream.read(&mut head).is_ok() {
            drop(stream.write_all(http(204, "").as_bytes()));
            stream.conn.send_close_notify();
            drop(stream.flush());
        }
    })
}

fn ask(url: &str, trust: &Trust, valid_until: Option<i64>) -> ProbeResult {
    let what = Probe::Http(HttpProbe::new(url, Expect { valid_until, ..Expect::default() }).unwrap());
    run(probe(&what, trust, 10 * SECOND))
}

#[test]
fn a_certificate_that_is_believed_says_until_when() {
    let fine = certificate("localhost", FUTURE);
    let (port, trust) = (secured(&fine).port(), Trust::new(std::slice::from_ref(&fine.0)));
    for host in ["localhost", "127.0.0.1"] {
        let found = ask(&format!("https://{host}:{port}/"), &trust, Some(FUTURE));
        assert_eq!((found.verdict, found.tls_until, found.status), (Verdict::Healthy, Some(FUTURE), Some(204)), "{:?}", found.detail);
        assert!(found.timings.tls.is_some());
    }
    let found = ask(&format!("https://localhost:{port}/"), &trust, Some(FUTURE + 1));
    assert_eq!(found.verdict, Verdict::Expiring);
}

#[test]
fn a_certificate_that_is_not_believed_is_no_service_that_is_down() {
    let fine = certificate("localhost", FUTURE);
    let other = certificate("other", FUTURE);
    let expired = certificate("localhost", PAST[1]);
    for (server, trust, host, why) in [
        (&fine, &other, "localhost", "not believed"),
        (&other, &other, "localhost", "for another name"),
        (&expired, &expired, "localhost", "expired"),
    ] {
        let found = ask(&format!("https://{host}:{}/", secured(server).port()), &Trust::new(std::slice::from_ref(&trust.0)), None);
        assert_eq!(found.verdict, Verdict::Failed(Cause::Tls), "{why}");
        let detail = found.detail.unwrap();
        assert!(detail.contains(why), "{detail}");
    }
}

#[test]
fn who_speaks_no_tls_is_found_out() {
    let fine = certificate("localhost", FUTURE);
    let trust = Trust::new(std::slice::from_ref(&fine.0));
    let plain = server(|mut stream| {
        drop(stream.write_all(http(200, "").as_bytes()));
        drop(stream.read(&mut [0; 4096]));
    });
    assert_eq!(ask(&format!("https://{plain}/"), &trust, None).verdict, Verdict::Failed(Cause::Tls));
    let closed = server(drop);
    assert_eq!(ask(&format!("https://{closed}/"), &trust, None).verdict, Verdict::Failed(Cause::Tls));
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let what = Probe::Http(HttpProbe::new(&format!("https://{}/", silent.local_addr().unwrap()), Expect::default()).unwrap());
    assert_eq!(run(probe(&what, &trust, SECOND / 4)).verdict, Verdict::Failed(Cause::Timeout(Stage::Tls)));
    // Nor is one who speaks it asked without.
    let secured = secured(&fine);
    assert_ne!(ask(&format!("http://{secured}/"), &trust, None).verdict, Verdict::Healthy);
}
