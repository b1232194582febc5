//! A broadcaster's page: the preview, and beside it the one thing to do next.

use leptos::{html, prelude::*};
use vong_protocol::RoomId;

use super::{
    device_notes::{DeviceNotes, DevicesMissing},
    frame::{Brand, Frame},
    icon::Icon,
    live_controls::{LiveBadge, LiveControls},
    share_link::ShareLink,
    text,
};
use crate::{
    driver::{Casting, Devices},
    platform::{page, video},
};

/// Prepares a broadcast in `room` and asks for the camera at once, so that the preview is what one sees first.
#[component]
pub(super) fn Broadcast(room: RoomId) -> impl IntoView {
    page::set_title(&text::title(room.as_str()));
    let casting = Casting::new(&room);
    casting.open_devices();
    let name = String::from(room);
    view! {
        <Frame class="cast" status=casting.status devices=casting.devices>
            <header class="bar">
                <Brand />
                <h1 class="room-name">{name.clone()}</h1>
            </header>
            <Preview casting />
            <section class="panel">
                <DeviceNotes casting />
                <LiveControls casting />
                <ShareLink room=name />
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
