//! What a connection has received (W3C WebRTC Statistics, `inbound-rtp`).

use js_sys::{Map, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::RtcPeerConnection;

/// Bytes of media and frames of pictures, over all incoming streams.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, positive numbers")]
pub(super) async fn received(connection: &RtcPeerConnection) -> Result<(u64, u64), JsValue> {
    let report = JsFuture::from(connection.get_stats()).await?;
    let (mut bytes, mut frames) = (0, 0);
    // Map-like: `forEach` is all that is asked of it.
    report.unchecked_ref::<Map>().for_each(&mut |entry, _| {
        let field = |name: &str| Reflect::get(&entry, &name.into()).unwrap_or_default();
        if field("type") == "inbound-rtp" {
            let count = |name: &str| field(name).as_f64().unwrap_or(0.0) as u64;
            bytes += count("bytesReceived");
            frames += count("framesDecoded");
        }
    });
    Ok((bytes, frames))
}
