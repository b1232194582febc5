//! A client with a socket.

use std::net::SocketAddr;
use std::time::Duration;

use stun_types::message::TransactionId;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;
use turn_types::AddressFamily;
use turn_types::attribute::{RequestedAddressFamily, RequestedTransport};
use turn_types::message::ALLOCATE;

use super::server::Server;
use crate::core::tests::client::{Tester, channel_data, checked, hello, nonce, send_indication};
use crate::frame;
use crate::net::now;

pub(super) const PATIENCE: Duration = Duration::from_secs(5);
/// How long nothing has to come before nothing is taken to come.
pub(super) const SILENCE: Duration = Duration::from_millis(100);

enum Wire {
    Udp(UdpSocket),
    Tcp(TcpStream, Vec<u8>),
}

/// See the module.
pub(super) struct Remote {
    wire: Wire,
    tester: Tester,
}

impl Remote {
    pub(super) async fn connect(server: &Server, id: &str, tcp: bool) -> Self {
        let expires = now().unix + 600;
        let credential = server.secret.mint(id, 20, expires);
        let (wire, local) = if tcp {
            let stream = TcpStream::connect(server.address).await.unwrap();
            let local = stream.local_addr().unwrap();
            (Wire::Tcp(stream, Vec::new()), local)
        } else {
            let socket = UdpSocket::bind(SocketAddr::new(server.address.ip(), 0)).await.unwrap();
            socket.connect(server.address).await.unwrap();
            let local = socket.local_addr().unwrap();
            (Wire::Udp(socket), local)
        };
        Self { wire, tester: Tester::new(&local.to_string(), credential) }
    }

    pub(super) async fn allocated(server: &Server, id: &str, tcp: bool) -> Self {
        let mut remote = Self::connect(server, id, tcp).await;
        remote.allocate(AddressFamily::IPV4).await.unwrap();
        remote
    }

    pub(super) async fn allocate(&mut self, family: AddressFamily) -> Result<SocketAddr, u16> {
        self.tester.nonce = nonce(&self.ask(&hello()).await);
        let (udp, family) =
            (RequestedTransport::new(RequestedTransport::UDP), RequestedAddressFamily::new(family));
        let request = self.tester.request(ALLOCATE, TransactionId::generate(), &[&udp, &family]);
        let reply = self.ask(&request).await;
        checked(&reply).map(|()| self.tester.take_relay(&reply))
    }

    pub(super) async fn permit(&mut self, peer: SocketAddr) -> Result<(), u16> {
        let request = self.tester.permission(peer);
        checked(&self.ask(&request).await)
    }

    pub(super) async fn bind(&mut self, number: u16, peer: SocketAddr) -> Result<(), u16> {
        let request = self.tester.binding(number, peer);
        checked(&self.ask(&request).await)
    }

    pub(super) async fn say(&mut self, peer: SocketAddr, data: &[u8]) {
        self.send(&send_indication(peer, data)).await;
    }

    pub(super) async fn channel(&mut self, number: u16, data: &[u8]) {
        let mut packet = channel_data(number, data);
        if matches!(self.wire, Wire::Tcp(..)) {
            packet.resize(packet.len().next_multiple_of(4), 0);
        }
        self.send(&packet).await;
    }

    async fn ask(&mut self, packet: &[u8]) -> Vec<u8> {
        self.send(packet).await;
        self.hear().await.expect("an answer")
    }

    pub(super) async fn send(&mut self, packet: &[u8]) {
        match &mut self.wire {
            Wire::Udp(socket) => assert_eq!(socket.send(packet).await.unwrap(), packet.len()),
            Wire::Tcp(stream, _) => stream.write_all(packet).await.unwrap(),
        }
    }

    /// The next message; `None` when the server closed.
    pub(super) async fn hear(&mut self) -> Option<Vec<u8>> {
        timeout(PATIENCE, self.next()).await.expect("something comes")
    }

    async fn next(&mut self) -> Option<Vec<u8>> {
        match &mut self.wire {
            Wire::Udp(socket) => {
                let mut buffer = vec![0; 2000];
                let length = socket.recv(&mut buffer).await.unwrap();
                buffer.truncate(length);
                Some(buffer)
            }
            Wire::Tcp(stream, read) => loop {
                if let Some(framed) = frame::next(read).unwrap() {
                    let message = read[..framed.message].to_vec();
                    read.drain(..framed.whole);
                    return Some(message);
                }
                if stream.read_buf(read).await.ok()? == 0 {
                    return None;
                }
            },
        }
    }

    pub(super) async fn hears_nothing(&mut self) {
        assert!(timeout(SILENCE, self.next()).await.is_err(), "something came");
    }

    pub(super) fn relayed(&self) -> SocketAddr {
        self.tester.relayed.expect("an allocation")
    }
}
