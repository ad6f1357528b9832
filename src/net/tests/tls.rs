//! Servers that speak TLS, well and badly.

#[path = "../../../tests/it/watch/certificate.rs"]
mod certificate;

use certificate::certificate;
use rustls::{ServerConnection, StreamOwned};

use super::*;
use crate::net::{Cause, HttpProbe, Outcome, Probe, ProbeResult, Stage, Trust, probe};

/// 2021-01-01, 2099-01-01.
const PAST: i64 = 1_609_459_200;
const FUTURE: i64 = 4_070_908_800;

/// A server that answers with status 204.
fn secured(certificate: &(Vec<u8>, Vec<u8>)) -> SocketAddr {
    let config = certificate::server(certificate);
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

fn ask(url: &str, trust: &Trust) -> ProbeResult {
    let what = Probe::Http(HttpProbe::new(url).unwrap());
    run(probe(&what, trust, 10 * SECOND))
}

#[test]
fn a_certificate_that_is_believed_says_until_when() {
    let fine = certificate("localhost", FUTURE);
    let (port, trust) = (secured(&fine).port(), Trust::new(std::slice::from_ref(&fine.0)));
    for host in ["localhost", "127.0.0.1"] {
        let found = ask(&format!("https://{host}:{port}/"), &trust);
        assert_eq!((found.outcome, found.tls_until), (Outcome::Status(204), Some(FUTURE)), "{:?}", found.detail);
        assert!(found.timings.tls.is_some());
    }
}

#[test]
fn a_certificate_that_is_not_believed_is_no_service_that_is_down() {
    let fine = certificate("localhost", FUTURE);
    let other = certificate("other", FUTURE);
    let expired = certificate("localhost", PAST);
    for (server, trust, host, why) in [
        (&fine, &other, "localhost", "not believed"),
        (&other, &other, "localhost", "for another name"),
        (&expired, &expired, "localhost", "expired"),
    ] {
        let found = ask(&format!("https://{host}:{}/", secured(server).port()), &Trust::new(std::slice::from_ref(&trust.0)));
        assert_eq!(found.outcome, Outcome::Failed(Cause::Tls), "{why}");
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
    assert_eq!(ask(&format!("https://{plain}/"), &trust).outcome, Outcome::Failed(Cause::Tls));
    let closed = server(drop);
    assert_eq!(ask(&format!("https://{closed}/"), &trust).outcome, Outcome::Failed(Cause::Tls));
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let what = Probe::Http(HttpProbe::new(&format!("https://{}/", silent.local_addr().unwrap())).unwrap());
    assert_eq!(run(probe(&what, &trust, SECOND / 4)).outcome, Outcome::Failed(Cause::Timeout(Stage::Tls)));
    // Nor is one who speaks it asked without.
    let secured = secured(&fine);
    assert_ne!(ask(&format!("http://{secured}/"), &trust).outcome, Outcome::Status(204));
}
