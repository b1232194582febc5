//! Both roles and a room in simulated time: what people expect of a broadcast on good days and on bad ones.
//!
//! Runs natively and, as the page does, in a browser; the random search runs natively only.
#![expect(clippy::expect_used, clippy::panic, reason = "a model that is wrong should stop the test")]

mod sim;

use sim::{Sources, World};
use vong_protocol::ErrorCode;
use vong_session::{Millis, Phase, Signaling};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

const SECOND: Millis = Millis(1_000);
const PATIENCE: Millis = Millis(60_000);

fn live_pair(seed: u64) -> (World, usize, usize) {
    let mut world = World::new(seed);
    let broadcaster = world.broadcaster(None);
    let watcher = world.watcher();
    world.run_until("live", Millis(5_000), |w| w.phase(watcher) == Phase::Live && w.sees_video(watcher));
    (world, broadcaster, watcher)
}

#[test]
fn a_watcher_sees_a_live_broadcast_after_two_trips_through_the_server() {
    let mut world = World::new(1);
    world.broadcaster(None);
    world.run(SECOND);
    let watcher = world.watcher();
    let took = world.run_until("live", Millis(5_000), |w| w.phase(watcher) == Phase::Live);
    // Opening, offer to the broadcaster, answer back, candidates: 25 ms a leg, in steps of 50 ms.
    assert!(took <= Millis(500), "{took:?}");
    assert_eq!(world.phases(watcher), [Phase::Connecting, Phase::Live]);
}

#[test]
fn a_watcher_who_came_first_waits_and_then_sees() {
    let mut world = World::new(2);
    let watcher = world.watcher();
    world.run(Millis(30_000));
    assert_eq!(world.phase(watcher), Phase::Waiting);
    world.broadcaster(None);
    world.run_until("live", Millis(2_000), |w| w.phase(watcher) == Phase::Live);
    assert_eq!(world.phases(watcher), [Phase::Connecting, Phase::Waiting, Phase::Connecting, Phase::Live]);
}

#[test]
fn many_watchers_see_and_the_broadcaster_counts_them() {
    let mut world = World::new(3);
    let broadcaster = world.broadcaster(None);
    let watchers: Vec<_> = (0..20).map(|_| world.watcher()).collect();
    world.run(Millis(3_000));
    for watcher in &watchers {
        assert!(world.sees_video(*watcher));
    }
    assert_eq!((world.status(broadcaster).watchers, world.status(broadcaster).viewing), (20, 20));
    world.leave(watchers[0]);
    world.run(SECOND);
    assert_eq!((world.status(broadcaster).watchers, world.connections(broadcaster).len()), (19, 19));
}

#[test]
fn the_end_of_a_broadcast_is_told_and_closes_the_connection() {
    let (mut world, broadcaster, watcher) = live_pair(4);
    world.phases(watcher);
    world.leave(broadcaster);
    world.run(SECOND);
    // The connection's own end may be there before the server's word.
    let phases = world.phases(watcher);
    assert!(matches!(phases[..], [Phase::Ended] | [Phase::Interrupted, Phase::Ended]), "{phases:?}");
    assert_eq!(world.dead_connections(watcher), 0);
    world.broadcaster(None);
    world.run_until("live again", Millis(2_000), |w| w.phase(watcher) == Phase::Live);
}

#[test]
fn a_restarted_server_does_not_touch_media_and_takes_new_watchers() {
    let (mut world, broadcaster, watcher) = live_pair(5);
    let before = world.connections(watcher);
    world.phases(watcher);
    world.kill_server();
    world.run(Millis(20_000));
    assert!(world.sees_video(watcher));
    assert_eq!(world.status(watcher).signaling, Signaling::Down);
    assert_eq!(world.phase(broadcaster), Phase::Live, "somebody still sees it");
    assert_eq!(world.status(broadcaster).signaling, Signaling::Down);
    world.start_server();
    world.run(Millis(15_000));
    assert_eq!(world.connections(watcher), before, "a healthy connection is not negotiated again");
    assert_eq!(world.phases(watcher), [] as [Phase; 0]);
    assert_eq!((world.phase(broadcaster), world.status(broadcaster).watchers), (Phase::Live, 1));
    let late = world.watcher();
    world.run_until("a new watcher sees", Millis(2_000), |w| w.phase(late) == Phase::Live);
}

