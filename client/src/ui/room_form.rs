//! A room's name, and the two ways into the room.

use leptos::ev::SubmitEvent;
use leptos::{html, prelude::*};
use vong_protocol::{BadRoomId, limits};

use super::{
    icon::Icon,
    names,
    route::{BROADCAST_PATH, broadcast_path, watch_path},
    text::{self, t},
};
use crate::platform::{address, page};

/// Takes a name as people write it (`Game Night`) and goes to the room that it means.
#[component]
pub(super) fn RoomForm(
    /// Broadcasting is offered first; without it, watching is all there is.
    may_broadcast: bool,
) -> impl IntoView {
    let field = NodeRef::<html::Input>::new();
    let problem = RwSignal::new(None::<String>);
    let enter = move |broadcast: bool| {
        let Some(field) = field.get_untracked() else { return };
        let typed = field.value();
        let typed = typed.trim();
        let path = match names::suggest(&page::decomposed(typed)) {
            Some(room) if broadcast => broadcast_path(room.as_str()),
            Some(room) => watch_path(room.as_str()),
            None if typed.is_empty() && broadcast => BROADCAST_PATH.to_owned(),
            None => {
                problem.set(Some(match typed.chars().next() {
                    Some(c) => text::bad_room(BadRoomId::Character(c)).title,
                    None => t().room_needed().to_owned(),
                }));
                let _ = field.focus();
                return;
            }
        };
        address::load(&path);
    };
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        enter(may_broadcast);
    };
    view! {
        <form class="room-form" novalidate on:submit=on_submit>
            <label for="room">{t().room_label()}</label>
            <input
                id="room"
                name="room"
                node_ref=field
                maxlength=limits::ROOM_ID.to_string()
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                aria-describedby="room-hint"
                aria-invalid=move || problem.with(|p| p.is_some().then_some("true"))
                on:input=move |_| problem.set(None)
            />
            <p id="room-hint" class="hint" role="status">
                {move || problem.get().unwrap_or_else(|| if may_broadcast { t().room_optional() } else { "" }.to_owned())}
            </p>
            <div class="actions">
                {may_broadcast
                    .then(|| {
                        view! {
                            <button id="start" class="button primary" type="submit">
                                <Icon data=icondata_lu::LuVideo.data />
                                {t().broadcast()}
                            </button>
                        }
                    })}
                <button
                    id="watch"
                    class="button"
                    class:primary=!may_broadcast
                    type="button"
                    on:click=move |_| enter(false)
                >
                    <Icon data=icondata_lu::LuMonitorPlay.data />
                    {t().watch()}
                </button>
            </div>
        </form>
    }
}
