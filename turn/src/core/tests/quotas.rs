//! How many allocations there are, and what random days leave behind.

use std::time::Duration;

use proptest::prelude::*;

use super::client::{EPOCH, Tester, World, settings};
use crate::core::{Outcome, Settings};

#[test]
fn a_session_has_as_many_allocations_as_its_credential_says_under_all_its_credentials() {
    let mut world = World::new(settings());
    for port in 0..3 {
        Tester::new(&format!("20.0.0.1:{}", 4000 + port), world.credential("anna", 3))
            .allocate(&mut world)
            .unwrap();
    }
    let renewed = world.secret.mint("anna", 3, EPOCH + 7200);
    assert_eq!(Tester::new("20.0.0.1:4003", renewed).allocate(&mut world), Err(486));
    assert_eq!(
        Tester::new("20.0.0.1:4004", world.credential("bert", 3)).allocate(&mut world).map(drop),
        Ok(())
    );
}

#[test]
fn an_address_and_the_server_have_bounds_of_their_own() {
    let mut world = World::new(Settings { allocations: 5, allocations_per_address: 3, ..settings() });
    let mut allocate = |address: &str, id: &str| {
        let mut tester = Tester::new(address, world.credential(id, 1));
        tester.allocate(&mut world).map(drop)
    };
    for n in 0..3 {
        allocate(&format!("20.0.0.1:400{n}"), &format!("a{n}")).unwrap();
    }
    assert_eq!(allocate("20.0.0.1:4009", "b"), Err(486), "the address");
    allocate("20.0.0.2:4000", "c").unwrap();
    allocate("20.0.0.3:4000", "d").unwrap();
    assert_eq!(allocate("20.0.0.4:4000", "e"), Err(508), "the server");
    world.pass(Duration::from_mins(10));
    let mut tester = Tester::new("20.0.0.1:4009", world.credential("b", 1));
    tester.allocate(&mut world).unwrap();
}

#[test]
fn no_two_relays_are_told_to_the_world_under_one_address() {
    let mut world = World::new(settings());
    let mut first = Tester::new("20.0.0.1:4000", world.credential("anna", 1));
    let relayed = first.allocate(&mut world).unwrap();
    // The same port of another address of this machine is free.
    world.ports.0.set(relayed.port() - 1);
    let mut second = Tester::new("20.0.0.2:4000", world.credential("bert", 1));
    assert_ne!(second.allocate(&mut world).unwrap(), relayed);
}

#[derive(Clone, Debug)]
enum Step {
    Allocate(u16),
    Release(u16),
    Gone(u16),
    Permit(u16),
    Say(u16),
    Noise(Vec<u8>),
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..12u16).prop_map(Step::Allocate),
        2 => (0..12u16).prop_map(Step::Release),
        1 => (0..12u16).prop_map(Step::Gone),
        2 => (0..12u16).prop_map(Step::Permit),
        2 => (0..12u16).prop_map(Step::Say),
        2 => proptest::collection::vec(any::<u8>(), 0..80).prop_map(Step::Noise),
        2 => (0..700u64).prop_map(Step::Wait),
    ]
}

proptest! {
    #[test]
    fn bounds_hold_on_any_day_and_in_the_end_nothing_is_left(steps in proptest::collection::vec(step(), 0..150)) {
        let bounds = Settings { allocations: 6, allocations_per_address: 4, ..settings() };
        let mut world = World::new(bounds);
        let mut testers: Vec<Tester> = (0..12)
            .map(|n| Tester::new(&format!("20.0.0.{}:{}", n % 3, 4000 + n), world.credential(&format!("s{}", n % 5), 2)))
            .collect();
        for step in steps {
            match step {
                Step::Allocate(n) => {
                    let id = format!("s{}", n % 5);
                    let tester = &mut testers[usize::from(n)];
                    tester.credential = world.credential(&id, 2);
                    let _ = tester.allocate(&mut world);
                }
                Step::Release(n) => {
                    let tester = &mut testers[usize::from(n)];
                    tester.greet(&mut world);
                    let _ = tester.refresh(&mut world, 0);
                }
                Step::Gone(n) => world.core.client_gone(&testers[usize::from(n)].client),
                Step::Permit(n) => {
                    let tester = &mut testers[usize::from(n)];
                    tester.greet(&mut world);
                    let _ = tester.permit(&mut world, "8.8.8.8:53");
                }
                Step::Say(n) => {
                    let tester = &testers[usize::from(n)];
                    let there = world.core.has_allocation(&tester.client);
                    let sent = tester.say(&mut world, "8.8.8.8:53", b"x");
                    prop_assert!(there || sent == Outcome::Drop);
                }
                Step::Noise(bytes) => {
                    let client = testers[0].client;
                    let before = world.core.count();
                    let _ = world.send(&client, &bytes);
                    prop_assert_eq!(world.core.count(), before);
                }
                Step::Wait(seconds) => world.pass(Duration::from_secs(seconds)),
            }
            prop_assert!(world.core.count() <= 6);
            prop_assert_eq!(world.core.clients.len(), world.core.count());
            prop_assert_eq!(world.core.relayed.len(), world.core.count());
        }
        world.pass(Duration::from_hours(1));
        prop_assert_eq!(world.core.count(), 0);
        prop_assert!(world.core.quotas.allow("s0", 1, "20.0.0.0".parse().unwrap(), 1), "nothing is counted any more");
    }
}
