//! What probes make of servers.

use std::time::Instant;

use serde_json::json;

use super::*;
use crate::net::{Cause, Expect, HttpProbe, JsonIs, Probe, ProbeResult, Stage, TcpProbe, Trust, Verdict, probe, probe_all};

fn ask(url: &str, expect: Expect, deadline: Duration) -> ProbeResult {
    let what = Probe::Http(HttpProbe::new(url, expect).unwrap());
    run(probe(&what, trust(), deadline))
}

/// Read once: it is large.
fn trust() -> &'static Trust {
    static TRUST: std::sync::LazyLock<Trust> = std::sync::LazyLock::new(|| Trust::new(&[]));
    &TRUST
}

fn at(address: SocketAddr) -> String {
    format!("http://{address}/health")
}

fn verdict(address: SocketAddr, expect: Expect) -> Verdict {
    ask(&at(address), expect, 10 * SECOND).verdict
}

fn failed(cause: Cause) -> Verdict {
    Verdict::Failed(cause)
}

#[test]
fn every_part_is_timed_on_its_own() {
    let address = server(|mut stream| {
        let asked = request(&mut stream);
        assert!(asked.starts_with("GET /health?deep=1 HTTP/1.1\r\n"), "{asked}");
        assert!(asked.contains(&format!("user-agent: omega/{}\r\n", env!("CARGO_PKG_VERSION"))), "{asked}");
        assert!(asked.contains(&format!("host: localhost:{}\r\n", stream.local_addr().unwrap().port())), "{asked}");
        thread::sleep(Duration::from_millis(200));
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfi").unwrap();
        thread::sleep(Duration::from_millis(300));
        stream.write_all(b"ne").unwrap();
    });
    let found = ask(&format!("http://localhost:{}/health?deep=1", address.port()), Expect::default(), 10 * SECOND);
    assert_eq!((found.verdict, found.status, found.tls_until), (Verdict::Healthy, Some(200), None), "{:?}", found.detail);
    let times = found.timings;
    assert!(times.resolve.is_some() && times.connect.is_some() && times.tls.is_none());
    assert!(times.first_byte.unwrap() >= Duration::from_millis(190), "{times:?}");
    assert!(times.body.unwrap() >= Duration::from_millis(290), "{times:?}");
    assert!(times.total >= times.first_byte.unwrap() + times.body.unwrap(), "{times:?}");
}

#[test]
fn a_port_where_nobody_listens_refuses() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert_eq!(verdict(address, Expect::default()), failed(Cause::Refused));
    let tcp = Probe::Tcp(TcpProbe::new(&address.to_string()).unwrap());
    assert_eq!(run(probe(&tcp, trust(), SECOND)).verdict, failed(Cause::Refused));
}

#[test]
fn who_accepts_and_says_nothing_times_out() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let found = ask(&at(address), Expect::default(), Duration::from_millis(300));
    assert_eq!(found.verdict, failed(Cause::Timeout(Stage::FirstByte)));
    assert!(found.timings.total >= Duration::from_millis(300) && found.timings.total < 5 * SECOND);
    assert!(found.detail.unwrap().contains("said nothing"));
    let tcp = Probe::Tcp(TcpProbe::new(&address.to_string()).unwrap());
    assert_eq!(run(probe(&tcp, trust(), SECOND)).verdict, Verdict::Healthy);
}

#[test]
fn who_drips_times_out_however_long_he_could_go_on() {
    let address = server(|mut stream| {
        request(&mut stream);
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n").unwrap();
        while stream.write_all(b"x").is_ok() {
            thread::sleep(Duration::from_millis(50));
        }
    });
    let found = ask(&at(address), Expect::default(), Duration::from_millis(600));
    assert_eq!((found.verdict, found.status), (failed(Cause::Timeout(Stage::Body)), Some(200)));
    assert!(found.timings.total < 5 * SECOND);
}

