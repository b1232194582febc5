//! What the tests share: polling, spies in the page, and values read from it.

use gloo_timers::future::TimeoutFuture;
use vong_client::platform::clock;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::HtmlVideoElement;

/// Longer than anything here takes on a busy machine, in milliseconds.
const PATIENCE: u64 = 30_000;

/// Polls until `probe` gives something; says `what` was awaited when it does not.
pub(crate) async fn eventually<T>(what: &str, mut probe: impl FnMut() -> Option<T>) -> T {
    let until = clock::now().0 + PATIENCE;
    loop {
        if let Some(found) = probe() {
            return found;
        }
        if clock::now().0 >= until {
            let connections = if holds("window.made") { connections() } else { String::new() };
            panic!("in vain: {what}; {connections}");
        }
        TimeoutFuture::new(10).await;
    }
}

/// Runs a JavaScript expression in the page.
pub(crate) fn js(expression: &str) -> JsValue {
    js_sys::eval(expression).unwrap_or_else(|thrown| panic!("{expression}: {thrown:?}"))
}

/// Whether a JavaScript expression holds.
pub(crate) fn holds(expression: &str) -> bool {
    js(expression).is_truthy()
}

/// Replaces `getUserMedia`, and puts it back when dropped. `body` sees `constraints`, `original` and `lent`, an array
/// that ends up as `window.lent`.
#[must_use]
pub(crate) struct UserMedia;

impl UserMedia {
    pub(crate) fn replaced_by(body: &str) -> Self {
        js(&format!(
            "(() => {{
                const devices = navigator.mediaDevices, lent = window.lent = [];
                const original = constraints => MediaDevices.prototype.getUserMedia.call(devices, constraints);
                devices.getUserMedia = async constraints => {{ {body} }};
            }})()"
        ));
        Self
    }

    /// The real one, keeping a list of the tracks it lends.
    pub(crate) fn watched() -> Self {
        Self::replaced_by(
            "const stream = await original(constraints); lent.push(...stream.getTracks()); return stream;",
        )
    }

    pub(crate) fn lent() -> u32 {
        js_sys::Array::from(&js("window.lent")).length()
    }

    pub(crate) fn all_ended() -> bool {
        holds("window.lent.every(track => track.readyState === 'ended')")
    }
}

impl Drop for UserMedia {
    fn drop(&mut self) {
        js("delete navigator.mediaDevices.getUserMedia");
    }
}

/// Lets everything run that is ready to, and what that makes ready in turn.
pub(crate) async fn turn() {
    TimeoutFuture::new(0).await;
}

/// Keeps lists of the connections made from now on and of their data channels, as `window.made` and `window.channels`.
pub(crate) fn watch_connections() {
    js("(() => {
        window.made = [];
        window.channels = [];
        if (window.OriginalConnection) return;
        window.OriginalConnection = window.RTCPeerConnection;
        window.RTCPeerConnection = class extends window.OriginalConnection {
            constructor(configuration) { super(configuration); window.made.push(this); }
            createDataChannel(...args) {
                const channel = super.createDataChannel(...args);
                window.channels.push(channel);
                return channel;
            }
        };
    })()");
}

/// What became of them, to tell a test that waits in vain from another.
pub(crate) fn connections() -> String {
    js("JSON.stringify({
        made: made.map(c => [c.connectionState, c.iceConnectionState, c.signalingState, c.sctp && c.sctp.state]),
        channels: channels.map(c => c.readyState),
    })")
    .as_string()
    .unwrap_or_default()
}

/// A video element in the page, removed when dropped.
pub(crate) struct Screen(pub(crate) HtmlVideoElement);

impl Screen {
    pub(crate) fn new() -> Self {
        let document = web_sys::window().unwrap().document().unwrap();
        let video: HtmlVideoElement = document.create_element("video").unwrap().unchecked_into();
        document.document_element().unwrap().append_child(&video).unwrap();
        // Without sound, no policy is in the way.
        video.set_muted(true);
        Self(video)
    }

    /// Frames or sound advance the element's clock.
    pub(crate) async fn advances(&self, what: &str) {
        let start = self.0.current_time();
        let until = clock::now().0 + PATIENCE;
        while self.0.current_time() <= start + 0.1 {
            assert!(clock::now().0 < until, "in vain: {what}; {}", self.evidence());
            TimeoutFuture::new(10).await;
        }
    }

    fn evidence(&self) -> String {
        js("window.evidence = video => JSON.stringify({ time: video.currentTime, ready: video.readyState,
            paused: video.paused, muted: video.muted, error: video.error && video.error.message,
            tracks: video.srcObject && video.srcObject.getTracks().map(t => [t.kind, t.muted, t.readyState]) })");
        let evidence: js_sys::Function = js("window.evidence").into();
        evidence.call1(&JsValue::NULL, &self.0).ok().and_then(|e| e.as_string()).unwrap_or_default()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.0.remove();
    }
}
