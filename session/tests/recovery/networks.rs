//! Networks that change under a page, and take its signaling connection with them.

use vong_protocol::ErrorCode;
use vong_session::{Millis, Phase, Signaling};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::sim::Sources;
use crate::{SECOND, live_pair};

#[test]
fn whoever_changes_networks_the_picture_is_back_within_three_seconds() {
    let (mut world, broadcaster, watcher) = live_pair(24);
    let (ids, before) = (world.watcher_ids(), world.connections(watcher));
    for page in [watcher, broadcaster, watcher, watcher, broadcaster] {
        world.change_network(page);
        let took = world.run_until("back", Millis(5_000), |w| w.sees_video(watcher));
        assert!(took <= Millis(3_000), "page {page}: {took:?}");
        world.run_until("told", SECOND, |w| w.phase(watcher) == Phase::Live);
    }
    assert_eq!(world.connections(watcher), before, "restarted, not replaced");
    assert_eq!(world.watcher_ids(), ids, "the same member");
}

#[test]
fn a_network_that_changes_while_all_is_well_is_not_seen_in_the_picture() {
    let (mut world, broadcaster, watcher) = live_pair(25);
    let before = world.connections(watcher);
    world.phases(watcher);
    world.phases(broadcaster);
    for page in [watcher, broadcaster] {
        world.announce_network(page);
        world.run(Millis(5_000));
        assert_eq!(world.status(page).signaling, Signaling::Up);
    }
    assert_eq!((world.phases(watcher), world.phases(broadcaster)), (Vec::new(), Vec::new()));
    assert_eq!(world.connections(watcher), before);
}

#[test]
fn a_watcher_finds_out_by_itself_that_its_offer_went_nowhere() {
    let (mut world, _, watcher) = live_pair(26);
    let before = world.connections(watcher);
    world.run(Millis(15_000));
    world.mute_socket(watcher);
    world.move_path();
    let took = world.run_until("back", Millis(9_000), |w| w.sees_video(watcher));
    assert!(took <= Millis(4_000), "{took:?}");
    assert_eq!(world.connections(watcher), before, "restarted, not replaced");
}

#[test]
fn a_broadcaster_whose_router_maps_anew_is_found_within_three_seconds() {
    for seed in 30..50 {
        let (mut world, broadcaster, watcher) = live_pair(seed);
        let (ids, before) = (world.watcher_ids(), world.connections(watcher));
        world.run(Millis(12_000 + seed * 50));
        world.presences_told();
        world.phases(broadcaster);
        world.map_anew(broadcaster);
        let took = world.run_until("back", Millis(9_000), |w| w.sees_video(watcher));
        assert!(took <= Millis(3_000), "{took:?}");
        world.run_until("told", SECOND, |w| w.phase(watcher) == Phase::Live);
        assert_eq!(world.connections(watcher), before, "restarted, not replaced");
        assert_eq!((world.watcher_ids(), world.phases(broadcaster)), (ids, Vec::new()));
        let told = world.presences_told();
        assert!(told.iter().all(|presence| presence.live().is_some()), "{told:?}");
    }
}

#[test]
fn watchers_that_see_well_are_left_alone_when_the_broadcaster_has_a_new_socket() {
    let (mut world, broadcaster, first) = live_pair(28);
    let watchers: Vec<_> = std::iter::once(first).chain((0..20).map(|_| world.watcher())).collect();
    world.run(Millis(12_000));
    let before: Vec<_> = watchers.iter().map(|w| world.connections(*w)).collect();
    for watcher in &watchers {
        world.phases(*watcher);
    }
    let opened = world.sockets_opened(broadcaster);
    world.mute_socket(broadcaster);
    world.run(Millis(5_000));
    assert_eq!(world.sockets_opened(broadcaster), opened + 1, "noticed");
    assert_eq!(world.presences_told().len(), 2, "live at first, and live again");
    world.run(Millis(20_000));
    for (watcher, before) in watchers.into_iter().zip(before) {
        assert_eq!((world.phases(watcher), world.connections(watcher)), (Vec::new(), before));
    }
    assert_eq!(world.status(broadcaster).viewing, 21);
}

#[test]
fn a_picture_that_stands_still_when_the_broadcaster_has_a_new_socket_is_not_healthy_for_its_bytes() {
    let (mut world, broadcaster, watcher) = live_pair(34);
    let before = world.connections(watcher);
    world.run(Millis(12_000));
    let attempt = world.attempt(watcher);
    world.send(Sources::Sound);
    world.mute_socket(broadcaster);
    world.run(Millis(2_500));
    assert!(world.attempt(watcher) > attempt, "ICE is restarted");
    assert_eq!(world.connections(watcher), before, "not replaced");
    world.send(Sources::Both);
    world.run_until("live", SECOND, |w| w.phase(watcher) == Phase::Live && w.status(watcher).picture);
}

#[test]
fn a_slow_network_with_stalls_costs_no_more_than_a_socket_now_and_then() {
    let minutes = 3;
    // What stalls: all of the network, or one socket, in place of which another would open.
    for (seed, whole) in [(31, true), (32, false)] {
        let (mut world, broadcaster, watcher) = live_pair(seed);
        world.latency = Millis(400);
        world.run(Millis(12_000));
        let (before, opened) = (world.connections(watcher), world.sockets_opened(broadcaster));
        for page in [broadcaster, watcher] {
            world.phases(page);
        }
        world.presences_told();
        for _ in 0..minutes * 10 {
            if whole {
                world.stall_network(broadcaster, Millis(1_500));
            } else {
                world.stall_socket(broadcaster, Millis(1_500));
            }
            world.run(Millis(6_000));
            assert_eq!(world.status(broadcaster).signaling, Signaling::Up);
        }
        assert_eq!(world.connections(watcher), before, "never negotiated again");
        assert_eq!((world.phases(watcher), world.phases(broadcaster)), (Vec::new(), Vec::new()));
        let told = world.presences_told();
        assert!(told.iter().all(|presence| presence.live().is_some()), "never away: {told:?}");
        let sockets = world.sockets_opened(broadcaster) - opened;
        assert!((1..=minutes * 6).contains(&sockets), "{sockets} sockets");
        if whole {
            assert_eq!(told, [], "the socket spoke again before another was open");
        }
        let late = world.watcher();
        world.run_until("a new watcher sees", Millis(9_000), |w| w.sees_video(late));
    }
}

#[test]
fn a_broadcaster_for_whom_there_is_no_second_socket_keeps_the_first() {
    let (mut world, broadcaster, watcher) = live_pair(33);
    world.run(Millis(12_000));
    world.turn_away(Some(ErrorCode::TooManyConnections));
    world.phases(broadcaster);
    world.stall_socket(broadcaster, Millis(1_500));
    world.run(Millis(5_000));
    assert_eq!((world.phases(broadcaster), world.status(broadcaster).signaling), (Vec::new(), Signaling::Up));
    world.turn_away(None);
    world.move_path();
    let took = world.run_until("offers still arrive", Millis(5_000), |w| w.sees_video(watcher));
    assert!(took <= Millis(3_000), "{took:?}");
}

#[test]
fn an_answer_that_takes_long_is_waited_for_while_another_socket_opens() {
    let (mut world, broadcaster, watcher) = live_pair(27);
    world.run(Millis(15_000));
    world.latency = Millis(400);
    world.move_path();
    world.run_until("back", Millis(9_000), |w| w.phase(watcher) == Phase::Live && w.sees_video(watcher));
    world.run(Millis(30_000));
    assert!(world.sees_video(watcher));
    assert_eq!((world.connections(watcher).len(), world.connections(broadcaster).len()), (1, 1));
}
