//! The machine that the server runs on is out of reach, and out of earshot.

use std::net::SocketAddr;

use tokio::net::UdpSocket;
use tokio::time::timeout;
use turn_types::AddressFamily;

use super::remote::{Remote, SILENCE};
use super::server::{Server, loopback};
use crate::core::Settings;

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
