//! What is said, and what of it is passed on.

use proptest::prelude::*;

use super::*;

#[test]
fn who_has_not_said_hello_is_not_heard() {
    let mut chat = Chat::new();
    assert!(chat.says(1, 1, "hello").tell.is_empty());
    chat.hello(1, "An");
    assert!(said(&chat.says(1, 1, "hello")).is_some());
}

#[test]
fn a_page_of_another_version_is_not_spoken_to() {
    let mut chat = Chat::new();
    let hello = WatcherMessage::Hello { version: VERSION + 1, name: None, run: None, seen: None };
    assert!(chat.told(1, &hello).tell.is_empty());
}

#[test]
fn words_carry_their_number_author_name_and_time() {
    let mut chat = Chat::new();
    chat.hello(1, "An");
    chat.hello(2, "");
    let expected = Said { seq: 1, from: 1, id: 5, name: name("An"), text: text("one"), at: 7 };
    assert_eq!(said(&chat.says(1, 5, "one")), Some(&expected));
    let second = chat.says(2, 1, "two");
    assert_eq!(said(&second).map(|s| (s.seq, s.from, s.name.clone())), Some((2, 2, None)));
    chat.told(2, &WatcherMessage::Name { name: name("Bình") });
    chat.pass(2_000);
    assert_eq!(said(&chat.says(2, 2, "three")).and_then(|s| s.name.clone()), name("Bình"));
    let own = chat.intends(Intent::Say(text("four")));
    assert_eq!(said(&own).map(|s| (s.seq, s.from)), Some((4, 0)));
}

#[test]
fn what_is_said_again_is_passed_on_once() {
    let mut chat = Chat::new();
    chat.hello(1, "An");
    assert!(said(&chat.says(1, 1, "once")).is_some());
    chat.host.audience.closed(peer(1), &mut Wishes::default());
    chat.hello(1, "An");
    assert!(said(&chat.says(1, 1, "once")).is_none());
    assert!(said(&chat.says(1, 2, "then")).is_some());
}

#[test]
fn who_speaks_too_fast_is_told_so_and_the_others_are_not() {
    let mut chat = Chat::new();
    chat.hello(1, "An");
    chat.hello(2, "Bình");
    let passed = (1..=20).filter(|id| said(&chat.says(1, *id, "x")).is_some()).count();
    assert_eq!(passed as u64, bounds::WORDS.burst);
    let late = chat.says(1, 21, "x");
    assert_eq!(unheard(&late), Some((To::One(peer(1)), Unheard::TooFast)));
    assert!(said(&chat.says(2, 1, "calm")).is_some());
    chat.pass(bounds::WORDS.interval.0);
    assert!(said(&chat.says(1, 22, "x")).is_some(), "after a while");
}

#[test]
fn what_is_taken_back_is_gone_for_those_who_come_later_and_those_who_come_back() {
    let mut chat = Chat::new();
    chat.hello(1, "An");
    for (id, words) in [(1, "fine"), (2, "rude")] {
        chat.says(1, id, words);
    }
    let unsaid = BroadcasterMessage::Unsaid { seq: 2 };
    assert!(chat.intends(Intent::Unsay(2)).tell.contains(&(To::All, unsaid.clone())));
    assert!(chat.intends(Intent::Unsay(2)).tell.is_empty(), "once");
    let words = |wishes: &HostWishes| -> Vec<u32> {
        let seq = |(_, message): &(To, BroadcasterMessage)| match message {
            BroadcasterMessage::Said(said) => Some(said.seq),
            _ => None,
        };
        wishes.tell.iter().filter_map(seq).collect()
    };
    let late = chat.hello(2, "Bình");
    assert_eq!(words(&late), [1]);
    let hello = WatcherMessage::Hello { version: VERSION, name: None, run: Some(run()), seen: Some(2) };
    chat.host.audience.closed(peer(1), &mut Wishes::default());
    let back = chat.told(1, &hello);
    assert_eq!(words(&back), [0; 0], "nothing that it has is said again");
    assert!(back.tell.contains(&(To::One(peer(1)), unsaid)));
}

