//! A random search for bad days that do not end well. Runs natively only.

use proptest::prelude::*;
use vong_protocol::{BroadcasterKey, ErrorCode};
use vong_session::{Millis, Phase};

use crate::sim::{Faults, Sources, World};

/// A bad day, one event at a time.
#[derive(Clone, Debug)]
enum Trouble {
    Pass(u64),
    CutSocket(usize),
    MuteSocket(usize),
    Offline(usize),
    Online(usize),
    ChangeNetwork(usize),
    MapAnew(usize),
    StallSocket(usize, u64),
    StallNetwork(usize, u64),
    KillServer,
    ShutDownServer,
    StartServer,
    TurnAway(bool),
    Send(Sources),
    CutMedia(bool),
    MovePath,
    ReloadBroadcaster,
    ReloadWatcher(usize),
    Say(usize),
}

fn trouble() -> impl Strategy<Value = Trouble> {
    prop_oneof![
        4 => (50u64..20_000).prop_map(Trouble::Pass),
        2 => (0usize..4).prop_map(Trouble::CutSocket),
        1 => (0usize..4).prop_map(Trouble::MuteSocket),
        1 => (0usize..4).prop_map(Trouble::Offline),
        1 => (0usize..4).prop_map(Trouble::Online),
        1 => (0usize..4).prop_map(Trouble::ChangeNetwork),
        1 => (0usize..4).prop_map(Trouble::MapAnew),
        1 => (0usize..4, 100u64..5_000).prop_map(|(i, ms)| Trouble::StallSocket(i, ms)),
        1 => (0usize..4, 100u64..5_000).prop_map(|(i, ms)| Trouble::StallNetwork(i, ms)),
        1 => Just(Trouble::KillServer),
        1 => Just(Trouble::ShutDownServer),
        1 => any::<bool>().prop_map(Trouble::TurnAway),
        1 => prop::sample::select(vec![Sources::Both, Sources::Sound, Sources::Nothing]).prop_map(Trouble::Send),
        2 => Just(Trouble::StartServer),
        2 => any::<bool>().prop_map(Trouble::CutMedia),
        1 => Just(Trouble::MovePath),
        1 => Just(Trouble::ReloadBroadcaster),
        1 => (1usize..4).prop_map(Trouble::ReloadWatcher),
        3 => (0usize..4).prop_map(Trouble::Say),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whenever_all_is_up_long_enough_everybody_sees_and_nothing_dead_is_held(
        seed in any::<u64>(),
        loss in 0u32..10,
        duplication in 0u32..20,
        reorder in 0u32..20,
        refusal in 0u32..20,
        candidates in 1usize..8,
        troubles in prop::collection::vec(trouble(), 0..30),
    ) {
        let mut world = World::new(seed);
        world.faults = Faults { loss, duplication, reorder, refusal };
        world.candidates = candidates;
        // As the page does: it makes up its key before it first joins, so that no reload can lock it out.
        let key = BroadcasterKey::parse(&"k".repeat(22)).ok();
        let mut pages = vec![world.broadcaster(key)];
        // What was said by whom that is still there, and so has to be heard in the end.
        let mut words = vec![Vec::new(); 4];
        let mut count = 0;
        pages.extend((0..3).map(|_| world.watcher()));
        for trouble in troubles {
            match trouble {
                Trouble::Pass(ms) => world.run(Millis(ms)),
                Trouble::CutSocket(i) => world.cut_socket(pages[i]),
                Trouble::MuteSocket(i) => world.mute_socket(pages[i]),
                Trouble::Offline(i) => world.set_online(pages[i], false),
                Trouble::Online(i) => world.set_online(pages[i], true),
                Trouble::ChangeNetwork(i) => world.change_network(pages[i]),
                Trouble::MapAnew(i) => world.map_anew(pages[i]),
                Trouble::StallSocket(i, ms) => world.stall_socket(pages[i], Millis(ms)),
                Trouble::StallNetwork(i, ms) => world.stall_network(pages[i], Millis(ms)),
                Trouble::KillServer => world.kill_server(),
                Trouble::ShutDownServer => world.shut_down_server(),
                Trouble::TurnAway(away) => world.turn_away(away.then_some(ErrorCode::TooManyConnections)),
                Trouble::Send(sources) => world.send(sources),
                Trouble::StartServer => world.start_server(),
                Trouble::CutMedia(cut) => world.cut_media(cut),
                Trouble::MovePath => world.move_path(),
                Trouble::ReloadBroadcaster => {
                    let past = world.past(pages[0]);
                    world.kill(pages[0]);
                    pages[0] = world.broadcaster_after(key, past);
                }
                Trouble::ReloadWatcher(i) => {
                    world.kill(pages[i]);
                    pages[i] = world.watcher();
                    words[i].clear();
                }
                Trouble::Say(i) => {
                    count += 1;
                    let line = format!("{i} says {count}");
                    if world.say(pages[i], &line) {
                        words[i].push(line);
                    }
                }
            }
        }
        // The weather clears. Sockets that lived through reordering, which TCP rules out, are replaced.
        world.faults = Faults::default();
        world.start_server();
        world.turn_away(None);
        world.cut_media(false);
        world.send(Sources::Both);
        for page in &pages {
            world.cut_socket(*page);
            world.set_online(*page, true);
        }
        world.run(Millis(90_000));
        for page in &pages[1..] {
            prop_assert_eq!(world.phase(*page), Phase::Live, "page {}: {}", page, world.describe());
            prop_assert!(world.sees_video(*page), "page {}: {}", page, world.describe());
            prop_assert_eq!(world.connections(*page).len(), 1, "{}", world.describe());
        }
        prop_assert_eq!(world.phase(pages[0]), Phase::Live);
        prop_assert_eq!(world.connections(pages[0]).len(), 3, "{}", world.describe());
        prop_assert_eq!(world.status(pages[0]).viewing, 3);

        let chat = world.chat(pages[0]);
        for page in &pages[1..] {
            prop_assert_eq!(&world.chat(*page), &chat, "page {}", page);
        }
        for (i, words) in words.iter().enumerate() {
            // A page that was loaded again forgot what it had said; what the others heard of it stays.
            let heard: Vec<&String> = chat.iter().filter(|line| words.contains(line)).collect();
            prop_assert!(heard.iter().copied().eq(words), "{} said {:?} and all heard {:?}", i, words, chat);
        }
    }
}
