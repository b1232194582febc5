//! Who watches: as the broadcaster sees them, and what it does about them.

use super::*;

#[test]
fn who_is_muted_knows_it_and_is_so_after_a_reconnect() {
    let mut chat = Chat::new();
    chat.hello(1, "An");
    let muted = chat.intends(Intent::Mute(1, true));
    assert!(muted.tell.contains(&(To::One(peer(1)), BroadcasterMessage::Muted { muted: true })));
    assert_eq!(unheard(&chat.says(1, 1, "x")), Some((To::One(peer(1)), Unheard::Muted)));
    assert!(chat.told(1, &WatcherMessage::React { reaction: Reaction::Heart }).tell.is_empty());
    chat.host.audience.closed(peer(1), &mut Wishes::default());
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
    chat.host.audience.closed(peer(1), &mut gone);
    assert_eq!(gone.show, [Talk::Member(Member { hand: false, ..up })]);
    assert!(matches!(chat.hello(1, "An").tell[0].1, BroadcasterMessage::Welcome { hand: false, .. }));
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
        if chat.host.audience.deadline().is_some_and(|due| chat.now >= due) {
            let mut wishes = Wishes::default();
            chat.host.audience.tick(chat.now, &mut wishes);
            told.extend(counts(&wishes));
        }
    }
    assert_eq!(told, [(To::All, 1), (To::All, 101), (To::All, 201)]);
    chat.pass(bounds::AUDIENCE.0);
    let mut wishes = Wishes::default();
    chat.host.audience.tick(chat.now, &mut wishes);
    assert_eq!((counts(&wishes), chat.host.audience.deadline()), (vec![(To::All, 300)], None));
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
fn who_watches_and_says_nothing_is_listed_until_it_goes() {
    let mut chat = Chat::new();
    let mut wishes = Wishes::default();
    chat.host.audience.came(peer(5), &mut wishes);
    chat.host.audience.came(peer(5), &mut wishes);
    assert_eq!(wishes.show, [Talk::Member(Member { number: 1, name: None, hand: false, muted: false })]);
    assert_eq!(chat.host.audience.peer(1), Some(peer(5)));
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
    chat.host.audience.closed(peer(1), &mut Wishes::default());
    assert_eq!(called(&chat.hello(1, "")), None);
}

#[test]
fn nobody_jumps_up_and_down_in_the_list() {
    let mut chat = Chat::new();
    chat.hello(1, "An");
    let mut shown = 0;
    for turn in 0..40 {
        let hand = chat.told(1, &WatcherMessage::Hand { up: turn % 2 == 0 });
        let told = BroadcasterMessage::Hand { up: chat.host.audience.viewer(peer(1)).hand };
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
