//! The server with real sockets. Peers that are not relays need another machine, and are the network lab's matter.

use std::net::SocketAddr;
use std::time::Duration;

use stun_types::message::{Message, TransactionId};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use turn_types::AddressFamily;
use turn_types::attribute::{Data, RequestedAddressFamily, RequestedTransport, XorPeerAddress};
use turn_types::message::ALLOCATE;

use super::Turn;
use crate::core::Settings;
use crate::core::tests::client::{Tester, channel_data, checked, hello, nonce, send_indication, settings};
use crate::credential::Secret;
use crate::frame;

const PATIENCE: Duration = Duration::from_secs(5);
/// How long nothing has to come before nothing is taken to come.
const SILENCE: Duration = Duration::from_millis(100);

struct Server {
    turn: Turn,
    secret: Secret,
    address: SocketAddr,
    shutdown: CancellationToken,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

impl Server {
    async fn start(host: &str, settings: Settings) -> Self {
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

fn loopback() -> Settings {
    Settings { public: Vec::new(), ..settings() }
}

enum Wire {
    Udp(UdpSocket),
    Tcp(TcpStream, Vec<u8>),
}

/// A client with a socket.
struct Remote {
    wire: Wire,
    tester: Tester,
}

impl Remote {
    async fn connect(server: &Server, id: &str, tcp: bool) -> Self {
        let expires = super::now().unix + 600;
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

    async fn allocated(server: &Server, id: &str, tcp: bool) -> Self {
        let mut remote = Self::connect(server, id, tcp).await;
        remote.allocate(AddressFamily::IPV4).await.unwrap();
        remote
    }

    async fn allocate(&mut self, family: AddressFamily) -> Result<SocketAddr, u16> {
        self.tester.nonce = nonce(&self.ask(&hello()).await);
        let (udp, family) =
            (RequestedTransport::new(RequestedTransport::UDP), RequestedAddressFamily::new(family));
        let request = self.tester.request(ALLOCATE, TransactionId::generate(), &[&udp, &family]);
        let reply = self.ask(&request).await;
        checked(&reply).map(|()| self.tester.take_relay(&reply))
    }

    async fn permit(&mut self, peer: SocketAddr) -> Result<(), u16> {
        let request = self.tester.permission(peer);
        checked(&self.ask(&request).await)
    }

    async fn bind(&mut self, number: u16, peer: SocketAddr) -> Result<(), u16> {
        let request = self.tester.binding(number, peer);
        checked(&self.ask(&request).await)
    }

    async fn say(&mut self, peer: SocketAddr, data: &[u8]) {
        self.send(&send_indication(peer, data)).await;
    }

    async fn channel(&mut self, number: u16, data: &[u8]) {
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

    async fn send(&mut self, packet: &[u8]) {
        match &mut self.wire {
            Wire::Udp(socket) => assert_eq!(socket.send(packet).await.unwrap(), packet.len()),
            Wire::Tcp(stream, _) => stream.write_all(packet).await.unwrap(),
        }
    }

    /// The next message; `None` when the server closed.
    async fn hear(&mut self) -> Option<Vec<u8>> {
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

    async fn hears_nothing(&mut self) {
        assert!(timeout(SILENCE, self.next()).await.is_err(), "something came");
    }

    fn relayed(&self) -> SocketAddr {
        self.tester.relayed.expect("an allocation")
    }
}

#[tokio::test]
async fn two_clients_reach_each_other_through_their_relays_over_udp_and_tcp() {
    let server = Server::start("127.0.0.1", loopback()).await;
    for (number, (one, other)) in
        [(false, false), (false, true), (true, false), (true, true)].into_iter().enumerate()
    {
        let mut anna = Remote::allocated(&server, &format!("anna{number}"), one).await;
        let mut bert = Remote::allocated(&server, &format!("bert{number}"), other).await;
        anna.bind(0x4001, bert.relayed()).await.unwrap();
        anna.channel(0x4001, b"too early").await;
        bert.hears_nothing().await;
        bert.permit(anna.relayed()).await.unwrap();
        for length in [0, 1, 5, 1200] {
            let data = vec![7; length];
            anna.channel(0x4001, &data).await;
            let heard = bert.hear().await.unwrap();
            let message = Message::from_bytes(&heard).unwrap();
            let peer = message.attribute::<XorPeerAddress>().unwrap().addr(message.transaction_id());
            assert_eq!(message.attribute::<Data>().unwrap().data(), data);
            assert_eq!(peer, anna.relayed());
            bert.say(anna.relayed(), &data).await;
            let heard = anna.hear().await.unwrap();
            assert_eq!(heard[..4], frame::channel_header(0x4001, length));
            assert_eq!(heard[4..], data);
        }
    }
}

#[tokio::test]
async fn a_burst_arrives_complete_and_in_order() {
    let server = Server::start("127.0.0.1", loopback()).await;
    let mut anna = Remote::allocated(&server, "anna", false).await;
    let mut bert = Remote::allocated(&server, "bert", false).await;
    anna.bind(0x4001, bert.relayed()).await.unwrap();
    bert.bind(0x4002, anna.relayed()).await.unwrap();
    // Lengths that can and cannot leave together.
    let lengths: Vec<usize> = (0..60).map(|n| if n % 7 == 0 { 300 + n } else { 900 }).collect();
    for (n, &length) in lengths.iter().enumerate() {
        anna.channel(0x4001, &vec![u8::try_from(n).unwrap(); length]).await;
    }
    for (n, &length) in lengths.iter().enumerate() {
        let heard = bert.hear().await.unwrap();
        assert_eq!(heard.len(), 4 + length, "packet {n}");
        assert!(heard[4..].iter().all(|&byte| usize::from(byte) == n), "packet {n}");
    }
}

#[tokio::test]
async fn nothing_on_this_machine_is_reached_but_relays_under_whatever_address() {
    for (host, family, addresses) in [
        ("127.0.0.1", AddressFamily::IPV4, &["127.0.0.1", "0.0.0.0", "127.1.2.3"][..]),
        (
            "[::1]",
            AddressFamily::IPV6,
            &[
                "::1",
                "::",
                "::ffff:127.0.0.1",
                "::127.0.0.1",
                "::ffff:0:127.0.0.1",
                "64:ff9b::127.0.0.1",
                "64:ff9b:1::127.0.0.1",
                "2002:7f00:1::1",
                "2001:0:7f00:1::",
                "2a00::5efe:127.0.0.1",
                "fe80::1",
                "ff02::1",
            ],
        ),
    ] {
        let server = Server::start(host, Settings { allow_private: true, ..loopback() }).await;
        let v4 = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let port = v4.local_addr().unwrap().port();
        let everywhere = UdpSocket::bind(("::", port)).await;
        for tcp in [false, true] {
            let mut client = Remote::connect(&server, if tcp { "tcp" } else { "udp" }, tcp).await;
            client.allocate(family).await.unwrap();
            for address in addresses {
                let peer = SocketAddr::new(address.parse().unwrap(), port);
                let own = address.parse::<std::net::IpAddr>().unwrap() == client.relayed().ip();
                // A permission for the relays' own host is given; what counts is where data goes.
                let expected = if own { Ok(()) } else { Err(403) };
                assert_eq!(client.permit(peer).await, expected, "{peer}");
                let number = 0x4000 + u16::from(tcp);
                assert_eq!(client.bind(number, peer).await, expected, "{peer}");
                client.say(peer, b"in").await;
                client.channel(number, b"in").await;
            }
            // A request that is answered has everything before it behind it.
            client.permit(client.relayed()).await.unwrap();
        }
        let mut buffer = [0; 100];
        for socket in [Some(v4), everywhere.ok()].into_iter().flatten() {
            assert!(timeout(SILENCE, socket.recv_from(&mut buffer)).await.is_err(), "it got through");
        }
    }
}

#[tokio::test]
async fn a_program_on_this_machine_cannot_speak_to_a_client_through_its_relay() {
    let server = Server::start("127.0.0.1", loopback()).await;
    let mut anna = Remote::allocated(&server, "anna", false).await;
    anna.permit(anna.relayed()).await.unwrap();
    let other = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    other.send_to(b"psst", anna.relayed()).await.unwrap();
    anna.hears_nothing().await;
}

#[tokio::test]
async fn behind_a_nat_the_public_address_is_told_and_relays_still_reach_each_other() {
    let public = "198.51.100.7".parse().unwrap();
    let server = Server::start("127.0.0.1", Settings { public: vec![public], ..loopback() }).await;
    let mut anna = Remote::allocated(&server, "anna", false).await;
    let mut bert = Remote::allocated(&server, "bert", true).await;
    assert_eq!((anna.relayed().ip(), bert.relayed().ip()), (public, public));
    anna.bind(0x4001, bert.relayed()).await.unwrap();
    bert.bind(0x4002, anna.relayed()).await.unwrap();
    anna.channel(0x4001, b"hello").await;
    assert_eq!(bert.hear().await.unwrap()[4..], *b"hello");
}

#[tokio::test]
async fn a_flood_of_allocations_stops_at_the_bound_and_leaves_room_for_others() {
    let server = Server::start("127.0.0.1", Settings { allocations_per_address: 1000, ..loopback() }).await;
    let mut flood = Vec::new();
    let mut refused = 0;
    for n in 0..60 {
        let mut remote = Remote::connect(&server, "flood", n % 2 == 0).await;
        match remote.allocate(AddressFamily::IPV4).await {
            Ok(_) => flood.push(remote),
            Err(code) => {
                assert_eq!(code, 486);
                refused += 1;
            }
        }
    }
    assert_eq!((flood.len(), refused), (20, 40), "as many as the credential is for");
    let mut anna = Remote::allocated(&server, "anna", false).await;
    assert!(anna.permit(anna.relayed()).await.is_ok());
    assert_eq!(server.turn.allocations(), 21);
}

#[tokio::test]
async fn an_allocation_over_a_stream_ends_with_the_stream() {
    let server = Server::start("127.0.0.1", loopback()).await;
    let anna = Remote::allocated(&server, "anna", true).await;
    let relayed = anna.relayed();
    assert_eq!(server.turn.allocations(), 1);
    drop(anna);
    timeout(PATIENCE, async {
        while server.turn.allocations() > 0 || UdpSocket::bind(relayed).await.is_err() {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("the relay is closed");
}

#[tokio::test]
async fn a_stream_that_carries_something_else_is_closed_and_the_others_go_on() {
    let server = Server::start("127.0.0.1", loopback()).await;
    let mut anna = Remote::allocated(&server, "anna", true).await;
    let mut bert = Remote::allocated(&server, "bert", true).await;
    bert.send(&[0xff; 64]).await;
    assert_eq!(bert.hear().await, None);
    assert!(anna.permit(anna.relayed()).await.is_ok());
    assert_eq!(server.turn.allocations(), 1);
}
