//! What a watcher's connection receives, for a person to read (W3C WebRTC Statistics).

use js_sys::{Map, Reflect};
use vong_session::Millis;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::RtcPeerConnection;

use super::path;
use crate::platform::clock;

/// Counters and facts at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
    /// When.
    pub at: Millis,
    /// Of the largest picture that is received now.
    pub size: (u32, u32),
    /// The codec of that picture, such as `VP8`; empty if the browser does not tell.
    pub codec: String,
    /// How many of that picture's frames were decoded.
    pub frames: u64,
    /// Bytes, sound included.
    pub bytes: u64,
    /// Packets that came, sound included.
    pub packets: u64,
    /// Packets that did not come.
    pub lost: u64,
    /// To the broadcaster and back.
    pub round_trip: Option<Millis>,
    /// How long the frames of that picture have waited to be shown, all together.
    pub waited: Millis,
    /// How many those were.
    pub shown: u64,
    /// Whether a relay is in between; `None` if the browser does not tell.
    pub relayed: Option<bool>,
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, positive numbers")]
pub(super) async fn read(connection: &RtcPeerConnection) -> Result<Details, JsValue> {
    let report = JsFuture::from(connection.get_stats()).await?;
    let report: &Map = report.unchecked_ref();
    let field = |of: &JsValue, name: &str| Reflect::get(of, &name.into()).unwrap_or_default();
    let number = |of: &JsValue, name: &str| field(of, name).as_f64().unwrap_or(0.0);
    let text = |of: &JsValue, name: &str| field(of, name).as_string().unwrap_or_default();
    let mut details = Details { at: Millis(clock::now().0), ..Details::default() };
    let mut codec = JsValue::UNDEFINED;
    report.for_each(&mut |entry, _| {
        if text(&entry, "type").as_str() == "inbound-rtp" {
            details.bytes += number(&entry, "bytesReceived") as u64;
            details.packets += number(&entry, "packetsReceived") as u64;
            details.lost += number(&entry, "packetsLost").max(0.0) as u64;
            let size = (number(&entry, "frameWidth") as u32, number(&entry, "frameHeight") as u32);
            if size > details.size {
                details.size = size;
                details.frames = number(&entry, "framesDecoded") as u64;
                details.waited = Millis((number(&entry, "jitterBufferDelay") * 1_000.0) as u64);
                details.shown = number(&entry, "jitterBufferEmittedCount") as u64;
                codec = field(&entry, "codecId");
            }
        }
    });
    let mime = text(&report.get(&codec), "mimeType");
    mime.split('/').next_back().unwrap_or_default().clone_into(&mut details.codec);
    let pair = path::in_use(report, "bytesReceived");
    let seconds = number(&pair, "currentRoundTripTime");
    details.round_trip = Some(Millis((seconds * 1_000.0) as u64)).filter(|_| seconds > 0.0);
    details.relayed = path::is_relayed(report, &pair);
    Ok(details)
}
