//! What is wrong with camera and microphone.

use super::{Said, said, t};
use crate::driver::DeviceError;

/// With both together.
pub(in crate::ui) fn devices(error: DeviceError) -> Said {
    match error {
        DeviceError::InsecureOrigin => said(t().devices_insecure(), t().insecure_how()),
        DeviceError::Unsupported => said(t().no_webrtc(), t().no_webrtc_how()),
        DeviceError::Denied => said(t().devices_denied(), t().devices_denied_how()),
        DeviceError::NotFound => said(t().devices_not_found(), t().devices_not_found_how()),
        DeviceError::Busy => said(t().devices_busy(), t().devices_busy_how()),
        DeviceError::Ended => said(t().devices_ended(), t().devices_ended_how()),
        DeviceError::Off | DeviceError::Other => said(t().devices_other(), t().devices_other_how()),
    }
}

/// With the camera, while the microphone works.
pub(in crate::ui) fn camera(error: DeviceError) -> &'static str {
    match error {
        DeviceError::NotFound => t().camera_not_found(),
        DeviceError::Denied => t().camera_denied(),
        DeviceError::Busy => t().camera_busy(),
        DeviceError::Ended => t().camera_ended(),
        DeviceError::Off => "",
        _ => t().camera_other(),
    }
}

/// With the microphone, while the camera works.
pub(in crate::ui) fn microphone(error: DeviceError) -> &'static str {
    match error {
        DeviceError::NotFound => t().microphone_not_found(),
        DeviceError::Denied => t().microphone_denied(),
        DeviceError::Busy => t().microphone_busy(),
        DeviceError::Ended => t().microphone_ended(),
        _ => t().microphone_other(),
    }
}