#[test]
fn a_broadcaster_whom_nobody_sees_and_whose_server_is_away_is_told_so() {
    let mut world = World::new(16);
    let broadcaster = world.broadcaster(None);
    world.run(SECOND);
    world.kill_server();
    world.run(SECOND);
    assert_eq!(world.phase(broadcaster), Phase::Interrupted);
    world.start_server();
    world.run_until("back", Millis(10_000), |w| w.phase(broadcaster) == Phase::Live);
}

#[test]
fn a_short_break_in_media_is_ridden_out_on_the_same_connection() {
    let (mut world, _, watcher) = live_pair(6);
    let before = world.connections(watcher);
    world.cut_media(true);
    world.run_until("noticed", Millis(4_000), |w| w.phase(watcher) == Phase::Interrupted);
    world.run(SECOND);
    world.cut_media(false);
    world.run_until("back", Millis(3_000), |w| w.phase(watcher) == Phase::Live && w.sees_video(watcher));
    assert_eq!(world.connections(watcher), before);
}

#[test]
fn a_camera_that_goes_is_told_while_the_sound_goes_on() {
    let (mut world, _, watcher) = live_pair(17);
    let before = world.connections(watcher);
    world.run_until("a picture", SECOND, |w| w.status(watcher).picture);
    world.send(Sources::Sound);
    world.run_until("sound alone", Millis(5_000), |w| !w.status(watcher).picture);
    world.send(Sources::Both);
    world.run_until("a picture again", SECOND, |w| w.status(watcher).picture);
    assert_eq!((world.phase(watcher), world.connections(watcher)), (Phase::Live, before));
}

#[test]
fn a_broadcaster_that_sends_nothing_is_live_and_left_alone() {
    let mut world = World::new(18);
    world.send(Sources::Nothing);
    let broadcaster = world.broadcaster(None);
    let watcher = world.watcher();
    world.run_until("live", Millis(6_000), |w| w.phase(watcher) == Phase::Live);
    let before = world.connections(watcher);
    world.run(PATIENCE);
    assert_eq!((world.phase(watcher), world.connections(watcher)), (Phase::Live, before));
    assert_eq!(world.status(broadcaster).viewing, 1);
    world.cut_media(true);
    world.run_until("noticed", Millis(4_000), |w| w.phase(watcher) == Phase::Interrupted);
    world.cut_media(false);
    world.run_until("back", Millis(15_000), |w| w.phase(watcher) == Phase::Live && w.sees_video(watcher));
}

#[test]
fn more_candidates_than_can_wait_do_no_harm() {
    let mut world = World::new(19);
    world.candidates = 100;
    world.broadcaster(None);
    let watcher = world.watcher();
    world.run_until("live", Millis(5_000), |w| w.phase(watcher) == Phase::Live && w.sees_video(watcher));
}

#[test]
fn a_moved_path_is_found_again_by_an_ice_restart() {
    let (mut world, _, watcher) = live_pair(7);
    let before = world.connections(watcher);
    world.move_path();
    let took = world.run_until("back", Millis(5_000), |w| w.sees_video(watcher));
    assert!(took <= Millis(3_000), "{took:?}");
    world.run_until("told", SECOND, |w| w.phase(watcher) == Phase::Live);
    assert_eq!(world.connections(watcher), before, "restarted, not replaced");
}

#[test]
fn a_long_break_ends_in_a_new_connection_and_nothing_is_left_behind() {
    let (mut world, broadcaster, watcher) = live_pair(8);
    world.cut_media(true);
    world.run(Millis(40_000));
    assert_eq!(world.phase(watcher), Phase::Interrupted);
    world.cut_media(false);
    world.run_until("back", Millis(15_000), |w| w.phase(watcher) == Phase::Live && w.sees_video(watcher));
    world.run(Millis(30_000));
    assert_eq!((world.connections(watcher).len(), world.connections(broadcaster).len()), (1, 1));
}

#[test]
fn a_broadcasters_reload_brings_the_watcher_back_by_itself() {
    let (mut world, broadcaster, watcher) = live_pair(9);
    let key = world.key(broadcaster);
    world.phases(watcher);
    world.kill(broadcaster);
    world.run(SECOND);
    let again = world.broadcaster(key);
    world.run_until("back", Millis(4_000), |w| w.phase(watcher) == Phase::Live && w.sees_video(watcher));
    assert!(!world.phases(watcher).contains(&Phase::Ended));
    world.run(Millis(30_000));
    assert_eq!((world.connections(watcher).len(), world.connections(again).len()), (1, 1));
}

