//! Real sockets: servers that answer, keep silent, drip, flood and lie.

mod channels;
mod probes;
mod tls;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// A server that does with each connection what it is told, until the test ends.
fn server(serve: impl Fn(TcpStream) + Clone + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let serve = serve.clone();
            thread::spawn(move || serve(stream));
        }
    });
    address
}

/// Reads one request, head and body.
fn request(stream: &mut TcpStream) -> String {
    let mut seen = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&seen).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().unwrap())
            });
            if body.len() >= length.unwrap_or_default() {
                return text;
            }
        }
        match stream.read(&mut chunk) {
            Ok(count @ 1..) => seen.extend_from_slice(&chunk[..count]),
            _ => return text,
        }
    }
}

/// A server that answers each request with the same bytes.
fn answers(answer: impl Into<Vec<u8>>) -> SocketAddr {
    let answer = answer.into();
    server(move |mut stream| {
        request(&mut stream);
        drop(stream.write_all(&answer));
    })
}

/// A server that answers request after request from a list, the last one for ever, and tells what it was asked.
fn scripted(script: Vec<String>) -> (SocketAddr, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        let mut script = script.into_iter().peekable();
        let mut answer = String::new();
        for mut stream in listener.incoming().flatten() {
            if script.peek().is_some() {
                answer = script.next().unwrap();
            }
            let asked = request(&mut stream);
            drop(stream.write_all(answer.as_bytes()));
            drop(stream);
            if tell.send(asked).is_err() {
                return;
            }
        }
    });
    (address, told)
}

fn http(status: u16, body: &str) -> String {
    format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
}

/// Runs to its end on a runtime like that of the daemon.
fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

const SECOND: Duration = Duration::from_secs(1);
