//! The certificate that handshakes are answered with now, and the answer to an ACME directory that asks whether this
//! server has a domain.
//!
//! Must not know where either comes from.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;

/// The protocol name of a directory's question (RFC 8737).
pub(crate) const ACME_PROTOCOL: &[u8] = b"acme-tls/1";

/// What is served. Connections that are open keep what they began with.
#[derive(Debug, Default)]
pub(crate) struct Served {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    certificate: Option<Arc<CertifiedKey>>,
    /// By domain; as many as are asked for in the settings at most.
    proofs: Vec<(String, Proof)>,
}

/// How a domain is proved to be ours.
#[derive(Clone, Debug)]
pub(crate) enum Proof {
    /// By the certificate of a handshake (RFC 8737).
    Handshake(Arc<CertifiedKey>),
    /// By a file over plain HTTP (RFC 8555 section 8.3): its name and its contents.
    File(String, String),
}

impl Served {
    /// From now on new connections get this certificate.
    pub(crate) fn replace(&self, certificate: Arc<CertifiedKey>) {
        self.state().certificate = Some(certificate);
    }

    /// Has the proof for a domain ready, in place of an earlier one.
    pub(crate) fn prove(&self, domain: &str, proof: Proof) {
        let mut state = self.state();
        state.proofs.retain(|(other, _)| other != domain);
        state.proofs.push((domain.to_owned(), proof));
    }

    /// Forgets all proofs.
    pub(crate) fn proved(&self) {
        self.state().proofs.clear();
    }

    /// The contents of the file of this name that proves a domain.
    pub(crate) fn proof_file(&self, wanted: &str) -> Option<String> {
        self.state().proofs.iter().find_map(|(_, proof)| match proof {
            Proof::File(name, contents) if name == wanted => Some(contents.clone()),
            _ => None,
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ResolvesServerCert for Served {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let mut protocols = hello.alpn().into_iter().flatten();
        let is_question = protocols.next() == Some(ACME_PROTOCOL) && protocols.next().is_none();
        let state = self.state();
        if !is_question {
            return state.certificate.clone();
        }
        let asked = hello.server_name()?;
        state.proofs.iter().find_map(|(domain, proof)| match proof {
            Proof::Handshake(certificate) if domain == asked => Some(certificate.clone()),
            _ => None,
        })
    }
}
