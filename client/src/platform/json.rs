//! Dictionaries between Rust and the browser, by way of JSON: the page speaks it with the server anyway, so a second
//! way of converting would only be more to download.

use js_sys::JSON;
use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::JsValue;

/// A plain object with the fields of `value`; `undefined` for what JSON cannot say.
pub(super) fn to_js(value: &impl Serialize) -> JsValue {
    let text = serde_json::to_string(value).unwrap_or_default();
    JSON::parse(&text).unwrap_or(JsValue::UNDEFINED)
}

/// What an object says of itself (`toJSON`), if it has the fields of `T`.
pub(super) fn from_js<T: DeserializeOwned>(value: &JsValue) -> Option<T> {
    let text = JSON::stringify(value).ok()?.as_string()?;
    serde_json::from_str(&text).ok()
}
