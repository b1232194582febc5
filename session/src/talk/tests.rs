//! The broadcaster's side by itself: what it passes on, and what it does not.

use proptest::prelude::*;
use vong_protocol::channel::{
    BroadcasterMessage, Name, Reaction, Said, Scene, Text, Unheard, VERSION, WatcherMessage,
};
use vong_protocol::{PeerId, RunId};

use super::{Fate, Host, HostWishes, Intent, Member, Past, Talk, To, Wishes};
use crate::bounds;
use crate::time::Time;

fn peer(n: u32) -> PeerId {
    PeerId::parse(&format!("{n:0>16}")).unwrap()
}

fn run() -> RunId {
    RunId::parse("cnVuLW51bWJlci1v").unwrap()
}

fn text(words: &str) -> Text {
    Text::parse(words).unwrap()
}

fn name(text: &str) -> Option<Name> {
    Name::parse(text).ok()
}

/// A host, and the time, which passes from one message to the next.
struct Chat {
    host: Host,
    now: Time,
}

impl Chat {
    fn new() -> Self {
        Self { host: Host::new(Past::new(run()), &mut Wishes::default()), now: Time(1_000) }
    }

    fn pass(&mut self, ms: u64) {
        self.now = Time(self.now.0 + ms);
    }

    fn raw(&mut self, from: u32, text: &str) -> (Fate, HostWishes) {
        let mut wishes = Wishes::default();
        let fate = self.host.told(self.now, 7, peer(from), text, &mut wishes);
        (fate, wishes)
    }

    fn told(&mut self, from: u32, message: &WatcherMessage) -> HostWishes {
        let (fate, wishes) = self.raw(from, &message.to_json());
        assert_eq!(fate, Fate::Stays);
        wishes
    }

    fn hello(&mut self, from: u32, called: &str) -> HostWishes {
        let hello = WatcherMessage::Hello { version: VERSION, name: name(called), run: None, seen: None };
        self.told(from, &hello)
    }

    fn says(&mut self, from: u32, id: u32, words: &str) -> HostWishes {
        self.told(from, &WatcherMessage::Say { id, text: text(words) })
    }

    /// Its connection ends, and its place in the room.
    fn goes(&mut self, from: u32) -> HostWishes {
        let mut wishes = Wishes::default();
        self.host.closed(peer(from), &mut wishes);
        self.host.went(peer(from), &mut wishes);
        wishes
    }

    fn intends(&mut self, intent: Intent) -> HostWishes {
        let mut wishes = Wishes::default();
        self.host.intends(self.now, 7, intent, &mut wishes);
        wishes
    }
}

/// What is told to one peer, of this kind.
fn unheard(wishes: &HostWishes) -> Option<(To, Unheard)> {
    wishes.tell.iter().find_map(|(to, message)| match message {
        BroadcasterMessage::Unheard { why, .. } => Some((*to, *why)),
        _ => None,
    })
}

fn said(wishes: &HostWishes) -> Option<&Said> {
    wishes.tell.iter().find_map(|(to, message)| match message {
        BroadcasterMessage::Said(said) if *to == To::All => Some(said),
        _ => None,
    })
}

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
    chat.host.closed(peer(1), &mut Wishes::default());
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
fn who_is_muted_knows_it_and_is_so_after_a_reconnect() {
    let mut chat = Chat::new();
    chat.hello(1, "An");
    let muted = chat.intends(Intent::Mute(1, true));
    assert!(muted.tell.contains(&(To::One(peer(1)), BroadcasterMessage::Muted { muted: true })));
    assert_eq!(unheard(&chat.says(1, 1, "x")), Some((To::One(peer(1)), Unheard::Muted)));
    assert!(chat.told(1, &WatcherMessage::React { reaction: Reaction::Heart }).tell.is_empty());
    chat.host.closed(peer(1), &mut Wishes::default());
    let again = chat.hello(1, "An");
    assert!(matches!(again.tell[0].1, BroadcasterMessage::Welcome { muted: true, you: 1, .. }));
    chat.intends(Intent::Mute(1, false));
    assert!(said(&chat.says(1, 2, "x")).is_some());
}

