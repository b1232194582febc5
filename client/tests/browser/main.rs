//! The page's own use of the browser, in a real one: `platform` and `driver`, without a server.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod casting;
mod connections;
mod devices;
mod page;
mod reading;
mod support;
mod video;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
