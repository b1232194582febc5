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
