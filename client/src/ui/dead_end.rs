//! Pages that say why it does not go on here: a wrong address, or a browser that cannot take part.

use leptos::prelude::*;
use vong_protocol::{BadRoomId, ErrorCode};
use vong_session::{Phase, Status};

use super::{
    frame::{Brand, Frame},
    icon::Icon,
    text::{self, Said, t},
};
use crate::platform::{address, page};

/// An address that is not ours.
pub(super) fn not_found() -> impl IntoView {
    let said = Said { title: t().not_found().to_owned(), detail: t().not_found_how() };
    dead_end(said, Status::default(), None, Some(to_start()))
}

/// An address with a text in the room's place that is no room name; `meant` is the address and the label of what was
/// probably meant.
pub(super) fn bad_room(why: BadRoomId, meant: Option<(String, String)>) -> impl IntoView {
    let status = Status { phase: Phase::Failed, error: Some(ErrorCode::BadRoomId), ..Status::default() };
    dead_end(text::bad_room(why), status, None, Some(meant.unwrap_or_else(to_start)))
}

/// A browser that can neither broadcast nor watch.
pub(super) fn no_webrtc() -> impl IntoView {
    let said = Said { title: t().no_webrtc().to_owned(), detail: t().no_webrtc_how() };
    let status = Status { phase: Phase::Failed, ..Status::default() };
    dead_end(said, status, Some("no_webrtc"), None)
}

fn to_start() -> (String, String) {
    (address::kept("/"), t().to_start().to_owned())
}

fn dead_end(
    said: Said,
    status: Status,
    lacks: Option<&'static str>,
    way_on: Option<(String, String)>,
) -> impl IntoView {
    page::set_title(text::BRAND);
    view! {
        <Frame class="card" status lacks>
            <Brand />
            <div role="alert">
                <h1>{said.title}</h1>
            </div>
            <p class="detail">{said.detail}</p>
            {way_on
                .map(|(href, label)| {
                    view! {
                        <a id="suggestion" class="button primary" href=href>
                            <span>{label}</span>
                            <Icon data=icondata_lu::LuArrowRight.data />
                        </a>
                    }
                })}
        </Frame>
    }
}
