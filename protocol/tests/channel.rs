//! What two pages say to each other: its JSON form, its document, and what becomes of hostile names and texts.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::Value;
use vong_protocol::channel::{
    BadText, BroadcasterMessage, Name, Reaction, Said, Scene, Text, Unheard, VERSION, WatcherMessage,
};
use vong_protocol::{RunId, limits};

const DOCUMENT: &str = include_str!("../../docs/data-channel.md");

fn run() -> RunId {
    RunId::parse("cnVuLW51bWJlci1v").unwrap()
}

/// One of each. A new message is missed here by the compiler's word for a match that is not complete.
fn watcher_messages() -> Vec<WatcherMessage> {
    use WatcherMessage::{Hand, Hello, Name as Called, React, Say};
    let all = vec![
        Hello { version: VERSION, name: None, run: None, seen: None },
        Called { name: Name::parse("An").ok() },
        Called { name: None },
        Say { id: 1, text: Text::parse("a\nb").unwrap() },
        React { reaction: Reaction::Party },
        Hand { up: true },
    ];
    for message in &all {
        match message {
            Hello { .. } | Called { .. } | Say { .. } | React { .. } | Hand { .. } => {}
        }
    }
    all
}

fn broadcaster_messages() -> Vec<BroadcasterMessage> {
    use BroadcasterMessage::{
        Audience, Hand, Muted, Reacted, Said as Heard, Scene as Shown, Unheard as NotHeard, Unsaid, Welcome,
    };
    let text = Text::parse("x").unwrap();
    let all = vec![
        Welcome { version: VERSION, run: run(), you: 1, muted: true, hand: false },
        Shown(Scene {
            name: Name::parse("Duy").ok(),
            since: 1_795_806_000_000,
            camera: true,
            ..Scene::default()
        }),
        Audience { count: 2_000 },
        Heard(Said { seq: 1, from: 0, id: 0, name: None, text, at: 1_795_806_600_000 }),
        Unsaid { seq: 1 },
        Reacted { reaction: Reaction::Clap },
        Muted { muted: false },
        Hand { up: true },
        NotHeard { id: 7, why: Unheard::Muted },
    ];
    for message in &all {
        match message {
            Welcome { .. }
            | Shown(_)
            | Audience { .. }
            | Heard(_)
            | Unsaid { .. }
            | Reacted { .. }
            | Muted { .. }
            | Hand { .. }
            | NotHeard { .. } => {}
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
    DOCUMENT
        .split(fence.as_str())
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .map(str::trim)
        .collect()
}

#[test]
fn every_message_survives_the_round_trip() {
    for message in watcher_messages() {
        assert_eq!(WatcherMessage::parse(&message.to_json()), Some(message));
    }
    for message in broadcaster_messages() {
        assert_eq!(BroadcasterMessage::parse(&message.to_json()), Some(message));
    }
}

#[test]
fn every_message_has_an_example_that_is_exactly_what_the_types_write() {
    let (mut watcher, mut broadcaster) = (BTreeSet::new(), BTreeSet::new());
    for example in examples("watcher") {
        let message = WatcherMessage::parse(example).unwrap_or_else(|| panic!("{example}"));
        assert_eq!(value(&message.to_json()), value(example));
        watcher.insert(kind(example));
    }
    for example in examples("broadcaster") {
        let message = BroadcasterMessage::parse(example).unwrap_or_else(|| panic!("{example}"));
        assert_eq!(value(&message.to_json()), value(example));
        broadcaster.insert(kind(example));
    }
    assert_eq!(watcher, watcher_messages().iter().map(|message| kind(&message.to_json())).collect());
    assert_eq!(broadcaster, broadcaster_messages().iter().map(|message| kind(&message.to_json())).collect());
}

#[test]
fn the_numbers_in_the_document_are_the_constants() {
    for said in [
        format!("version {VERSION}"),
        format!("| a message | {} KiB |", limits::CHANNEL_MESSAGE / 1024),
        format!("| a name | {} characters |", limits::NAME),
        format!("| what is said at once | {} characters |", limits::TEXT),
    ] {
        assert!(DOCUMENT.contains(&said), "{said}");
    }
    for reaction in Reaction::ALL {
        assert!(DOCUMENT.contains(&format!("`{}`", reaction.name())), "{reaction:?}");
    }
}

#[test]
fn what_is_no_message_or_of_a_later_version_is_none() {
    for text in [
        "",
        "hello",
        "[]",
        r#"{"type":"dance"}"#,
        r#"{"type":"say","id":1}"#,
        r#"{"type":"say","id":-1,"text":"x"}"#,
        r#"{"type":"say","id":1,"text":""}"#,
        r#"{"type":"react","reaction":"bomb"}"#,
        r#"{"type":"hello","version":1,"run":"short"}"#,
    ] {
        assert_eq!(WatcherMessage::parse(text), None, "{text}");
        assert_eq!(BroadcasterMessage::parse(text), None, "{text}");
    }
    let newer = r#"{"type":"hand","up":true,"which":"left"}"#;
    assert_eq!(WatcherMessage::parse(newer), Some(WatcherMessage::Hand { up: true }));
    let long = format!(r#"{{"type":"say","id":1,"text":"x"{}}}"#, " ".repeat(limits::CHANNEL_MESSAGE));
    assert_eq!(WatcherMessage::parse(&long), None);
}

#[test]
fn the_longest_text_in_the_longest_writing_fits_into_a_message() {
    let escaped = "\\ud83d\\ude00".repeat(limits::TEXT);
    let name = "\\ud83d\\ude00".repeat(limits::NAME);
    let text = format!(
        r#"{{"type":"said","seq":4294967295,"from":4294967295,"id":4294967295,"name":"{name}","text":"{escaped}","at":1795806600000}}"#
    );
    assert!(BroadcasterMessage::parse(&text).is_some(), "{} bytes", text.len());
}

#[test]
fn names_are_one_line_without_anything_hidden() {
    for (typed, name) in [
        ("An", "An"),
        ("  An \t Nguyễn\n", "An Nguyễn"),
        ("\u{202e}evil\u{202c}", "evil"),
        ("a\u{0}b\u{7f}c\u{200b}d\u{2066}e\u{feff}", "abcde"),
        ("👩\u{200d}🚀", "👩\u{200d}🚀"),
        ("<b>An</b>", "<b>An</b>"),
        ("z\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}\u{307}", "z\u{301}\u{302}\u{303}\u{304}"),
    ] {
        assert_eq!(Name::parse(typed).unwrap().as_str(), name, "{typed:?}");
    }
    for empty in
        ["", " \n ", "\u{200b}\u{2060}", "\u{202e}", "\u{3164}\u{ffa0}", "\u{200d}", "\u{fe0f}", "\u{2800}"]
    {
        assert_eq!(Name::parse(empty), Err(BadText::Empty), "{empty:?}");
    }
    assert_eq!(Name::parse(&"ă".repeat(limits::NAME)).map(|_| ()), Ok(()));
    assert_eq!(Name::parse(&"ă".repeat(limits::NAME + 1)), Err(BadText::TooLong));
    assert_eq!(Name::parse(&"x".repeat(1 << 20)), Err(BadText::TooLong));
}

#[test]
fn texts_keep_their_lines() {
    assert_eq!(Text::parse(" a\n\nb\u{202e}\r\n").unwrap().as_str(), "a\n\nb");
    assert_eq!(Text::parse(&"\n".repeat(9)), Err(BadText::Empty));
    assert_eq!(Text::parse(&"x".repeat(limits::TEXT + 1)), Err(BadText::TooLong));
    let high = Text::parse(&"a\n".repeat(100)).unwrap();
    assert_eq!((high.as_str().lines().count(), high.as_str().len()), (limits::LINES, 199));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn cleaning_is_done_after_once_and_keeps_the_bounds(typed in "\\PC{0,80}|[\u{0}-\u{30}\u{200b}-\u{206f}a-c]{0,80}") {
        if let Ok(name) = Name::parse(&typed) {
            prop_assert!(name.as_str().chars().count() <= limits::NAME);
            prop_assert!(!name.as_str().contains('\n'));
            prop_assert_eq!(Name::parse(name.as_str()), Ok(name.clone()));
        }
        if let Ok(text) = Text::parse(&typed) {
            prop_assert!(text.as_str().chars().count() <= limits::TEXT);
            prop_assert!(text.as_str().lines().count() <= limits::LINES);
            prop_assert_eq!(Text::parse(text.as_str()), Ok(text.clone()));
        }
    }

    #[test]
    fn no_input_is_too_much(text in "\\PC{0,400}", json in "\\{\"type\":\"(hello|say|said|welcome|hand)\"[ -~]{0,200}\\}") {
        for text in [text, json] {
            let _ = (WatcherMessage::parse(&text), BroadcasterMessage::parse(&text));
        }
    }
}
