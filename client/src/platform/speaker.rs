//! Where sound comes out (W3C Audio Output Devices).

use gloo_timers::future::TimeoutFuture;
use js_sys::Reflect;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{AudioContext, HtmlAudioElement, HtmlMediaElement};

use super::bindings::SpeakerExt;
use super::{note, settle};

/// How long a tone to try a speaker with lasts, in milliseconds.
const TONE: u32 = 600;
/// How loud it is, of 1.
const LOUD: f64 = 0.4;

/// Whether this browser lets a page choose.
pub fn can_choose() -> bool {
    let element = HtmlAudioElement::new();
    element.is_ok_and(|element| Reflect::has(&element, &"setSinkId".into()).unwrap_or(false))
}

/// Has an element's sound come out there. One that is gone leaves it where it was.
pub fn direct(element: &HtmlMediaElement, speaker: &str) {
    if can_choose() {
        settle(element.unchecked_ref::<SpeakerExt>().set_sink_id(speaker));
    }
}

/// Plays a tone there, from within a tap.
pub async fn try_out(speaker: &str) {
    let played = async {
        let context = AudioContext::new()?;
        let (tone, out) = (context.create_oscillator()?, context.create_media_stream_destination()?);
        tone.connect_with_audio_node(&out)?;
        let element = HtmlAudioElement::new()?;
        element.set_src_object(Some(&out.stream()));
        element.set_volume(LOUD);
        direct(&element, speaker);
        tone.start()?;
        settle(element.play());
        TimeoutFuture::new(TONE).await;
        element.set_src_object(None);
        settle(context.close());
        Ok::<(), JsValue>(())
    };
    if let Err(thrown) = played.await {
        note("tone", &thrown);
    }
}
