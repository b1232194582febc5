//! What browsers have and `web-sys` lacks.
#![allow(unsafe_code, reason = "imports expand to the foreign calls that the lint is about")]

use js_sys::Promise;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// `RTCRtpSender`, for [`setStreams`](SenderExt::set_streams).
    #[wasm_bindgen(extends = web_sys::RtcRtpSender)]
    pub(super) type SenderExt;

    /// Names the stream a track belongs to: receivers keep the tracks of one stream in step.
    #[wasm_bindgen(method, catch, js_name = setStreams)]
    pub(super) fn set_streams(this: &SenderExt, stream: &web_sys::MediaStream) -> Result<(), JsValue>;

    /// An element as far as full screen goes.
    pub(super) type FullScreenExt;

    /// The standard's way. web-sys forgets the promise, whose refusal would show as an uncaught error.
    #[wasm_bindgen(method, catch, js_name = requestFullscreen)]
    pub(super) fn request_full_screen(this: &FullScreenExt) -> Result<Promise, JsValue>;

    /// Safari on phones: a video alone can fill the screen.
    #[wasm_bindgen(method, catch, js_name = webkitEnterFullscreen)]
    pub(super) fn enter_video_full_screen(this: &FullScreenExt) -> Result<(), JsValue>;
}
