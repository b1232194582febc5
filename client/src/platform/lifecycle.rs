//! When the page goes, and when it wakes.

use wasm_bindgen::JsCast;
use web_sys::PageTransitionEvent;

use super::{Listener, page, window};

/// Calls `woke` when the page is seen again, comes back from sleep, or has a network again. Undone by dropping.
pub fn on_wake(woke: impl Fn() + Clone + 'static) -> Vec<Listener> {
    let Some(window) = window() else { return Vec::new() };
    let mut listeners = Vec::with_capacity(3);
    for name in ["online", "pageshow"] {
        let woke = woke.clone();
        listeners.push(Listener::new(&window, name, move |_| woke()));
    }
    if let Some(document) = window.document() {
        listeners.push(Listener::new(&document, "visibilitychange", move |_| {
            if page::is_visible() {
                woke();
            }
        }));
    }
    listeners
}

/// Calls `goes` when the page is about to go. Should the browser bring the very page back later, it is loaded anew:
/// what it held has been given back. Undone by dropping.
pub fn on_leave(goes: impl Fn() + 'static) -> Vec<Listener> {
    let Some(window) = window() else { return Vec::new() };
    let hidden = Listener::new(&window, "pagehide", move |_| goes());
    let shown = Listener::new(&window, "pageshow", |event| {
        if event.dyn_ref::<PageTransitionEvent>().is_some_and(PageTransitionEvent::persisted) {
            page::reload();
        }
    });
    vec![hidden, shown]
}
