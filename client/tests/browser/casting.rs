//! The broadcaster's and the watcher's page as the components see them, without a server.

use leptos::prelude::*;
use vong_client::driver::{Casting, DeviceError, Devices, Watching};
use vong_client::platform::storage;
use vong_protocol::RoomId;
use vong_session::Phase;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{UserMedia, eventually, holds, js, turn, watch_connections};

const READY: Devices = Devices::Ready { camera: Ok(()), microphone: Ok(()) };

fn room(name: &str) -> RoomId {
    js("sessionStorage.clear()");
    RoomId::parse(name).unwrap()
}

async fn devices_are(casting: Casting, wanted: Devices) {
    let what = format!("the devices are {wanted:?}");
    eventually(&what, || (casting.devices.get_untracked() == wanted).then_some(())).await;
}

#[wasm_bindgen_test]
async fn leaving_the_page_stops_the_camera() {
    let _user_media = UserMedia::watched();
    let owner = Owner::new();
    let casting = owner.with(|| Casting::new(&room("leaving")));
    casting.open_devices();
    devices_are(casting, READY).await;
    assert!(casting.preview.get_untracked().is_some());
    casting.go_live();
    casting.stop();
    assert_eq!(casting.status.get_untracked().phase, Phase::Ended);
    assert!(!UserMedia::all_ended(), "the preview stays");
    owner.cleanup();
    assert!(UserMedia::lent() == 2 && UserMedia::all_ended());
}

#[wasm_bindgen_test]
async fn a_camera_that_is_handed_over_too_late_is_stopped() {
    let _user_media = UserMedia::replaced_by(
        "const stream = await original(constraints); lent.push(...stream.getTracks());
         await new Promise(go => window.handOver = go); return stream;",
    );
    let owner = Owner::new();
    let casting = owner.with(|| Casting::new(&room("late")));
    casting.open_devices();
    eventually("the browser has the devices", || {
        holds("window.lent.length && window.handOver").then_some(())
    })
    .await;
    assert_eq!(casting.devices.get_untracked(), Devices::Asking);
    owner.cleanup();
    assert!(!UserMedia::all_ended());
    js("window.handOver()");
    eventually("the tracks stop", || UserMedia::all_ended().then_some(())).await;
}

#[wasm_bindgen_test]
async fn an_unplugged_camera_is_told_and_taken_back_when_it_returns() {
    let _user_media = UserMedia::watched();
    let owner = Owner::new();
    let casting = owner.with(|| Casting::new(&room("unplugged")));
    casting.open_devices();
    devices_are(casting, READY).await;
    let before = casting.preview.get_untracked();
    // A track that is stopped from within says nothing, so the event is made by hand.
    js("window.lent.find(t => t.kind === 'video').dispatchEvent(new Event('ended'))");
    devices_are(casting, Devices::Ready { camera: Err(DeviceError::Ended), microphone: Ok(()) }).await;
    assert_ne!(casting.preview.get_untracked(), before);
    drop(before);
    assert!(holds("window.lent.every(t => (t.readyState === 'ended') === (t.kind === 'video'))"));
    js("navigator.mediaDevices.dispatchEvent(new Event('devicechange'))");
    devices_are(casting, READY).await;
    assert!(holds("window.lent.length === 3"), "the microphone was not asked for again");
    owner.cleanup();
}

