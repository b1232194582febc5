//! What a broadcaster sends: turned on and off with one press each, and which devices it comes from.

use leptos::{ev::Event, prelude::*};

use super::{icon::Icon, text::t};
use crate::{
    driver::{Casting, Choice, Inputs, Kind, Sources},
    platform::{media, recorder, storage},
};

/// The buttons below the preview.
#[component]
pub(super) fn SourceControls(casting: Casting) -> impl IntoView {
    let sources = casting.sources;
    let on = move |read: fn(&Sources) -> bool| sources.with(read);
    let camera = move || on(|s| s.camera);
    let microphone = move || on(|s| s.microphone);
    let screen = move || on(|s| s.screen);
    let paused = move || on(|s| s.paused);
    let recording = move || casting.recording.with(Option::is_some);
    view! {
        <div class="sources" role="group" aria-label=t().sources()>
            <Toggle
                id="switch-microphone"
                on=microphone
                label=move || if microphone() { t().mute_yourself() } else { t().unmute_yourself() }
                icon=move || if microphone() { icondata_lu::LuMic.data } else { icondata_lu::LuMicOff.data }
                press=move || casting.switch_microphone(!microphone())
            />
            <Toggle
                id="switch-camera"
                on=camera
                label=move || if camera() { t().camera_turn_off() } else { t().camera_turn_on() }
                icon=move || if camera() { icondata_lu::LuVideo.data } else { icondata_lu::LuVideoOff.data }
                press=move || casting.switch_camera(!camera())
            />
            {media::can_share_screen()
                .then(|| {
                    view! {
                        <Toggle
                            id="share-screen"
                            on=screen
                            label=move || if screen() { t().screen_stop() } else { t().screen_share() }
                            icon=move || {
                                if screen() { icondata_lu::LuScreenShareOff.data } else { icondata_lu::LuScreenShare.data }
                            }
                            press=move || casting.share_screen(!screen())
                        />
                    }
                })}
            <Toggle
                id="pause"
                on=paused
                label=move || if paused() { t().go_on() } else { t().pause() }
                icon=move || if paused() { icondata_lu::LuPlay.data } else { icondata_lu::LuPause.data }
                press=move || casting.pause(!paused())
            />
            {recorder::can_record()
                .then(|| {
                    view! {
                        <Toggle
                            id="record"
                            on=recording
                            label=move || if recording() { t().record_stop() } else { t().record() }
                            icon=move || {
                                if recording() { icondata_lu::LuCircleStop.data } else { icondata_lu::LuCircleDot.data }
                            }
                            press=move || casting.record(!recording())
                        />
                    }
                })}
            <button id="devices" class="button round" popovertarget="device-choice" aria-label=t().choose_devices() title=t().choose_devices()>
                <Icon data=icondata_lu::LuSettings.data />
            </button>
            <DeviceChoice casting />
        </div>
    }
}

/// One of them. Its label says what pressing it does.
#[component]
fn Toggle(
    id: &'static str,
    on: impl Fn() -> bool + Copy + Send + 'static,
    label: impl Fn() -> &'static str + Copy + Send + 'static,
    icon: impl Fn() -> &'static str + Copy + Send + 'static,
    press: impl Fn() + 'static,
) -> impl IntoView {
    view! {
        <button
            id=id
            class="button round"
            data-on=move || if on() { "yes" } else { "no" }
            aria-label=label
            title=label
            on:click=move |_| press()
        >
            <Icon data=icon />
        </button>
    }
}

/// Which camera and which microphone, and how loud that is.
#[component]
fn DeviceChoice(casting: Casting) -> impl IntoView {
    let mirror = move |event: Event| {
        let mirrored = event_target_checked(&event);
        storage::mirror(mirrored);
        casting.mirrored.set(mirrored);
    };
    view! {
        <div id="device-choice" class="menu" popover="auto">
            <Pick casting kind=Kind::Camera id="camera-choice" label=t().camera() />
            <Pick casting kind=Kind::Microphone id="microphone-choice" label=t().microphone() />
            <label class="check">
                <input id="mirror" type="checkbox" prop:checked=casting.mirrored on:change=mirror />
                <span>{t().mirror()}</span>
            </label>
            <label class="hint">
                {t().loudness()}
                <meter id="level" min="0" max="100" prop:value=move || f64::from(casting.level.get().unwrap_or(0))></meter>
            </label>
        </div>
    }
}

#[component]
fn Pick(casting: Casting, kind: Kind, id: &'static str, label: &'static str) -> impl IntoView {
    let chosen = move |inputs: &Inputs| match kind {
        Kind::Camera => inputs.camera.clone(),
        Kind::Microphone => inputs.microphone.clone(),
    };
    let listed = move || {
        casting.inputs.with(|inputs| {
            let of_kind = inputs.choices.iter().filter(|choice| choice.kind == kind);
            let of_kind: Vec<Choice> = of_kind.cloned().collect();
            (of_kind, chosen(inputs))
        })
    };
    let none = move || listed().0.is_empty();
    let choose = move |event: Event| casting.choose(kind, event_target_value(&event));
    view! {
        <label class="choice">
            <span>{label}</span>
            <select id=id disabled=none on:change=choose>
                {move || {
                    let (choices, chosen) = listed();
                    let option = |(place, choice): (usize, Choice)| {
                        let name = if choice.label.is_empty() {
                            [label, " ", &(place + 1).to_string()].concat()
                        } else {
                            choice.label
                        };
                        let selected = Some(&choice.id) == chosen.as_ref();
                        view! { <option value=choice.id selected=selected>{name}</option> }
                    };
                    choices.into_iter().enumerate().map(option).collect_view()
                }}
            </select>
        </label>
    }
}
