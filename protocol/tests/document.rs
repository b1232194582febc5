//! `docs/protocol.md` and the types say the same.

#![expect(clippy::panic, reason = "a test")]

mod samples;

use std::collections::BTreeSet;

use serde_json::Value;
use vong_protocol::{ClientMessage, ErrorCode, ServerMessage, VERSION, limits};

const DOCUMENT: &str = include_str!("../../docs/protocol.md");

/// The fenced JSON examples of one direction.
fn examples(direction: &str) -> Vec<&'static str> {
    let fence = format!("```json {direction}\n");
    DOCUMENT
        .split(fence.as_str())
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .map(str::trim)
        .collect()
}

fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in {text}"))
}

#[test]
fn every_client_example_is_exactly_what_the_types_write() {
    for example in examples("client") {
        let message = ClientMessage::parse(example).unwrap_or_else(|refusal| panic!("{refusal}: {example}"));
        assert_eq!(value(&message.to_json()), value(example));
    }
}

#[test]
fn every_server_example_is_exactly_what_the_types_write() {
    for example in examples("server") {
        let message = ServerMessage::parse(example).unwrap_or_else(|| panic!("{example}"));
        assert_eq!(value(&message.to_json()), value(example));
    }
}

#[test]
fn every_message_has_an_example() {
    let documented = |direction| -> BTreeSet<String> {
        examples(direction)
            .into_iter()
            .map(|e| value(e)["type"].as_str().unwrap_or_default().to_owned())
            .collect()
    };
    let all = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(documented("client"), all(samples::CLIENT_NAMES));
    assert_eq!(documented("server"), all(samples::SERVER_NAMES));
}

#[test]
fn the_table_of_errors_is_that_of_the_types() {
    let rows: BTreeSet<(String, bool)> = DOCUMENT
        .lines()
        .filter_map(|line| {
            let mut cells = line.strip_prefix("| `")?.split('|').map(str::trim);
            let code = cells.next()?.trim_end_matches('`').to_owned();
            match cells.next()? {
                "yes" => Some((code, true)),
                "no" => Some((code, false)),
                _ => None,
            }
        })
        .collect();
    let codes = ErrorCode::ALL.iter().map(|code| {
        let name = serde_json::to_value(code).unwrap();
        (name.as_str().unwrap_or_default().to_owned(), code.closes())
    });
    assert_eq!(rows, codes.collect());
}

#[test]
fn the_numbers_in_the_document_are_the_constants() {
    for said in [
        format!("version {VERSION}"),
        format!("| a client's message | {} KiB |", limits::CLIENT_MESSAGE / 1024),
        format!("| a session description | {} KiB |", limits::SDP / 1024),
        format!(
            "| a candidate | {} KiB, its other fields {} bytes",
            limits::CANDIDATE / 1024,
            limits::CANDIDATE_FIELD
        ),
        format!("| a room name | {} characters |", limits::ROOM_ID),
        format!("| a password | {} characters |", limits::PASSWORD),
    ] {
        assert!(DOCUMENT.contains(&said), "{said}");
    }
}
