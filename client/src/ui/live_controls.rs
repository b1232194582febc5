//! Going live and ending it.

use leptos::prelude::*;
use vong_protocol::ErrorCode;
use vong_session::{Millis, Phase, Status, Time};

use super::{
    icon::Icon,
    names,
    on_air::span,
    route::broadcast_path,
    text::{self, t},
};
use crate::{
    driver::{Casting, Devices, Recording},
    platform::{address, clock, page},
};

/// A second press within this time is taken for the same one: a double click must not undo what its first half did.
const SAME_PRESS: Millis = Millis(500);

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

/// What the server says, and the one button for what comes next. It stays the same element whatever it says, so that the
/// keyboard's focus stays with it.
#[component]
pub(super) fn LiveControls(casting: Casting) -> impl IntoView {
    let status = casting.status;
    let said = move || status.with(text::broadcaster).unwrap_or_default();
    let next = move || status.with(next);
    let ends = move || matches!(next(), Next::Cancel | Next::End);
    let reloads = move || next() == Next::Reload;
    let id = move || match next() {
        Next::Cancel | Next::End => "stop",
        Next::Reload => "reload",
        Next::TakeBack => "take-back",
        _ => "go-live",
    };
    let label = move || match next() {
        Next::TryAgain | Next::AnotherRoom => t().try_again(),
        Next::GoLiveAgain => t().go_live_again(),
        Next::TakeBack => t().take_back(),
        Next::GoLive => t().go_live(),
        Next::Cancel => t().cancel(),
        Next::End => t().end_broadcast(),
        Next::Reload => t().reload(),
    };
    let lacks_devices = move || casting.devices.with(|d| !matches!(d, Devices::Ready { .. }));
    let pressed = StoredValue::new(None::<Time>);
    let act = move |_| {
        let now = clock::now();
        let before = pressed.get_value();
        pressed.set_value(Some(now));
        if before.is_some_and(|before| now - before < SAME_PRESS) {
            return;
        }
        match status.with_untracked(self::next) {
            Next::Cancel | Next::End => casting.stop(),
            Next::Reload => page::reload(),
            _ => casting.go_live(),
        }
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
                href=address::kept(&broadcast_path(&other))
                hidden=move || next() != Next::AnotherRoom
            >
                {t().broadcast_in(&other)}
            </a>
            <button
                id=id
                class="button"
                class:primary=move || !ends() && next() != Next::AnotherRoom
                disabled=move || !ends() && !reloads() && lacks_devices()
                on:click=act
            >
                <Icon data=move || if ends() { icondata_lu::LuSquare.data } else { icondata_lu::LuRadio.data } />
                <span>{label}</span>
            </button>
        </div>
    }
}

/// A number of bytes in MB, with one decimal.
fn megabytes(bytes: u64) -> String {
    let tenths = bytes / 100_000;
    [(tenths / 10).to_string(), (tenths % 10).to_string()].join(".")
}

/// On the preview: that one is live, and for how many; and what is recorded.
#[component]
pub(super) fn LiveBadge(casting: Casting) -> impl IntoView {
    let status = casting.status;
    let live = move || status.with(|s| matches!(s.phase, Phase::Live | Phase::Interrupted));
    let recorded = move || {
        let Recording { since, bytes } = casting.recording.get()?;
        Some(t().recorded(&span(clock::date().saturating_sub(since)), &megabytes(bytes)))
    };
    let watchers = move || status.with(|s| t().watching(&s.watchers.to_string()));
    view! {
        <p class="badges">
            <strong class="badge live" hidden=move || !live()>
                {t().live()}
            </strong>
            <span id="watchers" class="badge" role="status" hidden=move || !live()>
                {watchers}
            </span>
            <span id="recording" class="badge" hidden=move || recorded().is_none()>
                {recorded}
            </span>
        </p>
    }
}
