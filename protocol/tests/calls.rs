//! What a page and the server say to each other about calls: its JSON form, its document, and what becomes of hostile input.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::Value;
use vong_protocol::calls::{ClientMessage, EndReason, Refused, Register, ServerMessage, VERSION};
use vong_protocol::channel::Name;
use vong_protocol::{CallId, ErrorCode, NameSecret, SessionToken, limits};

const DOCUMENT: &str = include_str!("../../docs/calls.md");

const NUMBER: &str = "Y2FsbC1udW1iZXItb2Ytb2";

fn call() -> CallId {
    CallId::parse(NUMBER).unwrap()
}

fn name() -> Name {
    Name::parse("duy").unwrap()
}

/// One of each. A new message is missed here by the compiler's word for a match that is not complete.
fn client() -> Vec<ClientMessage> {
    use ClientMessage::{Accept, Call, Find, HangUp, Leave, Pong, Refuse};
    let register = Register {
        version: VERSION,
        name: name(),
        secret: NameSecret::parse(NUMBER).unwrap(),
        page: SessionToken::parse(NUMBER).unwrap(),
        listed: false,
    };
    let all = vec![
        ClientMessage::Register(register),
        Call { call: call(), to: name() },
        Accept { call: call() },
        Refuse { call: call(), reason: Refused::Busy },
        HangUp { call: call() },
        Find { text: String::new() },
        Pong {},
        Leave { release: true },
    ];
    for message in &all {
        match message {
            ClientMessage::Register(_)
            | Call { .. }
            | Accept { .. }
            | Refuse { .. }
            | HangUp { .. }
            | Find { .. }
            | Pong {}
            | Leave { .. } => {}
        }
    }
    all
}

/// The same of the server's.
fn server() -> Vec<ServerMessage> {
    use ServerMessage::{Answered, Ended, Error, Found, Incoming, Missed, Ping, Registered, Ringing};
    let all = vec![
        Registered { name: name(), heartbeat_ms: 4_000 },
        Incoming { call: call(), from: name() },
        Ringing { call: call(), pages: 0 },
        Answered { call: call() },
        Ended { call: call(), reason: EndReason::Elsewhere },
        Missed { from: name(), ago_ms: u32::MAX },
        Found { text: "d".to_owned(), names: vec![name()] },
        Ping {},
        Error { code: ErrorCode::NameTaken, message: "taken".to_owned() },
    ];
    for message in &all {
        match message {
            Registered { .. }
            | Incoming { .. }
            | Ringing { .. }
            | Answered { .. }
            | Ended { .. }
            | Missed { .. }
            | Found { .. }
            | Ping {}
            | Error { .. } => {}
        }
    }
    all
}

fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in {text}"))
}

fn kind(text: &str) -> String {
    value(text)["type"].as_str().unwrap_or_default().to_owned()
}

fn examples(direction: &str) -> Vec<&'static str> {
    let fence = format!("```json {direction}\n");
    let rest = DOCUMENT.split(fence.as_str()).skip(1);
    rest.filter_map(|rest| rest.split("```").next()).map(str::trim).collect()
}

fn code(text: &str) -> ErrorCode {
    ClientMessage::parse(text).unwrap_err().code
}

#[test]
fn every_message_survives_the_round_trip() {
    for message in client() {
        assert_eq!(ClientMessage::parse(&message.to_json()), Ok(message));
    }
    for message in server() {
        assert_eq!(ServerMessage::parse(&message.to_json()), Some(message));
    }
}

#[test]
fn every_message_has_an_example_that_is_exactly_what_the_types_write() {
    let mut shown = BTreeSet::new();
    for example in examples("client") {
        let message = ClientMessage::parse(example).unwrap_or_else(|refusal| panic!("{refusal}: {example}"));
        assert_eq!(value(&message.to_json()), value(example));
        shown.insert(kind(example));
    }
    assert_eq!(shown, client().iter().map(|message| kind(&message.to_json())).collect());
    shown.clear();
    for example in examples("server") {
        let message = ServerMessage::parse(example).unwrap_or_else(|| panic!("{example}"));
        assert_eq!(value(&message.to_json()), value(example));
        shown.insert(kind(example));
    }
    assert_eq!(shown, server().iter().map(|message| kind(&message.to_json())).collect());
}

#[test]
fn the_table_of_reasons_is_that_of_the_types() {
    let table = DOCUMENT.split("| reason | meaning |").nth(1).unwrap().split("\n\n").next().unwrap();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let names = EndReason::ALL.map(EndReason::name);
    assert_eq!(rows.collect::<Vec<_>>(), names);
}

#[test]
fn the_numbers_in_the_document_are_the_constants() {
    for said in [
        format!("version {VERSION}"),
        format!("| a page's message | {} KiB |", limits::CALL_MESSAGE / 1024),
        format!("| a name, and what is looked for | {} characters |", limits::NAME),
        format!("at most {} of those that are listed", limits::FOUND),
    ] {
        assert!(DOCUMENT.contains(&said), "{said}");
    }
}

#[test]
fn what_is_not_a_message_is_named_as_what_it_is() {
    let register = |name: &str, version: u16| {
        format!(
            r#"{{"type":"register","version":{version},"name":"{name}","secret":"{NUMBER}","page":"{NUMBER}"}}"#
        )
    };
    assert!(ClientMessage::parse(&register("duy", VERSION)).is_ok());
    for (text, expected) in [
        ("", ErrorCode::Malformed),
        (r#"{"type":"dance"}"#, ErrorCode::Malformed),
        (r#"{"type":"accept"}"#, ErrorCode::Malformed),
        (r#"{"type":"accept","call":"short"}"#, ErrorCode::Malformed),
        (r#"{"type":"pong","extra":1}"#, ErrorCode::Malformed),
        (&register("duy", VERSION + 1), ErrorCode::UnsupportedVersion),
        (&register("", VERSION), ErrorCode::BadName),
        // Nothing of it can be seen.
        (&register("\u{200b}\u{2060} \u{feff}", VERSION), ErrorCode::BadName),
        (&register(&"a".repeat(limits::NAME + 1), VERSION), ErrorCode::BadName),
        (&register(&"a".repeat(1_000_000), VERSION), ErrorCode::TooLarge),
        (&format!(r#"{{"type":"find","text":"{}"}}"#, "a".repeat(limits::NAME + 1)), ErrorCode::Malformed),
    ] {
        assert_eq!(code(text), expected, "{text:.80}");
    }
}

#[test]
fn the_longest_name_in_the_longest_writing_fits_into_a_message() {
    let name = "\\ud83d\\ude00".repeat(limits::NAME);
    let text = format!(
        r#"{{"type":"register","version":1,"name":"{name}","secret":"{NUMBER}","page":"{NUMBER}","listed":true}}"#
    );
    assert!(ClientMessage::parse(&text).is_ok(), "{} bytes", text.len());
}

#[test]
fn a_call_and_its_room_are_named_alike() {
    assert_eq!(call().room().as_str(), "call-y2fsbc1udw1izxitb2ytb2");
    assert!(vong_protocol::RoomId::parse(call().room().as_str()).is_ok());
    assert!(!format!("{:?}", call()).contains("Y2F"), "nobody reads it in a log");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_input_is_too_much(
        text in "\\PC{0,400}",
        json in "\\{\"type\":\"(register|call|accept|refuse|find|leave)\"[ -~]{0,200}\\}",
    ) {
        for text in [&text, &json] {
            let _ = (ClientMessage::parse(text), ServerMessage::parse(text));
        }
    }
}
