//! The broadcast on the screen: picture, sound, full screen.

use std::time::Duration;

use leptos::{html, leptos_dom::helpers::TimeoutHandle, prelude::*, task::spawn_local};
use vong_protocol::channel::Scene;

use super::{
    chat::{self, ChatButton},
    icon::Icon,
    reactions::{Flying, React},
    route::TEST_PATH,
    seat::{self, Seat},
    stats::Statistics,
    text::t,
};
use crate::{
    driver::Watching,
    platform::{
        MediaKeys, address, dom, lifecycle, page, storage,
        video::{self, Fit, Sound},
    },
};

/// After this long without a movement the controls get out of the picture's way.
const QUIET_AFTER: Duration = Duration::from_secs(3);

/// `?muted` in an address: without sound, until the person wants it.
const MUTED: &str = "muted";

/// What is heard.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Heard {
    /// Sound, or nothing to hear yet.
    On,
    /// The browser wants a tap first.
    NeedsTap,
    /// The person turned it off.
    Off,
}

/// Shows what [`Watching`] receives.
#[component]
pub(super) fn Player(
    watching: Watching,
    /// Whether the chat is shown beside it.
    chatting: RwSignal<bool>,
    /// What the person has set.
    seat: Seat,
    /// Where the picture and its sound are.
    element: NodeRef<html::Video>,
) -> impl IntoView {
    let mute = NodeRef::<html::Button>::new();
    let muted = address::parameter(MUTED).is_some();
    let heard = RwSignal::new(if muted { Heard::Off } else { Heard::On });

    let play = move || {
        let Some(element) = element.get() else { return };
        let stream = watching.stream.get();
        let shows = stream.is_some();
        video::set_volume(&element, storage::volume());
        // A new connection brings a new stream; what the person chose for the last one still holds.
        if heard.get_untracked() == Heard::Off {
            video::mute(&element);
        }
        spawn_local(async move {
            let sound = video::play(element.clone(), stream).await;
            if !shows {
                return;
            }
            if heard.try_get_untracked() == Some(Heard::Off) {
                video::mute(&element);
            } else {
                heard.try_set(if sound == Sound::On { Heard::On } else { Heard::NeedsTap });
            }
        });
    };
    Effect::new(move |_| play());
    // Browsers pause what nobody asked them to: on leaving a phone's full screen, or while the page is not seen.
    let go_on = move || {
        if page::is_visible() {
            untrack(play);
        }
    };
    StoredValue::new_local(lifecycle::on_wake(go_on));

    let toggle_sound = move || {
        let Some(element) = element.get_untracked() else { return };
        if heard.get_untracked() == Heard::On {
            video::mute(&element);
            heard.set(Heard::Off);
        } else {
            video::unmute(&element);
            heard.set(Heard::On);
            // The button that was tapped may be gone now, and the keyboard's focus with it.
            request_animation_frame(move || {
                if let Some(mute) = mute.get_untracked() {
                    let _ = mute.focus();
                }
            });
        }
    };
    let screen = NodeRef::<html::Video>::new();
    Effect::new(move |_| {
        if let Some(screen) = screen.get() {
            watching.screen.with(|stream| video::preview(&screen, stream.as_ref()));
        }
    });
    let scene = watching.chat.scene;
    let sends =
        move |what: fn(&Scene) -> bool, unknown| scene.with(|scene| scene.as_ref().map_or(unknown, what));
    let has_screen = move || sends(|scene| scene.screen, false) && watching.screen.with(Option::is_some);
    let no_camera = move || !sends(|scene| scene.camera, true);
    // Which of the two the person wants large. The screen, as long as they have not said.
    let wants_camera = RwSignal::new(false);
    let screen_large = move || has_screen() && (no_camera() || !wants_camera.get());
    let paused = move || sends(|scene| scene.paused, false);
    let no_picture = move || !watching.status.with(|status| status.picture);
    // What is off on purpose is told as soon as it is; what is missing, once it is.
    let off = move || !paused() && no_camera() && !has_screen();
    let instead = move || {
        if paused() {
            t().back_soon()
        } else if off() {
            t().camera_is_off()
        } else if no_picture() {
            t().sound_only()
        } else {
            ""
        }
    };
    let full_screen = move || {
        if let Some(element) = element.get_untracked() {
            page::toggle_full_screen(&element);
        }
    };
    let press = move |key: &str| {
        if key.len() == 1 && !storage::letter_keys() {
            return false;
        }
        match key {
            "m" => toggle_sound(),
            "f" => full_screen(),
            "c" => chat::toggle(chatting),
            "s" => wants_camera.update(|wants| *wants = !*wants),
            key => return seat::press(key, seat, element),
        }
        true
    };
    StoredValue::new_local(dom::on_key(press));
    // The keys of a keyboard or a headset: a live picture cannot wait, but it can be silent.
    StoredValue::new_local(MediaKeys::new(move |plays| {
        if plays != (heard.get_untracked() == Heard::On) {
            toggle_sound();
        }
    }));
    let (quiet, stir) = quiet_after_a_while();
    let sound_label = move || if heard.get() == Heard::On { t().mute() } else { t().unmute() };

    view! {
        <div
            class="stage pictures"
            class:quiet=quiet
            class:screen-large=screen_large
            class:no-camera=no_camera
            class:fills=move || seat.fit.get() == Fit::Cover
            on:pointermove=move |_| stir() on:pointerdown=move |_| stir()>
            <video
                id="video"
                class="camera"
                node_ref=element
                playsinline
                aria-label=t().picture()
                on:pause=move |_| go_on()
                on:click=move |_| wants_camera.set(true)
            ></video>
            <video
                id="screen"
                class="screen"
                node_ref=screen
                playsinline
                prop:muted=true
                hidden=move || !has_screen()
                aria-label=t().screen()
                on:click=move |_| wants_camera.set(false)
            ></video>
            <div class="sound-only" hidden=move || instead().is_empty()>
                <Icon data=move || if paused() { icondata_lu::LuPause.data } else { icondata_lu::LuAudioLines.data } />
                <span>{instead}</span>
                <a href=address::kept(TEST_PATH) target="_blank" hidden=move || paused() || off()>{t().test_here()}</a>
            </div>
            <button id="unmute" class="button primary" hidden=move || heard.get() != Heard::NeedsTap on:click=move |_| toggle_sound()>
                <Icon data=icondata_lu::LuVolumeX.data />
                {t().tap_for_sound()}
            </button>
            <Flying chat=watching.chat />
            {move || seat.statistics.get().then(|| view! { <Statistics watching /> })}
            <div class="controls">
                <ChatButton chat=watching.chat chatting />
                <button
                    id="swap"
                    class="button round"
                    hidden=move || !has_screen() || no_camera()
                    aria-label=t().swap()
                    title=t().swap()
                    on:click=move |_| wants_camera.update(|wants| *wants = !*wants)
                >
                    <Icon data=icondata_lu::LuPictureInPicture2.data />
                </button>
                <React standing=watching.chat.standing intends=move |intent| watching.intends(intent) />
                <button
                    id="mute"
                    node_ref=mute
                    class="button round"
                    hidden=move || heard.get() == Heard::NeedsTap
                    aria-label=sound_label
                    title=sound_label
                    on:click=move |_| toggle_sound()
                >
                    <Icon data=move || {
                        if heard.get() == Heard::On { icondata_lu::LuVolume2.data } else { icondata_lu::LuVolumeX.data }
                    } />
                </button>
                <button
                    id="full-screen"
                    class="button round"
                    hidden=!page::can_full_screen()
                    aria-label=t().full_screen()
                    title=t().full_screen()
                    on:click=move |_| full_screen()
                >
                    <Icon data=icondata_lu::LuMaximize.data />
                </button>
            </div>
        </div>
    }
}

/// Whether nothing stirred for [`QUIET_AFTER`], and how to tell that something did.
fn quiet_after_a_while() -> (RwSignal<bool>, impl Fn() + Copy) {
    let quiet = RwSignal::new(false);
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let stop = move || {
        if let Some(Some(handle)) = timer.try_update_value(Option::take) {
            handle.clear();
        }
    };
    let stir = move || {
        stop();
        if quiet.get_untracked() {
            quiet.set(false);
        }
        let end = move || {
            quiet.try_set(true);
        };
        timer.set_value(set_timeout_with_handle(end, QUIET_AFTER).ok());
    };
    on_cleanup(stop);
    (quiet, stir)
}
