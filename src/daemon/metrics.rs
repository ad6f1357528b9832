//! A small listener for Prometheus. It reads the store by itself, so that it answers while the loop is busy.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream, ToSocketAddrs};
use std::time::Duration;

/// What a request may take, and how long its head may be.
const PATIENCE: Duration = Duration::from_secs(2);
const MOST: usize = 8 << 10;

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
        for stream in listener.incoming().flatten() {
            // Whoever went away gets no answer.
            let _ = answer(stream, &text);
        }
    })?;
    Ok(at)
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
