//! Playing a stream in a `<video>` element, within what the browser's autoplay policy allows.

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{DomException, HtmlVideoElement};

use super::{Stream, note, settle};

/// Whether the person hears the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sound {
    /// The browser allowed sound.
    On,
    /// It plays muted until the person taps; see [`unmute`].
    NeedsTap,
}

/// Plays `stream` (`None`: shows nothing) with sound where the browser allows it, else muted.
///
/// An element that is muted already stays so: sound was refused before, or the person turned it off. Returns when
/// the picture or sound runs, which may be long after the call, or when something else is shown instead.
pub async fn play(element: HtmlVideoElement, stream: Option<Stream>) -> Sound {
    attach(&element, stream.as_ref());
    if stream.is_some()
        && let Err(thrown) = start(&element).await
    {
        let refused = thrown.dyn_ref::<DomException>().is_some_and(|e| e.name() == "NotAllowedError");
        note("play", &thrown);
        if refused && !element.muted() {
            // The attribute of that name only sets the default, hence the property.
            element.set_muted(true);
            if let Err(thrown) = start(&element).await {
                note("play muted", &thrown);
            }
        }
    }
    if element.muted() { Sound::NeedsTap } else { Sound::On }
}

/// Shows `stream` without sound, for the broadcaster's own preview.
pub fn preview(element: &HtmlVideoElement, stream: Option<&Stream>) {
    element.set_muted(true);
    attach(element, stream);
    if stream.is_some() {
        restart(element);
    }
}

/// Turns the sound on, from within a tap.
pub fn unmute(element: &HtmlVideoElement) {
    element.set_muted(false);
    restart(element);
}

/// Turns the sound off.
pub fn mute(element: &HtmlVideoElement) {
    element.set_muted(true);
}

fn attach(element: &HtmlVideoElement, stream: Option<&Stream>) {
    let media = stream.map(Stream::media);
    // Setting the same object again would start loading anew.
    if element.src_object().as_ref() != media {
        element.set_src_object(media);
    }
}

async fn start(element: &HtmlVideoElement) -> Result<(), wasm_bindgen::JsValue> {
    JsFuture::from(element.play()?).await.map(drop)
}

/// Calls `play` at once, so that it counts as part of a tap; what comes of it is seen in the element.
fn restart(element: &HtmlVideoElement) {
    settle(element.play());
}
