//! A watcher's page: the picture first, and words over it only while there is none.

use leptos::ev::SubmitEvent;
use leptos::{html, prelude::*};
use vong_protocol::{ErrorCode, Password, RoomId, limits};
use vong_session::{Phase, Signaling, Status};

use super::{
    chat::ChatPanel,
    frame::{Brand, Frame},
    language::ChooseLanguage,
    later::fill_later,
    menu::Menu,
    on_air::OnAirLine,
    player::Player,
    privacy::HideAddress,
    route::TEST_PATH,
    seat::{Seat, SeatMenu},
    text::{self, t},
};
use crate::{
    driver::Watching,
    platform::{address, page, storage},
};

/// `?controls=0` in an address: the picture and nothing else, as within another page.
const CONTROLS: &str = "controls";

/// Watches `room` for as long as the page is there.
#[component]
pub(super) fn Watch(room: RoomId) -> impl IntoView {
    page::set_title(&t().room_title(room.as_str()));
    let watching = Watching::start(&room);
    let status = watching.status;
    let room = StoredValue::new(room);
    let name = move || room.with_value(|room| room.as_str().to_owned());
    let said = move || {
        room.with_value(|room| status.with(|status| text::watcher(status, room.as_str())).unwrap_or_default())
    };
    let server_away = move || status.with(|s| s.phase == Phase::Live && s.signaling == Signaling::Down);
    let trouble = move || watching.diagnosis.get().map_or("", |verdict| text::trouble(verdict, true));
    let way_on = move || status.with(way_on);
    let password = NodeRef::<html::Input>::new();
    let enter = move |event: SubmitEvent| {
        event.prevent_default();
        let typed =
            password.get_untracked().and_then(|field| Password::parse(&page::composed(&field.value())).ok());
        if let Some(password) = typed {
            room.with_value(|room| storage::keep_password(room, &password));
            page::reload();
        }
    };
    let (seat, element) = (Seat::new(), NodeRef::new());
    let bare = address::parameter(CONTROLS).as_deref() == Some("0");
    let chatting = RwSignal::new(!bare && storage::shows_chat());
    let beside = NodeRef::<html::Div>::new();
    let chat = move || {
        let over = Signal::derive(move || status.with(|s| matches!(s.phase, Phase::Ended | Phase::Failed)));
        let (chat, intends) = (watching.chat, move |intent| watching.intends(intent));
        view! { <ChatPanel chat standing=chat.standing moderates=false over intends /> }
    };
    fill_later(beside, chat);
    view! {
        <Frame class=if bare { "watch bare" } else { "watch" } status diagnosis=watching.diagnosis>
            <Player watching chatting seat element />
            <header class="bar">
                <Brand />
                <span class="room-name">{name}</span>
                <OnAirLine chat=watching.chat />
                <Menu>
                    <SeatMenu seat element />
                    // What the others learned is learned: a new connection, from the start.
                    <HideAddress disabled=false changed=page::reload />
                    <ChooseLanguage />
                </Menu>
            </header>
            <div class="notice">
                <div role="status">
                    <h1>{move || said().title}</h1>
                    <p class="detail">{move || said().detail}</p>
                    <p id="trouble" class="detail">{trouble}</p>
                </div>
                <a id="test" class="button" href=address::kept(TEST_PATH) target="_blank" hidden=move || watching.diagnosis.get().is_none()>
                    {t().test_here()}
                </a>
                <form class="row" hidden=move || way_on() != WayOn::Password on:submit=enter>
                    <input
                        id="password"
                        type="password"
                        node_ref=password
                        autocomplete="off"
                        maxlength=limits::PASSWORD.to_string()
                        aria-label=t().password()
                    />
                    <button id="enter" class="button primary">
                        {t().watch()}
                    </button>
                </form>
                <button id="retry" class="button" hidden=move || way_on() != WayOn::Retry on:click=move |_| watching.retry()>
                    {t().try_now()}
                </button>
                <button id="reload" class="button" hidden=move || way_on() != WayOn::Reload on:click=|_| page::reload()>
                    {t().reload()}
                </button>
            </div>
            <div class="beside" node_ref=beside hidden=move || !chatting.get()></div>
            <p class="toast" role="status">
                {move || if server_away() { t().server_away() } else { "" }}
            </p>
        </Frame>
    }
}

/// What a person can do about it; mostly nothing is needed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum WayOn {
    Nothing,
    Retry,
    Reload,
    Password,
}

fn way_on(status: &Status) -> WayOn {
    match (status.phase, status.error) {
        (Phase::Live | Phase::Interrupted, _) => WayOn::Nothing,
        (_, Some(ErrorCode::PasswordNeeded | ErrorCode::PasswordWrong)) => WayOn::Password,
        (_, Some(code)) if code.is_full() => WayOn::Retry,
        (Phase::Failed, _) => WayOn::Reload,
        (_, Some(code)) if code.is_final() => WayOn::Reload,
        (Phase::Idle | Phase::Connecting | Phase::Waiting, _) if status.signaling == Signaling::Down => {
            WayOn::Retry
        }
        _ => WayOn::Nothing,
    }
}
