//! Vọng between networks: routers of every kind, real browsers behind them, and networks that change.
//!
//! It takes root on Linux; elsewhere every test here says so and passes.

mod changes;
mod document;
mod kinds;
mod line;
mod matrix;
mod nat;
mod setup;

use vong_tests::lab;

/// Whether the lab can be had here. If not, that is told on behalf of the test.
fn available() -> bool {
    let reason = lab::unavailable();
    if let Some(reason) = &reason {
        let test = std::thread::current().name().unwrap_or("?").to_owned();
        eprintln!("SKIPPED {test}: {reason}");
    }
    reason.is_none()
}
