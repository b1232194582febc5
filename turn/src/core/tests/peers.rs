//! Whom a relay talks to, and what gets through.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use super::client::{RELAY, World, settings};
use crate::bounds;
use crate::core::{Outcome, Settings, Wrap};

const ANNA: &str = "20.0.0.1:4000";
const BERT: &str = "20.0.0.2:4000";
const PEER: &str = "8.8.8.8:53";

#[test]
fn nothing_passes_without_a_permission_and_both_ways_with_one() {
    let mut world = World::new(settings());
    let anna = world.allocated(ANNA, "anna");
    assert_eq!(anna.say(&mut world, PEER, b"hello"), Outcome::Drop);
    assert_eq!(world.take_from_peer(0, PEER, 5), None);
    anna.permit(&mut world, PEER).unwrap();
    let Outcome::ToPeer { relay, peer, part } = anna.say(&mut world, PEER, b"hello") else {
        panic!("dropped")
    };
    assert_eq!((relay, peer, part.len()), (50_001, PEER.parse().unwrap(), 5));
    assert_eq!(
        world.take_from_peer(0, PEER, 5),
        Some((anna.client, Wrap::Indication(PEER.parse().unwrap())))
    );
    assert!(world.take_from_peer(0, "8.8.8.8:54", 5).is_some(), "a permission is for a host");
    assert_eq!(world.take_from_peer(0, "8.8.4.4:53", 5), None);
    world.pass(bounds::PERMISSION);
    assert_eq!(anna.say(&mut world, PEER, b"hello"), Outcome::Drop);
    assert_eq!(world.take_from_peer(0, PEER, 5), None);
}

#[test]
fn a_channel_carries_data_both_ways_while_it_is_bound_and_permitted() {
    let mut world = World::new(settings());
    let mut anna = world.allocated(ANNA, "anna");
    assert_eq!(anna.channel(&mut world, 0x4000, b"hello"), Outcome::Drop);
    anna.bind(&mut world, 0x4000, PEER).unwrap();
    let to_peer = Outcome::ToPeer { relay: 50_001, peer: PEER.parse().unwrap(), part: 4..9 };
    assert_eq!(anna.channel(&mut world, 0x4000, b"hello"), to_peer);
    assert_eq!(world.take_from_peer(0, PEER, 5), Some((anna.client, Wrap::Channel(0x4000))));
    assert_eq!(anna.bind(&mut world, 0x4000, "8.8.4.4:53"), Err(400), "the number is taken");
    assert_eq!(anna.bind(&mut world, 0x4001, PEER), Err(400), "the peer has one");
    assert_eq!(anna.channel(&mut world, 0x4001, b"hello"), Outcome::Drop);
    world.pass(bounds::PERMISSION);
    assert_eq!(anna.channel(&mut world, 0x4000, b"hello"), Outcome::Drop, "the permission is over");
    anna.permit(&mut world, PEER).unwrap();
    assert_eq!(anna.channel(&mut world, 0x4000, b"hello"), to_peer);
    anna.refresh(&mut world, 600).unwrap();
    world.pass(bounds::CHANNEL.saturating_sub(bounds::PERMISSION));
    anna.greet(&mut world);
    anna.permit(&mut world, PEER).unwrap();
    assert_eq!(anna.channel(&mut world, 0x4000, b"hello"), Outcome::Drop, "the channel is over");
    anna.bind(&mut world, 0x4001, PEER).unwrap();
}

#[test]
fn a_length_that_is_not_there_is_not_read() {
    let mut world = World::new(settings());
    let anna = world.allocated(ANNA, "anna");
    anna.bind(&mut world, 0x4000, PEER).unwrap();
    for packet in [&[0x40, 0, 0, 9, 1, 2][..], &[0x40, 0, 0], &[0x40], &[]] {
        assert_eq!(world.send(&anna.client, packet), Outcome::Drop);
    }
    let empty = Outcome::ToPeer { relay: 50_001, peer: PEER.parse().unwrap(), part: 4..4 };
    assert_eq!(world.send(&anna.client, &[0x40, 0, 0, 0]), empty, "an empty datagram is one");
}

