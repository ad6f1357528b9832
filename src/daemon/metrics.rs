//! A small listener for Prometheus. It reads the store by itself, so that it answers while the loop is busy.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{TcpListener, TcpStream, ToSocketAddrs};
use std::time::Duration;

/// What a request may take, and how long its head may be.
const PATIENCE: Duration = Duration::from_secs(2);
const MOST: usize = 8 << 10;
/// How long to wait before a connection is taken in again, after that failed.
const SHORTEST: Duration = Duration::from_millis(10);
const LONGEST: Duration = Duration::from_secs(1);

/// Answers `GET /metrics` at an address, on a thread of its own, for as long as the process lives. `text` gives the
/// metrics, or why there are none. Gives the address that is listened at.
///
/// # Errors
/// When nobody may listen there.
pub fn serve(address: &str, text: impl Fn() -> Result<String, String> + Send + 'static) -> std::io::Result<std::net::SocketAddr> {
    let place = address.to_socket_addrs()?.next().ok_or(std::io::ErrorKind::AddrNotAvailable)?;
    let listener = TcpListener::bind(place)?;
    let at = listener.local_addr()?;
    std::thread::Builder::new().name("metrics".to_owned()).spawn(move || {
        attend(
            || listener.accept().map(|(stream, _)| Some(stream)),
            std::thread::sleep,
            |stream| {
                // A client that went away gets no answer.
                let _ = answer(stream, &text);
            },
        );
    })?;
    Ok(at)
}

/// Answers each connection that comes, until there are no more. Where none can be taken in, as when all file descriptors are
/// in use, it waits, each time longer, and tries again: the next try would fail at once, and the processor would do nothing else.
fn attend<S>(mut accept: impl FnMut() -> std::io::Result<Option<S>>, mut wait: impl FnMut(Duration), mut answer: impl FnMut(S)) {
    let mut pause = SHORTEST;
    loop {
        match accept() {
            Ok(Some(stream)) => {
                pause = SHORTEST;
                answer(stream);
            }
            Ok(None) => return,
            Err(error) if matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::ConnectionAborted) => {}
            Err(_) => {
                wait(pause);
                pause = (pause * 2).min(LONGEST);
            }
        }
    }
}

fn answer(mut stream: TcpStream, text: &impl Fn() -> Result<String, String>) -> std::io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let began = std::time::Instant::now();
    let mut head = Vec::new();
    let mut chunk = [0; 1024];
    while !head.windows(4).any(|four| four == b"\r\n\r\n") {
        let count = stream.read(&mut chunk)?;
        if count == 0 || head.len() > MOST || began.elapsed() > PATIENCE {
            return Ok(());
        }
        head.extend_from_slice(&chunk[..count]);
    }
    let line = head.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let words: Vec<&[u8]> = line.split(|byte| *byte == b' ').collect();
    let (status, body) = match words.as_slice() {
        [b"GET", b"/metrics", _] => match text() {
            Ok(text) => ("200 OK", text),
            Err(why) => ("503 Service Unavailable", format!("{why}\n")),
        },
        [b"GET", ..] => ("404 Not Found", "see /metrics\n".to_owned()),
        _ => ("405 Method Not Allowed", String::new()),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_where_no_connection_can_be_taken_in_and_goes_on() {
        const EMFILE: i32 = 24;
        let failed = || Err(std::io::Error::from_raw_os_error(EMFILE));
        let mut script: Vec<std::io::Result<Option<u8>>> = (0..10).map(|_| failed()).collect();
        script.extend([Ok(Some(1)), Err(ErrorKind::ConnectionAborted.into()), failed(), Ok(Some(2)), Ok(None)]);
        let mut script = script.into_iter();
        let (mut waited, mut answered) = (Vec::new(), Vec::new());
        attend(
            || script.next().expect("it ends when it is told to"),
            |pause| waited.push(pause.as_millis()),
            |stream| answered.push(stream),
        );
        assert_eq!(waited, [10, 20, 40, 80, 160, 320, 640, 1000, 1000, 1000, 10]);
        assert_eq!(answered, [1, 2]);
    }
}
