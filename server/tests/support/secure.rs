//! TLS as the tests' clients speak it: every certificate is taken, and can be looked at.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::process::Stdio;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

use super::{PATIENCE, tcp};

/// Takes every certificate whose key the server has.
#[derive(Debug)]
struct Trusting(Arc<CryptoProvider>);

impl ServerCertVerifier for Trusting {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// A client that takes every certificate and offers these protocol names.
pub fn trusting(protocols: &[&str]) -> ClientConfig {
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .expect("versions")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Trusting(provider())))
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    config
}

/// A client that takes only what this certificate vouches for, as a browser that was told to trust it.
pub fn wary(root: CertificateDer<'static>) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(root).expect("a root");
    ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth()
}

/// Shakes hands under this name.
pub async fn try_secure(
    server: SocketAddr,
    name: &str,
    config: ClientConfig,
) -> std::io::Result<TlsStream<TcpStream>> {
    try_secure_from("127.0.0.1", server, name, config).await
}

/// The same from one of this machine's addresses.
pub async fn try_secure_from(
    source: &str,
    server: SocketAddr,
    name: &str,
    config: ClientConfig,
) -> std::io::Result<TlsStream<TcpStream>> {
    let name = ServerName::try_from(name.to_owned()).expect("a name");
    let stream = tcp(server, source).await;
    timeout(PATIENCE, TlsConnector::from(Arc::new(config)).connect(name, stream)).await.expect("an answer")
}

/// A connection over TLS, whatever the certificate.
pub async fn secure(server: SocketAddr) -> TlsStream<TcpStream> {
    try_secure(server, "localhost", trusting(&["http/1.1"])).await.expect("a handshake")
}

/// The server's certificate.
pub fn certificate(stream: &TlsStream<TcpStream>) -> CertificateDer<'static> {
    let chain = stream.get_ref().1.peer_certificates().expect("a certificate");
    chain.first().expect("a certificate").clone().into_owned()
}

/// Its fingerprint, as browsers write it.
pub fn fingerprint(certificate: &CertificateDer<'_>) -> String {
    let mut text = String::new();
    for byte in Sha256::digest(certificate) {
        write!(text, "{byte:02X}:").expect("text");
    }
    text.trim_end_matches(':').to_owned()
}

/// The fingerprint of what new connections get now.
pub async fn fingerprint_now(server: SocketAddr) -> String {
    fingerprint(&certificate(&secure(server).await))
}

/// The program, with nothing from the environment.
pub fn vong(flags: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vong"));
    command.kill_on_drop(true).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("VONG_")) {
        command.env_remove(name);
    }
    // Many run at once.
    command.env("VONG_TURN_PORT", "0");
    command.args(flags);
    command
}

/// Waits for the start-up line: scheme and address.
pub async fn scheme_and_address(child: &mut Child) -> (String, SocketAddr) {
    let mut lines = BufReader::new(child.stdout.take().expect("standard output")).lines();
    let line =
        timeout(PATIENCE, lines.next_line()).await.expect("a line in time").expect("text").expect("a line");
    let (scheme, address) = line.strip_prefix("listening on ").expect(&line).split_once("://").expect(&line);
    (scheme.to_owned(), address.parse().expect(&line))
}
