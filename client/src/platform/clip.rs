//! A film or a picture from this computer, as tracks that can be sent in place of the camera's.

use gloo_timers::callback::Interval;
use gloo_timers::future::TimeoutFuture;
use js_sys::Reflect;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{CanvasRenderingContext2d, Event, File, HtmlCanvasElement, HtmlInputElement, HtmlVideoElement};
use web_sys::{ImageBitmap, MediaStreamTrack, Url};

use super::bindings::CaptureExt;
use super::{LocalTrack, note, window};

/// The largest picture that is made of a file, in pixels. Cameras give less.
const LARGEST: (u32, u32) = (1_920, 1_080);
/// How often a picture that stands still is sent, in milliseconds, so that whoever comes later sees it.
const AGAIN: u32 = 250;
/// How long the browser may take to have a film's tracks once it plays: so often, with so many milliseconds in between.
const TRACKS: (u32, u32) = (40, 50);

/// A file that the person picked to be played.
pub struct Footage(File);

impl Footage {
    /// Whether this browser can send films, and not pictures alone.
    pub fn can_be_film() -> bool {
        let video = || window()?.document()?.create_element("video").ok();
        video().is_some_and(|video| Reflect::has(&video, &"captureStream".into()).unwrap_or(false))
    }

    /// The one that was picked in the field that this event comes from. The field is emptied, so that it can be picked again.
    pub fn picked(event: &Event) -> Option<Self> {
        let field: HtmlInputElement = event.target()?.dyn_into().ok()?;
        let file = field.files()?.get(0)?;
        field.set_value("");
        Some(Self(file))
    }
}

/// What is played of a file. Dropping it ends that, and lets the file go.
pub struct Clip {
    /// Missing if the file is sound alone.
    pub picture: Option<LocalTrack>,
    /// Missing if it is silent.
    pub sound: Option<LocalTrack>,
    shown: Shown,
}

enum Shown {
    Film { element: HtmlVideoElement, url: String },
    Still(#[expect(dead_code, reason = "it draws until it is dropped")] Interval),
}

impl Drop for Clip {
    fn drop(&mut self) {
        // By now it may be another file's.
        if let Shown::Film { element, url } = &self.shown
            && element.src() == *url
        {
            let _ = element.pause();
            let _ = element.remove_attribute("src");
            element.load();
        }
        if let Shown::Film { url, .. } = &self.shown {
            let _ = Url::revoke_object_url(url);
        }
    }
}

impl Clip {
    /// Plays this file in `element`, from within a tap and over and over, or shows it if it is a picture. `None` if the browser can make
    /// nothing of it.
    pub async fn play(Footage(file): Footage, element: HtmlVideoElement) -> Option<Self> {
        let played =
            if file.type_().starts_with("image/") { still(&file).await } else { film(&file, element).await };
        played.inspect_err(|thrown| note("file", thrown)).ok()
    }

    /// Whether the element shows it, with the browser's own controls.
    pub fn is_film(&self) -> bool {
        matches!(self.shown, Shown::Film { .. })
    }
}

async fn film(file: &File, element: HtmlVideoElement) -> Result<Clip, JsValue> {
    let url = Url::create_object_url_with_blob(file)?;
    element.set_src(&url);
    element.set_loop(true);
    // From here on it is given back, whatever fails.
    let mut clip = Clip { picture: None, sound: None, shown: Shown::Film { element: element.clone(), url } };
    JsFuture::from(element.play()?).await?;
    let stream = element.unchecked_ref::<CaptureExt>().capture_stream()?;
    for _ in 0..TRACKS.0 {
        clip.picture = first(&stream.get_video_tracks());
        clip.sound = first(&stream.get_audio_tracks());
        let has_picture = element.video_width() > 0;
        if clip.picture.is_some() || (!has_picture && clip.sound.is_some()) {
            break;
        }
        TimeoutFuture::new(TRACKS.1).await;
    }
    if clip.picture.is_none() && clip.sound.is_none() { Err("no tracks".into()) } else { Ok(clip) }
}

async fn still(file: &File) -> Result<Clip, JsValue> {
    let window = window().ok_or("no window")?;
    let image = JsFuture::from(window.create_image_bitmap_with_blob(file)?).await?;
    let image: ImageBitmap = image.dyn_into()?;
    let canvas: HtmlCanvasElement =
        window.document().ok_or("no document")?.create_element("canvas")?.dyn_into()?;
    let (width, height) = fitted((image.width(), image.height()), LARGEST);
    canvas.set_width(width);
    canvas.set_height(height);
    let context: CanvasRenderingContext2d = canvas.get_context("2d")?.ok_or("no canvas")?.dyn_into()?;
    let stream = canvas.unchecked_ref::<CaptureExt>().capture_stream()?;
    let draw = move || {
        let (width, height) = (f64::from(width), f64::from(height));
        let _ = context.draw_image_with_image_bitmap_and_dw_and_dh(&image, 0.0, 0.0, width, height);
    };
    draw();
    let picture = first(&stream.get_video_tracks());
    if let Some(picture) = &picture {
        picture.hint("detail");
    }
    Ok(Clip { picture, sound: None, shown: Shown::Still(Interval::new(AGAIN, draw)) })
}

fn first(tracks: &js_sys::Array) -> Option<LocalTrack> {
    tracks.get(0).dyn_into::<MediaStreamTrack>().ok().map(LocalTrack::new)
}

/// The largest size of the same shape within this one, in even numbers: encoders halve them.
fn fitted((width, height): (u32, u32), (most_width, most_height): (u32, u32)) -> (u32, u32) {
    let (wide, high) = (u64::from(width.max(1)), u64::from(height.max(1)));
    let (mut fit_width, mut fit_height) = (wide, high);
    if fit_width > u64::from(most_width) {
        (fit_width, fit_height) = (u64::from(most_width), high * u64::from(most_width) / wide);
    }
    if fit_height > u64::from(most_height) {
        (fit_width, fit_height) = (wide * u64::from(most_height) / high, u64::from(most_height));
    }
    let even = |side: u64| u32::try_from((side / 2 * 2).max(2)).unwrap_or(2);
    (even(fit_width), even(fit_height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_keeps_its_shape_within_the_bound() {
        for (size, fits) in [
            ((640, 480), (640, 480)),
            ((4_000, 3_000), (1_440, 1_080)),
            ((3_000, 4_000), (810, 1_080)),
            ((10_000, 10), (1_920, 2)),
            ((1, 1), (2, 2)),
            ((0, u32::MAX), (2, 1_080)),
        ] {
            assert_eq!(fitted(size, LARGEST), fits, "{size:?}");
        }
    }
}
