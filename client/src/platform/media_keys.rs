//! The keys for play and pause that keyboards, headsets and lock screens have (W3C Media Session).

use js_sys::Function;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

use super::bindings::{MediaSession, NavigatorExt};
use super::window;

type Pressed = Closure<dyn Fn()>;

/// What is called for them. Dropping it leaves the keys to the browser again.
pub struct MediaKeys {
    session: MediaSession,
    keys: [(&'static str, Pressed); 2],
}

impl MediaKeys {
    /// Calls `plays` with whether something is to be heard. `None` where the browser hands no keys on.
    pub fn new(plays: impl Fn(bool) + Clone + 'static) -> Option<Self> {
        let session = window()?.navigator().unchecked_ref::<NavigatorExt>().media_session()?;
        let keys = [("play", true), ("pause", false)].map(|(key, heard)| {
            let plays = plays.clone();
            (key, Closure::new(move || plays(heard)))
        });
        for (key, pressed) in &keys {
            session.set_action_handler(key, Some(pressed.as_ref().unchecked_ref()));
        }
        Some(Self { session, keys })
    }
}

impl Drop for MediaKeys {
    fn drop(&mut self) {
        for (key, _) in &self.keys {
            self.session.set_action_handler(key, None::<&Function>);
        }
    }
}