#[test]
fn what_is_sent_is_told_to_newcomers_and_to_all_when_it_changes() {
    let mut chat = Chat::new();
    chat.intends(Intent::Name(name("Duy")));
    let scene = Scene { since: 5, camera: true, sound: true, ..Scene::default() };
    chat.intends(Intent::Scene(scene.clone()));
    let called = Scene { name: name("Duy"), ..scene };
    let told = |to, scene: &Scene| (to, BroadcasterMessage::Scene(scene.clone()));
    assert!(chat.hello(1, "An").tell.contains(&told(To::One(peer(1)), &called)));
    let off = Scene { camera: false, ..called.clone() };
    assert_eq!(chat.intends(Intent::Scene(off.clone())).tell, [told(To::All, &off)]);
    assert_eq!(chat.intends(Intent::Scene(off.clone())).tell, [], "once");
    let renamed = Scene { name: name("Napo"), ..off };
    assert_eq!(chat.intends(Intent::Name(name("Napo"))).tell, [told(To::All, &renamed)]);
}

#[test]
fn the_past_is_bounded() {
    let mut chat = Chat::new();
    for _ in 0..bounds::PAST + 50 {
        chat.intends(Intent::Say(text("x")));
    }
    let past = chat.host.past();
    assert_eq!((past.said.len(), past.said[0].seq), (bounds::PAST, 51));
    for number in 0..u32::try_from(bounds::GUESTS).unwrap() + 50 {
        chat.hello(number, "");
        chat.goes(number);
    }
    assert_eq!(chat.host.audience.viewers(), bounds::GUESTS);
}

#[test]
fn hello_is_answered_once_on_each_connection() {
    let mut chat = Chat::new();
    assert!(!chat.hello(1, "An").tell.is_empty());
    assert!(chat.hello(1, "An").tell.is_empty());
    chat.host.audience.closed(peer(1), &mut Wishes::default());
    assert!(!chat.hello(1, "An").tell.is_empty());
}

/// What any page may send: nonsense, and messages that are some, well-formed or not.
fn lines() -> impl Strategy<Value = String> {
    let fields = prop::sample::select(vec![
        r#""version":1"#,
        r#""name":"Bình""#,
        r#""name":7"#,
        r#""id":9"#,
        r#""id":-1"#,
        r#""text":"x""#,
        r#""text":"""#,
        r#""reaction":"heart""#,
        r#""up":true"#,
        r#""seen":4000000000"#,
        r#""run":"""#,
    ]);
    let kinds = prop::sample::select(vec!["hello", "say", "name", "hand", "react", "files"]);
    let message = (kinds, prop::collection::btree_set(fields, 0..5)).prop_map(|(kind, fields)| {
        let kind = format!(r#""type":"{kind}""#);
        let fields: Vec<&str> = std::iter::once(kind.as_str()).chain(fields).collect();
        format!("{{{}}}", fields.join(","))
    });
    prop_oneof![1 => "\\PC{0,40}", 4 => message]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_that_is_sent_breaks_it_and_what_is_passed_on_is_in_order(
        lines in prop::collection::vec((0u32..4, lines(), 0u64..2_000), 0..80),
    ) {
        let mut chat = Chat::new();
        let mut last = 0;
        chat.hello(0, "An");
        for (from, line, ms) in lines {
            chat.pass(ms);
            let say = WatcherMessage::Say { id: last + 1, text: text("words") }.to_json();
            for line in [line, say] {
                for (to, message) in chat.raw(from, &line).1.tell {
                    if let (To::All, BroadcasterMessage::Said(said)) = (to, message) {
                        prop_assert_eq!(said.seq, last + 1);
                        last = said.seq;
                    }
                }
            }
        }
    }
}
