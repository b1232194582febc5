//! A running server, for one test.

use std::net::SocketAddr;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::core::Settings;
use crate::core::tests::client::settings;
use crate::credential::Secret;
use crate::net::Turn;

/// Stopped when dropped.
pub(super) struct Server {
    pub(super) turn: Turn,
    pub(super) secret: Secret,
    pub(super) address: SocketAddr,
    shutdown: CancellationToken,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

impl Server {
    pub(super) async fn start(host: &str, settings: Settings) -> Self {
        let (secret, shutdown, tasks) = (Secret::new("north"), CancellationToken::new(), TaskTracker::new());
        let listener = TcpListener::bind(format!("{host}:0")).await.unwrap();
        let address = listener.local_addr().unwrap();
        let udp = std::net::UdpSocket::bind(address).unwrap();
        let turn = Turn::start(vec![udp], settings, secret.clone(), &shutdown, &tasks).unwrap();
        let streams = turn.clone();
        tokio::spawn(shutdown.clone().run_until_cancelled_owned(async move {
            while let Ok((stream, peer)) = listener.accept().await {
                let (turn, local) = (streams.clone(), stream.local_addr().unwrap());
                tokio::spawn(async move { turn.serve(stream, peer, local).await });
            }
        }));
        Self { turn, secret, address, shutdown }
    }
}

pub(super) fn loopback() -> Settings {
    Settings { public: Vec::new(), ..settings() }
}
