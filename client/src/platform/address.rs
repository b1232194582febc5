//! The page's address: read, replaced, and left for another.

use js_sys::decode_uri;
use wasm_bindgen::JsValue;
use web_sys::UrlSearchParams;

use super::window;

/// What `?relay` in an address says: this page must not tell the person's address to anybody but the server.
pub const RELAY: &str = "relay";

/// The language of the page, whatever the browser says.
pub const LANGUAGE: &str = "lang";

/// What a person asked for wherever they go from here. All else is asked of one page.
const LASTING: [&str; 2] = [RELAY, LANGUAGE];

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
        put(&with(&path, &parameters));
    }
}

/// A path of this origin with those parameters of the present address that go on holding from page to page.
pub fn kept(path: &str) -> String {
    let Ok(parameters) = UrlSearchParams::new() else { return path.to_owned() };
    for name in LASTING {
        if let Some(value) = parameter(name) {
            parameters.append(name, &value);
        }
    }
    with(path, &parameters)
}

fn with(path: &str, parameters: &UrlSearchParams) -> String {
    let rest = String::from(parameters.to_string());
    if rest.is_empty() { path.to_owned() } else { [path, "?", &rest].concat() }
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
