//! The page's address: read, followed within the app, and replaced, without loading the page again.

use js_sys::decode_uri;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlAnchorElement, MouseEvent};

use super::{Listener, window};

/// The path of the address, percent-decoded except for what would then read as a separator.
pub fn path() -> String {
    let path = window().and_then(|w| w.location().pathname().ok()).unwrap_or_default();
    decode_uri(&path).map_or(path, String::from)
}

/// What `?relay` in an address says: this page must not tell the person's address to anybody but the server.
const HIDES: &str = "relay";

/// Whether the address itself asks to hide the person's. It goes on doing so from page to page.
pub fn hides() -> bool {
    let search = window().and_then(|w| w.location().search().ok()).unwrap_or_default();
    search.trim_start_matches('?').split('&').any(|flag| flag.split('=').next() == Some(HIDES))
}

/// Takes that out of the address.
pub fn hide_no_more() {
    if let Some(path) = window().and_then(|w| w.location().pathname().ok())
        && let Some(history) = window().and_then(|w| w.history().ok())
    {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&path));
    }
}

fn kept(path: &str) -> String {
    if hides() { [path, "?", HIDES].concat() } else { path.to_owned() }
}

/// Goes to a path of this origin, leaving an entry in the history.
pub fn push(path: &str) {
    if let Some(history) = window().and_then(|w| w.history().ok()) {
        let _ = history.push_state_with_url(&JsValue::NULL, "", Some(&kept(path)));
    }
}

/// Goes to a path of this origin in place of the present entry in the history.
pub fn replace(path: &str) {
    if let Some(history) = window().and_then(|w| w.history().ok()) {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&kept(path)));
    }
}

/// Calls `moved` when the address has become another one: by the browser's back and forward, or by a link to this
/// origin, which is followed without loading anything. Undone by dropping.
pub fn on_move(moved: impl Fn() + Clone + 'static) -> Vec<Listener> {
    let Some(window) = window() else { return Vec::new() };
    let back = moved.clone();
    let back = Listener::new(&window, "popstate", move |_| back());
    let origin = window.location().origin().unwrap_or_default();
    let follow = Listener::cancelling(&window, "click", move |event| {
        let Some(link) = event.dyn_ref().and_then(followed).filter(|link| link.origin() == origin) else {
            return;
        };
        event.prevent_default();
        push(&link.pathname());
        moved();
    });
    vec![back, follow]
}

/// The link that a click follows in this very tab; other clicks on links are the browser's matter.
fn followed(click: &MouseEvent) -> Option<HtmlAnchorElement> {
    let modified = click.ctrl_key() || click.meta_key() || click.shift_key() || click.alt_key();
    if modified || click.button() != 0 || click.default_prevented() {
        return None;
    }
    let link = click.target()?.dyn_into::<Element>().ok()?.closest("a[href]").ok()??;
    link.dyn_into::<HtmlAnchorElement>().ok().filter(|link| link.target().is_empty())
}