#[test]
fn nothing_is_relayed_to_or_from_special_addresses_however_they_are_asked_for() {
    for (allow_private, hosts) in [
        (false, &["10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "192.0.2.1", "198.18.0.1"][..]),
        (
            true,
            &[
                "0.0.0.0",
                "127.0.0.1",
                "169.254.169.254",
                "192.0.0.8",
                "224.0.0.1",
                "240.0.0.1",
                "255.255.255.255",
            ],
        ),
    ] {
        let mut world = World::new(Settings { allow_private, ..settings() });
        let anna = world.allocated(ANNA, "anna");
        for host in hosts {
            let peer = format!("{host}:53");
            assert_eq!(anna.permit(&mut world, &peer), Err(403), "{peer}");
            assert_eq!(anna.bind(&mut world, 0x4000, &peer), Err(403), "{peer}");
            assert_eq!(anna.say(&mut world, &peer, b"hello"), Outcome::Drop, "{peer}");
            assert_eq!(anna.channel(&mut world, 0x4000, b"hello"), Outcome::Drop, "{peer}");
            assert_eq!(world.take_from_peer(0, &peer, 5), None, "{peer}");
        }
    }
    let mut world = World::new(Settings { allow_private: true, ..settings() });
    let anna = world.allocated(ANNA, "anna");
    anna.permit(&mut world, "192.168.1.1:53").unwrap();
    assert!(matches!(anna.say(&mut world, "192.168.1.1:53", b"hello"), Outcome::ToPeer { .. }));
}

#[test]
fn one_bad_peer_of_several_spoils_the_request() {
    use stun_types::message::TransactionId;
    use turn_types::attribute::XorPeerAddress;
    use turn_types::message::CREATE_PERMISSION;
    let mut world = World::new(settings());
    let anna = world.allocated(ANNA, "anna");
    let transaction = TransactionId::generate();
    let peers = [PEER, "127.0.0.1:53"].map(|p| XorPeerAddress::new(p.parse().unwrap(), transaction));
    // The library refuses to write the same attribute twice, so the second is put in by hand.
    let one = anna.request(CREATE_PERMISSION, transaction, &[&peers[0]]);
    let other = anna.request(CREATE_PERMISSION, transaction, &[&peers[1]]);
    let mut both = one[..32].to_vec();
    both.extend_from_slice(&other[20..32]);
    both.extend_from_slice(&one[32..]);
    let length = u16::try_from(both.len() - 20).unwrap();
    both[2..4].copy_from_slice(&length.to_be_bytes());
    let unsigned = both.len() - 24;
    let proof = stun_types::attribute::MessageIntegrity::compute(&[&both[..unsigned]], &anna.key()).unwrap();
    both[unsigned + 4..].copy_from_slice(&proof);
    assert_eq!(super::client::checked(&world.reply(&anna.client, &both)), Err(403));
    assert_eq!(anna.say(&mut world, PEER, b"hello"), Outcome::Drop, "nothing of it was done");
}

#[test]
fn an_address_that_becomes_this_machines_own_is_cut_off_at_once() {
    let mut world = World::new(settings());
    let anna = world.allocated(ANNA, "anna");
    anna.permit(&mut world, PEER).unwrap();
    world.core.set_own(vec!["8.8.8.8".parse().unwrap()]);
    assert_eq!(anna.say(&mut world, PEER, b"hello"), Outcome::Drop);
    assert_eq!(world.take_from_peer(0, PEER, 5), None);
    assert_eq!(anna.permit(&mut world, PEER), Err(403));
}

#[test]
fn two_relays_of_one_server_reach_each_other_and_nothing_else_on_the_machine() {
    let mut world = World::new(settings());
    let anna = world.allocated(ANNA, "anna");
    let bert = world.allocated(BERT, "bert");
    let [to_anna, to_bert] = [&anna, &bert].map(|t| t.relayed.unwrap().to_string());
    anna.permit(&mut world, &to_bert).unwrap();
    assert_eq!(anna.say(&mut world, &to_bert, b"hello"), Outcome::Drop, "bert has not permitted it");
    bert.bind(&mut world, 0x4005, &to_anna).unwrap();
    let Outcome::ToClient { client, wrap, part } = anna.say(&mut world, &to_bert, b"hello") else {
        panic!("dropped")
    };
    assert_eq!((client, wrap, part.len()), (bert.client, Wrap::Channel(0x4005), 5));
    let Outcome::ToClient { client, wrap, .. } = bert.channel(&mut world, 0x4005, b"hello") else {
        panic!("dropped")
    };
    assert_eq!((client, wrap), (anna.client, Wrap::Indication(bert.relayed.unwrap())));
    let service = SocketAddr::new(RELAY, 6379).to_string();
    assert_eq!(anna.say(&mut world, &service, b"hello"), Outcome::Drop, "another port of this machine");
    assert_eq!(world.take_from_peer(0, &service, 5), None);
}

#[test]
fn beyond_the_bandwidth_packets_are_lost_in_that_direction_of_that_allocation() {
    let mut world = World::new(settings());
    let anna = world.allocated(ANNA, "anna");
    let bert = world.allocated(BERT, "bert");
    for tester in [&anna, &bert] {
        tester.permit(&mut world, PEER).unwrap();
    }
    let data = [0; 1000];
    let sent =
        |world: &mut World| (0..2000).filter(|_| anna.say(world, PEER, &data) != Outcome::Drop).count();
    assert_eq!(sent(&mut world), 500);
    assert!(world.take_from_peer(0, PEER, 1000).is_some(), "the other direction");
    assert!(bert.say(&mut world, PEER, &data) != Outcome::Drop, "somebody else");
    world.pass(Duration::from_millis(100));
    assert_eq!(sent(&mut world), 100);
}

#[test]
fn permissions_and_channels_have_a_bound() {
    let mut world = World::new(settings());
    let anna = world.allocated(ANNA, "anna");
    let peer =
        |n: usize| SocketAddr::new(IpAddr::V4(Ipv4Addr::from(0x0808_0000 + u32::try_from(n).unwrap())), 9);
    for n in 0..bounds::PEERS {
        anna.bind(&mut world, 0x4000 + u16::try_from(n).unwrap(), &peer(n).to_string()).unwrap();
    }
    assert_eq!(anna.permit(&mut world, "8.9.9.9:9"), Err(508));
    assert_eq!(anna.bind(&mut world, 0x5000, "8.9.9.9:9"), Err(508));
    assert_eq!(anna.bind(&mut world, 0x5000, "8.8.0.1:10"), Err(508), "another port of a permitted host");
    anna.permit(&mut world, &peer(3).to_string()).unwrap();
    world.pass(bounds::PERMISSION);
    anna.permit(&mut world, "8.9.9.9:9").unwrap();
}
