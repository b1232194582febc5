//! All of the browser: the only module that may name `web_sys`, `js_sys` or `wasm_bindgen` types.
//!
//! It speaks in the words of `vong_protocol` and `vong_session`, and knows neither the loop above it nor the page's
//! text. What the browser lends is owned by types whose `Drop` gives it back: [`LocalTrack`] stops, [`Listener`]
//! removes, [`Socket`] and [`Peer`] close. Callbacks given to it must only enqueue: none of them may drop what called
//! it.

pub mod address;
mod air;
mod bindings;
mod clip;
pub mod clock;
mod device;
pub mod dom;
mod download;
pub mod file;
pub mod json;
pub mod lifecycle;
mod listener;
pub mod media;
mod media_keys;
mod meter;
mod mixer;
pub mod page;
pub mod part;
mod peer;
mod quality;
pub mod recorder;
pub mod secret;
mod socket;
pub mod speaker;
pub mod storage;
pub mod stream;
mod track;
pub mod video;

pub use air::OnAir;
pub use clip::{Clip, Footage};
pub use device::DeviceError;
pub use listener::Listener;
pub use media_keys::MediaKeys;
pub use meter::Meter;
pub use mixer::Mixer;
pub use peer::{Details, Encoding, Peer, Received, Shape, codecs};
pub use quality::Quality;
pub use socket::{Socket, SocketEvent};
pub use stream::Stream;
pub use track::{LocalTrack, Outgoing};

/// The window. Vọng's page has one; a worker would not.
fn window() -> Option<web_sys::Window> {
    web_sys::window()
}

/// Says in the console what the browser refused and nobody else will be told. Debug builds only.
fn note(what: &str, thrown: &wasm_bindgen::JsValue) {
    if cfg!(debug_assertions) {
        web_sys::console::warn_2(&what.into(), thrown);
    }
}

/// Lets a promise run whose outcome is seen elsewhere; a refusal must not show as an uncaught error.
fn settle(promise: Result<js_sys::Promise, wasm_bindgen::JsValue>) {
    if let Ok(promise) = promise {
        wasm_bindgen_futures::spawn_local(async move {
            if let Err(thrown) = wasm_bindgen_futures::JsFuture::from(promise).await {
                note("refused", &thrown);
            }
        });
    }
}
