//! The first moments of a connection: what it begins with, and the handshake if that is TLS.

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tracing::debug;

use crate::limits::{FIRST_BYTE, LAST_WORDS, TLS_HANDSHAKE};
use crate::stream::Stream;
use crate::tls::ACME_PROTOCOL;

/// The first byte of a TLS connection: the content type `handshake` (RFC 8446 section 5.1).
const HANDSHAKE: u8 = 0x16;

/// Makes a connection ready to be answered. On a port that speaks TLS one that begins otherwise comes out plain. `None`
/// if it ended, broke, or took too long.
pub(crate) async fn arrive(tcp: TcpStream, tls: Option<&TlsAcceptor>) -> Option<Stream> {
    // Signaling is small messages that are waited for.
    if let Err(error) = tcp.set_nodelay(true) {
        debug!(%error, "TCP_NODELAY could not be set");
    }
    let mut stream = Stream::Plain(tcp);
    let Some(acceptor) = tls else { return Some(stream) };
    let Ok(Ok(Some(first))) = timeout(FIRST_BYTE, stream.first_byte()).await else { return None };
    match stream {
        Stream::Plain(tcp) if first == HANDSHAKE => shake_hands(tcp, acceptor).await,
        stream => Some(stream),
    }
}

async fn shake_hands(tcp: TcpStream, acceptor: &TlsAcceptor) -> Option<Stream> {
    let mut secure = match timeout(TLS_HANDSHAKE, acceptor.accept(tcp)).await {
        Ok(Ok(secure)) => secure,
        Ok(Err(error)) => {
            debug!(%error, "a TLS handshake failed");
            return None;
        }
        Err(_) => {
            debug!("a TLS handshake took too long");
            return None;
        }
    };
    if secure.get_ref().1.alpn_protocol() == Some(ACME_PROTOCOL) {
        // The handshake was all that the directory wanted.
        let _ = timeout(LAST_WORDS, secure.shutdown()).await;
        return None;
    }
    Some(secure.into())
}
