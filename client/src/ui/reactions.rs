//! Reactions: the buttons, and what goes up over the picture.

use std::time::Duration;

use leptos::{html, prelude::*};
use vong_protocol::channel::Reaction;
use vong_session::{Intent, Standing};

use super::{icon::Icon, text::t};
use crate::{
    driver::Chat,
    platform::dom::{self, Made},
};

fn picture(reaction: Reaction) -> &'static str {
    match reaction {
        Reaction::Heart => "❤️",
        Reaction::Clap => "👏",
        Reaction::Laugh => "😂",
        Reaction::Wow => "😮",
        Reaction::Thumb => "👍",
        Reaction::Party => "🎉",
    }
}

fn label(reaction: Reaction) -> &'static str {
    match reaction {
        Reaction::Heart => t().heart(),
        Reaction::Clap => t().clap(),
        Reaction::Laugh => t().laugh(),
        Reaction::Wow => t().wow(),
        Reaction::Thumb => t().thumb(),
        Reaction::Party => t().party(),
    }
}

/// A button that opens the reactions, and the raised hand among them.
#[component]
pub(super) fn React<I>(
    #[prop(into)] standing: Signal<Standing>,
    /// What the person does.
    intends: I,
) -> impl IntoView
where
    I: Fn(Intent) + Copy + Send + Sync + 'static,
{
    let cannot = move || standing.with(|s| !s.open || s.muted);
    let hand = move || standing.with(|s| s.hand);
    let pressed = move |click| {
        let name = dom::pressed(&click, "[data-reaction]", "data-reaction");
        if let Some(reaction) = name.and_then(|name| Reaction::from_name(&name)) {
            intends(Intent::React(reaction));
        }
    };
    view! {
        <button id="react" class="button round" class:raised=hand popovertarget="reactions" aria-label=t().react() title=t().react()>
            <Icon data=move || if hand() { icondata_lu::LuHand.data } else { icondata_lu::LuSmile.data } />
        </button>
        <fieldset id="reactions" class="menu reactions" popover="auto" disabled=cannot on:click=pressed>
            <div inner_html=buttons()></div>
            <button
                id="hand"
                class="button small"
                aria-pressed=move || if hand() { "true" } else { "false" }
                on:click=move |_| intends(Intent::Hand(!hand()))
            >
                <Icon data=icondata_lu::LuHand.data />
                {move || if hand() { t().lower_hand() } else { t().raise_hand() }}
            </button>
        </fieldset>
    }
}

/// A button for each. Nothing in it was typed by anybody.
fn buttons() -> String {
    let button = |reaction: Reaction| {
        let (name, label) = (reaction.name(), label(reaction));
        [
            "<button class=emoji data-reaction=",
            name,
            " aria-label=\"",
            label,
            "\" title=\"",
            label,
            "\">",
            picture(reaction),
            "</button>",
        ]
        .concat()
    };
    Reaction::ALL.map(button).concat()
}

/// How long one is on its way up.
const FLIGHT: Duration = Duration::from_millis(2_600);
/// So many at once. More are not shown.
const IN_THE_AIR: usize = 40;
/// Side by side, so that they do not hide one another. The style sheet has a class for each.
const LANES: usize = 7;

/// What goes up over the picture.
#[component]
pub(super) fn Flying(chat: Chat) -> impl IntoView {
    let sky = NodeRef::<html::Div>::new();
    let flown = StoredValue::new((0_usize, 0_usize));
    Effect::new(move |_| {
        let (Some(reaction), Some(sky)) = (chat.reaction.get(), sky.get()) else { return };
        let (air, lane) = flown.get_value();
        // Its lane is a class: the policy of the page allows no style in an attribute.
        let class = ["lane-", &lane.to_string()].concat();
        let Some(made) = Made::new("span", &class, picture(reaction)).filter(|_| air < IN_THE_AIR) else {
            return;
        };
        let made = made.set("data-reaction", reaction.name());
        made.append_to(&sky);
        flown.set_value((air + 1, (lane + 1) % LANES));
        let landed = move || {
            made.remove();
            flown.try_update_value(|(air, _)| *air -= 1);
        };
        set_timeout(landed, FLIGHT);
    });
    view! { <div class="flying" node_ref=sky aria-hidden="true"></div> }
}
