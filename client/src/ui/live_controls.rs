//! Going live and ending it.

use leptos::prelude::*;
use vong_protocol::ErrorCode;
use vong_session::{Phase, Status};

use super::{icon::Icon, names, route::broadcast_path, text};
use crate::{
    driver::{Casting, Devices},
    platform::page,
};

/// What the person can do next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    GoLive,
    GoLiveAgain,
    TryAgain,
    TakeBack,
    AnotherRoom,
    Reload,
    Cancel,
    End,
}

fn next(status: &Status) -> Next {
    match (status.phase, status.error) {
        (Phase::Live | Phase::Interrupted, _) => Next::End,
        (Phase::Connecting | Phase::Waiting, _) => Next::Cancel,
        (_, Some(ErrorCode::RoomTaken)) => Next::AnotherRoom,
        (_, Some(ErrorCode::TakenOver | ErrorCode::SessionReplaced)) => Next::TakeBack,
        (_, Some(ErrorCode::UnsupportedVersion)) => Next::Reload,
        (Phase::Idle, _) => Next::GoLive,
        (Phase::Ended, _) => Next::GoLiveAgain,
        (Phase::Failed, _) => Next::TryAgain,
    }
}

/// What the server says, and the buttons for what comes next.
#[component]
pub(super) fn LiveControls(casting: Casting) -> impl IntoView {
    let status = casting.status;
    let said = move || status.with(text::broadcaster).unwrap_or_default();
    let next = move || status.with(next);
    let begins = move || {
        matches!(
            next(),
            Next::GoLive | Next::GoLiveAgain | Next::TryAgain | Next::TakeBack | Next::AnotherRoom
        )
    };
    let begin_label = move || match next() {
        Next::TryAgain | Next::AnotherRoom => text::TRY_AGAIN,
        Next::GoLiveAgain => text::GO_LIVE_AGAIN,
        Next::TakeBack => text::TAKE_BACK,
        _ => text::GO_LIVE,
    };
    // A room that is free, should this one be somebody else's.
    let other = names::memorable(page::random());
    view! {
        <div class="said" role="status">
            <h2>{move || said().title}</h2>
            <p class="detail">{move || said().detail}</p>
        </div>
        <div class="actions">
            <a
                id="other-room"
                class="button primary"
                href=broadcast_path(&other)
                hidden=move || next() != Next::AnotherRoom
            >
                {text::broadcast_in(&other)}
            </a>
            <button
                id=move || if next() == Next::TakeBack { "take-back" } else { "go-live" }
                class="button"
                class:primary=move || next() != Next::AnotherRoom
                hidden=move || !begins()
                disabled=move || casting.devices.with(|d| !matches!(d, Devices::Ready { .. }))
                on:click=move |_| casting.go_live()
            >
                <Icon data=icondata_lu::LuRadio.data />
                <span>{begin_label}</span>
            </button>
            <button
                id="stop"
                class="button"
                hidden=move || !matches!(next(), Next::Cancel | Next::End)
                on:click=move |_| casting.stop()
            >
                {move || if next() == Next::End { text::END } else { text::CANCEL }}
            </button>
            <button
                id="reload"
                class="button primary"
                hidden=move || next() != Next::Reload
                on:click=|_| page::reload()
            >
                {text::RELOAD}
            </button>
        </div>
    }
}

/// On the preview: that one is live, and for how many.
#[component]
pub(super) fn LiveBadge(status: RwSignal<Status>) -> impl IntoView {
    let live = move || status.with(|s| matches!(s.phase, Phase::Live | Phase::Interrupted));
    let watchers = move || status.with(|s| text::watching(s.watchers));
    view! {
        <p class="badges" hidden=move || !live()>
            <strong class="badge live">{text::LIVE}</strong>
            <span id="watchers" class="badge" role="status">
                {watchers}
            </span>
        </p>
    }
}