#[test]
fn a_broadcaster_that_vanishes_leaves_no_frozen_picture() {
    let (mut world, broadcaster, watcher) = live_pair(10);
    world.kill(broadcaster);
    world.run_until("noticed", Millis(4_000), |w| w.phase(watcher) == Phase::Interrupted);
    world.run_until("given up", Millis(30_000), |w| w.phase(watcher) == Phase::Waiting);
    assert_eq!(world.dead_connections(watcher), 0);
}

#[test]
fn a_watcher_that_vanishes_is_let_go() {
    let (mut world, broadcaster, watcher) = live_pair(11);
    world.kill(watcher);
    world.run(PATIENCE);
    assert_eq!((world.connections(broadcaster).len(), world.status(broadcaster).watchers), (0, 0));
}

#[test]
fn a_second_broadcaster_is_refused_and_disturbs_nobody() {
    let (mut world, broadcaster, watcher) = live_pair(12);
    world.phases(watcher);
    let second = world.broadcaster(None);
    world.run(SECOND);
    assert_eq!(world.phase(second), Phase::Failed);
    assert_eq!(world.status(second).error, Some(ErrorCode::RoomTaken));
    assert_eq!((world.phase(broadcaster), world.phases(watcher)), (Phase::Live, Vec::new()));
}

#[test]
fn the_key_takes_a_broadcast_over_and_the_watcher_follows_at_once() {
    let (mut world, broadcaster, watcher) = live_pair(13);
    let second = world.broadcaster(world.key(broadcaster));
    world.run_until("taken over", SECOND, |w| w.phase(broadcaster) == Phase::Ended);
    assert_eq!(world.status(broadcaster).error, Some(ErrorCode::TakenOver));
    assert_eq!(world.connections(broadcaster).len(), 0);
    world.run_until("sees the second", SECOND, |w| w.phase(watcher) == Phase::Live && w.sees_video(watcher));
    assert_eq!((world.phase(second), world.connections(second).len()), (Phase::Live, 1));
}

#[test]
fn a_page_whose_socket_breaks_or_falls_silent_is_the_same_member_afterwards() {
    let (mut world, broadcaster, watcher) = live_pair(20);
    let (ids, connections) = (world.watcher_ids(), world.connections(watcher));
    world.phases(watcher);
    for page in [watcher, broadcaster] {
        world.cut_socket(page);
        world.run(Millis(5_000));
        world.mute_socket(page);
        world.run(Millis(25_000));
        assert_eq!(world.status(page).signaling, Signaling::Up);
    }
    assert_eq!((world.watcher_ids(), world.connections(watcher)), (ids, connections));
    assert_eq!((world.phases(watcher), world.status(broadcaster).watchers), (Vec::new(), 1));
}

#[test]
fn a_server_that_says_goodbye_time_and_again_is_found_again_as_fast_as_at_first() {
    let (mut world, broadcaster, watcher) = live_pair(21);
    for _ in 0..6 {
        world.run(Millis(15_000));
        world.shut_down_server();
        world.start_server();
        let up = |w: &World| [broadcaster, watcher].iter().all(|p| w.status(*p).signaling == Signaling::Up);
        world.run_until("joined again", Millis(600), up);
    }
    assert!(world.sees_video(watcher));
}

#[test]
fn a_live_broadcaster_for_whom_there_is_no_place_stays_so_and_asks_again() {
    let (mut world, broadcaster, watcher) = live_pair(22);
    world.turn_away(Some(ErrorCode::TooManyConnections));
    world.cut_socket(broadcaster);
    world.phases(broadcaster);
    world.run(Millis(5_000));
    assert_eq!((world.phases(broadcaster), world.status(broadcaster).error), (Vec::new(), None));
    assert!(world.sees_video(watcher));
    world.turn_away(None);
    world.run_until("back", Millis(20_000), |w| w.status(broadcaster).signaling == Signaling::Up);
    assert_eq!(world.phases(broadcaster), [] as [Phase; 0]);
}

#[test]
fn a_watcher_whom_the_server_lost_keeps_its_picture_over_a_short_break() {
    let (mut world, broadcaster, watcher) = live_pair(23);
    let before = world.connections(watcher);
    world.set_online(watcher, false);
    world.run(Millis(20_000));
    assert_eq!(world.status(broadcaster).watchers, 0);
    world.cut_media(true);
    world.run(SECOND);
    world.cut_media(false);
    world.run(SECOND);
    assert!(world.sees_video(watcher));
    assert_eq!((world.connections(watcher), world.status(broadcaster).viewing), (before, 1));
}

