//! A minimal client of the ssh-agent protocol: list keys, sign.

use std::path::Path;
use std::time::Duration;

use super::KeyringError;
use crate::keys::{PublicKey, Reader, put_string};

/// How long an agent may take to answer from memory.
const TIMEOUT: Duration = Duration::from_secs(5);
/// How long a person may take to touch a hardware token.
const TOUCH_TIMEOUT: Duration = Duration::from_secs(60);
/// The longest answer that OpenSSH's agent gives.
const MAX_ANSWER: usize = 256 * 1024;

const FAILURE: u8 = 5;
const REQUEST_IDENTITIES: u8 = 11;
const IDENTITIES_ANSWER: u8 = 12;
const SIGN_REQUEST: u8 = 13;
const SIGN_RESPONSE: u8 = 14;

/// The acceptable ed25519 keys that the agent at `socket` holds, with their comments; others are skipped.
///
/// The comments are untrusted text.
///
/// # Errors
/// An agent that cannot be reached, answers nonsense, or takes longer than 5 seconds.
pub fn identities(socket: &Path) -> Result<Vec<(PublicKey, String)>, KeyringError> {
    let answer = ask(socket, TIMEOUT, &[REQUEST_IDENTITIES])?;
    read_identities(&answer).ok_or_else(|| KeyringError::AgentAnswer { socket: socket.to_owned() })
}

/// Has the agent at `socket` sign `data` with `key`; gives the signature in SSH wire form, not verified.
///
/// # Errors
/// As [`identities`], and an agent that does not hold the key or refuses. With a hardware key the agent may take a
/// minute, for it waits for a touch.
pub fn sign(socket: &Path, key: &PublicKey, data: &[u8]) -> Result<Vec<u8>, KeyringError> {
    let mut request = vec![SIGN_REQUEST];
    put_string(&mut request, key.blob());
    put_string(&mut request, data);
    // No flags: they only choose among RSA hashes.
    request.extend_from_slice(&0_u32.to_be_bytes());
    let timeout = if key.is_hardware() { TOUCH_TIMEOUT } else { TIMEOUT };
    let answer = ask(socket, timeout, &request)?;
    if answer.first() == Some(&FAILURE) {
        return Err(KeyringError::AgentRefused { socket: socket.to_owned(), fingerprint: key.fingerprint() });
    }
    read_signature(&answer).ok_or_else(|| KeyringError::AgentAnswer { socket: socket.to_owned() })
}

fn read_identities(answer: &[u8]) -> Option<Vec<(PublicKey, String)>> {
    let mut reader = Reader::new(answer);
    if reader.byte()? != IDENTITIES_ANSWER {
        return None;
    }
    let mut found = Vec::new();
    // The count is not trusted with memory: a false one only meets the end of the answer.
    for _ in 0..reader.u32()? {
        let (blob, comment) = (reader.string()?, reader.string()?);
        if let Ok(key) = PublicKey::from_blob(blob) {
            found.push((key, String::from_utf8_lossy(comment).into_owned()));
        }
    }
    reader.finish().map(|()| found)
}

fn read_signature(answer: &[u8]) -> Option<Vec<u8>> {
    let mut reader = Reader::new(answer);
    if reader.byte()? != SIGN_RESPONSE {
        return None;
    }
    let signature = reader.string()?.to_vec();
    reader.finish().map(|()| signature)
}

fn ask(socket: &Path, timeout: Duration, request: &[u8]) -> Result<Vec<u8>, KeyringError> {
    let failed = |source| KeyringError::Agent { socket: socket.to_owned(), source };
    let answer = transport::exchange(socket, timeout, request).map_err(failed)?;
    answer.ok_or_else(|| KeyringError::AgentAnswer { socket: socket.to_owned() })
}

mod transport {
    use std::io::{self, Read, Write};
    use std::os::unix::net::UnixStream;
    use std::path::Path;
    use std::time::{Duration, Instant};

    use super::MAX_ANSWER;
    use crate::keys::put_string;

    /// One request, one answer; `None` for an answer of impossible length.
    pub(super) fn exchange(socket: &Path, timeout: Duration, request: &[u8]) -> io::Result<Option<Vec<u8>>> {
        let deadline = Instant::now() + timeout;
        let mut stream = UnixStream::connect(socket)?;
        stream.set_write_timeout(Some(timeout))?;
        let mut framed = Vec::with_capacity(request.len() + 4);
        put_string(&mut framed, request);
        stream.write_all(&framed).map_err(name_timeout)?;
        let mut length = [0; 4];
        fill(&mut stream, &mut length, deadline)?;
        let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
        if length == 0 || length > MAX_ANSWER {
            return Ok(None);
        }
        let mut answer = vec![0; length];
        fill(&mut stream, &mut answer, deadline)?;
        Ok(Some(answer))
    }

    /// Fills `buffer` before `deadline`, however slowly the bytes drip in.
    fn fill(stream: &mut UnixStream, buffer: &mut [u8], deadline: Instant) -> io::Result<()> {
        let mut filled = 0;
        while filled < buffer.len() {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(io::ErrorKind::TimedOut.into());
            }
            stream.set_read_timeout(Some(left))?;
            match stream.read(&mut buffer[filled..]) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(name_timeout(error)),
            }
        }
        Ok(())
    }

    /// Unix says "would block" when a socket's time is up, which tells a reader nothing.
    fn name_timeout(error: io::Error) -> io::Error {
        match error.kind() {
            io::ErrorKind::WouldBlock => io::ErrorKind::TimedOut.into(),
            _ => error,
        }
    }
}
