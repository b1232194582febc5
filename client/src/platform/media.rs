//! Asking for camera and microphone.

use js_sys::{JSON, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{MediaDevices, MediaStream, MediaStreamConstraints, MediaStreamTrack, PermissionState};
use web_sys::{PermissionStatus, Window};

use super::{DeviceError, Listener, LocalTrack, note, window};

/// A kind of device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A picture.
    Camera,
    /// A sound.
    Microphone,
}

/// What came of asking for one device.
pub type Opened = Result<LocalTrack, DeviceError>;

/// Asks for camera and microphone together, so that the person is asked once; then for whichever exists. The camera
/// comes first.
///
/// The future must be run to its end: only then are tracks that come late stopped by dropping what it returns.
pub async fn open_both() -> (Opened, Opened) {
    let error = match ask(true, true, None).await {
        Ok(stream) => return (first(&stream, Kind::Camera), first(&stream, Kind::Microphone)),
        Err(error) => error,
    };
    match error {
        DeviceError::InsecureOrigin | DeviceError::Unsupported => (Err(error), Err(error)),
        // Who said no is not asked again; but one of the two may have been refused long before, and only it.
        DeviceError::Denied => match (permission(Kind::Camera).await, permission(Kind::Microphone).await) {
            (Some(PermissionState::Denied), Some(microphone)) if microphone != PermissionState::Denied => {
                (Err(error), open(Kind::Microphone).await)
            }
            (Some(camera), Some(PermissionState::Denied)) if camera != PermissionState::Denied => {
                (open(Kind::Camera).await, Err(error))
            }
            (Some(PermissionState::Granted), Some(PermissionState::Granted)) => each().await,
            _ => (Err(error), Err(error)),
        },
        _ => each().await,
    }
}

/// Asks for one device. The future must be run to its end, as that of [`open_both`].
pub async fn open(kind: Kind) -> Opened {
    first(&ask(kind == Kind::Camera, kind == Kind::Microphone, None).await?, kind)
}

/// Asks for this very device (see [`LocalTrack::device`]) and no other. To be run to its end likewise.
pub async fn open_again(kind: Kind, device: &str) -> Opened {
    first(&ask(kind == Kind::Camera, kind == Kind::Microphone, Some(device)).await?, kind)
}

/// Calls `changed` when a device is plugged in or out.
pub fn on_device_change(changed: impl Fn() + 'static) -> Option<Listener> {
    let devices = devices(&window()?).ok()?;
    Some(Listener::new(&devices, "devicechange", move |_| changed()))
}

async fn each() -> (Opened, Opened) {
    (open(Kind::Camera).await, open(Kind::Microphone).await)
}

fn devices(window: &Window) -> Result<MediaDevices, DeviceError> {
    match window.navigator().media_devices() {
        Ok(devices) if !devices.is_undefined() => Ok(devices),
        _ if !window.is_secure_context() => Err(DeviceError::InsecureOrigin),
        _ => Err(DeviceError::Unsupported),
    }
}

async fn ask(camera: bool, microphone: bool, device: Option<&str>) -> Result<MediaStream, DeviceError> {
    let devices = devices(&window().ok_or(DeviceError::Unsupported)?)?;
    let constraints = MediaStreamConstraints::new();
    if camera {
        constraints.set_video(&wishes(PICTURE, device));
    }
    if microphone {
        constraints.set_audio(&wishes(SOUND, device));
    }
    let refused = |thrown: JsValue| {
        note("getUserMedia", &thrown);
        DeviceError::from_thrown(&thrown)
    };
    let promise = devices.get_user_media_with_constraints(&constraints).map_err(refused)?;
    JsFuture::from(promise).await.map_err(refused)?.dyn_into().map_err(|_| DeviceError::Other)
}

fn wishes(text: &str, device: Option<&str>) -> JsValue {
    let wishes = JSON::parse(text).unwrap_or(JsValue::TRUE);
    if let Some(device) = device {
        let exact = Object::new();
        let _ = Reflect::set(&exact, &"exact".into(), &device.into());
        let _ = Reflect::set(&wishes, &"deviceId".into(), &exact);
    }
    wishes
}

fn first(stream: &MediaStream, kind: Kind) -> Opened {
    let tracks = match kind {
        Kind::Camera => stream.get_video_tracks(),
        Kind::Microphone => stream.get_audio_tracks(),
    };
    tracks.get(0).dyn_into::<MediaStreamTrack>().map(LocalTrack::new).map_err(|_| DeviceError::NotFound)
}

/// `None` where the browser does not tell.
async fn permission(kind: Kind) -> Option<PermissionState> {
    let name = match kind {
        Kind::Camera => "camera",
        Kind::Microphone => "microphone",
    };
    let descriptor = Object::new();
    Reflect::set(&descriptor, &"name".into(), &name.into()).ok()?;
    let permissions = window()?.navigator().permissions().ok().filter(|p| !p.is_undefined())?;
    let status = JsFuture::from(permissions.query(&descriptor).ok()?).await.ok()?;
    Some(status.dyn_into::<PermissionStatus>().ok()?.state())
}

/// `MediaTrackConstraints` of the camera: wishes, so that a camera that cannot fulfil them is still used.
const PICTURE: &str = r#"{"width":{"ideal":1280},"height":{"ideal":720},"frameRate":{"ideal":30}}"#;

/// `MediaTrackConstraints` of the microphone.
const SOUND: &str = r#"{"echoCancellation":true}"#;
