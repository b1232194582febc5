//! What two clients say to each other arrives.

use stun_types::message::Message;
use turn_types::attribute::{Data, XorPeerAddress};

use super::remote::Remote;
use super::server::{Server, loopback};
use crate::core::Settings;
use crate::frame;

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
