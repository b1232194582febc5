//! Where a program runs and is talked to: on this machine as it is, or in a network namespace. It must not know which
//! program.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::process::{Child, Command};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::http::Uri;
use tower_service::Service;

use crate::lab::Namespace;

/// Longest that connecting within one machine may take.
const CONNECT: Duration = Duration::from_secs(1);

/// Where a program runs.
#[derive(Clone, Debug, Default)]
pub enum Place {
    /// On this machine as it is.
    #[default]
    Here,
    /// In a network namespace.
    Inside(Arc<Namespace>),
}

impl Place {
    /// Starts a program there.
    pub(crate) fn spawn(&self, command: &mut Command) -> io::Result<Child> {
        match self {
            Self::Here => command.spawn(),
            Self::Inside(space) => space.spawn(command),
        }
    }

    /// Connects as a program there would, with no other way in being needed: a further interface would be one more path
    /// for the browsers to find.
    pub(crate) async fn connect(&self, address: SocketAddr) -> io::Result<TcpStream> {
        match self {
            Self::Here => TcpStream::connect(address).await,
            Self::Inside(space) => {
                let stream = space.inside(|| std::net::TcpStream::connect_timeout(&address, CONNECT))?;
                stream.set_nonblocking(true)?;
                TcpStream::from_std(stream)
            }
        }
    }

    /// The same, to the host and port of an address that a driver gave.
    pub(crate) async fn connect_to(&self, uri: &Uri) -> io::Result<TcpStream> {
        let missing = || io::Error::new(io::ErrorKind::InvalidInput, format!("no host and port: {uri}"));
        let host = uri.host().ok_or_else(missing)?;
        let host: IpAddr = match host {
            "localhost" => Ipv4Addr::LOCALHOST.into(),
            other => other.parse().map_err(|_| missing())?,
        };
        self.connect((host, uri.port_u16().ok_or_else(missing)?).into()).await
    }
}

/// As hyper wants to be told of ways to connect.
impl Service<Uri> for Place {
    type Response = TokioIo<TcpStream>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let place = self.clone();
        Box::pin(async move { place.connect_to(&uri).await.map(TokioIo::new) })
    }
}
