//! One connection as bytes, with or without TLS around them, and what its first byte is.
//!
//! The first byte tells protocols apart that share a port. Looking at it takes nothing away.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

/// A connection.
#[derive(Debug)]
pub(crate) enum Stream {
    /// As it comes.
    Plain(TcpStream),
    /// After a handshake.
    Tls(Box<Decrypted>),
}

/// What comes out of TLS.
#[derive(Debug)]
pub(crate) struct Decrypted {
    /// A byte that was looked at and is still to be read.
    first: Option<u8>,
    inner: TlsStream<TcpStream>,
}

impl From<TlsStream<TcpStream>> for Stream {
    fn from(inner: TlsStream<TcpStream>) -> Self {
        Self::Tls(Box::new(Decrypted { first: None, inner }))
    }
}

impl Stream {
    /// Waits for the first byte that the client sends, within TLS if there is TLS, and leaves it to be read; `None` if
    /// the client sends nothing and closes. Only before anything was read. Giving up is harmless.
    ///
    /// # Errors
    /// The connection broke.
    pub(crate) async fn first_byte(&mut self) -> io::Result<Option<u8>> {
        let mut byte = [0];
        match self {
            Self::Plain(tcp) => Ok((tcp.peek(&mut byte).await? > 0).then_some(byte[0])),
            Self::Tls(tls) => {
                if tls.first.is_none() && tls.inner.read(&mut byte).await? > 0 {
                    tls.first = Some(byte[0]);
                }
                Ok(tls.first)
            }
        }
    }
}

impl AsyncRead for Decrypted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if buf.remaining() > 0
            && let Some(first) = self.first.take()
        {
            buf.put_slice(&[first]);
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.inner).poll_read(cx, buf)
    }
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_read(cx, buf),
            Self::Tls(tls) => Pin::new(tls.as_mut()).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_write(cx, buf),
            Self::Tls(tls) => Pin::new(&mut tls.inner).poll_write(cx, buf),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_write_vectored(cx, bufs),
            Self::Tls(tls) => Pin::new(&mut tls.inner).poll_write_vectored(cx, bufs),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Plain(tcp) => tcp.is_write_vectored(),
            Self::Tls(tls) => tls.inner.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_flush(cx),
            Self::Tls(tls) => Pin::new(&mut tls.inner).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_shutdown(cx),
            Self::Tls(tls) => Pin::new(&mut tls.inner).poll_shutdown(cx),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rcgen::{CertificateParams, KeyPair};
    use tokio::io::AsyncWriteExt as _;
    use tokio::net::TcpListener;
    use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
    use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};
    use tokio_rustls::{TlsAcceptor, TlsConnector};

    use super::*;

    /// Both ends of a connection.
    async fn tcp() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (client, server) =
            tokio::join!(TcpStream::connect(listener.local_addr().unwrap()), listener.accept());
        (client.unwrap(), server.unwrap().0)
    }

    async fn is_looked_at_and_still_read(mut client: impl AsyncWrite + Unpin, mut server: Stream) {
        client.write_all(b"GET").await.unwrap();
        client.flush().await.unwrap();
        for _ in 0..2 {
            assert_eq!(server.first_byte().await.unwrap(), Some(b'G'));
        }
        let mut text = [0; 3];
        server.read_exact(&mut text).await.unwrap();
        assert_eq!(&text, b"GET");
        client.shutdown().await.unwrap();
        assert_eq!(server.read(&mut text).await.unwrap(), 0);
    }

    #[tokio::test]
    async fn the_first_byte_is_looked_at_and_still_read_with_and_without_tls() {
        let (client, server) = tcp().await;
        is_looked_at_and_still_read(client, Stream::Plain(server)).await;

        let key = KeyPair::generate().unwrap();
        let certificate =
            CertificateParams::new(["a.example".to_owned()]).unwrap().self_signed(&key).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(certificate.der().clone()).unwrap();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
        let accepting = ServerConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        let connecting = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let (client, server) = tcp().await;
        let name = ServerName::try_from("a.example").unwrap();
        let (client, server) = tokio::join!(
            TlsConnector::from(Arc::new(connecting)).connect(name, client),
            TlsAcceptor::from(Arc::new(accepting)).accept(server)
        );
        is_looked_at_and_still_read(client.unwrap(), server.unwrap().into()).await;
    }

    #[tokio::test]
    async fn who_sends_nothing_and_closes_has_no_first_byte() {
        let (client, server) = tcp().await;
        drop(client);
        assert_eq!(Stream::Plain(server).first_byte().await.unwrap(), None);
    }
}
