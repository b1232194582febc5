//! Who takes part, for the broadcaster: by name, with raised hands first, and a way to mute each.

use leptos::prelude::*;
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
        members
    };
    view! {
        <ul id="audience" class="audience" aria-label=t().audience()>
            <For
                each=listed
                key=|member| (member.number, member.hand, member.muted, member.name.clone())
                children=move |member| row(member, intends)
            />
        </ul>
    }
}

fn row<I>(member: Member, intends: I) -> impl IntoView
where
    I: Fn(Intent) + Copy + 'static,
{
    let Member { number, name, hand, muted } = member;
    let name = called(number, name.as_ref());
    let (mute, icon) = if muted {
        (t().let_speak(&name), icondata_lu::LuMessageSquareOff.data)
    } else {
        (t().mute_member(&name), icondata_lu::LuMessageSquare.data)
    };
    let (remove, bar) = (t().remove_member(&name), t().bar_member(&name));
    view! {
        <li data-member=number class:muted=muted>
            <span class="who" dir="auto">{name.clone()}</span>
            {hand
                .then(|| {
                    let lower = t().lower_hand_of(&name);
                    view! {
                        <button class="hand" aria-label=lower.clone() title=lower on:click=move |_| intends(Intent::LowerHand(number))>
                            <Icon data=icondata_lu::LuHand.data />
                        </button>
                    }
                })}
            <button class="remove" aria-label=remove.clone() title=remove on:click=move |_| intends(Intent::Remove(number, false))>
                <Icon data=icondata_lu::LuUserMinus.data />
            </button>
            <button class="bar-out" aria-label=bar.clone() title=bar on:click=move |_| intends(Intent::Remove(number, true))>
                <Icon data=icondata_lu::LuBan.data />
            </button>
            <button class="mute" aria-label=mute.clone() title=mute aria-pressed=if muted { "true" } else { "false" } on:click=move |_| intends(Intent::Mute(number, !muted))>
                <Icon data=icon />
            </button>
        </li>
    }
}
