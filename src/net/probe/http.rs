//! One request on a connection of its own.

use std::error::Error as _;

use http_body_util::{BodyExt as _, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, CONNECTION, HOST, USER_AGENT};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use reqwest::Url;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinSet;

use super::{Cause, Fault, HttpProbe, Outcome, Stage, Trace, Trust, dial, tls};
use crate::net::client::NAME;

/// How many headers an answer may have, as curl takes them.
const HEADERS: usize = 5000;
/// How much of a body is read.
const MOST: usize = 64 << 10;

/// Asks. Redirects are answers like any other.
pub(super) async fn ask(probe: &HttpProbe, trust: &Trust, trace: &mut Trace) -> Result<Outcome, Fault> {
    let url = &probe.url;
    let port = url.port_or_known_default().unwrap_or_default();
    let stream = dial::dial(url.host_str().unwrap_or_default(), port, trace).await?;
    if url.scheme() == "https" {
        let stream = tls::secure(url, stream, trust, trace).await?;
        converse(url, stream, trace).await
    } else {
        converse(url, stream, trace).await
    }
}

async fn converse(url: &Url, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, trace: &mut Trace) -> Result<Outcome, Fault> {
    trace.enter(Stage::FirstByte);
    let (mut sender, connection) =
        http1::Builder::new().max_headers(HEADERS).handshake(TokioIo::new(stream)).await.map_err(|error| fault(&error))?;
    // Ends with the set, and so with the probe, however that ends.
    let mut driver = JoinSet::new();
    driver.spawn(connection);
    let response = sender.send_request(request(url)?).await.map_err(|error| fault(&error))?;
    trace.leave();
    let status = response.status().as_u16();
    trace.status = Some(status);
    trace.enter(Stage::Body);
    read(response, &mut trace.body).await?;
    trace.leave();
    Ok(Outcome::Status(status))
}

fn request(url: &Url) -> Result<Request<Empty<Bytes>>, Fault> {
    let host = url.host_str().unwrap_or_default();
    let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    let path = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
    Request::get(path)
        .header(HOST, host)
        .header(USER_AGENT, NAME)
        .header(ACCEPT, "*/*")
        .header(CONNECTION, "close")
        .body(Empty::new())
        .map_err(|error| Fault::own(format!("it cannot be asked: {error}")))
}

/// Reads the body, or its beginning.
async fn read(response: Response<Incoming>, bytes: &mut Vec<u8>) -> Result<(), Fault> {
    let mut body = response.into_body();
    while bytes.len() < MOST
        && let Some(frame) = body.frame().await
    {
        let frame = frame.map_err(|error| Fault::new(Cause::Body, format!("its answer breaks off: {error}")))?;
        if let Some(data) = frame.data_ref() {
            bytes.extend_from_slice(data);
        }
    }
    bytes.truncate(MOST);
    Ok(())
}

fn fault(error: &hyper::Error) -> Fault {
    if error.is_parse() {
        return Fault::new(Cause::Body, "its answer is not HTTP");
    }
    if error.is_incomplete_message() || error.is_canceled() || error.is_closed() {
        return Fault::new(Cause::Refused, "it closes the connection without an answer");
    }
    match error.source().and_then(|source| source.downcast_ref::<std::io::Error>()) {
        Some(error) => Fault::of_system(error, Cause::Refused),
        None => Fault::new(Cause::Refused, error.to_string()),
    }
}