#[wasm_bindgen_test]
async fn another_camera_is_not_taken_for_the_one_that_was_unplugged() {
    let _user_media = UserMedia::replaced_by(
        "if (constraints.video && constraints.video.deviceId) {
            window.asked = constraints.video.deviceId.exact;
            throw new DOMException('gone', 'OverconstrainedError');
        }
        const stream = await original(constraints); lent.push(...stream.getTracks()); return stream;",
    );
    let owner = Owner::new();
    let casting = owner.with(|| Casting::new(&room("other-camera")));
    casting.open_devices();
    devices_are(casting, READY).await;
    let gone = Devices::Ready { camera: Err(DeviceError::Ended), microphone: Ok(()) };
    js("window.camera = window.lent.find(t => t.kind === 'video');
        window.camera.dispatchEvent(new Event('ended'))");
    devices_are(casting, gone.clone()).await;
    js("navigator.mediaDevices.dispatchEvent(new Event('devicechange'))");
    eventually("the very camera is asked for", || {
        holds("window.asked === window.camera.getSettings().deviceId").then_some(())
    })
    .await;
    turn().await;
    assert_eq!(casting.devices.get_untracked(), gone);
    assert_eq!(UserMedia::lent(), 2);
    casting.open_devices();
    devices_are(casting, READY).await;
    owner.cleanup();
}

#[wasm_bindgen_test]
async fn nothing_is_asked_for_by_a_device_change_alone() {
    let _user_media =
        UserMedia::replaced_by("lent.push(1); throw new DOMException('no', 'NotAllowedError');");
    let owner = Owner::new();
    let casting = owner.with(|| Casting::new(&room("unasked")));
    let change = || js("navigator.mediaDevices.dispatchEvent(new Event('devicechange'))");
    change();
    turn().await;
    assert_eq!(UserMedia::lent(), 0, "before the person wanted anything");
    casting.open_devices();
    devices_are(casting, Devices::Failed(DeviceError::Denied)).await;
    let asked = UserMedia::lent();
    assert!(asked > 0);
    change();
    turn().await;
    assert_eq!(UserMedia::lent(), asked, "after the person said no");
    owner.cleanup();
}

#[wasm_bindgen_test]
async fn a_tab_that_was_live_goes_live_again_by_itself() {
    let name = room("reloaded");
    storage::keep_live(&name, 1);
    // A reload that comes before it could go live changes nothing.
    let earlier = Owner::new();
    earlier.with(|| Casting::new(&name));
    js("window.dispatchEvent(new Event('pagehide'))");
    earlier.cleanup();
    let owner = Owner::new();
    let casting = owner.with(|| Casting::new(&name));
    casting.open_devices();
    devices_are(casting, READY).await;
    eventually("it goes live", || (casting.status.get_untracked().phase != Phase::Idle).then_some(())).await;
    owner.cleanup();
}

#[wasm_bindgen_test]
async fn a_page_that_goes_gives_the_camera_back_and_a_broadcast_is_remembered_unless_it_was_ended() {
    for ended in [false, true] {
        let _user_media = UserMedia::watched();
        let name = room("pagehide");
        let owner = Owner::new();
        let casting = owner.with(|| Casting::new(&name));
        casting.open_devices();
        devices_are(casting, READY).await;
        casting.go_live();
        if ended {
            casting.stop();
        }
        js("window.dispatchEvent(new Event('pagehide'))");
        assert!(UserMedia::all_ended());
        assert_eq!(storage::take_live(&name).is_some(), !ended, "it may be a reload");
        owner.cleanup();
    }
}

#[wasm_bindgen_test]
async fn leaving_a_watched_room_closes_its_connection_at_once() {
    watch_connections();
    let owner = Owner::new();
    let watching = owner.with(|| Watching::start(&room("watched")));
    assert_eq!(watching.status.get_untracked().phase, Phase::Connecting);
    eventually("a connection is made ahead", || holds("made.length === 1").then_some(())).await;
    watching.retry();
    owner.cleanup();
    assert!(holds("made[0].connectionState === 'closed'"));
}

#[wasm_bindgen_test]
async fn a_watcher_whose_page_goes_leaves_before_it_is_gone() {
    watch_connections();
    let owner = Owner::new();
    let watching = owner.with(|| Watching::start(&room("watched")));
    js("window.dispatchEvent(new Event('pagehide'))");
    assert_eq!(watching.status.get_untracked().phase, Phase::Ended);
    assert!(holds("made[0].connectionState === 'closed'"));
    owner.cleanup();
}
