//! What probes make of servers.

use std::time::Instant;

use super::*;
use crate::net::{Cause, HttpProbe, Outcome, Planned, Probe, ProbeResult, Stage, TcpProbe, Trust, probe, probe_all};

fn ask(url: &str, deadline: Duration) -> ProbeResult {
    let what = Probe::Http(HttpProbe::new(url).unwrap());
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

fn outcome(address: SocketAddr) -> Outcome {
    ask(&at(address), 10 * SECOND).outcome
}

const HEALTHY: Outcome = Outcome::Status(200);

fn failed(cause: Cause) -> Outcome {
    Outcome::Failed(cause)
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
    let found = ask(&format!("http://localhost:{}/health?deep=1", address.port()), 10 * SECOND);
    assert_eq!((found.outcome, found.tls_until), (HEALTHY, None), "{:?}", found.detail);
    let times = found.timings;
    assert!(times.resolve.is_some() && times.connect.is_some() && times.tls.is_none());
    assert!(times.first_byte.unwrap() >= Duration::from_millis(190), "{times:?}");
    assert!(times.body.unwrap() >= Duration::from_millis(290), "{times:?}");
    assert!(times.total >= times.first_byte.unwrap() + times.body.unwrap(), "{times:?}");
}

#[test]
fn a_port_where_nobody_listens_refuses() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert_eq!(outcome(address), failed(Cause::Refused));
    let tcp = Probe::Tcp(TcpProbe::new(&address.to_string()).unwrap());
    assert_eq!(run(probe(&tcp, trust(), SECOND)).outcome, failed(Cause::Refused));
}

#[test]
fn who_accepts_and_says_nothing_times_out() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let found = ask(&at(address), Duration::from_millis(300));
    assert_eq!(found.outcome, failed(Cause::Timeout(Stage::FirstByte)));
    assert!(found.timings.total >= Duration::from_millis(300) && found.timings.total < 5 * SECOND);
    assert!(found.detail.unwrap().contains("sent nothing"));
    let tcp = Probe::Tcp(TcpProbe::new(&address.to_string()).unwrap());
    assert_eq!(run(probe(&tcp, trust(), SECOND)).outcome, Outcome::Accepted);
}

/// A server whose answer begins with this and goes on a byte at a time.
fn dripping(status: u16) -> SocketAddr {
    server(move |mut stream| {
        request(&mut stream);
        stream.write_all(format!("HTTP/1.1 {status} X\r\nContent-Length: 100000\r\n\r\n").as_bytes()).unwrap();
        while stream.write_all(b"x").is_ok() {
            thread::sleep(Duration::from_millis(50));
        }
    })
}

#[test]
fn an_answer_that_goes_on_and_on_is_one_and_does_not_end() {
    let found = ask(&at(dripping(200)), Duration::from_millis(600));
    assert_eq!(found.outcome, Outcome::Endless);
    assert!(found.detail.unwrap().contains("does not end") && found.body.starts_with(b"x"));
    assert!(found.timings.total < 5 * SECOND);
    assert_eq!(ask(&at(dripping(503)), Duration::from_millis(600)).outcome, Outcome::Status(503));
    let head_alone = server(|mut stream| {
        request(&mut stream);
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n").unwrap();
        thread::sleep(2 * SECOND);
    });
    assert_eq!(ask(&at(head_alone), Duration::from_millis(600)).outcome, failed(Cause::Timeout(Stage::Body)));
}

#[test]
fn an_answer_may_have_many_headers() {
    let headers: String = (0..1000).map(|at| format!("X-{at}: y\r\n")).collect();
    assert_eq!(outcome(answers(format!("HTTP/1.1 200 OK\r\n{headers}Content-Length: 2\r\n\r\nok"))), HEALTHY);
}

#[test]
fn of_a_flood_only_the_beginning_is_read() {
    let address = server(|mut stream| {
        request(&mut stream);
        stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").unwrap();
        let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
        while stream.write_all(chunk.as_bytes()).is_ok() {}
    });
    let found = ask(&at(address), 10 * SECOND);
    assert_eq!((found.outcome, found.body), (HEALTHY, vec![b'x'; 64 << 10]));
    let head = server(|mut stream| {
        request(&mut stream);
        drop(stream.write_all(b"HTTP/1.1 200 OK\r\n"));
        while stream.write_all(b"X-Header: and another one\r\n").is_ok() {}
    });
    assert_eq!(outcome(head), failed(Cause::Body));
}

#[test]
fn what_is_no_http_is_no_answer() {
    assert_eq!(outcome(answers("SSH-2.0-OpenSSH_9.6\r\n")), failed(Cause::Body));
    assert_eq!(outcome(answers(vec![0xff; 500])), failed(Cause::Body));
    assert_eq!(outcome(answers("")), failed(Cause::Refused));
    assert_eq!(outcome(answers("HTTP/1.1 200 OK\r\nContent-Le")), failed(Cause::Refused));
    assert_eq!(outcome(answers("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort")), failed(Cause::Body));
}

