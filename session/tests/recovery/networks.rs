//! Networks that change under a page, and take its signaling connection with them.

use vong_session::{Millis, Phase, Signaling};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

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
fn a_network_on_which_answers_take_long_is_doubted_once_and_used() {
    let (mut world, broadcaster, watcher) = live_pair(27);
    world.run(Millis(15_000));
    world.latency = Millis(400);
    world.move_path();
    world.run_until("back", Millis(9_000), |w| w.phase(watcher) == Phase::Live && w.sees_video(watcher));
    world.run(Millis(30_000));
    assert!(world.sees_video(watcher));
    assert_eq!((world.connections(watcher).len(), world.connections(broadcaster).len()), (1, 1));
}
