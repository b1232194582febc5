//! Who may watch, as the broadcaster says.

use vong_protocol::ErrorCode;
use vong_session::{Admission, Intent, Millis, Phase};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::live_pair;
use crate::sim::World;

#[test]
fn whoever_is_removed_is_gone_at_once_and_told() {
    let (mut world, broadcaster, watcher) = live_pair(41);
    let other = world.watcher();
    world.run_until("the other sees", Millis(5_000), |w| w.phase(other) == Phase::Live);
    world.run(Millis(1_000));
    world.intends(broadcaster, Intent::Remove(1, true));
    world.run_until("gone", Millis(1_000), |w| w.phase(watcher) == Phase::Failed);
    assert_eq!(world.status(watcher).error, Some(ErrorCode::Removed));
    world.run(Millis(90_000));
    assert_eq!((world.phase(watcher), world.phase(other)), (Phase::Failed, Phase::Live));
    assert_eq!(world.status(broadcaster).viewing, 1);
}

#[test]
fn whoever_is_removed_while_the_server_is_away_is_kept_out_when_it_is_back() {
    let (mut world, broadcaster, watcher) = live_pair(42);
    world.run(Millis(1_000));
    world.kill_server();
    world.run(Millis(1_000));
    world.intends(broadcaster, Intent::Remove(1, true));
    world.run(Millis(2_000));
    assert_eq!(world.status(broadcaster).viewing, 0);
    world.start_server();
    world.run_until("told", Millis(20_000), |w| w.status(watcher).error == Some(ErrorCode::Removed));
    world.run(Millis(90_000));
    assert_eq!((world.phase(watcher), world.status(broadcaster).viewing), (Phase::Failed, 0));
}

#[test]
fn whoever_may_come_again_may_though_it_was_said_while_the_server_could_not_be_reached() {
    let (mut world, broadcaster, _) = live_pair(44);
    world.run(Millis(1_000));
    world.intends(broadcaster, Intent::Remove(1, true));
    world.run(Millis(1_000));
    assert!(world.is_barred());
    world.set_online(broadcaster, false);
    world.run(Millis(5_000));
    world.intends(broadcaster, Intent::Unbar);
    world.run(Millis(1_000));
    assert!(world.is_barred());
    world.set_online(broadcaster, true);
    world.run_until("the server knows", Millis(20_000), |w| !w.is_barred());
}

#[test]
fn a_server_that_was_started_anew_is_told_again_who_is_kept_out() {
    let (mut world, broadcaster, _) = live_pair(45);
    world.run(Millis(1_000));
    world.intends(broadcaster, Intent::Remove(1, true));
    world.run(Millis(1_000));
    world.kill_server();
    world.start_server();
    assert!(!world.is_barred());
    world.run_until("the server knows", Millis(20_000), World::is_barred);
}

#[test]
fn a_locked_room_lets_nobody_in_until_it_is_open_and_throws_nobody_out() {
    let (mut world, broadcaster, watcher) = live_pair(43);
    let locked = |locked| Intent::Admission(Admission { locked, ..Admission::default() });
    world.intends(broadcaster, locked(true));
    world.run(Millis(1_000));
    let late = world.watcher();
    world.run(Millis(5_000));
    assert_eq!(world.status(late).error, Some(ErrorCode::RoomLocked));
    // A server that was started anew hears of it from the broadcaster.
    world.kill_server();
    world.start_server();
    world.run(Millis(30_000));
    assert_eq!(world.status(late).error, Some(ErrorCode::RoomLocked));
    assert_eq!(world.phase(watcher), Phase::Live);
    world.intends(broadcaster, locked(false));
    world.run_until("let in", Millis(30_000), |w| w.phase(late) == Phase::Live);
}
