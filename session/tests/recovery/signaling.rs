//! Breaks in the signaling: servers and sockets that go, fall silent or turn a page away.

use vong_protocol::ErrorCode;
use vong_session::{Millis, Phase, Signaling};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::sim::World;
use crate::{SECOND, live_pair};

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

#[test]
fn a_join_that_was_given_up_and_arrives_after_the_next_one_does_not_end_the_broadcast() {
    let mut world = World::new(31);
    let broadcaster = world.broadcaster(None);
    let watcher = world.watcher();
    // The first join is on its way for long; the socket is lost meanwhile, and the second is faster.
    world.stall_network(broadcaster, Millis(1_200));
    world.run(Millis(50));
    world.cut_socket(broadcaster);
    world.stall_network(broadcaster, Millis(100));
    world.run_until("both see each other", Millis(10_000), |w| w.phase(watcher) == Phase::Live);
    world.run(Millis(10_000));
    assert_eq!((world.phase(broadcaster), world.phase(watcher)), (Phase::Live, Phase::Live));
}
