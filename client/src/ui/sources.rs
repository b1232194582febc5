//! What a broadcaster sends: turned on and off with one press each, and which devices it comes from.

use leptos::{ev::Event, html, prelude::*, task::spawn_local};

use super::{icon::Icon, later::fill_later, quality::QualityChoice, text::t};
use crate::{
    driver::{Casting, Choice, Inputs, Kind, Sources},
    platform::{Footage, media, recorder, speaker, storage, video},
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
            <button
                id="turn-camera"
                class="button round"
                hidden=move || another_camera(casting).is_none()
                aria-label=t().turn_camera()
                title=t().turn_camera()
                on:click=move |_| {
                    if let Some(camera) = untrack(|| another_camera(casting)) {
                        casting.choose(Kind::Camera, camera);
                    }
                }
            >
                <Icon data=icondata_lu::LuSwitchCamera.data />
            </button>
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
            <PlayFile casting />
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

/// The one after that in use, if there are several.
fn another_camera(casting: Casting) -> Option<String> {
    casting.inputs.with(|inputs| {
        let cameras = &inputs.choices.cameras;
        let place = cameras.iter().position(|camera| Some(&camera.id) == inputs.camera.as_ref())?;
        let next = cameras.get((place + 1) % cameras.len())?;
        (cameras.len() > 1).then(|| next.id.clone())
    })
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
    let place = NodeRef::new();
    fill_later(place, move || {
        view! {
            <Pick
                casting
                id="camera-choice"
                label=t().camera()
                of=|inputs| (&inputs.choices.cameras, inputs.camera.as_ref())
                choose=move |id| casting.choose(Kind::Camera, id)
            />
            <Pick
                casting
                id="microphone-choice"
                label=t().microphone()
                of=|inputs| (&inputs.choices.microphones, inputs.microphone.as_ref())
                choose=move |id| casting.choose(Kind::Microphone, id)
            />
            <div class="row" hidden=move || !speaker::can_choose() || casting.inputs.with(|i| i.choices.speakers.is_empty())>
                <Pick
                    casting
                    id="speaker-choice"
                    label=t().speaker()
                    of=|inputs| (&inputs.choices.speakers, inputs.speaker.as_ref())
                    choose=move |id| casting.choose_speaker(&id, video::found("#clip").as_ref())
                />
                <button
                    id="try-speaker"
                    class="button small"
                    on:click=move |_| {
                        let chosen = casting.inputs.with_untracked(|inputs| inputs.speaker.clone());
                        spawn_local(async move { speaker::try_out(&chosen.unwrap_or_default()).await });
                    }
                >
                    {t().try_speaker()}
                </button>
            </div>
            <label class="check">
                <input id="mirror" type="checkbox" prop:checked=casting.mirrored on:change=mirror />
                <span>{t().mirror()}</span>
            </label>
            <QualityChoice casting />
            <label class="hint">
                {t().loudness()}
                <meter id="level" min="0" max="100" prop:value=move || f64::from(casting.level.get().unwrap_or(0))></meter>
            </label>
        }
    });
    view! { <div id="device-choice" class="menu" popover="auto" node_ref=place></div> }
}

/// What there is of a kind, and the id of the one in use.
type OfKind = fn(&Inputs) -> (&Vec<Choice>, Option<&String>);

#[component]
fn Pick(
    casting: Casting,
    id: &'static str,
    label: &'static str,
    of: OfKind,
    choose: impl Fn(String) + 'static,
) -> impl IntoView {
    let listed = move || {
        casting.inputs.with(|inputs| {
            let (choices, chosen) = of(inputs);
            (choices.clone(), chosen.cloned())
        })
    };
    let none = move || listed().0.is_empty();
    view! {
        <label class="choice">
            <span>{label}</span>
            <select id=id disabled=none on:change=move |event: Event| choose(event_target_value(&event))>
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

/// Plays a film or a picture of this computer's in the camera's place, or ends that.
#[component]
fn PlayFile(casting: Casting) -> impl IntoView {
    let plays = move || casting.sources.with(|sources| sources.clip);
    let field = NodeRef::<html::Input>::new();
    let press = move || {
        if plays() {
            casting.end_file();
        } else if let Some(field) = field.get_untracked() {
            field.click();
        }
    };
    let picked = move |event: Event| {
        if let (Some(file), Some(element)) = (Footage::picked(&event), video::found("#clip")) {
            casting.play_file(file, element);
        }
    };
    view! {
        <Toggle
            id="play-file"
            on=plays
            label=move || if plays() { t().file_end() } else { t().file_play() }
            icon=move || if plays() { icondata_lu::LuImageOff.data } else { icondata_lu::LuFilm.data }
            press
        />
        <input id="clip-file" type="file" accept=if Footage::can_be_film() { "video/*,audio/*,image/*" } else { "image/*" } hidden node_ref=field on:change=picked />
    }
}
