//! Who gets an allocation, and for how long.

use std::time::Duration;

use stun_types::message::{BINDING, Message, MessageWrite, MessageWriteVec, TransactionId};
use turn_types::attribute::{RequestedTransport, XorPeerAddress};
use turn_types::message::{ALLOCATE, CREATE_PERMISSION};

use super::client::{EPOCH, Tester, World, checked, nonce, settings};
use crate::bounds;
use crate::core::{Client, Outcome};
use crate::credential::{Credential, Secret};

const ANNA: &str = "20.0.0.1:4000";
const UDP: u8 = RequestedTransport::UDP;

#[test]
fn a_good_credential_gets_an_allocation_once_and_a_repeated_request_the_same_one() {
    let mut world = World::new(settings());
    let mut anna = Tester::new(ANNA, world.credential("anna", 2));
    anna.greet(&mut world);
    let request = anna.request(ALLOCATE, TransactionId::generate(), &[&RequestedTransport::new(UDP)]);
    let first = world.reply(&anna.client, &request);
    assert_eq!(checked(&first), Ok(()));
    assert_eq!(world.reply(&anna.client, &request), first, "the answer was lost");
    assert_eq!(anna.allocate(&mut world), Err(437), "another request is a mistake");
    assert_eq!(world.core.count(), 1);
}

#[test]
fn credentials_that_are_wrong_expired_or_from_elsewhere_get_nothing() {
    let mut world = World::new(settings());
    let good = world.credential("anna", 2);
    let expired = world.secret.mint("anna", 2, EPOCH);
    let foreign = Secret::new("south").mint("anna", 2, EPOCH + 3600);
    let claims_more = Credential { username: good.username.replace(":2-", ":9-"), ..good.clone() };
    let lives_longer = Credential { username: good.username.replacen("17", "18", 1), ..good.clone() };
    let plain = Credential { username: "anna".to_owned(), password: "anna".to_owned() };
    for credential in [expired, foreign, claims_more, lives_longer, plain] {
        let mut tester = Tester::new(ANNA, credential);
        assert_eq!(tester.allocate(&mut world), Err(401), "{}", tester.credential.username);
        assert_eq!(world.core.count(), 0);
    }
    assert!(Tester::new(ANNA, good).allocate(&mut world).is_ok());
}

#[test]
fn a_credential_is_of_use_until_it_expires_and_a_relay_goes_on_until_its_own_end() {
    let mut world = World::new(settings());
    let credential = world.secret.mint("anna", 5, EPOCH + 60);
    let mut early = Tester::new(ANNA, credential.clone());
    early.allocate(&mut world).unwrap();
    world.pass(Duration::from_mins(2));
    assert_eq!(Tester::new("20.0.0.1:4001", credential).allocate(&mut world), Err(401));
    let mut left = bounds::LONGEST;
    while left > bounds::LIFETIME {
        early.greet(&mut world);
        assert_eq!(early.refresh(&mut world, 600), Ok(600));
        world.pass(Duration::from_mins(9));
        left = left.saturating_sub(Duration::from_mins(9));
    }
    while world.core.count() > 0 {
        early.greet(&mut world);
        let granted = early.refresh(&mut world, 600).unwrap_or(0);
        assert!(granted <= 600 && left > Duration::ZERO, "it outlives its longest time");
        world.pass(Duration::from_mins(5));
        left = left.saturating_sub(Duration::from_mins(5));
    }
}

#[test]
fn a_nonce_is_of_use_to_its_client_for_its_time() {
    let mut world = World::new(settings());
    let mut anna = world.allocated(ANNA, "anna");
    let mut thief = Tester::new("20.0.0.9:4000", anna.credential.clone());
    thief.nonce.clone_from(&anna.nonce);
    let asked = [&RequestedTransport::new(UDP) as _];
    assert_eq!(thief.ask(&mut world, ALLOCATE, &asked).unwrap_err(), 438, "overheard and repeated elsewhere");
    world.pass(bounds::NONCE.saturating_sub(Duration::from_secs(1)));
    assert_eq!(anna.refresh(&mut world, 600), Ok(600));
    world.pass(Duration::from_secs(1));
    assert_eq!(anna.refresh(&mut world, 600), Err(438));
    let stale = anna.request(ALLOCATE, TransactionId::generate(), &asked);
    anna.nonce = nonce(&world.reply(&anna.client, &stale));
    assert_eq!(anna.refresh(&mut world, 600), Ok(600), "the answer brought a new one");
}

