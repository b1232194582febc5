//! The pages that come before a room: the start page, and the question for a room.

use leptos::prelude::*;
use vong_session::Status;

use super::{
    Place,
    frame::{Brand, Frame},
    room_form::RoomForm,
    route::test_path,
    text,
};
use crate::platform::{page, storage};

/// What this is, and where to go from here.
#[component]
pub(super) fn Home(place: Place) -> impl IntoView {
    entrance(place, text::HOME_TITLE, text::WHAT_THIS_IS, true)
}

/// `/watch` without a room.
#[component]
pub(super) fn ChooseRoom(place: Place) -> impl IntoView {
    entrance(place, text::WATCH_TITLE, text::WATCH_HOW, false)
}

fn entrance(place: Place, title: &'static str, detail: &'static str, may_broadcast: bool) -> impl IntoView {
    page::set_title(text::BRAND);
    view! {
        <Frame class="card" status=Status::default()>
            <Brand />
            <h1>{title}</h1>
            <p class="detail">{detail}</p>
            <RoomForm place may_broadcast />
            <a id="test" href=test_path(storage::hides_address()) target="_self">{text::TEST_FIRST}</a>
        </Frame>
    }
}
