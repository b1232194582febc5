//! The page's address: read, replaced, and left for another.

use js_sys::decode_uri;
use wasm_bindgen::JsValue;
use web_sys::UrlSearchParams;

use super::window;

/// The path of the address, percent-decoded except for what would then read as a separator.
pub fn path() -> String {
    let path = window().and_then(|w| w.location().pathname().ok()).unwrap_or_default();
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
