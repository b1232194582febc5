//! What comes over the wire, read by the browser's own parser: the same as by the reader that everything else uses.

use vong_client::platform::json;
use vong_protocol::channel::BroadcasterMessage;
use vong_protocol::{ServerMessage, limits};
use wasm_bindgen_test::wasm_bindgen_test;

const PROTOCOL: &str = include_str!("../../../docs/protocol.md");
const CHANNEL: &str = include_str!("../../../docs/data-channel.md");

fn examples(document: &'static str, direction: &str) -> Vec<&'static str> {
    let fence = format!("```json {direction}\n");
    document
        .split(fence.as_str())
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .map(str::trim)
        .collect()
}

#[wasm_bindgen_test]
fn every_example_is_read_as_elsewhere() {
    let examples_of_server = examples(PROTOCOL, "server");
    assert!(examples_of_server.len() >= 11);
    for example in examples_of_server {
        let read = json::read::<ServerMessage>(example);
        assert!(read.is_some() && read == ServerMessage::parse(example), "{example}");
    }
    let examples_of_broadcaster = examples(CHANNEL, "broadcaster");
    assert!(examples_of_broadcaster.len() >= 9);
    for example in examples_of_broadcaster {
        let read = json::read_broadcaster(example);
        assert!(read.is_some() && read == BroadcasterMessage::parse(example), "{example}");
    }
}

#[wasm_bindgen_test]
fn what_is_no_message_is_none() {
    let hostile = [
        "",
        "{",
        "null",
        "[]",
        "7",
        "\"ping\"",
        "{}",
        r#"{"type":7}"#,
        r#"{"type":"later"}"#,
        r#"{"type":"unsaid"}"#,
        r#"{"type":"unsaid","seq":-1}"#,
        r#"{"type":"unsaid","seq":1.5}"#,
        r#"{"type":"unsaid","seq":1e300}"#,
        r#"{"type":"unsaid","seq":4294967296}"#,
        r#"{"type":"unsaid","seq":"1"}"#,
        r#"{"type":"unsaid","seq":[1]}"#,
        r#"{"type":"said","seq":1,"from":1,"id":1,"text":"","at":1}"#,
        r#"{"type":"reacted","reaction":"bomb"}"#,
        r#"{"type":"muted","muted":1}"#,
        r#"{"type":"broadcaster","presence":{"state":"live"}}"#,
        r#"{"__proto__":{"type":"unsaid","seq":1}}"#,
    ];
    for text in hostile {
        assert_eq!(json::read_broadcaster(text), BroadcasterMessage::parse(text), "{text}");
        assert_eq!(json::read_broadcaster(text), None, "{text}");
        assert_eq!(json::read::<ServerMessage>(text), None, "{text}");
    }
    let long = format!(r#"{{"type":"unsaid","seq":1,"more":"{}"}}"#, "x".repeat(limits::CHANNEL_MESSAGE));
    assert_eq!(json::read_broadcaster(&long), None, "it is too long");
}

#[wasm_bindgen_test]
fn what_a_newer_side_says_beyond_is_ignored() {
    let text = r#"{"type":"unsaid","seq":1,"more":{"x":[1.5,null]},"name":null}"#;
    assert_eq!(json::read_broadcaster(text), Some(BroadcasterMessage::Unsaid { seq: 1 }));
}
