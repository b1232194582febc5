//! What two pages say to each other about files: its JSON form, its document, and what becomes of hostile input.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::Value;
use vong_protocol::files::{FileMessage, FileName, MediaType, Sha256, VERSION};
use vong_protocol::{RunId, limits};

const DOCUMENT: &str = include_str!("../../docs/files.md");

/// One of each. A new message is missed here by the compiler's word for a match that is not complete.
fn messages() -> Vec<FileMessage> {
    use FileMessage::{Done, Get, Hello, Offer, Refuse, Sum, Withdraw};
    let all = vec![
        Hello { version: VERSION, run: RunId::parse("cnVuLW51bWJlci1v").unwrap(), heard: true },
        Offer { id: 1, name: FileName::new("a.txt"), size: limits::FILE, kind: MediaType::new("text/plain") },
        Withdraw { id: 1 },
        Refuse { id: u32::MAX },
        Done { id: 1 },
        Get { block: 0 },
        Sum { block: 7, sha256: Sha256([0xab; 32]) },
    ];
    for message in &all {
        match message {
            Hello { .. }
            | Offer { .. }
            | Withdraw { .. }
            | Refuse { .. }
            | Done { .. }
            | Get { .. }
            | Sum { .. } => {}
        }
    }
    all
}

fn parse(text: &str) -> Option<FileMessage> {
    serde_json::from_str(text).ok()
}

fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in {text}"))
}

fn kind(text: &str) -> String {
    value(text)["type"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn every_message_survives_the_round_trip() {
    for message in messages() {
        assert_eq!(parse(&message.to_json()), Some(message));
    }
}

#[test]
fn every_message_has_an_example_that_is_exactly_what_the_types_write() {
    let mut shown = BTreeSet::new();
    for rest in DOCUMENT.split("```json\n").skip(1) {
        let example = rest.split("```").next().unwrap_or_default().trim();
        let message = parse(example).unwrap_or_else(|| panic!("{example}"));
        assert_eq!(value(&message.to_json()), value(example));
        shown.insert(kind(example));
    }
    assert_eq!(shown, messages().iter().map(|message| kind(&message.to_json())).collect());
}

#[test]
fn the_numbers_in_the_document_are_the_constants() {
    for said in [
        format!("version {VERSION}"),
        format!("blocks of {} MiB", limits::BLOCK >> 20),
        format!("at most {} KiB", limits::PIECE / 1024),
        format!("| a message | {} KiB |", limits::FILE_MESSAGE / 1024),
        format!("| a file | {} TiB |", limits::FILE >> 40),
        format!("| a name | {} characters |", limits::FILE_NAME),
        format!("| a media type | {} characters |", limits::MEDIA_TYPE),
    ] {
        assert!(DOCUMENT.contains(&said), "{said}");
    }
}

#[test]
fn what_is_no_message_or_beyond_its_bound_is_none() {
    let large = format!(r#"{{"type":"offer","id":1,"name":"a","size":{},"kind":""}}"#, limits::FILE + 1);
    for text in [
        "",
        "[]",
        r#"{"type":"dance"}"#,
        r#"{"type":"get"}"#,
        r#"{"type":"get","block":-1}"#,
        r#"{"type":"get","block":4294967296}"#,
        r#"{"type":"offer","id":1,"name":"a","size":-1}"#,
        r#"{"type":"sum","block":0,"sha256":"short"}"#,
        r#"{"type":"hello","version":1,"run":"short","heard":true}"#,
        &large,
    ] {
        assert_eq!(parse(text), None, "{text}");
    }
    assert_eq!(parse(r#"{"type":"get","block":3,"of":"x"}"#), Some(FileMessage::Get { block: 3 }));
}

#[test]
fn the_longest_name_in_the_longest_writing_fits_into_a_message() {
    let name = "\\ud83d\\ude00".repeat(limits::FILE_NAME);
    let kind = "a".repeat(limits::MEDIA_TYPE);
    let text = format!(
        r#"{{"type":"offer","id":4294967295,"name":"{name}","size":{},"kind":"{kind}"}}"#,
        limits::FILE
    );
    assert!(text.len() <= limits::FILE_MESSAGE && parse(&text).is_some(), "{} bytes", text.len());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_a_file_is_called_becomes_a_name_and_stays_it(typed in "\\PC{0,200}|[\u{0}-\u{40}\u{200b}-\u{206f}a-c./\\\\]{0,200}") {
        let name = FileName::new(&typed);
        let text = name.as_str();
        prop_assert!((1..=limits::FILE_NAME).contains(&text.chars().count()), "{text:?}");
        prop_assert!(!text.contains(['/', '\\', ':', '\n', '\0']), "{text:?}");
        prop_assert!(!text.starts_with('.') && !text.ends_with(['.', ' ']), "{text:?}");
        prop_assert_eq!(FileName::new(text), name.clone());
    }

    #[test]
    fn no_input_is_too_much(text in "\\PC{0,400}", json in "\\{\"type\":\"(hello|offer|get|sum)\"[ -~]{0,200}\\}") {
        let _ = (parse(&text), parse(&json));
    }
}
