//! The broadcast on the screen: picture, sound, full screen.

use std::time::Duration;

use leptos::{html, leptos_dom::helpers::TimeoutHandle, prelude::*, task::spawn_local};

use super::{
    chat::ChatButton,
    icon::Icon,
    reactions::{Flying, React},
    route::TEST_PATH,
    text::t,
};
use crate::{
    driver::Watching,
    platform::{
        address, lifecycle, page,
        video::{self, Sound},
    },
};

/// After this long without a movement the controls get out of the picture's way.
const QUIET_AFTER: Duration = Duration::from_secs(3);

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
) -> impl IntoView {
    let element = NodeRef::<html::Video>::new();
    let mute = NodeRef::<html::Button>::new();
    let heard = RwSignal::new(Heard::On);

    let play = move || {
        let Some(element) = element.get() else { return };
        let stream = watching.stream.get();
        let shows = stream.is_some();
        spawn_local(async move {
            let sound = video::play(element.clone(), stream).await;
            if !shows {
                return;
            }
            // A new connection brings a new stream; what the person chose for the last one still holds.
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

    let toggle_sound = move |_| {
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
    let sound_only = move || !watching.status.with(|status| status.picture);
    let full_screen = move |_| {
        if let Some(element) = element.get_untracked() {
            page::toggle_full_screen(&element);
        }
    };
    let (quiet, stir) = quiet_after_a_while();
    let sound_label = move || if heard.get() == Heard::On { t().mute() } else { t().unmute() };

    view! {
        <div class="stage" class:quiet=quiet on:pointermove=move |_| stir() on:pointerdown=move |_| stir()>
            <video
                id="video"
                node_ref=element
                playsinline
                aria-label=t().picture()
                on:pause=move |_| go_on()
            ></video>
            <div class="sound-only" hidden=move || !sound_only()>
                <Icon data=icondata_lu::LuAudioLines.data />
                <span>{t().sound_only()}</span>
                <a href=address::kept(TEST_PATH) target="_blank">{t().test_here()}</a>
            </div>
            <button id="unmute" class="button primary" hidden=move || heard.get() != Heard::NeedsTap on:click=toggle_sound>
                <Icon data=icondata_lu::LuVolumeX.data />
                {t().tap_for_sound()}
            </button>
            <Flying chat=watching.chat />
            <div class="controls">
                <ChatButton chat=watching.chat chatting />
                <React standing=watching.chat.standing intends=move |intent| watching.intends(intent) />
                <button
                    id="mute"
                    node_ref=mute
                    class="button round"
                    hidden=move || heard.get() == Heard::NeedsTap
                    aria-label=sound_label
                    title=sound_label
                    on:click=toggle_sound
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
                    on:click=full_screen
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
