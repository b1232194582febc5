//! The JSON form of every message, and what becomes of input that is none.

#![expect(clippy::expect_used, reason = "a test")]

mod samples;

use std::collections::BTreeSet;

use proptest::prelude::*;
use vong_protocol::{
    BadPassword, BadRoomId, BroadcasterKey, ClientMessage, ErrorCode, Password, PeerId, RoomId,
    ServerMessage, SessionToken, limits,
};

fn code(text: &str) -> ErrorCode {
    ClientMessage::parse(text).expect_err(text).code
}

#[test]
fn every_message_is_among_the_samples_and_says_its_name() {
    let mut names = BTreeSet::new();
    for message in samples::client() {
        let name = samples::client_name(&message);
        assert!(message.to_json().starts_with(&format!(r#"{{"type":"{name}""#)), "{name}");
        names.insert(name);
    }
    assert_eq!(names, samples::CLIENT_NAMES.iter().copied().collect());
    names.clear();
    for message in samples::server() {
        let name = samples::server_name(&message);
        assert!(message.to_json().starts_with(&format!(r#"{{"type":"{name}""#)), "{name}");
        names.insert(name);
    }
    assert_eq!(names, samples::SERVER_NAMES.iter().copied().collect());
}

#[test]
fn every_client_message_survives_the_round_trip() {
    for message in samples::client() {
        assert_eq!(ClientMessage::parse(&message.to_json()), Ok(message));
    }
}

#[test]
fn every_server_message_survives_the_round_trip() {
    for message in samples::server() {
        assert_eq!(ServerMessage::parse(&message.to_json()), Some(message));
    }
}

#[test]
fn what_is_not_a_message_is_named_as_what_it_is() {
    for (text, expected) in [
        ("", ErrorCode::Malformed),
        ("not json", ErrorCode::Malformed),
        ("[]", ErrorCode::Malformed),
        (r#"{"type":"dance"}"#, ErrorCode::Malformed),
        (r#"{"type":"pong","extra":1}"#, ErrorCode::Malformed),
        (r#"{"type":"offer","sdp":"v=0"}"#, ErrorCode::Malformed),
        (r#"{"type":"offer","attempt":-1,"sdp":"v=0"}"#, ErrorCode::Malformed),
        (r#"{"type":"answer","to":"short","attempt":1,"sdp":"v=0"}"#, ErrorCode::Malformed),
        (r#"{"type":"join","version":2,"room":"demo","role":"watcher"}"#, ErrorCode::UnsupportedVersion),
        (r#"{"type":"join","version":2,"as":"something new"}"#, ErrorCode::UnsupportedVersion),
        (r#"{"type":"join","version":"x","room":"demo","role":"watcher"}"#, ErrorCode::UnsupportedVersion),
        (r#"{"type":"join","version":1,"room":"demo","role":"king"}"#, ErrorCode::Malformed),
        (r#"{"type":"join","version":1,"room":"demo","role":"watcher","password":""}"#, ErrorCode::Malformed),
        (r#"{"type":"admission","password":"a\nb"}"#, ErrorCode::Malformed),
        (r#"{"type":"admission","most":-1}"#, ErrorCode::Malformed),
        (r#"{"type":"remove","bar":true}"#, ErrorCode::Malformed),
        (r#"{"type":"unbar","id":"Zm9vYmFyYmF6cXV4"}"#, ErrorCode::Malformed),
        (r#"{"type":"join","version":1,"room":"../etc","role":"watcher"}"#, ErrorCode::BadRoomId),
        (r#"{"type":"join","version":1,"room":"","role":"watcher"}"#, ErrorCode::BadRoomId),
    ] {
        assert_eq!(code(text), expected, "{text}");
    }
}

#[test]
fn a_refusal_says_what_was_wrong_without_repeating_much_of_it() {
    let missing = ClientMessage::parse(r#"{"type":"offer","attempt":1}"#).expect_err("no sdp");
    assert!(missing.message.contains("sdp"), "{missing}");
    let unknown = ClientMessage::parse(r#"{"type":"pong","zebra":1}"#).expect_err("a field too many");
    assert!(unknown.message.contains("zebra"), "{unknown}");
    let long = format!(r#"{{"type":"{}"}}"#, "x".repeat(20_000));
    assert!(ClientMessage::parse(&long).expect_err("no such type").message.len() < 1_000);
}

#[test]
fn what_is_over_its_bound_is_too_large() {
    let offer = |bytes| ClientMessage::Offer {
        attempt: vong_protocol::Attempt(1),
        restart: false,
        sdp: "x".repeat(bytes),
    };
    assert!(ClientMessage::parse(&offer(limits::SDP).to_json()).is_ok());
    assert_eq!(code(&offer(limits::SDP + 1).to_json()), ErrorCode::TooLarge);
    assert_eq!(code(&" ".repeat(limits::CLIENT_MESSAGE + 1)), ErrorCode::TooLarge);
    let candidate = samples::candidate("x".repeat(limits::CANDIDATE + 1));
    let message = ClientMessage::Candidate { to: None, attempt: vong_protocol::Attempt(1), candidate };
    assert_eq!(code(&message.to_json()), ErrorCode::TooLarge);
}

#[test]
fn a_room_name_is_what_can_stand_in_a_link() {
    for good in ["demo", "a", "0", "calm-otter-42", "under_score", &"x".repeat(limits::ROOM_ID)] {
        assert_eq!(RoomId::parse(good).expect(good).as_str(), good);
    }
    assert_eq!(RoomId::parse("DeMo").expect("capitals fold").as_str(), "demo");
    assert_eq!(RoomId::parse(""), Err(BadRoomId::Empty));
    assert_eq!(RoomId::parse(&"x".repeat(limits::ROOM_ID + 1)), Err(BadRoomId::TooLong));
    for bad in ["../", "a b", "🎥", "<script>", "a/b", "vọng", "a\0", "a.b"] {
        assert!(matches!(RoomId::parse(bad), Err(BadRoomId::Character(_))), "{bad}");
    }
}

#[test]
fn a_password_is_one_line_of_at_most_64_characters_kept_as_typed() {
    let longest = "ậ".repeat(limits::PASSWORD);
    for good in ["a", " ", " two  words ", "mật khẩu", "🔑", &longest] {
        assert_eq!(Password::parse(good).expect(good).as_str(), good);
    }
    assert_eq!(Password::parse(""), Err(BadPassword::Empty));
    assert_eq!(Password::parse(&format!("{longest}x")), Err(BadPassword::TooLong));
    for bad in ["\0", "a\nb", "tab\t", "\u{85}", "\u{7f}"] {
        assert_eq!(Password::parse(bad), Err(BadPassword::Control), "{bad:?}");
    }
}

#[test]
fn what_is_wrong_with_a_password_is_said_without_repeating_it() {
    let secret = "tell nobody ".repeat(10);
    let text = format!(r#"{{"type":"admission","password":"{secret}"}}"#);
    let refusal = ClientMessage::parse(&text).expect_err("too long");
    assert!(refusal.message.contains("64 characters") && !refusal.message.contains("nobody"), "{refusal}");
}

#[test]
fn an_admission_that_says_nothing_asks_for_nothing() {
    let open = ClientMessage::Admission { locked: false, password: None, most: None };
    assert_eq!(open.to_json(), r#"{"type":"admission"}"#);
    assert_eq!(ClientMessage::parse(r#"{"type":"admission"}"#), Ok(open));
}

#[test]
fn secrets_do_not_show_in_debug_output() {
    let text = "s".repeat(limits::SECRET);
    let token = SessionToken::parse(&text).expect("a token");
    let key = BroadcasterKey::parse(&text).expect("a key");
    let password = Password::parse(&text).expect("a password");
    assert!(!format!("{token:?}{key:?}{password:?}").contains("sss"));
}

#[test]
fn a_code_of_a_newer_server_is_understood_as_unknown() {
    let message = r#"{"type":"error","code":"from_the_future","message":"?"}"#;
    let parsed = ServerMessage::parse(message);
    assert!(matches!(parsed, Some(ServerMessage::Error { code: ErrorCode::Unknown, .. })));
}

#[test]
fn a_newer_server_may_say_more() {
    for message in samples::server() {
        let mut json = serde_json::to_value(&message).expect("its own JSON");
        say_more(&mut json);
        assert_eq!(ServerMessage::parse(&json.to_string()), Some(message), "what is known is enough");
    }
}

/// Adds a field to every object within.
fn say_more(json: &mut serde_json::Value) {
    match json {
        serde_json::Value::Object(fields) => {
            fields.values_mut().for_each(say_more);
            fields.insert("mood".to_owned(), "good".into());
        }
        serde_json::Value::Array(values) => values.iter_mut().for_each(say_more),
        _ => {}
    }
}

#[test]
fn of_a_candidate_the_known_fields_are_kept_and_others_dropped() {
    let text =
        r#"{"type":"candidate","attempt":1,"candidate":{"candidate":"candidate:1","relayProtocol":"udp"}}"#;
    let Ok(ClientMessage::Candidate { candidate, .. }) = ClientMessage::parse(text) else {
        panic!("browsers may come to say more")
    };
    assert_eq!(serde_json::to_string(&candidate).expect("JSON"), r#"{"candidate":"candidate:1"}"#);
}

proptest! {
    #[test]
    fn arbitrary_text_never_panics(text in "\\PC*") {
        let _ = ClientMessage::parse(&text);
        let _ = RoomId::parse(&text);
        let _ = PeerId::parse(&text);
        let _ = SessionToken::parse(&text);
        let _ = Password::parse(&text);
        let _ = ServerMessage::parse(&text);
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        let text = String::from_utf8_lossy(&bytes);
        let _ = ClientMessage::parse(&text);
        let _ = ServerMessage::parse(&text);
    }

    #[test]
    fn a_damaged_message_is_refused_or_read_but_never_panics(
        sample in prop::sample::select(samples::client()),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut bytes = sample.to_json().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(message) = ClientMessage::parse(&String::from_utf8_lossy(&bytes)) {
            prop_assert_eq!(ClientMessage::parse(&message.to_json()), Ok(message));
        }
    }

    #[test]
    fn what_parses_as_a_room_name_is_within_its_alphabet(text in "[\\PC]{0,80}") {
        if let Ok(room) = RoomId::parse(&text) {
            let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
            prop_assert!(room.as_str().chars().all(fits));
            prop_assert!((1..=limits::ROOM_ID).contains(&room.as_str().len()));
        }
    }
}