#[test]
fn a_page_of_another_version_plays_on_and_says_so_at_the_end() {
    let (mut world, broadcaster, watcher) = live_pair(24);
    world.turn_away(Some(ErrorCode::UnsupportedVersion));
    world.cut_socket(watcher);
    world.run(Millis(5_000));
    assert_eq!((world.phase(watcher), world.sees_video(watcher)), (Phase::Live, true));
    world.kill(broadcaster);
    world.run_until("failed", Millis(5_000), |w| w.phase(watcher) == Phase::Failed);
    assert_eq!(world.status(watcher).error, Some(ErrorCode::UnsupportedVersion));
    assert_eq!(world.connections(watcher).len(), 0);
}

#[test]
fn a_watcher_without_network_for_longer_than_the_grace_comes_back() {
    let (mut world, broadcaster, watcher) = live_pair(14);
    world.set_online(watcher, false);
    world.cut_media(true);
    world.run(Millis(45_000));
    assert_eq!(world.status(broadcaster).watchers, 0);
    world.cut_media(false);
    world.move_path();
    world.set_online(watcher, true);
    world.run_until("back", Millis(10_000), |w| w.phase(watcher) == Phase::Live && w.sees_video(watcher));
    world.run(Millis(30_000));
    assert_eq!(world.connections(broadcaster).len(), 1);
}

#[test]
fn a_server_that_is_not_there_is_told_and_found_when_it_comes() {
    let mut world = World::new(15);
    world.kill_server();
    let watcher = world.watcher();
    world.run(Millis(20_000));
    assert_eq!((world.phase(watcher), world.status(watcher).signaling), (Phase::Connecting, Signaling::Down));
    world.start_server();
    world.run_until("waiting", Millis(10_000), |w| w.phase(watcher) == Phase::Waiting);
}

#[cfg(not(target_arch = "wasm32"))]
mod properties {
    use proptest::prelude::*;
    use vong_protocol::BroadcasterKey;

    use super::sim::Faults;
    use super::*;

    /// A bad day, one event at a time.
    #[derive(Clone, Debug)]
    enum Trouble {
        Pass(u64),
        CutSocket(usize),
        MuteSocket(usize),
        Offline(usize),
        Online(usize),
        KillServer,
        ShutDownServer,
        StartServer,
        TurnAway(bool),
        Send(Sources),
        CutMedia(bool),
        MovePath,
        ReloadBroadcaster,
        ReloadWatcher(usize),
    }

    fn trouble() -> impl Strategy<Value = Trouble> {
        prop_oneof![
            4 => (50u64..20_000).prop_map(Trouble::Pass),
            2 => (0usize..4).prop_map(Trouble::CutSocket),
            1 => (0usize..4).prop_map(Trouble::MuteSocket),
            1 => (0usize..4).prop_map(Trouble::Offline),
            1 => (0usize..4).prop_map(Trouble::Online),
            1 => Just(Trouble::KillServer),
            1 => Just(Trouble::ShutDownServer),
            1 => any::<bool>().prop_map(Trouble::TurnAway),
            1 => prop::sample::select(vec![Sources::Both, Sources::Sound, Sources::Nothing]).prop_map(Trouble::Send),
            2 => Just(Trouble::StartServer),
            2 => any::<bool>().prop_map(Trouble::CutMedia),
            1 => Just(Trouble::MovePath),
            1 => Just(Trouble::ReloadBroadcaster),
            1 => (1usize..4).prop_map(Trouble::ReloadWatcher),
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
            pages.extend((0..3).map(|_| world.watcher()));
            for trouble in troubles {
                match trouble {
                    Trouble::Pass(ms) => world.run(Millis(ms)),
                    Trouble::CutSocket(i) => world.cut_socket(pages[i]),
                    Trouble::MuteSocket(i) => world.mute_socket(pages[i]),
                    Trouble::Offline(i) => world.set_online(pages[i], false),
                    Trouble::Online(i) => world.set_online(pages[i], true),
                    Trouble::KillServer => world.kill_server(),
                    Trouble::ShutDownServer => world.shut_down_server(),
                    Trouble::TurnAway(away) => world.turn_away(away.then_some(ErrorCode::TooManyConnections)),
                    Trouble::Send(sources) => world.send(sources),
                    Trouble::StartServer => world.start_server(),
                    Trouble::CutMedia(cut) => world.cut_media(cut),
                    Trouble::MovePath => world.move_path(),
                    Trouble::ReloadBroadcaster => {
                        world.kill(pages[0]);
                        pages[0] = world.broadcaster(key);
                    }
                    Trouble::ReloadWatcher(i) => {
                        world.kill(pages[i]);
                        pages[i] = world.watcher();
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
        }
    }
}
