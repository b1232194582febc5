//! The root element of every page, and the attributes that embedders and tests rely on.

use leptos::{html, mount::mount_to, prelude::*};
use vong_protocol::ErrorCode;
use vong_session::Status;
use vong_session::diagnosis::Verdict;

use super::{
    icon::Icon,
    later::later,
    text::{self, t},
};
use crate::{driver::Devices, platform::address};

/// `<main id="vong">`. Its attributes are an interface:
///
/// - `data-state`: `idle connecting waiting live interrupted ended failed`, as [`vong_session::Phase`] describes them.
/// - `data-error`: the snake-case name of the [`ErrorCode`] that led to this state, or of what the browser lacks
///   (`no_webrtc`); absent without one.
/// - On a broadcaster's page also `data-devices` (`closed asking ready failed`), `data-watchers` (watchers in the
///   room) and `data-viewing` (watchers that media is sent to).
/// - `data-diagnosis`: on the test page the verdict, on the others what is in the way, by the name of a [`Verdict`]; absent
///   while there is none.
#[component]
pub(super) fn Frame<Contents>(
    /// The class of the page.
    class: &'static str,
    /// Where the page is.
    #[prop(into)]
    status: Signal<Status>,
    /// What the browser lacks, by its name for `data-error`.
    #[prop(default = None)]
    lacks: Option<&'static str>,
    /// A broadcaster's camera and microphone.
    #[prop(optional)]
    devices: Option<RwSignal<Devices>>,
    /// What was found out about the connection.
    #[prop(optional, into)]
    diagnosis: Option<Signal<Option<Verdict>>>,
    /// Made in a task of their own, once the session has started: it goes on while they are made.
    /// As they are: boxed ones carry code for turning one kind of page into another, which never happens.
    children: TypedChildren<Contents>,
) -> impl IntoView
where
    Contents: IntoView + 'static,
{
    let error = move || lacks.or_else(|| status.with(|s| s.error.map(ErrorCode::name)));
    let count =
        move |read: fn(&Status) -> usize| devices.map(|_| status.with(|status| read(status).to_string()));
    let main = NodeRef::<html::Main>::new();
    later(move || {
        if let Some(main) = main.get_untracked() {
            mount_to(main, children.into_inner()).forget();
        }
    });
    view! {
        <main
            node_ref=main
            id="vong"
            class=class
            data-state=move || status.with(|s| s.phase.name())
            data-error=error
            data-devices=move || devices.map(|d| d.with(devices_name))
            data-watchers=move || count(|s| s.watchers)
            data-viewing=move || count(|s| s.viewing)
            data-diagnosis=move || diagnosis.and_then(|d| d.get().map(Verdict::name))
        ></main>
    }
}

/// The name on every page, which leads home.
#[component]
pub(super) fn Brand() -> impl IntoView {
    view! {
        <a class="brand" href=address::kept("/") aria-label=t().home()>
            <Icon data=icondata_lu::LuRadio.data />
            {text::BRAND}
        </a>
    }
}

fn devices_name(devices: &Devices) -> &'static str {
    match devices {
        Devices::Closed => "closed",
        Devices::Asking => "asking",
        Devices::Ready { .. } => "ready",
        Devices::Failed(_) => "failed",
    }
}
