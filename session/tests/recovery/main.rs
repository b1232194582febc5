//! Both roles and a room in simulated time: what people expect of a broadcast on good days and on bad ones.
//!
//! Runs natively and, as the page does, in a browser; the random search runs natively only.
#![expect(clippy::expect_used, clippy::panic, reason = "a model that is wrong should stop the test")]

mod admission;
mod media;
mod networks;
#[cfg(not(target_arch = "wasm32"))]
mod properties;
mod rooms;
mod signaling;
mod sim;
mod talk;

use sim::World;
use vong_session::{Millis, Phase};

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
