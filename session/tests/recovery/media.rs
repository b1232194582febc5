//! Breaks in the media: paths that go, move or carry nothing.

use vong_protocol::{Ice, IceServer};
use vong_session::{Millis, Phase};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::sim::{Sources, World};
use crate::{PATIENCE, SECOND, live_pair};

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
fn renewed_turn_credentials_are_used_by_whatever_is_negotiated_next() {
    let (mut world, broadcaster, watcher) = live_pair(27);
    let turn = IceServer { urls: vec!["turn:a.example".to_owned()], username: None, credential: None };
    let fresh = Ice { ice_servers: vec![turn], relay_only: true };
    let before = world.connections(watcher);
    world.renew_ice(fresh.clone());
    world.run(SECOND);
    assert_eq!(world.ice(watcher), &Ice::default(), "a healthy connection is left alone");
    world.move_path();
    world.run_until("used by both", Millis(5_000), |w| {
        (w.ice(watcher), w.ice(broadcaster)) == (&fresh, &fresh) && w.sees_video(watcher)
    });
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
