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

use super::{Cause, Fault, HttpProbe, Stage, Trace, Trust, Verdict, dial, tls};
use crate::net::client::NAME;

type Answer = (Verdict, Option<String>);

/// Asks, and judges the answer. Redirects are answers like any other.
pub(super) async fn ask(probe: &HttpProbe, trust: &Trust, trace: &mut Trace) -> Result<Answer, Fault> {
    let url = &probe.url;
    let port = url.port_or_known_default().unwrap_or_default();
    let stream = dial::dial(url.host_str().unwrap_or_default(), port, trace).await?;
    if url.scheme() == "https" {
        let stream = tls::secure(url, stream, trust, trace).await?;
        converse(probe, stream, trace).await
    } else {
        converse(probe, stream, trace).await
    }
}

async fn converse(
    probe: &HttpProbe,
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    trace: &mut Trace,
) -> Result<Answer, Fault> {
    trace.enter(Stage::FirstByte);
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|error| fault(&error))?;
    // Ends with the set, and so with the probe, however that ends.
    let mut driver = JoinSet::new();
    driver.spawn(connection);
    let response = sender.send_request(request(&probe.url)?).await.map_err(|error| fault(&error))?;
    trace.leave();
    trace.status = Some(response.status().as_u16());
    probe.expect.status(response.status().as_u16())?;
    trace.enter(Stage::Body);
    let (body, is_whole) = read(response, probe.expect.most()).await?;
    trace.leave();
    let judged = probe.expect.body(&body, is_whole);
    trace.body = body;
    judged?;
    Ok(probe.expect.finish(trace))
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

/// The body up to a limit, and whether that is all of it.
async fn read(response: Response<Incoming>, most: usize) -> Result<(Vec<u8>, bool), Fault> {
    let mut body = response.into_body();
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Fault::new(Cause::Body, format!("its answer breaks off: {error}")))?;
        if let Some(data) = frame.data_ref() {
            bytes.extend_from_slice(data);
        }
        if bytes.len() > most {
            bytes.truncate(most);
            return Ok((bytes, false));
        }
    }
    Ok((bytes, true))
}

fn fault(error: &hyper::Error) -> Fault {
    if error.is_parse() {
        return Fault::new(Cause::Body, "its answer is no HTTP");
    }
    if error.is_incomplete_message() || error.is_canceled() || error.is_closed() {
        return Fault::new(Cause::Refused, "it closes the connection without an answer");
    }
    match error.source().and_then(|source| source.downcast_ref::<std::io::Error>()) {
        Some(error) => Fault::of_system(error, Cause::Refused),
        None => Fault::new(Cause::Refused, error.to_string()),
    }
}
