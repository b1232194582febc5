//! Packets that nobody meant to send.

use proptest::prelude::*;
use stun_types::message::TransactionId;
use turn_types::attribute::{Lifetime, RequestedTransport};
use turn_types::message::{ALLOCATE, REFRESH};

use super::client::{Tester, World, channel_data, settings};
use crate::core::Outcome;
use crate::frame;

const ANNA: &str = "20.0.0.1:4000";

/// Good requests of every kind, and data.
fn good(tester: &Tester) -> Vec<Vec<u8>> {
    let transaction = TransactionId::generate();
    let peer = "8.8.8.8:53".parse().unwrap();
    vec![
        tester.request(ALLOCATE, transaction, &[&RequestedTransport::new(RequestedTransport::UDP)]),
        tester.request(REFRESH, transaction, &[&Lifetime::new(600)]),
        tester.permission(peer),
        tester.binding(0x4000, peer),
        channel_data(0x4000, b"hello"),
    ]
}

#[derive(Clone, Debug)]
enum Damage {
    Flip(prop::sample::Index, u8),
    Cut(prop::sample::Index),
    Insert(prop::sample::Index, u8),
    Append(Vec<u8>),
}

fn damage() -> impl Strategy<Value = Damage> {
    let at = any::<prop::sample::Index>;
    prop_oneof![
        4 => (at(), 1..=255u8).prop_map(|(at, bits)| Damage::Flip(at, bits)),
        1 => at().prop_map(Damage::Cut),
        1 => (at(), any::<u8>()).prop_map(|(at, byte)| Damage::Insert(at, byte)),
        1 => proptest::collection::vec(any::<u8>(), 1..40).prop_map(Damage::Append),
    ]
}

fn apply(packet: &mut Vec<u8>, damage: Damage) {
    if packet.is_empty() {
        return;
    }
    match damage {
        Damage::Flip(at, bits) => {
            let at = at.index(packet.len());
            packet[at] ^= bits;
        }
        Damage::Cut(at) => packet.truncate(at.index(packet.len())),
        Damage::Insert(at, byte) => packet.insert(at.index(packet.len()), byte),
        Damage::Append(bytes) => packet.extend(bytes),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_damaged_packet_does_no_harm_and_changes_nothing(
        which in 0..5usize,
        damages in proptest::collection::vec(damage(), 1..6),
        allocated: bool,
    ) {
        let mut world = World::new(settings());
        let mut anna = Tester::new(ANNA, world.credential("anna", 5));
        if allocated {
            anna.allocate(&mut world).unwrap();
        } else {
            anna.greet(&mut world);
        }
        let whole = good(&anna).swap_remove(which);
        let mut packet = whole.clone();
        for damage in damages {
            apply(&mut packet, damage);
        }
        let signed_part_is_whole = packet.starts_with(&whole);
        let _ = frame::next(&packet);
        let outcome = world.send(&anna.client, &packet);
        if !signed_part_is_whole {
            prop_assert_eq!(world.core.count(), usize::from(allocated));
            prop_assert!(matches!(outcome, Outcome::Drop | Outcome::Reply(_)), "{:?}", outcome);
        }
    }
}
