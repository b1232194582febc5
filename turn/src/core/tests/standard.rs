//! The published test vectors (RFC 5769), through the server and the library below it.

use stun_types::attribute::{Software, Username, XorMappedAddress};
use stun_types::message::{LongTermKeyCredentials, Message, ShortTermCredentials};

use super::client::{World, checked, settings};
use crate::core::{Client, Outcome};

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    digits.chunks(2).map(|two| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap()).collect()
}

/// Section 2.1.
const REQUEST: &str = "
    00010058 2112a442 b7e7a701 bc34d686 fa87dfae
    80220010 5354554e 20746573 7420636c 69656e74
    00240004 6e0001ff
    80290008 932ff9b1 51263b36
    00060009 6576746a 3a683676 59202020
    00080014 9aeaa70c bfd8cb56 781ef2b5 b2d3f249 c1b571a2
    80280004 e57a3bcf";
/// Section 2.2.
const RESPONSE_V4: &str = "
    0101003c 2112a442 b7e7a701 bc34d686 fa87dfae
    8022000b 74657374 20766563 746f7220
    00200008 0001a147 e112a643
    00080014 2b91f599 fd9e90c3 8c7489f9 2af9ba53 f06be7d7
    80280004 c07d4c96";
/// Section 2.3.
const RESPONSE_V6: &str = "
    01010048 2112a442 b7e7a701 bc34d686 fa87dfae
    8022000b 74657374 20766563 746f7220
    00200014 0002a147 0113a9fa a5d3f179 bc25f4b5 bed2b9d9
    00080014 a382954e 4be67bf1 1784c97c 8292c275 bfe3ed41
    80280004 c8fb0b4c";
/// Section 2.4.
const LONG_TERM: &str = "
    00010060 2112a442 78ad3433 c6ad72c0 29da412e
    00060012 e3839ee3 8388e383 aae38383 e382af e382b9 0000
    0015001c 662f2f34 39396b39 35346436 4f4c3334 6f4c3946 53547679 36347341
    0014000b 6578616d 706c652e 6f726700
    00080014 f67024656dd64a3e02b8e0712e85c9a28ca89666";

#[test]
fn the_vectors_are_read_and_their_integrity_holds() {
    let short = ShortTermCredentials::new("VOkJxbRl1RmTxUk/WvJxBt".to_owned()).into();
    let request = bytes(REQUEST);
    let request = Message::from_bytes(&request).unwrap();
    assert!(request.validate_integrity(&short).is_ok());
    assert_eq!(request.attribute::<Username>().unwrap().username(), "evtj:h6vY");
    assert_eq!(request.attribute::<Software>().unwrap().software(), "STUN test client");
    for (response, expected) in
        [(RESPONSE_V4, "192.0.2.1:32853"), (RESPONSE_V6, "[2001:db8:1234:5678:11:2233:4455:6677]:32853")]
    {
        let response = bytes(response);
        let response = Message::from_bytes(&response).unwrap();
        assert!(response.validate_integrity(&short).is_ok());
        let mapped = response.attribute::<XorMappedAddress>().unwrap().addr(response.transaction_id());
        assert_eq!(mapped, expected.parse().unwrap());
    }
}

#[test]
fn the_request_of_the_vectors_asks_for_what_no_stun_server_does_and_is_told_so() {
    let mut world = World::new(settings());
    let client = Client::udp("192.0.2.1:32853".parse().unwrap());
    let reply = world.reply(&client, &bytes(REQUEST));
    assert_eq!(checked(&reply), Err(420), "PRIORITY must be understood, and is for ICE");
    assert_eq!(reply[4..20], bytes(REQUEST)[4..20], "the same transaction");
    let mut damaged = bytes(REQUEST);
    damaged[30] ^= 1;
    assert_eq!(world.send(&client, &damaged), Outcome::Drop, "its fingerprint is wrong");
}

#[test]
fn an_answer_has_the_mapped_address_as_the_vectors_have_it() {
    let mut world = World::new(settings());
    for (response, address) in
        [(RESPONSE_V4, "192.0.2.1:32853"), (RESPONSE_V6, "[2001:db8:1234:5678:11:2233:4455:6677]:32853")]
    {
        let mut request = bytes(REQUEST)[..20].to_vec();
        request[2..4].copy_from_slice(&[0, 0]);
        let reply = world.reply(&Client::udp(address.parse().unwrap()), &request);
        let expected = bytes(response);
        let attribute = &expected[36..expected.len() - 32];
        assert_eq!(&reply[20..], attribute);
    }
}

#[test]
fn the_long_term_vector_holds() {
    let request = bytes(LONG_TERM);
    let message = Message::from_bytes(&request).unwrap();
    let key = LongTermKeyCredentials::new(
        "\u{30de}\u{30c8}\u{30ea}\u{30c3}\u{30af}\u{30b9}".to_owned(),
        "TheMatrIX".to_owned(),
        "example.org".to_owned(),
    );
    assert!(message.validate_integrity(&key.into()).is_ok());
}
