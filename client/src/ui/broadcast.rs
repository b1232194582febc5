//! A broadcaster's page: the preview, and beside it the one thing to do next.

use leptos::{html, prelude::*};
use vong_protocol::RoomId;
use vong_session::Phase;

use super::{
    device_notes::{DeviceNotes, DevicesMissing},
    frame::{Brand, Frame},
    icon::Icon,
    live_controls::{LiveBadge, LiveControls},
    privacy::HideAddress,
    route::test_path,
    share_link::ShareLink,
    text,
};
use crate::{
    driver::{Casting, Devices},
    platform::{page, storage, video},
};

/// Prepares a broadcast in `room` and asks for the camera at once, so that the preview is what one sees first.
#[component]
pub(super) fn Broadcast(room: RoomId) -> impl IntoView {
    page::set_title(&text::title(room.as_str()));
    let casting = Casting::new(&room);
    casting.open_devices();
    let name = String::from(room);
    let live =
        move || casting.status.with(|s| !matches!(s.phase, Phase::Idle | Phase::Ended | Phase::Failed));
    let trouble = move || casting.diagnosis.get().map_or("", |verdict| text::trouble(verdict, false));
    view! {
        <Frame class="cast" status=casting.status devices=casting.devices diagnosis=casting.diagnosis>
            <header class="bar">
                <Brand />
                <h1 class="room-name">{name.clone()}</h1>
            </header>
            <Preview casting />
            <section class="panel">
                <DeviceNotes casting />
                <LiveControls casting />
                <p id="trouble" class="note" role="status">
                    {trouble}
                </p>
                <ShareLink room=name />
                <div class="aside">
                    // Its choice holds from the next broadcast on; those who watch this one were told the address already.
                    <HideAddress disabled=Signal::derive(live) changed=|| () />
                    // In a tab of its own while this one is busy.
                    <a id="test" href=test_path(storage::hides_address()) target=move || if live() { "_blank" } else { "_self" }>{text::TEST_FIRST}</a>
                </div>
            </section>
        </Frame>
    }
}

/// What the camera sees, or why there is nothing to see.
#[component]
fn Preview(casting: Casting) -> impl IntoView {
    let element = NodeRef::<html::Video>::new();
    Effect::new(move |_| {
        if let Some(element) = element.get() {
            casting.preview.with(|stream| video::preview(&element, stream.as_ref()));
        }
    });
    let sound_only =
        move || casting.devices.with(|d| matches!(d, Devices::Ready { camera: Err(_), microphone: Ok(()) }));
    view! {
        <div class="preview">
            <video id="preview" node_ref=element prop:muted=true playsinline aria-label=text::PREVIEW></video>
            <LiveBadge status=casting.status />
            <div class="sound-only" hidden=move || !sound_only()>
                <Icon data=icondata_lu::LuMic.data />
                <span>{text::SOUND_ONLY}</span>
            </div>
            <DevicesMissing casting />
        </div>
    }
}
