//! Camera and microphone: what is asked for, what failures mean, and that everything lent is given back.

use vong_client::platform::media::{self, Kind};
use vong_client::platform::{DeviceError, Outgoing, Stream};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{UserMedia, js};

#[wasm_bindgen_test]
async fn dropping_the_last_clone_of_a_stream_stops_its_tracks() {
    let _user_media = UserMedia::watched();
    let (camera, microphone) = media::open_both().await;
    let tracks = Outgoing { camera: camera.ok(), sound: microphone.ok(), ..Outgoing::default() };
    let stream = Stream::local(&tracks).unwrap();
    assert_eq!(UserMedia::lent(), 2);
    drop(tracks);
    let clone = stream.clone();
    drop(stream);
    assert!(!UserMedia::all_ended(), "a clone is left");
    drop(clone);
    assert!(UserMedia::all_ended());
}

#[wasm_bindgen_test]
async fn every_failure_is_named_for_what_it_is() {
    use DeviceError::{Busy, Denied, NotFound, Other};
    for (name, error) in [
        ("NotAllowedError", Denied),
        ("SecurityError", Denied),
        ("NotFoundError", NotFound),
        ("OverconstrainedError", NotFound),
        ("NotReadableError", Busy),
        ("AbortError", Busy),
        ("InvalidStateError", Other),
    ] {
        let _replaced = UserMedia::replaced_by(&format!("throw new DOMException('as tested', '{name}');"));
        let (camera, microphone) = media::open_both().await;
        assert_eq!((camera.err(), microphone.err()), (Some(error), Some(error)), "{name}");
    }
    let _replaced = UserMedia::replaced_by("throw new TypeError('as tested');");
    assert_eq!(media::open(Kind::Camera).await.err(), Some(Other));
}

#[wasm_bindgen_test]
async fn without_media_devices_the_origin_or_the_browser_is_at_fault() {
    js("Object.defineProperty(navigator, 'mediaDevices', { configurable: true, value: undefined })");
    let unsupported = media::open(Kind::Camera).await.err();
    js("Object.defineProperty(window, 'isSecureContext', { configurable: true, value: false })");
    let insecure = media::open(Kind::Camera).await.err();
    js("delete navigator.mediaDevices; delete window.isSecureContext");
    assert_eq!(unsupported, Some(DeviceError::Unsupported));
    assert_eq!(insecure, Some(DeviceError::InsecureOrigin));
}

#[wasm_bindgen_test]
async fn a_missing_camera_leaves_the_microphone() {
    let _replaced = UserMedia::replaced_by(
        "if (constraints.video) throw new DOMException('none', 'NotFoundError'); return original(constraints);",
    );
    let (camera, microphone) = media::open_both().await;
    assert_eq!(camera.err(), Some(DeviceError::NotFound));
    assert!(microphone.unwrap().is_live());
}

#[wasm_bindgen_test]
async fn a_busy_microphone_leaves_the_camera() {
    let _replaced = UserMedia::replaced_by(
        "if (constraints.audio) throw new DOMException('busy', 'NotReadableError'); return original(constraints);",
    );
    let (camera, microphone) = media::open_both().await;
    assert!(camera.unwrap().is_live());
    assert_eq!(microphone.err(), Some(DeviceError::Busy));
}

#[wasm_bindgen_test]
async fn who_says_no_is_not_asked_again() {
    let _user_media =
        UserMedia::replaced_by("lent.push(1); throw new DOMException('no', 'NotAllowedError');");
    js("navigator.permissions.query = async () => {
        const status = Object.create(PermissionStatus.prototype);
        Object.defineProperty(status, 'state', { value: 'denied' });
        return status;
    }");
    let (camera, microphone) = media::open_both().await;
    js("delete navigator.permissions.query");
    assert_eq!((camera.err(), microphone.err()), (Some(DeviceError::Denied), Some(DeviceError::Denied)));
    assert_eq!(UserMedia::lent(), 1, "asked once");
}

#[wasm_bindgen_test]
async fn a_camera_refused_long_ago_leaves_the_microphone() {
    let _replaced = UserMedia::replaced_by(
        "if (constraints.video) throw new DOMException('no', 'NotAllowedError'); return original(constraints);",
    );
    js("navigator.permissions.query = async ({ name }) => {
        const status = Object.create(PermissionStatus.prototype);
        Object.defineProperty(status, 'state', { value: name === 'camera' ? 'denied' : 'prompt' });
        return status;
    }");
    let (camera, microphone) = media::open_both().await;
    js("delete navigator.permissions.query");
    assert_eq!(camera.err(), Some(DeviceError::Denied));
    assert!(microphone.unwrap().is_live());
}
