//! The page's address: read, followed within the app, and replaced, without loading the page again.

use js_sys::decode_uri;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlAnchorElement, MouseEvent, UrlSearchParams};

use super::{Listener, window};

/// The path of the address, percent-decoded except for what would then read as a separator.
pub fn path() -> String {
    decoded(window().and_then(|w| w.location().pathname().ok()).unwrap_or_default())
}

fn decoded(path: String) -> String {
    decode_uri(&path).map_or(path, String::from)
}

fn search() -> String {
    window().and_then(|w| w.location().search().ok()).unwrap_or_default()
}

/// What the address says under this name; empty for a name without a value.
pub fn parameter(name: &str) -> Option<String> {
    UrlSearchParams::new_with_str(&search()).ok()?.get(name)
}

/// Takes a parameter out of the address.
pub fn forget(name: &str) {
    let path = window().and_then(|w| w.location().pathname().ok());
    if let (Some(path), Ok(parameters)) = (path, UrlSearchParams::new_with_str(&search())) {
        parameters.delete(name);
        let rest = String::from(parameters.to_string());
        put(&if rest.is_empty() { path } else { [&path, "?", &rest].concat() });
    }
}

/// A path of this origin with the parameters of the present address, which go on holding from page to page.
pub fn kept(path: &str) -> String {
    [path, &search()].concat()
}

/// Goes to a path of this origin, leaving an entry in the history. Loads nothing.
pub fn push(path: &str) {
    if let Some(history) = window().and_then(|w| w.history().ok()) {
        let _ = history.push_state_with_url(&JsValue::NULL, "", Some(&kept(path)));
    }
}

/// Goes to a path of this origin in place of the present entry in the history. Loads nothing.
pub fn replace(path: &str) {
    put(&kept(path));
}

fn put(address: &str) {
    if let Some(history) = window().and_then(|w| w.history().ok()) {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(address));
    }
}

/// Loads the page at a path of this origin.
pub fn load(path: &str) {
    if let Some(window) = window() {
        let _ = window.location().assign(&kept(path));
    }
}

/// Calls `moved` when the address has become another one: by the browser's back and forward, or by a link to a path of
/// this origin that is `ours`, which is followed without loading anything. Undone by dropping.
pub fn on_move(ours: fn(&str) -> bool, moved: impl Fn() + Clone + 'static) -> Vec<Listener> {
    let Some(window) = window() else { return Vec::new() };
    let back = moved.clone();
    let back = Listener::new(&window, "popstate", move |_| back());
    let origin = window.location().origin().unwrap_or_default();
    let follow = Listener::cancelling(&window, "click", move |event| {
        let link = event.dyn_ref().and_then(followed).filter(|link| link.origin() == origin);
        if let Some(path) = link.map(|link| link.pathname())
            && ours(&decoded(path.clone()))
        {
            event.prevent_default();
            push(&path);
            moved();
        }
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