#[test]
fn of_a_flood_only_the_beginning_is_read() {
    let address = server(|mut stream| {
        request(&mut stream);
        stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").unwrap();
        let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
        while stream.write_all(chunk.as_bytes()).is_ok() {}
    });
    assert_eq!(verdict(address, Expect::default()), Verdict::Healthy);
    let expect = Expect { contains: Some("ok".to_owned()), most: Some(1000), ..Expect::default() };
    let found = ask(&at(address), expect, 10 * SECOND);
    assert_eq!(found.verdict, failed(Cause::Body));
    assert!(found.detail.unwrap().contains("first 1000 bytes"));
    let head = server(|mut stream| {
        request(&mut stream);
        drop(stream.write_all(b"HTTP/1.1 200 OK\r\n"));
        while stream.write_all(b"X-Header: and another one\r\n").is_ok() {}
    });
    assert_eq!(verdict(head, Expect::default()), failed(Cause::Body));
}

#[test]
fn what_is_no_http_is_no_answer() {
    assert_eq!(verdict(answers("SSH-2.0-OpenSSH_9.6\r\n"), Expect::default()), failed(Cause::Body));
    assert_eq!(verdict(answers(vec![0xff; 500]), Expect::default()), failed(Cause::Body));
    assert_eq!(verdict(answers(""), Expect::default()), failed(Cause::Refused));
    assert_eq!(verdict(answers("HTTP/1.1 200 OK\r\nContent-Le"), Expect::default()), failed(Cause::Refused));
    assert_eq!(verdict(answers("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort"), Expect::default()), failed(Cause::Body));
}

#[test]
fn statuses_are_taken_as_they_come() {
    for (status, healthy) in [(200, true), (204, true), (299, true), (302, false), (404, false), (500, false), (503, false)] {
        let expected = if healthy { Verdict::Healthy } else { failed(Cause::Status(status)) };
        assert_eq!(verdict(answers(http(status, "")), Expect::default()), expected, "{status}");
    }
    let only = |status| Expect { status, ..Expect::default() };
    assert_eq!(verdict(answers(http(401, "")), only(vec![401])), Verdict::Healthy);
    assert_eq!(verdict(answers(http(200, "")), only(vec![401, 204])), failed(Cause::Status(200)));
}

#[test]
fn a_redirect_is_not_followed() {
    let (target, told) = scripted(vec![http(200, "")]);
    let address = answers(format!("HTTP/1.1 302 Found\r\nLocation: http://{target}/\r\nContent-Length: 0\r\n\r\n"));
    assert_eq!(verdict(address, Expect::default()), failed(Cause::Status(302)));
    assert!(told.recv_timeout(Duration::from_millis(200)).is_err());
}

