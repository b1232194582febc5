//! Who sees what as pages come, go and take over.

use vong_protocol::ErrorCode;
use vong_session::{Millis, Phase};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::sim::World;
use crate::{PATIENCE, SECOND, live_pair};

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
fn more_candidates_than_can_wait_do_no_harm() {
    let mut world = World::new(19);
    world.candidates = 100;
    world.broadcaster(None);
    let watcher = world.watcher();
    world.run_until("live", Millis(5_000), |w| w.phase(watcher) == Phase::Live && w.sees_video(watcher));
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