#[test]
fn nobody_gets_hold_of_anothers_allocation() {
    let mut world = World::new(settings());
    let anna = world.allocated(ANNA, "anna");
    let mut other = Tester::new(ANNA, world.credential("other", 2));
    other.nonce.clone_from(&anna.nonce);
    assert_eq!(other.refresh(&mut world, 0), Err(441));
    assert_eq!(other.permit(&mut world, "8.8.8.8:53"), Err(441));
    assert_eq!(world.core.count(), 1);
}

#[test]
fn an_allocation_lives_as_long_as_it_is_refreshed() {
    let mut world = World::new(settings());
    let mut anna = world.allocated(ANNA, "anna");
    world.pass(Duration::from_secs(500));
    assert_eq!(anna.refresh(&mut world, 1_000_000), Ok(600), "no more than the bound");
    world.pass(Duration::from_secs(500));
    assert_eq!(world.core.count(), 1);
    world.pass(Duration::from_secs(100));
    assert_eq!(world.core.count(), 0);
    anna.greet(&mut world);
    assert_eq!(anna.refresh(&mut world, 600), Err(437));
    anna.allocate(&mut world).unwrap();
    assert_eq!(anna.refresh(&mut world, 0), Ok(0));
    assert_eq!(world.core.count(), 0);
}

#[test]
fn requests_that_are_not_whole_get_an_error_that_says_so() {
    let mut world = World::new(settings());
    let mut anna = Tester::new(ANNA, world.credential("anna", 2));
    anna.greet(&mut world);
    assert_eq!(anna.ask(&mut world, ALLOCATE, &[]).unwrap_err(), 400, "no transport");
    assert_eq!(anna.ask(&mut world, ALLOCATE, &[&RequestedTransport::new(6)]).unwrap_err(), 442, "TCP");
    let family = turn_types::attribute::RequestedAddressFamily::new(turn_types::AddressFamily::IPV6);
    let udp = RequestedTransport::new(UDP);
    assert_eq!(anna.ask(&mut world, ALLOCATE, &[&udp, &family]).unwrap_err(), 440);
    let fragment = turn_types::attribute::DontFragment::new();
    assert_eq!(anna.ask(&mut world, ALLOCATE, &[&udp, &fragment]).unwrap_err(), 420);
    let reserved = turn_types::attribute::EvenPort::new(true);
    assert_eq!(anna.ask(&mut world, ALLOCATE, &[&udp, &reserved]).unwrap_err(), 508);
    assert_eq!(anna.permit(&mut world, "8.8.8.8:53"), Err(437), "no allocation");
    anna.allocate(&mut world).unwrap();
    assert_eq!(anna.ask(&mut world, CREATE_PERMISSION, &[]).unwrap_err(), 400, "no peer");
    assert_eq!(anna.permit(&mut world, "[2a00::1]:53"), Err(443));
    assert_eq!(anna.bind(&mut world, 0x3fff, "8.8.8.8:53"), Err(400));
    let peer = XorPeerAddress::new("8.8.8.8:53".parse().unwrap(), TransactionId::generate());
    let unsigned = {
        use stun_types::message::MessageWriteExt;
        let mut message = Message::builder_request(CREATE_PERMISSION, MessageWriteVec::new());
        message.add_attribute(&peer).unwrap();
        message.finish()
    };
    assert_eq!(checked(&world.reply(&anna.client, &unsigned)), Err(401));
}

#[test]
fn an_unproven_answer_is_no_longer_than_it_must_be_and_a_flood_gets_few() {
    let mut world = World::new(settings());
    let client = Client::udp(ANNA.parse().unwrap());
    let binding = Message::builder_request(BINDING, MessageWriteVec::new()).finish();
    assert_eq!((binding.len(), world.reply(&client, &binding).len()), (20, 32));
    let allocate = Message::builder_request(ALLOCATE, MessageWriteVec::new()).finish();
    assert!(world.reply(&client, &allocate).len() <= 56);
    let answered = |world: &mut World, from: &Client| {
        (0..10_000).filter(|_| matches!(world.send(from, &allocate), Outcome::Reply(_))).count()
    };
    assert!(answered(&mut world, &client) <= usize::try_from(bounds::UNPROVEN_BURST).unwrap());
    let other = Client::udp("20.0.0.2:4000".parse().unwrap());
    assert!(matches!(world.send(&other, &allocate), Outcome::Reply(_)), "others are not the worse for it");
    assert_eq!(world.core.count(), 0);
}
