//! Speaking in confidence.

use std::sync::Arc;

use reqwest::Url;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{CertificateError, ClientConfig};
use rustls_platform_verifier::Verifier;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use x509_cert::Certificate;
use x509_cert::der::Decode as _;

use super::{Cause, Fault, Stage, Trace, bare, is_address};

/// Whose certificates are believed: those that the machine believes, and more if wanted. It is made once, for it
/// reads all of them.
#[derive(Clone)]
pub struct Trust {
    config: Result<Arc<ClientConfig>, String>,
}

impl Trust {
    /// Believes what the machine believes, and these authorities too, each a certificate in DER. Where the machine has none at all,
    /// probes by https say so.
    pub fn new(also: &[Vec<u8>]) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let also: Vec<CertificateDer<'static>> = also.iter().map(|der| CertificateDer::from(der.clone())).collect();
        let build = || {
            let verifier = Verifier::new_with_extra_roots(also, provider.clone())?;
            let config = ClientConfig::builder_with_provider(provider)
                .with_safe_default_protocol_versions()?
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(verifier))
                .with_no_client_auth();
            Ok(Arc::new(config))
        };
        Self { config: build().map_err(|error: rustls::Error| error.to_string()) }
    }
}

/// Agrees on TLS, and notes until when the certificate is valid.
pub(super) async fn secure(url: &Url, stream: TcpStream, trust: &Trust, trace: &mut Trace) -> Result<TlsStream<TcpStream>, Fault> {
    let config = trust.config.clone().map_err(|error| Fault::own(format!("the authorities of this machine cannot be read: {error}")))?;
    let host = bare(url.host_str().unwrap_or_default());
    let name = match is_address(host) {
        Some(address) => ServerName::from(address),
        None => ServerName::try_from(host.to_owned()).map_err(|_| Fault::new(Cause::Tls, "its name can stand in no certificate"))?,
    };
    trace.enter(Stage::Tls);
    let stream = TlsConnector::from(config).connect(name, stream).await.map_err(|error| fault(&error))?;
    trace.leave();
    trace.tls_until = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first()).and_then(|first| until(first));
    Ok(stream)
}

fn fault(error: &std::io::Error) -> Fault {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(rustls::Error::InvalidCertificate(why)) => {
            Fault::new(Cause::Tls, format!("its certificate is not believed: {}", distrust(why)))
        }
        Some(rustls::Error::InvalidMessage(_)) => Fault::new(Cause::Tls, "it does not speak TLS"),
        Some(other) => Fault::new(Cause::Tls, other.to_string()),
        None => {
            let fault = Fault::of_system(error, Cause::Tls);
            // It was there, and would not agree.
            if fault.is_own() { fault } else { Fault::new(Cause::Tls, format!("it broke off while agreeing on TLS: {error}")) }
        }
    }
}

fn distrust(why: &CertificateError) -> String {
    use CertificateError as E;
    match why {
        E::Expired | E::ExpiredContext { .. } => "it has expired".to_owned(),
        E::NotValidYet | E::NotValidYetContext { .. } => "it is not valid yet".to_owned(),
        E::NotValidForName | E::NotValidForNameContext { .. } => "it is for another name".to_owned(),
        E::UnknownIssuer => "no authority that this machine trusts has signed it".to_owned(),
        // What the verifier calls a certificate of an authority where that of a server belongs: as a rule, one that was made by hand.
        other if format!("{other:?}").contains("CaUsedAsEndEntity") => "it is signed by itself, and no authority vouches for it".to_owned(),
        other => other.to_string(),
    }
}

/// Until when a certificate is valid.
fn until(der: &[u8]) -> Option<i64> {
    let certificate = Certificate::from_der(der).ok()?;
    i64::try_from(certificate.tbs_certificate.validity.not_after.to_unix_duration().as_secs()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_in_words_what_is_wrong_with_a_certificate() {
        let by_itself = rustls::OtherError(Arc::new(std::io::Error::other("CaUsedAsEndEntity")));
        assert_eq!(distrust(&CertificateError::Other(by_itself)), "it is signed by itself, and no authority vouches for it");
        assert_eq!(distrust(&CertificateError::Expired), "it has expired");
    }
}
