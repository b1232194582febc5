//! HTTPS: where the certificate comes from, what handshakes are answered with, and keeping both fresh.
//!
//! `served` is what handshakes see; `self_signed`, `files` and `acme` are the three ways to a certificate, of which one is
//! in use; `pair` reads them. Nothing here knows of HTTP, except for the proofs that an ACME directory asks for.

mod acme;
mod files;
mod pair;
mod self_signed;
mod served;

use std::io::Error;
use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};
use std::time::SystemTime;

use tokio::net::TcpListener;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tracing::info;

use crate::config::TlsSettings;
use crate::config::tls::Origin;
use crate::state::StateDir;
use acme::Acme;
use files::Files;
use pair::Facts;
use self_signed::SelfSigned;
pub(crate) use served::ACME_PROTOCOL;
use served::Served;

/// HTTPS as the settings ask for it, ready to be spoken.
#[derive(Debug)]
pub struct Tls {
    served: Arc<Served>,
    https: Arc<ServerConfig>,
    way: Way,
    domains: Vec<String>,
    facts: Option<Facts>,
    redirect: Option<TcpListener>,
}

#[derive(Debug)]
enum Way {
    SelfSigned(Arc<SelfSigned>),
    Files(Box<Files>),
    Acme(Arc<Acme>),
}

impl Tls {
    /// Reads or makes the certificate, and binds [`TlsSettings::http_redirect`]; `None` if the settings ask for no HTTPS.
    /// A certificate that an ACME directory has still to give is not waited for. Reads files: call it before serving.
    ///
    /// # Errors
    /// What stands in the way, in one line.
    pub async fn open(settings: &TlsSettings) -> Result<Option<Self>, String> {
        let Some(origin) = settings.origin()? else { return Ok(None) };
        let state = || StateDir::open(settings.state_dir.as_deref());
        let (way, pair) = match origin {
            Origin::SelfSigned => {
                let signed = SelfSigned::new(state()?, &settings.names);
                let pair = signed.open(SystemTime::now())?;
                (Way::SelfSigned(Arc::new(signed)), Some(pair))
            }
            Origin::Files(certificate, key) => {
                let (files, pair) = Files::open(certificate, key)?;
                (Way::Files(Box::new(files)), Some(pair))
            }
            Origin::Acme => {
                // The library for ACME takes the program's own.
                let _ = CryptoProvider::clone(&provider()).install_default();
                let acme = Acme::new(settings, state()?);
                let pair = acme.kept()?;
                (Way::Acme(Arc::new(acme)), pair)
            }
        };
        let served = Arc::new(Served::default());
        let facts = pair.map(|pair| {
            let Facts { fingerprint, until, .. } = &pair.facts;
            let until = humantime::format_rfc3339_seconds(*until);
            info!(fingerprint, %until, "there is a certificate");
            served.replace(pair.certified);
            pair.facts
        });
        let protocols: &[&[u8]] = match way {
            Way::Acme(_) => &[b"http/1.1", ACME_PROTOCOL],
            Way::SelfSigned(_) | Way::Files(_) => &[b"http/1.1"],
        };
        let https = server_config(&served, protocols)?;
        let redirect = match settings.http_redirect {
            Some(address) => Some(bind(address).await?),
            None => None,
        };
        Ok(Some(Self { served, https, way, domains: settings.acme.clone(), facts, redirect }))
    }

    /// How handshakes are answered, on every port that has any.
    pub(crate) fn https(&self) -> Arc<ServerConfig> {
        self.https.clone()
    }

    /// The listener for plain HTTP that is sent on, once.
    pub(crate) fn take_redirect(&mut self) -> Option<TcpListener> {
        self.redirect.take()
    }

    /// The contents of the file below [`crate::redirect::PROOFS`] by which an ACME directory recognises this server.
    pub(crate) fn proof_file(&self, name: &str) -> Option<String> {
        self.served.proof_file(name)
    }

    /// Whether browsers trust the certificate without being asked, as far as can be known.
    pub(crate) fn is_trusted(&self) -> bool {
        !matches!(self.way, Way::SelfSigned(_))
    }

    /// The domain that people reach the server by, if the certificate tells.
    pub(crate) fn domain(&self) -> Option<&str> {
        let of_certificate = || {
            let names = &self.facts.as_ref()?.names;
            names.iter().find(|name| !name.starts_with("*.") && *name != "localhost")
        };
        if !self.is_trusted() {
            return None;
        }
        self.domains.first().or_else(of_certificate).map(String::as_str)
    }

    /// What people compare before they trust a self-signed certificate: its SHA-256 fingerprint as browsers show it.
    pub(crate) fn fingerprint(&self) -> Option<&str> {
        let facts = self.facts.as_ref().filter(|_| !self.is_trusted());
        facts.map(|facts| facts.fingerprint.as_str())
    }

    /// Keeps the certificate fresh, for ever.
    pub(crate) async fn keep(&self) {
        match &self.way {
            Way::SelfSigned(signed) => signed.clone().keep(&self.served).await,
            Way::Files(files) => files.clone().keep(&self.served).await,
            Way::Acme(acme) => acme.clone().keep(&self.served, self.facts.clone()).await,
        }
    }
}

/// The one implementation of cryptography that is built in.
fn provider() -> Arc<CryptoProvider> {
    static PROVIDER: LazyLock<Arc<CryptoProvider>> = LazyLock::new(|| Arc::new(ring::default_provider()));
    PROVIDER.clone()
}

fn server_config(served: &Arc<Served>, protocols: &[&[u8]]) -> Result<Arc<ServerConfig>, String> {
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("error: TLS cannot be spoken: {error}"))?
        .with_no_client_auth()
        .with_cert_resolver(served.clone());
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    Ok(Arc::new(config))
}

async fn bind(address: SocketAddr) -> Result<TcpListener, String> {
    let wrong = |error: Error| format!("error: cannot listen on {address} for --http-redirect: {error}");
    TcpListener::bind(address).await.map_err(wrong)
}
