//! A real `ssh-agent`, and false ones.

use std::io::{Read, Write};
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::*;
use crate::keyring::{Signer, agent};
use crate::keys::tests::{MESSAGE, NAMESPACE, keypair, make_key};
use crate::keys::{Signature, put_string};

struct Agent {
    process: Child,
    socket: PathBuf,
}

impl Agent {
    fn start(folder: &Path) -> Self {
        let socket = folder.join("agent");
        let process =
            Command::new("ssh-agent").args(["-D", "-a"]).arg(&socket).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let patience = Instant::now() + Duration::from_secs(10);
        while !socket.exists() && Instant::now() < patience {
            std::thread::sleep(Duration::from_millis(5));
        }
        Self { process, socket }
    }

    fn add(&self, key: &Path) {
        let mut command = Command::new("ssh-add");
        command.arg("-q").arg(key).env("SSH_AUTH_SOCK", &self.socket).stdin(Stdio::null());
        assert!(command.status().unwrap().success());
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn a_real_agent_signs() {
    let folder = tempfile::tempdir().unwrap();
    let real = Agent::start(folder.path());
    assert_eq!(agent::identities(&real.socket).unwrap(), []);
    let path = folder.path().join("key");
    let public = KeyFile::generate(&path, "ada@home", None).unwrap();
    real.add(&path);
    real.add(&make_key(folder.path(), "rsa", ""));
    assert_eq!(agent::identities(&real.socket).unwrap(), [(public.clone(), "ada@home".to_owned())]);

    let signer = Signer::from_agent(&real.socket, public.clone());
    let armor = signer.sign(NAMESPACE, MESSAGE).unwrap();
    let signature = Signature::parse(armor.as_bytes()).unwrap();
    assert_eq!(signature.verify(&public, NAMESPACE, MESSAGE), Ok(()));

    let stranger = Signer::from_agent(&real.socket, keypair(4).1);
    let refused = stranger.sign(NAMESPACE, MESSAGE).unwrap_err();
    assert!(matches!(refused, KeyringError::AgentRefused { .. }), "{refused}");
}

/// Answers one connection with these bytes, then closes it.
fn false_agent(folder: &Path, answer: Vec<u8>) -> PathBuf {
    let socket = folder.join("false");
    let _ = std::fs::remove_file(&socket);
    let listener = UnixListener::bind(&socket).unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 4096];
        let _ = stream.read(&mut request);
        let _ = stream.write_all(&answer);
    });
    socket
}

fn framed(answer: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    put_string(&mut out, answer);
    out
}

#[test]
fn false_agents_are_caught() {
    let folder = tempfile::tempdir().unwrap();
    let (_, key) = keypair(4);
    let many = [&[12_u8][..], &u32::MAX.to_be_bytes()].concat();
    let trailing = [&[12_u8][..], &0_u32.to_be_bytes(), b"x"].concat();
    for answer in [
        vec![0; 4],
        u32::MAX.to_be_bytes().to_vec(),
        (256 * 1024 + 1_u32).to_be_bytes().to_vec(),
        framed(b"\x05"),
        framed(b"\x0e\0\0\0\0"),
        framed(&many),
        framed(&trailing),
    ] {
        let socket = false_agent(folder.path(), answer);
        assert!(matches!(agent::identities(&socket), Err(KeyringError::AgentAnswer { .. })));
    }
    for answer in [vec![], vec![0, 0, 0, 9, 12]] {
        let socket = false_agent(folder.path(), answer);
        assert!(matches!(agent::identities(&socket), Err(KeyringError::Agent { .. })));
    }
    let mut wire = Vec::new();
    put_string(&mut wire, b"ssh-ed25519");
    put_string(&mut wire, &[1; 64]);
    for signature in [wire, b"junk".to_vec(), vec![]] {
        let mut answer = vec![14];
        put_string(&mut answer, &signature);
        let socket = false_agent(folder.path(), framed(&answer));
        let refused = Signer::from_agent(&socket, key.clone()).sign(NAMESPACE, MESSAGE);
        assert!(matches!(refused, Err(KeyringError::BadSignature(_))));
    }
    let absent = agent::identities(&folder.path().join("none"));
    assert!(matches!(absent, Err(KeyringError::Agent { .. })));
}

#[test]
fn a_dripping_agent_runs_out_of_time() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("slow");
    let listener = UnixListener::bind(&socket).unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut bytes = [&1000_u32.to_be_bytes()[..], &[12; 1000]].concat().into_iter();
        while bytes.next().is_some_and(|byte| stream.write_all(&[byte]).is_ok()) {
            std::thread::sleep(Duration::from_millis(50));
        }
    });
    let start = Instant::now();
    let Err(KeyringError::Agent { source, .. }) = agent::identities(&socket) else { panic!() };
    assert_eq!(source.kind(), std::io::ErrorKind::TimedOut);
    assert!(start.elapsed() < Duration::from_secs(8));
}
