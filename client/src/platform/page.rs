//! The page as a whole: address, title, clipboard, share sheet, full screen, what the browser can do.

use js_sys::Reflect;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Element, HtmlVideoElement, ShareData, VisibilityState};

use super::bindings::FullScreenExt;
use super::{clock, note, settle, window};

/// `https://host[:port]`.
pub fn origin() -> String {
    window().and_then(|w| w.location().origin().ok()).unwrap_or_default()
}

/// The port of an address that means this very computer, whichever it is opened on; empty if it is the scheme's own.
pub fn local_port() -> Option<String> {
    let location = window()?.location();
    let host = location.hostname().ok()?;
    matches!(host.as_str(), "localhost" | "127.0.0.1" | "[::1]").then(|| location.port().unwrap_or_default())
}

/// Copies to the clipboard; whether that worked.
pub async fn copy(text: String) -> bool {
    // Absent outside a secure context, where calling it would throw.
    let Some(clipboard) = window().map(|w| w.navigator().clipboard()).filter(is_there) else { return false };
    JsFuture::from(clipboard.write_text(&text)).await.is_ok()
}

/// Whether [`share`] can show the system's share sheet.
pub fn can_share() -> bool {
    window().is_some_and(|w| has(&w.navigator(), "share"))
}

/// Opens the system's share sheet for an address.
pub async fn share(url: String, title: String) {
    let Some(window) = window().filter(|_| can_share()) else { return };
    let data = ShareData::new();
    data.set_url(&url);
    data.set_title(&title);
    // Refused when the person closes the sheet, which is no fault.
    let _ = JsFuture::from(window.navigator().share_with_data(&data)).await;
}

/// Whether this browser can take part at all.
pub fn has_webrtc() -> bool {
    window().is_some_and(|window| has(&window, "RTCPeerConnection") && has(&window, "WebSocket"))
}

/// Whether the page came in a way that browsers trust with a camera: over HTTPS, or from this very computer.
pub fn is_secure() -> bool {
    window().is_some_and(|window| window.is_secure_context())
}

/// Whether this browser can hand over a camera at all.
pub fn has_media() -> bool {
    window().is_some_and(|window| has(&window.navigator(), "mediaDevices"))
}

/// What the browser says it is.
pub fn browser() -> String {
    window().and_then(|w| w.navigator().user_agent().ok()).unwrap_or_default()
}

/// The languages that the person reads (BCP 47), the one they like best first.
pub fn languages() -> Vec<String> {
    let list = window().map(|w| w.navigator().languages()).unwrap_or_default();
    list.iter().filter_map(|tag| tag.as_string()).collect()
}

/// Says which language the page is in.
pub fn set_language(tag: &str) {
    if let Some(root) = window().and_then(|w| w.document()).and_then(|d| d.document_element()) {
        let _ = root.set_attribute("lang", tag);
    }
}

/// Whether the page can be seen: its tab is in front and its window is not hidden.
pub fn is_visible() -> bool {
    window().and_then(|w| w.document()).is_some_and(|d| d.visibility_state() == VisibilityState::Visible)
}

/// Sets the page's title.
pub fn set_title(title: &str) {
    if let Some(document) = window().and_then(|w| w.document()) {
        document.set_title(title);
    }
}

/// How far from its end, in pixels, a list still counts as read to it.
const NEAR: i32 = 80;

/// Whether what is shown of a list that scrolls is its end.
pub fn is_at_end(list: &Element) -> bool {
    list.scroll_height() - list.scroll_top() - list.client_height() < NEAR
}

/// Shows the end of a list that scrolls.
pub fn scroll_to_end(list: &Element) {
    list.set_scroll_top(list.scroll_height());
}

/// Loads the page anew.
pub fn reload() {
    if let Some(window) = window() {
        let _ = window.location().reload();
    }
}

/// 32 random bits, for names; not for secrets.
#[expect(clippy::cast_possible_truncation, reason = "any 32 of the bits do")]
pub fn random() -> u32 {
    clock::seed() as u32
}

/// Whether [`toggle_full_screen`] can do anything here.
pub fn can_full_screen() -> bool {
    let Some(document) = window().and_then(|w| w.document()) else { return false };
    let video = || document.create_element("video").ok();
    document.fullscreen_enabled() || video().is_some_and(|v| has(&v, "webkitEnterFullscreen"))
}

/// Whether [`crate::platform::video::toggle_picture_in_picture`] can do anything here.
pub fn has_picture_in_picture() -> bool {
    let document = window().and_then(|w| w.document());
    document
        .and_then(|d| Reflect::get(&d, &"pictureInPictureEnabled".into()).ok())
        .is_some_and(|it| it.is_truthy())
}

/// Fills the screen with the page, or with `video` alone where the browser allows only that; or leaves it.
pub fn toggle_full_screen(video: &HtmlVideoElement) {
    let Some(document) = window().and_then(|w| w.document()) else { return };
    if document.fullscreen_element().is_some() {
        document.exit_fullscreen();
    } else if let Some(root) = document.document_element().filter(|_| document.fullscreen_enabled()) {
        settle(root.unchecked_ref::<FullScreenExt>().request_full_screen());
    } else if let Err(thrown) = video.unchecked_ref::<FullScreenExt>().enter_video_full_screen() {
        note("full screen", &thrown);
    }
}

fn is_there(value: &impl AsRef<JsValue>) -> bool {
    !value.as_ref().is_undefined()
}

fn has(object: &impl AsRef<JsValue>, property: &str) -> bool {
    Reflect::has(object.as_ref(), &property.into()).unwrap_or(false)
}

/// `text` with every accented letter in one piece (Unicode NFC), whichever way it was typed.
pub fn composed(text: &str) -> String {
    js_sys::JsString::from(text).normalize("NFC").into()
}

/// `text` with every accented letter taken apart into its letter and its marks (Unicode NFD).
pub fn decomposed(text: &str) -> String {
    js_sys::JsString::from(text).normalize("NFD").into()
}

/// Processor cores, where the browser tells; else what the least of today's has.
pub fn cores() -> u32 {
    let told = window().map(|window| window.navigator().hardware_concurrency());
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole, positive number")]
    told.map(|cores| cores as u32).filter(|cores| *cores > 0).unwrap_or(2)
}