#[test]
fn a_hand_is_seen_and_can_be_lowered_by_either() {
    let mut chat = Chat::new();
    chat.hello(1, "An");
    let up = Member { number: 1, name: name("An"), hand: true, muted: false };
    assert!(chat.told(1, &WatcherMessage::Hand { up: true }).show.contains(&Talk::Member(up.clone())));
    let lowered = chat.intends(Intent::LowerHand(1));
    assert!(lowered.tell.contains(&(To::One(peer(1)), BroadcasterMessage::Hand { up: false })));
    assert!(lowered.show.contains(&Talk::Member(Member { hand: false, ..up.clone() })));
    chat.told(1, &WatcherMessage::Hand { up: true });
    let mut gone = Wishes::default();
    chat.host.closed(peer(1), &mut gone);
    assert_eq!(gone.show, [Talk::Member(Member { hand: false, ..up })]);
    assert!(matches!(chat.hello(1, "An").tell[0].1, BroadcasterMessage::Welcome { hand: false, .. }));
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
    chat.host.closed(peer(1), &mut Wishes::default());
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
fn all_are_told_how_many_they_are_but_not_with_everyone_who_comes() {
    let mut chat = Chat::new();
    let counts = |wishes: &HostWishes| -> Vec<(To, u32)> {
        let count = |(to, message): &(To, BroadcasterMessage)| match message {
            BroadcasterMessage::Audience { count } => Some((*to, *count)),
            _ => None,
        };
        wishes.tell.iter().filter_map(count).collect()
    };
    let mut told = Vec::new();
    for number in 1..=300 {
        assert_eq!(counts(&chat.hello(number, "")), [(To::One(peer(number)), number)]);
        chat.pass(10);
        if chat.host.deadline().is_some_and(|due| chat.now >= due) {
            let mut wishes = Wishes::default();
            chat.host.tick(chat.now, &mut wishes);
            told.extend(counts(&wishes));
        }
    }
    assert_eq!(told, [(To::All, 1), (To::All, 101), (To::All, 201)]);
    chat.pass(bounds::AUDIENCE.0);
    let mut wishes = Wishes::default();
    chat.host.tick(chat.now, &mut wishes);
    assert_eq!((counts(&wishes), chat.host.deadline()), (vec![(To::All, 300)], None));
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
    assert_eq!(chat.host.guests(), bounds::GUESTS);
}

#[test]
fn a_mute_outlasts_many_who_come_and_go() {
    let mut chat = Chat::new();
    chat.hello(1, "An");
    chat.intends(Intent::Mute(1, true));
    chat.goes(1);
    for number in 2..u32::try_from(bounds::GUESTS).unwrap() * 2 {
        chat.hello(number, "");
        chat.goes(number);
    }
    assert!(matches!(chat.hello(1, "An").tell[0].1, BroadcasterMessage::Welcome { muted: true, .. }));
}

#[test]
fn hello_is_answered_once_on_each_connection() {
    let mut chat = Chat::new();
    assert!(!chat.hello(1, "An").tell.is_empty());
    assert!(chat.hello(1, "An").tell.is_empty());
    chat.host.closed(peer(1), &mut Wishes::default());
    assert!(!chat.hello(1, "An").tell.is_empty());
}

#[test]
fn who_watches_and_says_nothing_is_listed_until_it_goes() {
    let mut chat = Chat::new();
    let mut wishes = Wishes::default();
    chat.host.came(peer(5), &mut wishes);
    chat.host.came(peer(5), &mut wishes);
    assert_eq!(wishes.show, [Talk::Member(Member { number: 1, name: None, hand: false, muted: false })]);
    assert_eq!(chat.host.peer(1), Some(peer(5)));
    assert_eq!(chat.goes(5).show, [Talk::Gone(1)]);
    assert_eq!(chat.goes(5).show, []);
}

#[test]
fn a_name_can_be_given_up() {
    let mut chat = Chat::new();
    let called = |wishes: &HostWishes| match wishes.show.last() {
        Some(Talk::Member(member)) => member.name.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(called(&chat.hello(1, "An")), name("An"));
    assert_eq!(called(&chat.told(1, &WatcherMessage::Name { name: None })), None);
    chat.told(1, &WatcherMessage::Name { name: name("An") });
    chat.host.closed(peer(1), &mut Wishes::default());
    assert_eq!(called(&chat.hello(1, "")), None);
}

#[test]
fn nobody_jumps_up_and_down_in_the_list() {
    let mut chat = Chat::new();
    chat.hello(1, "An");
    let mut shown = 0;
    for turn in 0..40 {
        let hand = chat.told(1, &WatcherMessage::Hand { up: turn % 2 == 0 });
        let told = BroadcasterMessage::Hand { up: chat.host.guests.get(peer(1)).unwrap().hand };
        assert_eq!(hand.tell, [(To::One(peer(1)), told)], "it knows how its hand is");
        shown += hand.show.len() + chat.told(1, &WatcherMessage::Name { name: name("Bình") }).show.len();
    }
    assert_eq!(shown as u64, bounds::CHANGES.burst);
}

#[test]
fn a_mute_and_what_was_passed_on_outlive_the_broadcasters_page() {
    let mut chat = Chat::new();
    chat.hello(1, "An");
    chat.hello(2, "Bình");
    chat.says(2, 3, "once");
    chat.intends(Intent::Mute(1, true));
    chat.host = Host::new(chat.host.past(), &mut Wishes::default());
    assert!(matches!(chat.hello(1, "An").tell[0].1, BroadcasterMessage::Welcome { muted: true, you: 1, .. }));
    assert!(matches!(chat.hello(2, "").tell[0].1, BroadcasterMessage::Welcome { muted: false, you: 2, .. }));
    assert!(said(&chat.says(2, 3, "once")).is_none());
    assert!(said(&chat.says(2, 4, "then")).is_some());
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
