//! A broadcaster's page: the preview, and beside it the one thing to do next.

use leptos::{html, prelude::*};
use vong_protocol::RoomId;
use vong_session::{Phase, Standing};

use super::{
    admission::WhoMayWatch,
    audience::Audience,
    chat::ChatPanel,
    device_notes::{DeviceNotes, DevicesMissing},
    frame::{Brand, Frame},
    icon::Icon,
    language::ChooseLanguage,
    later::fill_later,
    live_controls::{LiveBadge, LiveControls},
    privacy::HideAddress,
    quality::Thrifty,
    reactions::Flying,
    route::TEST_PATH,
    share_link::ShareLink,
    sources::SourceControls,
    text::{self, t},
};
use crate::{
    driver::{Casting, Devices},
    platform::{address, page, video},
};

/// Prepares a broadcast in `room` and asks for the camera at once, so that the preview is what one sees first.
#[component]
pub(super) fn Broadcast(room: RoomId) -> impl IntoView {
    page::set_title(&t().room_title(room.as_str()));
    let casting = Casting::new(&room);
    casting.open_devices();
    let name = String::from(room);
    let live =
        move || casting.status.with(|s| !matches!(s.phase, Phase::Idle | Phase::Ended | Phase::Failed));
    let trouble = move || casting.diagnosis.get().map_or("", |verdict| text::trouble(verdict, false));
    let talk = NodeRef::<html::Div>::new();
    let talking = move || {
        let (chat, intends) = (casting.chat, move |intent| casting.intends(intent));
        let standing = Standing { open: true, you: Some(0), ..Standing::default() };
        view! {
            <Audience chat doing=casting.doing intends />
            <ChatPanel chat standing moderates=true over=false intends />
        }
    };
    fill_later(talk, talking);
    view! {
        <Frame class="cast" status=casting.status devices=casting.devices diagnosis=casting.diagnosis>
            <header class="bar">
                <Brand />
                <h1 class="room-name">{name.clone()}</h1>
            </header>
            <div class="view">
                <Preview casting />
                <SourceControls casting />
                // The browser's own controls, for where the film is and how loud it is here.
                <video id="clip" class="clip" controls playsinline hidden=move || !casting.film.get() aria-label=t().file_controls()></video>
            </div>
            <section class="panel">
                <DeviceNotes casting />
                <p id="recording-note" class="note" role="status">
                    {move || if casting.recording_failed.get() { t().recording_failed() } else { "" }}
                </p>
                <p id="file-note" class="note" role="status">
                    {move || if casting.unplayable.get() { t().file_unplayable() } else { "" }}
                </p>
                <LiveControls casting />
                <p id="trouble" class="note" role="status">
                    {trouble}
                </p>
                <Thrifty casting />
                <ShareLink room=name />
                <WhoMayWatch casting />
                <div class="talk" node_ref=talk hidden=move || !live()></div>
                <div class="aside">
                    // Its choice holds from the next broadcast on; those who watch this one were told the address already.
                    <HideAddress disabled=Signal::derive(live) changed=|| () />
                    // In a tab of its own while this one is busy.
                    <a id="test" href=address::kept(TEST_PATH) target=move || if live() { "_blank" } else { "_self" }>{t().test_first()}</a>
                    <ChooseLanguage />
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
    let screen = NodeRef::<html::Video>::new();
    Effect::new(move |_| {
        if let Some(screen) = screen.get() {
            casting.screen.with(|stream| video::preview(&screen, stream.as_ref()));
        }
    });
    let sources = casting.sources;
    let no_camera = move || casting.devices.with(|d| matches!(d, Devices::Ready { camera: Err(_), .. }));
    let no_camera = move || no_camera() && !sources.with(|s| s.clip);
    let sound_only = move || no_camera() && sources.with(|s| !s.screen && !s.paused);
    let off = move || sources.with(|s| !s.camera);
    let said = move || if off() { t().camera_is_off() } else { t().sound_only() };
    view! {
        <div
            class="preview pictures"
            class:screen-large=move || sources.with(|s| s.screen)
            class:no-camera=no_camera
            class:mirrored=move || casting.mirrored.get() && !sources.with(|s| s.clip)
        >
            <video id="preview" class="camera" node_ref=element prop:muted=true playsinline aria-label=t().preview()></video>
            <video
                id="preview-screen"
                class="screen"
                node_ref=screen
                prop:muted=true
                playsinline
                hidden=move || sources.with(|s| !s.screen)
                aria-label=t().screen()
            ></video>
            <p class="paused" hidden=move || sources.with(|s| !s.paused)>
                {t().paused_how()}
            </p>
            <LiveBadge casting />
            <Flying chat=casting.chat />
            <div class="sound-only" hidden=move || !sound_only()>
                <Icon data=move || if off() { icondata_lu::LuVideoOff.data } else { icondata_lu::LuMic.data } />
                <span>{said}</span>
            </div>
            <DevicesMissing casting />
        </div>
    }
}
