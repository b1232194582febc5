//! What browsers have and `web-sys` lacks.
#![allow(unsafe_code, reason = "imports expand to the foreign calls that the lint is about")]

use js_sys::Promise;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// `RTCRtpSender`, for [`setStreams`](SenderExt::set_streams) and how it encodes.
    #[wasm_bindgen(extends = web_sys::RtcRtpSender)]
    pub(super) type SenderExt;

    /// Names the stream a track belongs to: receivers keep the tracks of one stream in step.
    #[wasm_bindgen(method, catch, js_name = setStreams)]
    pub(super) fn set_streams(this: &SenderExt, stream: &web_sys::MediaStream) -> Result<(), JsValue>;

    #[wasm_bindgen(method, getter)]
    pub(super) fn transport(this: &SenderExt) -> Option<TransportExt>;

    #[wasm_bindgen(method, catch, js_name = getParameters)]
    pub(super) fn get_parameters(this: &SenderExt) -> Result<JsValue, JsValue>;

    /// With the options of the WebRTC Extensions, which a browser that does not know them ignores.
    #[wasm_bindgen(method, catch, js_name = setParameters)]
    pub(super) fn set_parameters(
        this: &SenderExt,
        parameters: &JsValue,
        options: &JsValue,
    ) -> Result<Promise, JsValue>;

    /// What the browser can send: `RTCRtpCapabilities`.
    #[wasm_bindgen(catch, js_namespace = RTCRtpSender, js_name = getCapabilities)]
    pub(super) fn video_capabilities(kind: &str) -> Result<JsValue, JsValue>;

    /// `RTCDtlsTransport`.
    pub(super) type TransportExt;

    #[wasm_bindgen(method, getter, js_name = iceTransport)]
    pub(super) fn ice_transport(this: &TransportExt) -> Option<web_sys::EventTarget>;

    /// A video or a canvas, whose picture and sound are to be had as a stream (W3C Media Capture from DOM Elements).
    pub(super) type CaptureExt;

    #[wasm_bindgen(method, catch, js_name = captureStream)]
    pub(super) fn capture_stream(this: &CaptureExt) -> Result<web_sys::MediaStream, JsValue>;

    /// An element that sounds, as far as it may sound elsewhere (W3C Audio Output Devices).
    pub(super) type SpeakerExt;

    #[wasm_bindgen(method, catch, js_name = setSinkId)]
    pub(super) fn set_sink_id(this: &SpeakerExt, speaker: &str) -> Result<Promise, JsValue>;

    /// An element as far as full screen goes.
    pub(super) type FullScreenExt;

    /// The standard's way. web-sys forgets the promise, whose refusal would show as an uncaught error.
    #[wasm_bindgen(method, catch, js_name = requestFullscreen)]
    pub(super) fn request_full_screen(this: &FullScreenExt) -> Result<Promise, JsValue>;

    /// Safari on phones: a video alone can fill the screen.
    #[wasm_bindgen(method, catch, js_name = webkitEnterFullscreen)]
    pub(super) fn enter_video_full_screen(this: &FullScreenExt) -> Result<(), JsValue>;

    /// `Navigator`, for what keeps the screen on (W3C Screen Wake Lock), which `web-sys` has for unstable builds only, and for media keys.
    pub(super) type NavigatorExt;

    #[wasm_bindgen(method, getter, js_name = wakeLock)]
    pub(super) fn wake_lock(this: &NavigatorExt) -> Option<WakeLock>;

    #[wasm_bindgen(method, getter, js_name = mediaSession)]
    pub(super) fn media_session(this: &NavigatorExt) -> Option<MediaSession>;

    /// What the system's keys for media do.
    pub(super) type MediaSession;

    #[wasm_bindgen(method, js_name = setActionHandler)]
    pub(super) fn set_action_handler(this: &MediaSession, key: &str, pressed: Option<&js_sys::Function>);

    pub(super) type WakeLock;

    #[wasm_bindgen(method, catch)]
    pub(super) fn request(this: &WakeLock, kind: &str) -> Result<Promise, JsValue>;

    pub(super) type WakeLockSentinel;

    #[wasm_bindgen(method, catch)]
    pub(super) fn release(this: &WakeLockSentinel) -> Result<Promise, JsValue>;

    /// A video or a document as far as picture in picture goes.
    pub(super) type PictureInPictureExt;

    #[wasm_bindgen(method, catch, js_name = requestPictureInPicture)]
    pub(super) fn request_picture_in_picture(this: &PictureInPictureExt) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch, js_name = exitPictureInPicture)]
    pub(super) fn exit_picture_in_picture(this: &PictureInPictureExt) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, getter, js_name = pictureInPictureElement)]
    pub(super) fn picture_in_picture_element(this: &PictureInPictureExt) -> Option<web_sys::Element>;

    /// `Window`, for the folders that the person may give access to (WICG File System Access). Chromium alone has them.
    pub(super) type WindowExt;

    #[wasm_bindgen(method, getter, js_name = showDirectoryPicker)]
    pub(super) fn directory_picker(this: &WindowExt) -> Option<js_sys::Function>;

    /// A folder, or a file in it (WHATWG File System).
    #[derive(Clone, Debug)]
    pub type FolderExt;

    #[wasm_bindgen(method, catch, js_name = getFileHandle)]
    pub(super) fn file(this: &FolderExt, name: &str, options: &JsValue) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch, js_name = createWritable)]
    pub(super) fn writable(this: &FolderExt) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch, js_name = getFile)]
    pub(super) fn blob(this: &FolderExt) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch, js_name = removeEntry)]
    pub(super) fn remove(this: &FolderExt, name: &str) -> Result<Promise, JsValue>;

    /// The names in a folder.
    #[wasm_bindgen(method)]
    pub(super) fn keys(this: &FolderExt) -> js_sys::AsyncIterator;

    /// A file that is written to.
    #[derive(Debug)]
    pub type WritableExt;

    /// Data, or `WriteParams` that say where they belong.
    #[wasm_bindgen(method, catch)]
    pub(super) fn write(this: &WritableExt, data: &JsValue) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch)]
    pub(super) fn close(this: &WritableExt) -> Result<Promise, JsValue>;

    /// Closes it without keeping what was written.
    #[wasm_bindgen(method, catch)]
    pub(super) fn abort(this: &WritableExt) -> Result<Promise, JsValue>;
}
