//! What a connection counts (W3C WebRTC Statistics).

use js_sys::{Map, Reflect};
use vong_session::Millis;
use vong_session::diagnosis::Reading;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::RtcPeerConnection;

use crate::platform::clock;

/// Sums over all streams, in and out, and the round trip over the path in use.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, positive numbers")]
pub(super) async fn read(connection: &RtcPeerConnection) -> Result<Reading, JsValue> {
    let report = JsFuture::from(connection.get_stats()).await?;
    let mut reading = Reading { at: clock::now(), ..Reading::default() };
    // Map-like: `forEach` is all that is asked of it.
    report.unchecked_ref::<Map>().for_each(&mut |entry, _| {
        let field = |name: &str| Reflect::get(&entry, &name.into()).unwrap_or_default();
        let count = |name: &str| field(name).as_f64().unwrap_or(0.0) as u64;
        let kind = field("type");
        if kind == "inbound-rtp" {
            reading.received += count("bytesReceived");
            reading.frames += count("framesDecoded");
            reading.packets += count("packetsReceived");
            reading.lost += count("packetsLost");
        } else if kind == "outbound-rtp" {
            reading.sent += count("bytesSent");
        } else if kind == "candidate-pair" || kind == "remote-inbound-rtp" {
            // The path's own, where the browser tells; else as the reports of the other side have it. In seconds.
            reading.available =
                reading.available.max(field("availableOutgoingBitrate").as_f64().map(|bits| bits as u64));
            for name in ["currentRoundTripTime", "roundTripTime"] {
                if let Some(seconds) = field(name).as_f64().filter(|seconds| *seconds > 0.0) {
                    reading.round_trip = Some(Millis((seconds * 1_000.0).ceil() as u64));
                }
            }
        }
    });
    Ok(reading)
}
