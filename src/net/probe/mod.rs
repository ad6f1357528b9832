//! Probes: whether a service answers, how long each part of it took, and if it does not, why.

mod dial;
mod fault;
mod http;
mod many;
mod tls;
mod trace;

use std::net::IpAddr;
use std::time::Duration;

use reqwest::Url;

use super::NetError;
use fault::Fault;
use trace::Trace;

pub use many::{Planned, WAITING, probe_all};
pub use tls::Trust;
pub use trace::{Stage, Timings};

/// What is asked.
#[derive(Clone, Debug)]
pub enum Probe {
    /// An HTTP request.
    Http(HttpProbe),
    /// A TCP connection, nothing more.
    Tcp(TcpProbe),
}

/// An HTTP request.
#[derive(Clone, Debug)]
pub struct HttpProbe {
    url: Url,
}

/// A TCP connection.
#[derive(Clone, Debug)]
pub struct TcpProbe {
    host: String,
    port: u16,
}

/// What a probe found. Whether that is as it should be, somebody else judges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeResult {
    /// How it ended.
    pub outcome: Outcome,
    /// More about a failure, for people; never what the service wrote.
    pub detail: Option<String>,
    /// How long what took.
    pub timings: Timings,
    /// Until when the certificate is valid, in seconds since 1970-01-01T00:00:00Z.
    pub tls_until: Option<i64>,
    /// The first 64 KiB of what it said.
    pub body: Vec<u8>,
}

/// How a probe ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// With an HTTP answer of this status.
    Status(u16),
    /// With an HTTP answer that has begun well and goes on and on.
    Endless,
    /// With a connection.
    Accepted,
    /// With no answer.
    Failed(Cause),
    /// Nothing can be said of the service: the watcher's own machine is in trouble.
    WatcherFault,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Nobody listens, or the connection was closed without an answer.
    Refused,
    /// There was no answer in time.
    Timeout(Stage),
    /// Its name does not resolve.
    Dns,
    /// It cannot be spoken to in confidence.
    Tls,
    /// What it says is no HTTP, or breaks off.
    Body,
}

impl HttpProbe {
    /// A request to this address.
    ///
    /// # Errors
    /// When it is no http or https address, or holds a name or password.
    pub fn new(url: &str) -> Result<Self, NetError> {
        let refuse = |why| NetError::Address { url: url.to_owned(), why };
        let parsed = Url::parse(url).map_err(|_| refuse("is not an address"))?;
        if !matches!(parsed.scheme(), "http" | "https") || parsed.host_str().is_none() {
            return Err(refuse("is neither http nor https"));
        }
        if !parsed.username().is_empty() || parsed.password().is_some() {
            return Err(refuse("holds a name or password, which would be shown: leave it out"));
        }
        Ok(Self { url: parsed })
    }
}

impl TcpProbe {
    /// A connection to `host:port`; an IPv6 address may stand in brackets.
    ///
    /// # Errors
    /// When it is none.
    pub fn new(place: &str) -> Result<Self, NetError> {
        let split = place.rsplit_once(':').and_then(|(host, port)| Some((bare(host), port.parse::<u16>().ok()?)));
        match split {
            Some((host, port)) if !host.is_empty() && port > 0 => Ok(Self { host: host.to_owned(), port }),
            _ => Err(NetError::Address { url: place.to_owned(), why: "is not `host:port`" }),
        }
    }
}

fn bare(host: &str) -> &str {
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
}

/// Asks once. The deadline is over everything, from the name to the last byte.
pub async fn probe(probe: &Probe, trust: &Trust, deadline: Duration) -> ProbeResult {
    let mut trace = Trace::new(deadline);
    let asked = tokio::time::timeout(deadline, async {
        match probe {
            Probe::Http(http) => http::ask(http, trust, &mut trace).await,
            Probe::Tcp(tcp) => {
                let port = tcp.port;
                dial::dial(&tcp.host, port, &mut trace).await.map(|_| Outcome::Accepted)
            }
        }
    })
    .await;
    let (outcome, detail) = match asked {
        Ok(Ok(answer)) => (answer, None),
        Ok(Err(fault)) => (fault.outcome, Some(fault.detail)),
        // It answers; what it says has no end, as a stream of events. An error is one however long it is.
        Err(_) if trace.status.is_some() && !trace.body.is_empty() => match trace.status {
            Some(status @ 500..) => (Outcome::Status(status), None),
            _ => (Outcome::Endless, Some(format!("its answer does not end within {} ms", deadline.as_millis()))),
        },
        Err(_) => {
            let stage = trace.stage();
            (Outcome::Failed(Cause::Timeout(stage)), Some(format!("no answer within {} ms: {}", deadline.as_millis(), stage.waiting())))
        }
    };
    let (timings, tls_until, body) = trace.end();
    ProbeResult { outcome, detail, timings, tls_until, body }
}

/// Whether this machine has a way to any network but itself. Nothing is sent.
fn has_route() -> bool {
    let to = |from: &str, to: &str| std::net::UdpSocket::bind(from).and_then(|socket| socket.connect(to)).is_ok();
    // Addresses that are reserved for documentation.
    to("0.0.0.0:0", "192.0.2.1:9") || to("[::]:0", "[2001:db8::1]:9")
}

fn is_address(host: &str) -> Option<IpAddr> {
    host.parse().ok()
}
