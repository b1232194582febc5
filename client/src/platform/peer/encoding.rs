//! How pictures are encoded for one watcher (W3C WebRTC, `RTCRtpEncodingParameters`).

use js_sys::{Array, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{RtcPeerConnection, RtcRtpSender};

use crate::platform::bindings::{SenderExt, video_capabilities};

/// How the two pictures are encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shape {
    /// The camera's.
    pub camera: Encoding,
    /// The screen's.
    pub screen: Encoding,
}

/// How one picture is encoded, at most.
#[derive(Clone, Debug, PartialEq)]
pub struct Encoding {
    /// What width and height are divided by, 1 or more.
    pub scale: f64,
    /// Pictures a second; `None` as they come.
    pub fps: Option<u32>,
    /// Kilobits a second; `None` as the browser thinks fit.
    pub kilobits: Option<u32>,
    /// The name of a codec such as `VP9`; `None` for the one that was negotiated first.
    pub codec: Option<String>,
}

impl Default for Encoding {
    fn default() -> Self {
        Self { scale: 1.0, fps: None, kilobits: None, codec: None }
    }
}

/// Has a sender encode like this from now on. A codec that the other side has not is not taken.
pub(super) async fn apply(sender: &RtcRtpSender, encoding: &Encoding) -> Result<(), JsValue> {
    let sender: &SenderExt = sender.unchecked_ref();
    let parameters = sender.get_parameters()?;
    let encodings: Array = Reflect::get(&parameters, &"encodings".into())?.dyn_into()?;
    let first = encodings.get(0);
    // A browser that has none yet has nothing to encode with.
    if first.is_undefined() {
        return Ok(());
    }
    let number = |number: Option<u32>, times: u32| match number {
        Some(number) => f64::from(number.saturating_mul(times)).into(),
        None => JsValue::UNDEFINED,
    };
    let codec = match &encoding.codec {
        Some(name) => negotiated(&parameters, name)?,
        None => JsValue::UNDEFINED,
    };
    for (name, value) in [
        ("scaleResolutionDownBy", encoding.scale.into()),
        ("maxFramerate", number(encoding.fps, 1)),
        ("maxBitrate", number(encoding.kilobits, 1_000)),
        ("codec", codec),
    ] {
        if value.is_undefined() {
            Reflect::delete_property(first.unchecked_ref::<Object>(), &name.into())?;
        } else {
            Reflect::set(&first, &name.into(), &value)?;
        }
    }
    JsFuture::from(sender.set_parameters(&parameters, &JsValue::UNDEFINED)?).await.map(drop)
}

/// The negotiated codec of this name, as the browser describes it.
fn negotiated(parameters: &JsValue, name: &str) -> Result<JsValue, JsValue> {
    let codecs: Array = Reflect::get(parameters, &"codecs".into())?.dyn_into()?;
    Ok(codecs.iter().find(|codec| codec_name(codec).as_deref() == Some(name)).unwrap_or_default())
}

fn codec_name(codec: &JsValue) -> Option<String> {
    Some(Reflect::get(codec, &"mimeType".into()).ok()?.as_string()?.strip_prefix("video/")?.to_owned())
}

/// The codecs that this browser can send pictures with, and change between without negotiating; empty if it cannot.
pub fn codecs() -> Vec<String> {
    // Repairs of other codecs' packets.
    const REPAIRS: [&str; 4] = ["rtx", "red", "ulpfec", "flexfec-03"];
    let listed = || -> Option<Vec<JsValue>> {
        let capabilities = video_capabilities("video").ok()?;
        let codecs: Array = Reflect::get(&capabilities, &"codecs".into()).ok()?.dyn_into().ok()?;
        let codecs: Vec<JsValue> = codecs.iter().collect();
        can_choose(codecs.first()?).then_some(codecs)
    };
    let mut names: Vec<String> = Vec::new();
    for name in listed().unwrap_or_default().iter().filter_map(codec_name) {
        if !REPAIRS.contains(&name.as_str()) && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Whether the browser keeps the codec that an encoding is given. There is no other way to ask.
fn can_choose(codec: &JsValue) -> bool {
    let asked = || -> Result<bool, JsValue> {
        let connection = RtcPeerConnection::new()?;
        let encoding = Object::new();
        Reflect::set(&encoding, &"codec".into(), codec)?;
        let init = web_sys::RtcRtpTransceiverInit::new();
        Reflect::set(&init, &"sendEncodings".into(), &Array::of1(&encoding))?;
        let transceiver = connection.add_transceiver_with_str_and_init("video", &init);
        let sender: SenderExt = transceiver.sender().unchecked_into();
        let encodings: Array = Reflect::get(&sender.get_parameters()?, &"encodings".into())?.dyn_into()?;
        let kept = Reflect::get(&encodings.get(0), &"codec".into())?;
        connection.close();
        Ok(!kept.is_undefined())
    };
    asked().unwrap_or(false)
}
