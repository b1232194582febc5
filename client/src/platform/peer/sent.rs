//! What a broadcaster's connection sends, as far as the browser counts it (W3C WebRTC Statistics).

use js_sys::{Map, Reflect};
use vong_session::budget::{Limit, Sent};
use vong_session::{Millis, Time};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::RtcPeerConnection;

use super::path;
use crate::platform::clock;

/// The counters of the connection that was made at `since`.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, positive numbers")]
pub(super) async fn read(connection: &RtcPeerConnection, since: Time) -> Result<Sent, JsValue> {
    let report = JsFuture::from(connection.get_stats()).await?;
    let report: &Map = report.unchecked_ref();
    let field = |of: &JsValue, name: &str| Reflect::get(of, &name.into()).unwrap_or_default();
    let number = |of: &JsValue, name: &str| field(of, name).as_f64().filter(|number| *number >= 0.0);
    let count = |of: &JsValue, name: &str| number(of, name).unwrap_or(0.0) as u64;
    let text = |of: &JsValue, name: &str| field(of, name).as_string().unwrap_or_default();
    let size = |of: &JsValue, names: [&str; 2]| names.map(|name| count(of, name) as u32);
    let mut sent = Sent { at: clock::now(), since, ..Sent::default() };
    report.for_each(&mut |entry, _| match text(&entry, "type").as_str() {
        "outbound-rtp" => {
            sent.bytes += count(&entry, "bytesSent");
            let [width, height] = size(&entry, ["frameWidth", "frameHeight"]);
            sent.encoding += (number(&entry, "totalEncodeTime").unwrap_or(0.0) * 1_000_000.0) as u64;
            if width * height > sent.size.0 * sent.size.1 {
                sent.size = (width, height);
                sent.picture = count(&entry, "ssrc");
                sent.frames = count(&entry, "framesEncoded");
                sent.limit = match text(&entry, "qualityLimitationReason").as_str() {
                    "cpu" => Limit::Computer,
                    "bandwidth" => Limit::Line,
                    _ => Limit::None,
                };
            }
        }
        "media-source" => {
            let [width, height] = size(&entry, ["width", "height"]);
            if width * height > sent.fed.0 * sent.fed.1 {
                sent.fed = (width, height);
                sent.fed_fps = number(&entry, "framesPerSecond").map(|fps| fps.round() as u32);
            }
        }
        "remote-inbound-rtp" => {
            let lost = number(&entry, "fractionLost").unwrap_or(0.0) * 1_000.0;
            sent.loss = sent.loss.max(lost as u32);
        }
        _ => {}
    });
    let pair = path::in_use(report, "bytesSent");
    sent.available = number(&pair, "availableOutgoingBitrate").map(|bits| bits as u64);
    let seconds = number(&pair, "currentRoundTripTime").filter(|seconds| *seconds > 0.0);
    sent.round_trip = seconds.map(|seconds| Millis((seconds * 1_000.0).ceil() as u64));
    sent.relayed = path::is_relayed(report, &pair);
    Ok(sent)
}
