//! The path that a connection uses, in what the browser counts (W3C WebRTC Statistics).

use js_sys::{Map, Reflect};
use wasm_bindgen::JsValue;

fn field(of: &JsValue, name: &str) -> JsValue {
    Reflect::get(of, &name.into()).unwrap_or_default()
}

/// The candidate pair in use, or `undefined`. Of several that have been agreed on it is the one that has carried the most; `bytes`
/// names the counter that says so.
pub(super) fn in_use(report: &Map, bytes: &str) -> JsValue {
    let (mut pair, mut most) = (JsValue::UNDEFINED, -1.0);
    report.for_each(&mut |entry, _| {
        if field(&entry, "type") == "candidate-pair" && field(&entry, "nominated").is_truthy() {
            let carried = field(&entry, bytes).as_f64().unwrap_or(0.0);
            if carried > most {
                (pair, most) = (entry, carried);
            }
        }
    });
    pair
}

/// Whether one of its ends is a relay; `None` if the browser does not tell.
pub(super) fn is_relayed(report: &Map, pair: &JsValue) -> Option<bool> {
    let kind = |end: &str| field(&report.get(&field(pair, end)), "candidateType");
    let kinds = ["localCandidateId", "remoteCandidateId"].map(kind);
    kinds.iter().any(JsValue::is_string).then(|| kinds.iter().any(|kind| kind == "relay"))
}
