//! The pages that come before a room: the start page, and the question for a room.

use leptos::prelude::*;
use vong_session::Status;

use super::{
    frame::{Brand, Frame},
    language::ChooseLanguage,
    room_form::RoomForm,
    route::TEST_PATH,
    text::{self, t},
};
use crate::platform::{address, page};

/// What this is, and where to go from here.
#[component]
pub(super) fn Home() -> impl IntoView {
    entrance(t().home_title(), t().what_this_is(), true)
}

/// `/watch` without a room.
#[component]
pub(super) fn ChooseRoom() -> impl IntoView {
    entrance(t().watch_title(), t().watch_how(), false)
}

fn entrance(title: &'static str, detail: &'static str, may_broadcast: bool) -> impl IntoView {
    page::set_title(text::BRAND);
    view! {
        <Frame class="card" status=Status::default()>
            <Brand />
            <h1>{title}</h1>
            <p class="detail">{detail}</p>
            <RoomForm may_broadcast />
            <a id="test" href=address::kept(TEST_PATH)>{t().test_first()}</a>
            <ChooseLanguage />
        </Frame>
    }
}
