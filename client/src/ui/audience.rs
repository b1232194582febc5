//! Who watches, for the broadcaster: by name, with raised hands first, and a way to mute each and to send them away.

use leptos::prelude::*;
use vong_protocol::channel::Name;
use vong_session::budget::Doing;
use vong_session::{Intent, Member};

use super::{chat::called, icon::Icon, text::t};
use crate::driver::Chat;

/// The list.
#[component]
pub(super) fn Audience<I>(
    chat: Chat,
    /// How each of them is doing, by number.
    doing: RwSignal<Vec<(u32, Doing)>>,
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
            <For each=listed key=|number| *number children=move |number| row(chat, doing, number, intends) />
        </ul>
    }
}

/// One of them. It stays the same element while they change, so that the keyboard's focus stays with it.
fn row<I>(chat: Chat, doing: RwSignal<Vec<(u32, Doing)>>, number: u32, intends: I) -> impl IntoView
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
    let of_it = move || doing.with(|all| all.iter().find(|(of, _)| *of == number).map(|(_, doing)| *doing));
    let poor = move || of_it().is_some_and(|doing| doing.is_narrow());
    let figures = move || of_it().map(|doing| figures(&doing)).unwrap_or_default();
    let lower = move || t().lower_hand_of(&name.get());
    let remove = move || t().remove_member(&name.get());
    let bar = move || t().bar_member(&name.get());
    let mute = move || name.with(|name| if muted() { t().let_speak(name) } else { t().mute_member(name) });
    view! {
        <li data-member=number class:muted=muted>
            <span class="who" dir="auto">
                {name}
            </span>
            <span class="doing" class:poor=poor>
                {figures}
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

/// What it gets, and over what.
fn figures(doing: &Doing) -> String {
    let mut words = Vec::new();
    if doing.sends_picture {
        words.push([&doing.short.to_string(), "p"].concat());
        words.push([&doing.fps.to_string(), " fps"].concat());
    }
    words.push([&doing.kilobits.to_string(), " kbit/s"].concat());
    if let Some(trip) = doing.round_trip {
        words.push([&trip.0.to_string(), " ms"].concat());
    }
    if doing.relayed == Some(true) {
        words.push(t().stat_relayed().to_owned());
    }
    if doing.is_narrow() {
        words.push(t().poor_path().to_owned());
    }
    words.join(" · ")
}
