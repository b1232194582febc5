//! Who watches, for the broadcaster: by name, with raised hands first, and a way to mute each and to send them away.

use leptos::prelude::*;
use vong_protocol::channel::Name;
use vong_session::{Intent, Member};

use super::{chat::called, icon::Icon, text::t};
use crate::driver::Chat;

/// The list.
#[component]
pub(super) fn Audience<I>(
    chat: Chat,
    /// What the person does.
    intends: I,
) -> impl IntoView
where
    I: Fn(Intent) + Copy + Send + Sync + 'static,
{
    let listed = move || {
        let mut members = chat.members.get();
        members.sort_by_key(|member| !member.hand);
        members.into_iter().map(|member| member.number).collect::<Vec<_>>()
    };
    view! {
        <ul id="audience" class="audience" aria-label=t().audience()>
            <For each=listed key=|number| *number children=move |number| row(chat, number, intends) />
        </ul>
    }
}

/// One of them. It stays the same element while they change, so that the keyboard's focus stays with it.
fn row<I>(chat: Chat, number: u32, intends: I) -> impl IntoView
where
    I: Fn(Intent) + Copy + Send + Sync + 'static,
{
    let member = Memo::new(move |_| {
        let found = |members: &Vec<Member>| members.iter().find(|member| member.number == number).cloned();
        chat.members.with(found).unwrap_or(Member { number, name: None, hand: false, muted: false })
    });
    let name =
        Memo::new(move |_| member.with(|member| called(number, member.name.as_ref().map(Name::as_str))));
    let hand = move || member.with(|member| member.hand);
    let muted = move || member.with(|member| member.muted);
    let lower = move || t().lower_hand_of(&name.get());
    let remove = move || t().remove_member(&name.get());
    let bar = move || t().bar_member(&name.get());
    let mute = move || name.with(|name| if muted() { t().let_speak(name) } else { t().mute_member(name) });
    view! {
        <li data-member=number class:muted=muted>
            <span class="who" dir="auto">
                {name}
            </span>
            <button class="hand" hidden=move || !hand() aria-label=lower title=lower on:click=move |_| intends(Intent::LowerHand(number))>
                <Icon data=icondata_lu::LuHand.data />
            </button>
            <button class="remove" aria-label=remove title=remove on:click=move |_| intends(Intent::Remove(number, false))>
                <Icon data=icondata_lu::LuUserMinus.data />
            </button>
            <button class="bar-out" aria-label=bar title=bar on:click=move |_| intends(Intent::Remove(number, true))>
                <Icon data=icondata_lu::LuBan.data />
            </button>
            <button
                class="mute"
                aria-label=mute
                title=mute
                aria-pressed=move || if muted() { "true" } else { "false" }
                on:click=move |_| intends(Intent::Mute(number, !muted()))
            >
                <Icon data=move || {
                    if muted() { icondata_lu::LuMessageSquareOff.data } else { icondata_lu::LuMessageSquare.data }
                } />
            </button>
        </li>
    }
}