#[test]
fn statuses_are_taken_as_they_come() {
    for status in [200, 204, 299, 302, 401, 404, 500, 503] {
        assert_eq!(outcome(answers(http(status, ""))), Outcome::Status(status));
    }
}

#[test]
fn a_redirect_is_not_followed() {
    let (target, told) = scripted(vec![http(200, "")]);
    let address = answers(format!("HTTP/1.1 302 Found\r\nLocation: http://{target}/\r\nContent-Length: 0\r\n\r\n"));
    assert_eq!(outcome(address), Outcome::Status(302));
    assert!(told.recv_timeout(Duration::from_millis(200)).is_err());
}

#[test]
fn what_it_said_is_kept_as_it_was_said() {
    let found = ask(&at(answers(http(500, "not o.k.\u{202e}"))), 10 * SECOND);
    assert_eq!((found.outcome, found.body.as_slice()), (Outcome::Status(500), "not o.k.\u{202e}".as_bytes()));
}

#[test]
fn a_name_that_does_not_exist_is_not_a_service_that_is_down() {
    let found = ask("http://no-such-host.invalid/", 20 * SECOND);
    // On a machine without any network nobody can know.
    let expected = [failed(Cause::Dns), Outcome::WatcherFault, failed(Cause::Timeout(Stage::Resolve))];
    assert!(expected.contains(&found.outcome), "{found:?}");
}

#[test]
fn only_addresses_are_asked() {
    for bad in ["ftp://localhost/", "localhost:80", "http://", "http://me:secret@localhost/", "x"] {
        assert!(HttpProbe::new(bad).is_err(), "{bad}");
    }
    for bad in ["localhost", "localhost:", ":80", "localhost:0", "localhost:65536", "localhost:x", ""] {
        assert!(TcpProbe::new(bad).is_err(), "{bad}");
    }
    let listener = TcpListener::bind("[::1]:0");
    if let Ok(listener) = listener {
        let port = listener.local_addr().unwrap().port();
        let tcp = Probe::Tcp(TcpProbe::new(&format!("[::1]:{port}")).unwrap());
        assert_eq!(run(probe(&tcp, trust(), SECOND)).outcome, Outcome::Accepted);
    }
}

#[test]
fn who_hangs_makes_nobody_late() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let fine = answers(http(200, ""));
    let planned = |address, deadline| Planned::now(Probe::Http(HttpProbe::new(&at(address)).unwrap()), deadline);
    let mut probes = vec![planned(silent.local_addr().unwrap(), 3 * SECOND); 32];
    probes.extend(vec![planned(fine, 3 * SECOND); 32]);
    let begun = Instant::now();
    let found = run(probe_all(probes, trust(), 8, 60 * SECOND));
    // One after the other in eights, those who hang alone would take 12 s.
    assert!(begun.elapsed() < 9 * SECOND, "{:?}", begun.elapsed());
    assert!(found[..32].iter().all(|found| found.outcome == failed(Cause::Timeout(Stage::FirstByte))));
    assert!(found[32..].iter().all(|found| found.outcome == HEALTHY));
}

#[test]
fn what_there_is_no_time_for_is_the_watchers_fault() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let fine = answers(http(200, ""));
    let planned = |address, deadline| Planned::now(Probe::Http(HttpProbe::new(&at(address)).unwrap()), deadline);
    let probes = vec![planned(fine, SECOND), planned(silent.local_addr().unwrap(), 60 * SECOND)];
    let begun = Instant::now();
    let found = run(probe_all(probes, trust(), 1, 2 * SECOND));
    assert!(begun.elapsed() < 10 * SECOND);
    assert_eq!(found.iter().map(|found| found.outcome).collect::<Vec<_>>(), [HEALTHY, Outcome::WatcherFault]);
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
    let planned = Planned::now(Probe::Http(HttpProbe::new(&at(address)).unwrap()), 20 * SECOND);
    let found = run(probe_all(vec![planned; 40], trust(), 4, 60 * SECOND));
    assert!(found.iter().all(|found| found.outcome == HEALTHY));
    // One that was asked late may have made room for another.
    assert!(MOST.load(Ordering::SeqCst) <= 8, "{MOST:?}");
}

#[test]
fn each_is_asked_at_its_own_moment() {
    let (tell, told) = mpsc::channel();
    let address = server(move |mut stream| {
        let asked = request(&mut stream);
        tell.send(asked.split(' ').nth(1).unwrap().to_owned()).unwrap();
        drop(stream.write_all(http(200, "").as_bytes()));
    });
    let planned = |path: &str, after| Planned {
        probe: Probe::Http(HttpProbe::new(&format!("http://{address}/{path}")).unwrap()),
        deadline: 10 * SECOND,
        after: Duration::from_millis(after),
    };
    let found = run(probe_all(vec![planned("late", 600), planned("early", 0)], trust(), 8, 60 * SECOND));
    assert_eq!(found.iter().map(|found| found.outcome).collect::<Vec<_>>(), [HEALTHY; 2]);
    assert_eq!(told.try_iter().collect::<Vec<_>>(), ["/early", "/late"]);
}
