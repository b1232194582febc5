//! Why a camera or a microphone cannot be used, as far as browsers tell.

use wasm_bindgen::{JsCast, JsValue};
use web_sys::DomException;

/// Why a device cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceError {
    /// The page is neither HTTPS nor localhost.
    InsecureOrigin,
    /// The browser has no `getUserMedia` or no WebRTC.
    Unsupported,
    /// The person or a policy said no.
    Denied,
    /// There is none.
    NotFound,
    /// Another program uses it.
    Busy,
    /// The person turned it off.
    Off,
    /// It was unplugged, or taken away by the system, after it had worked.
    Ended,
    /// Something else the browser reports.
    Other,
}

impl DeviceError {
    /// What `getUserMedia` threw or rejected with (W3C Media Capture and Streams, section 10.2).
    pub(super) fn from_thrown(thrown: &JsValue) -> Self {
        let name = match thrown.dyn_ref::<DomException>() {
            Some(exception) => exception.name(),
            None => thrown.dyn_ref::<js_sys::Error>().map_or_else(String::new, |e| e.name().into()),
        };
        match name.as_str() {
            "NotAllowedError" | "SecurityError" => Self::Denied,
            // The only constraint that Vọng insists on is which device it is, so this one is not there.
            "NotFoundError" | "OverconstrainedError" => Self::NotFound,
            "NotReadableError" | "AbortError" => Self::Busy,
            _ => Self::Other,
        }
    }

    /// The stable name, for a report.
    pub fn name(self) -> &'static str {
        match self {
            Self::InsecureOrigin => "insecure_origin",
            Self::Unsupported => "unsupported",
            Self::Denied => "denied",
            Self::NotFound => "not_found",
            Self::Busy => "busy",
            Self::Off => "off",
            Self::Ended => "ended",
            Self::Other => "other",
        }
    }

    /// Whether any device that is plugged in or becomes free is what the person asked for.
    pub fn may_pass(self) -> bool {
        matches!(self, Self::NotFound | Self::Busy)
    }
}