#[test]
fn a_body_must_hold_what_is_expected() {
    let address = answers(http(200, r#"{"status":"ok","checks":[{"db":"up"}]}"#));
    let expect = |at: &str, is| Expect { json: vec![JsonIs { at: at.to_owned(), is }], ..Expect::default() };
    assert_eq!(verdict(address, expect("checks.0.db", json!("up"))), Verdict::Healthy);
    let found = ask(&at(address), expect("status", json!("ready\u{202e}")), 10 * SECOND);
    assert_eq!((found.verdict, found.status), (failed(Cause::Body), Some(200)));
    assert_eq!(verdict(answers(http(200, "hello")), expect("status", json!("ok"))), failed(Cause::Body));
    let contains = |text: &str| Expect { contains: Some(text.to_owned()), ..Expect::default() };
    assert_eq!(verdict(address, contains("\"ok\"")), Verdict::Healthy);
    assert_eq!(verdict(address, contains("degraded")), failed(Cause::Body));
}

#[test]
fn who_answers_late_is_slow_and_not_down() {
    let address = server(|mut stream| {
        request(&mut stream);
        thread::sleep(Duration::from_millis(150));
        stream.write_all(http(200, "").as_bytes()).unwrap();
    });
    let within = |ms| Expect { latency: Some(Duration::from_millis(ms)), ..Expect::default() };
    assert_eq!(verdict(address, within(100)), Verdict::Slow);
    assert_eq!(verdict(address, within(9000)), Verdict::Healthy);
}

#[test]
fn a_name_that_does_not_exist_is_not_a_service_that_is_down() {
    let found = ask("http://no-such-host.invalid/", Expect::default(), 20 * SECOND);
    // On a machine without any network nobody can know.
    let expected = [failed(Cause::Dns), Verdict::WatcherFault, failed(Cause::Timeout(Stage::Resolve))];
    assert!(expected.contains(&found.verdict), "{found:?}");
}

#[test]
fn only_addresses_are_asked() {
    for bad in ["ftp://localhost/", "localhost:80", "http://", "http://me:secret@localhost/", "x"] {
        assert!(HttpProbe::new(bad, Expect::default()).is_err(), "{bad}");
    }
    for bad in ["localhost", "localhost:", ":80", "localhost:0", "localhost:65536", "localhost:x", ""] {
        assert!(TcpProbe::new(bad).is_err(), "{bad}");
    }
    let listener = TcpListener::bind("[::1]:0");
    if let Ok(listener) = listener {
        let port = listener.local_addr().unwrap().port();
        let tcp = Probe::Tcp(TcpProbe::new(&format!("[::1]:{port}")).unwrap());
        assert_eq!(run(probe(&tcp, trust(), SECOND)).verdict, Verdict::Healthy);
    }
}

#[test]
fn who_hangs_makes_nobody_late() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let fine = answers(http(200, ""));
    let probe = |address| Probe::Http(HttpProbe::new(&at(address), Expect::default()).unwrap());
    let mut probes = vec![(probe(silent.local_addr().unwrap()), 3 * SECOND); 32];
    probes.extend(vec![(probe(fine), 3 * SECOND); 32]);
    let begun = Instant::now();
    let found = run(probe_all(probes, trust(), 8, 60 * SECOND));
    // One after the other in eights, those who hang alone would take 12 s.
    assert!(begun.elapsed() < 9 * SECOND, "{:?}", begun.elapsed());
    assert!(found[..32].iter().all(|found| found.verdict == failed(Cause::Timeout(Stage::FirstByte))));
    assert!(found[32..].iter().all(|found| found.verdict == Verdict::Healthy));
}

#[test]
fn what_there_is_no_time_for_is_the_watchers_fault() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let fine = answers(http(200, ""));
    let probe = |address| Probe::Http(HttpProbe::new(&at(address), Expect::default()).unwrap());
    let probes = vec![(probe(fine), SECOND), (probe(silent.local_addr().unwrap()), 60 * SECOND)];
    let begun = Instant::now();
    let found = run(probe_all(probes, trust(), 1, 2 * SECOND));
    assert!(begun.elapsed() < 10 * SECOND);
    assert_eq!(found.iter().map(|found| found.verdict).collect::<Vec<_>>(), [Verdict::Healthy, Verdict::WatcherFault]);
}

#[test]
fn never_more_than_allowed_run_at_once() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static NOW: AtomicUsize = AtomicUsize::new(0);
    static MOST: AtomicUsize = AtomicUsize::new(0);
    let address = server(|mut stream| {
        MOST.fetch_max(NOW.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        request(&mut stream);
        thread::sleep(Duration::from_millis(20));
        NOW.fetch_sub(1, Ordering::SeqCst);
        stream.write_all(http(200, "").as_bytes()).unwrap();
    });
    let probe = Probe::Http(HttpProbe::new(&at(address), Expect::default()).unwrap());
    let found = run(probe_all(vec![(probe, 20 * SECOND); 40], trust(), 4, 60 * SECOND));
    assert!(found.iter().all(|found| found.verdict == Verdict::Healthy));
    // One that was asked late may have made room for another.
    assert!(MOST.load(Ordering::SeqCst) <= 8, "{MOST:?}");
}
