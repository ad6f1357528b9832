//! One HTTP client with the house's manners: no redirects, TLS by ring, everything bounded.

use std::net::IpAddr;
use std::sync::Once;
use std::time::Duration;

use reqwest::{Client, Response, Url, redirect};

use super::NetError;

/// What omega calls itself.
pub(super) const NAME: &str = concat!("omega/", env!("CARGO_PKG_VERSION"));

/// An address that may be asked: https, or http on this machine.
pub(super) fn address(text: &str) -> Result<Url, NetError> {
    let refuse = |why| NetError::Address { url: text.to_owned(), why };
    let url = Url::parse(text).map_err(|_| refuse("is not an address"))?;
    let is_local = match url.host_str() {
        Some("localhost") => true,
        Some(host) => host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback()),
        None => false,
    };
    match url.scheme() {
        "https" => {}
        "http" if is_local => {}
        "http" => return Err(refuse("is not encrypted: use https")),
        _ => return Err(refuse("is neither http nor https")),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refuse("holds a name or password, which would be shown: leave it out"));
    }
    Ok(url)
}

/// Runs what asks the network once to its end, on this thread.
///
/// # Errors
/// When the machine has no more descriptors or memory.
pub fn finish<T>(asking: impl Future<Output = T>) -> std::io::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let done = runtime.block_on(asking);
    // Do not wait for the thread that may still be resolving a name.
    runtime.shutdown_background();
    Ok(done)
}

/// A client for an address, which gives up after `timeout`, whatever it waits for.
pub(super) fn client(url: &Url, timeout: Duration) -> Result<Client, reqwest::Error> {
    static PROVIDER: Once = Once::new();
    // It fails only if there is a provider already.
    PROVIDER.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
    let client = Client::builder().timeout(timeout).redirect(redirect::Policy::none()).user_agent(NAME);
    // Only what is encrypted may go through somebody else's proxy.
    if url.scheme() == "https" { client.build() } else { client.no_proxy().build() }
}

/// Why nothing came back. The library's own words name the address once more; the innermost cause does not.
pub(super) fn cause(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "nothing came in time".to_owned();
    }
    innermost(error)
}

/// What the innermost cause of an error says.
pub(super) fn innermost(mut error: &dyn std::error::Error) -> String {
    while let Some(inner) = error.source() {
        error = inner;
    }
    error.to_string()
}

/// The body, as far as it is not longer than `limit` bytes.
pub(super) async fn body(mut response: Response, limit: usize) -> Result<Result<Vec<u8>, usize>, reqwest::Error> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > limit {
            return Ok(Err(limit));
        }
    }
    Ok(Ok(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asks_in_the_open_only_on_this_machine() {
        for fine in ["https://example.org/v1", "http://127.0.0.1:8080/v1", "http://localhost/v1", "http://[::1]:1/v1"] {
            assert!(address(fine).is_ok(), "{fine}");
        }
        for bad in [
            "http://example.org/v1",
            "http://127.0.0.1.example.org/",
            "ftp://localhost/",
            "file:///etc/passwd",
            "x",
            "https://me:secret@example.org/",
        ] {
            let error = address(bad).map(drop).expect_err(bad).to_string();
            assert!(error.starts_with(&format!("`{bad}`")), "{error}");
        }
    }
}
