//! Asking for camera, microphone and screen.

use js_sys::{JSON, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DisplayMediaStreamConstraints, MediaDeviceInfo, MediaDeviceKind, MediaDevices, MediaStream};
use web_sys::{MediaStreamConstraints, MediaStreamTrack, PermissionState, PermissionStatus, Window};

use super::{DeviceError, Listener, LocalTrack, note, storage, window};

/// A kind of device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A picture.
    Camera,
    /// A sound.
    Microphone,
}

/// The devices that could be chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choices {
    /// What gives pictures.
    pub cameras: Vec<Choice>,
    /// What gives sound.
    pub microphones: Vec<Choice>,
    /// Where sound comes out; empty where the browser does not tell.
    pub speakers: Vec<Choice>,
}

/// A device that could be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Its id, the same for as long as the person does not clear what the page has stored.
    pub id: String,
    /// What the system calls it; empty until the person has allowed one of its kind.
    pub label: String,
}

/// What came of asking for one device.
pub type Opened = Result<LocalTrack, DeviceError>;

/// Asks for camera and microphone together, so that the person is asked once; then for whichever exists. The camera
/// comes first.
///
/// The future must be run to its end: only then are tracks that come late stopped by dropping what it returns.
pub async fn open_both() -> (Opened, Opened) {
    let error = match ask_kept(&[Kind::Camera, Kind::Microphone]).await {
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

/// Asks for one device: the one that the person chose last, if it is there. The future must be run to its end, as that of [`open_both`].
pub async fn open(kind: Kind) -> Opened {
    first(&ask_kept(&[kind]).await?, kind)
}

/// Asks for this very device (see [`LocalTrack::device`]) and no other. To be run to its end likewise.
pub async fn open_again(kind: Kind, device: &str) -> Opened {
    let device = Wanted::Only(device);
    let asked = match kind {
        Kind::Camera => ask(device, Wanted::None).await?,
        Kind::Microphone => ask(Wanted::None, device).await?,
    };
    first(&asked, kind)
}

/// The devices there are, as far as the browser tells.
pub async fn choices() -> Choices {
    let list = async {
        let promise = devices(&window()?).ok()?.enumerate_devices().ok()?;
        JsFuture::from(promise).await.ok()
    };
    let list = js_sys::Array::from(&list.await.unwrap_or_default());
    let mut choices = Choices::default();
    for device in list.iter().filter_map(|device| device.dyn_into::<MediaDeviceInfo>().ok()) {
        let of_kind = match device.kind() {
            MediaDeviceKind::Videoinput => &mut choices.cameras,
            MediaDeviceKind::Audioinput => &mut choices.microphones,
            MediaDeviceKind::Audiooutput => &mut choices.speakers,
            _ => continue,
        };
        let choice = Choice { id: device.device_id(), label: device.label() };
        // Before the person has allowed one there is an entry without an id, which cannot be chosen.
        if !choice.id.is_empty() {
            of_kind.push(choice);
        }
    }
    choices
}

/// Whether [`share_screen`] can do anything here: phones have nothing to choose from.
pub fn can_share_screen() -> bool {
    let devices = window().and_then(|window| devices(&window).ok());
    devices.is_some_and(|d| Reflect::has(&d, &"getDisplayMedia".into()).unwrap_or(false))
}

/// Has the person choose a screen, a window or a tab, from within a tap; with its sound where that is to be had. To be run to its
/// end, as [`open_both`].
pub async fn share_screen() -> Result<(LocalTrack, Option<LocalTrack>), DeviceError> {
    let devices = devices(&window().ok_or(DeviceError::Unsupported)?)?;
    let constraints = DisplayMediaStreamConstraints::new();
    constraints.set_video(&JsValue::TRUE);
    constraints.set_audio(&JSON::parse(SCREEN_SOUND).unwrap_or(JsValue::TRUE));
    let promise = devices.get_display_media_with_constraints(&constraints).map_err(|e| refused(&e))?;
    let stream: MediaStream =
        JsFuture::from(promise).await.map_err(|e| refused(&e))?.dyn_into().map_err(|_| DeviceError::Other)?;
    let picture = first(&stream, Kind::Camera)?;
    // Mostly texts and slides, which have to be read.
    picture.hint("detail");
    Ok((picture, first(&stream, Kind::Microphone).ok()))
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

/// Which device of a kind.
#[derive(Clone, Copy)]
enum Wanted<'a> {
    None,
    Any,
    /// This one and no other.
    Only(&'a str),
}

/// Asks for the devices that the person chose last, and if those are not there, for any.
async fn ask_kept(kinds: &[Kind]) -> Result<MediaStream, DeviceError> {
    let any = |kind| if kinds.contains(&kind) { Wanted::Any } else { Wanted::None };
    let kept = |kind| storage::device(kind).filter(|_| kinds.contains(&kind));
    let (camera, microphone) = (kept(Kind::Camera), kept(Kind::Microphone));
    if camera.is_some() || microphone.is_some() {
        let asked = ask(
            camera.as_deref().map_or(any(Kind::Camera), Wanted::Only),
            microphone.as_deref().map_or(any(Kind::Microphone), Wanted::Only),
        );
        match asked.await {
            Err(DeviceError::NotFound) => {}
            asked => return asked,
        }
    }
    ask(any(Kind::Camera), any(Kind::Microphone)).await
}

fn refused(thrown: &JsValue) -> DeviceError {
    note("media devices", thrown);
    DeviceError::from_thrown(thrown)
}

async fn ask(camera: Wanted<'_>, microphone: Wanted<'_>) -> Result<MediaStream, DeviceError> {
    let devices = devices(&window().ok_or(DeviceError::Unsupported)?)?;
    let constraints = MediaStreamConstraints::new();
    if let Some(wishes) = wishes(storage::quality().constraints(), camera) {
        constraints.set_video(&wishes);
    }
    let sound = JSON::parse(SOUND).unwrap_or(JsValue::TRUE);
    if let Some(wishes) = wishes(sound, microphone) {
        constraints.set_audio(&wishes);
    }
    let promise = devices.get_user_media_with_constraints(&constraints).map_err(|e| refused(&e))?;
    JsFuture::from(promise).await.map_err(|e| refused(&e))?.dyn_into().map_err(|_| DeviceError::Other)
}

/// Constraints that ask for this device, too.
fn wishes(wishes: JsValue, device: Wanted<'_>) -> Option<JsValue> {
    match device {
        Wanted::None => return None,
        Wanted::Any => {}
        Wanted::Only(device) => {
            let exact = Object::new();
            let _ = Reflect::set(&exact, &"exact".into(), &device.into());
            let _ = Reflect::set(&wishes, &"deviceId".into(), &exact);
        }
    }
    Some(wishes)
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

/// `MediaTrackConstraints` of the microphone.
const SOUND: &str = r#"{"echoCancellation":true}"#;

/// `MediaTrackConstraints` of a screen's sound: as it is, since it is no voice in a room.
const SCREEN_SOUND: &str = r#"{"echoCancellation":false,"noiseSuppression":false,"autoGainControl":false}"#;
