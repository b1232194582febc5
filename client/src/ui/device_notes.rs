//! What is the matter with camera and microphone, in plain words, and how to try again.

use leptos::prelude::*;

use super::{
    icon::Icon,
    text::{self, t},
};
use crate::driver::{Casting, DeviceError, Devices};

/// In place of the preview: the browser asks, or neither device can be used.
#[component]
pub(super) fn DevicesMissing(casting: Casting) -> impl IntoView {
    let said = move || {
        casting.devices.with(|devices| match devices {
            Devices::Closed | Devices::Asking => {
                text::Said { title: t().asking().to_owned(), detail: t().asking_how() }
            }
            Devices::Ready { .. } => text::Said::default(),
            Devices::Failed(error) => text::devices(*error),
        })
    };
    let ready = move || casting.devices.with(|d| matches!(d, Devices::Ready { .. }));
    // Asking again changes nothing about the browser or the address.
    let may_try = move || {
        casting.devices.with(|devices| {
            let hopeless =
                |e: &DeviceError| matches!(e, DeviceError::InsecureOrigin | DeviceError::Unsupported);
            matches!(devices, Devices::Failed(error) if !hopeless(error))
        })
    };
    view! {
        <div class="devices-missing" class:silent=ready role="status">
            <Icon data=icondata_lu::LuVideo.data />
            <h2>{move || said().title}</h2>
            <p class="detail">{move || said().detail}</p>
            <TryAgain casting may_try class="button primary" />
        </div>
    }
}

/// One device is missing: a small note, no obstacle.
#[component]
pub(super) fn DeviceNotes(casting: Casting) -> impl IntoView {
    let words = move || {
        casting.devices.with(|devices| match devices {
            Devices::Ready { camera: Err(error), .. } if *error != DeviceError::Off => text::camera(*error),
            Devices::Ready { microphone: Err(error), .. } => text::microphone(*error),
            _ => "",
        })
    };
    let shapes = move || {
        let no_camera = casting
            .devices
            .with(|d| matches!(d, Devices::Ready { camera: Err(error), .. } if *error != DeviceError::Off));
        if no_camera { icondata_lu::LuVideoOff.data } else { icondata_lu::LuMicOff.data }
    };
    let silent = move || words().is_empty();
    view! {
        <div id="device-note" class="note" class:silent=silent role="status">
            <Icon data=shapes />
            <span>{words}</span>
            <TryAgain casting may_try=move || !silent() class="button small" />
        </div>
    }
}

/// Asks for what is missing; it has its id while it is offered, since there may be two of it.
#[component]
fn TryAgain(
    casting: Casting,
    may_try: impl Fn() -> bool + Copy + Send + 'static,
    class: &'static str,
) -> impl IntoView {
    view! {
        <button
            id=move || may_try().then_some("retry-devices")
            class=class
            hidden=move || !may_try()
            on:click=move |_| casting.open_devices()
        >
            {t().try_again()}
        </button>
    }
}
