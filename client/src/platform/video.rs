//! Playing a stream in a `<video>` element, within what the browser's autoplay policy allows.

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{DomException, HtmlVideoElement};

use super::bindings::PictureInPictureExt;
use super::{Stream, note, settle, window};

/// The element.
pub type Element = HtmlVideoElement;

/// The one in the page that fits `selector`.
pub fn found(selector: &str) -> Option<Element> {
    window()?.document()?.query_selector(selector).ok()??.dyn_into().ok()
}

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

/// Sets how loud it is, in percent. Some phones leave that to their own buttons.
pub fn set_volume(element: &HtmlVideoElement, percent: u8) {
    element.set_volume(f64::from(percent.min(100)) / 100.0);
}

/// Takes the picture out of the page, over all other windows, or back.
pub fn toggle_picture_in_picture(element: &HtmlVideoElement) {
    let Some(document) = window().and_then(|w| w.document()) else { return };
    let document: &PictureInPictureExt = document.unchecked_ref();
    settle(if document.picture_in_picture_element().is_some() {
        document.exit_picture_in_picture()
    } else {
        element.unchecked_ref::<PictureInPictureExt>().request_picture_in_picture()
    });
}

/// How a picture lies in a place of another shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// All of it is seen.
    Contain,
    /// All of the place is filled.
    Cover,
}

impl Fit {
    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        if self == Self::Contain { Self::Cover } else { Self::Contain }
    }
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
