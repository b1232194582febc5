//! What a watcher sets for themselves: volume, how the picture fits, picture in picture, statistics; and the keys for it all.

use leptos::{ev::Event, html, prelude::*};

use super::text::t;
use crate::platform::{
    dom, page, storage,
    video::{self, Fit},
};

/// What of it others have to know.
#[derive(Clone, Copy)]
pub(super) struct Seat {
    /// Whether the picture fills its place, at the price of its edges.
    pub(super) fit: RwSignal<Fit>,
    /// Whether the statistics are shown.
    pub(super) statistics: RwSignal<bool>,
}

impl Seat {
    pub(super) fn new() -> Self {
        Self { fit: RwSignal::new(storage::fit()), statistics: RwSignal::new(false) }
    }

    fn turn_fit(self) {
        self.fit.update(|fit| *fit = fit.other());
        storage::keep_fit(self.fit.get_untracked());
    }
}

/// In the menu.
#[component]
pub(super) fn SeatMenu(
    seat: Seat,
    /// Where the picture and its sound are.
    element: NodeRef<html::Video>,
) -> impl IntoView {
    let changed = move |event: Event| {
        if dom::target(&event, "input", "id").as_deref() == Some("letter-keys") {
            storage::use_letter_keys(event_target_checked(&event));
            return;
        }
        if let (Some(element), Ok(percent)) =
            (element.get_untracked(), event_target_value(&event).parse::<u8>())
        {
            video::set_volume(&element, percent);
            storage::keep_volume(percent);
        }
    };
    let pressed = move |click| match dom::pressed(&click, "button", "id").as_deref() {
        Some("fit") => seat.turn_fit(),
        Some("pip") => in_picture(element),
        Some("show-statistics") => seat.statistics.update(|shown| *shown = !*shown),
        _ => {}
    };
    view! { <div class="seat" inner_html=fields() on:input=changed on:click=pressed></div> }
}

fn in_picture(element: NodeRef<html::Video>) {
    if let Some(element) = element.get_untracked() {
        video::toggle_picture_in_picture(&element);
    }
}

/// The fields, and the keys. As a view they would be several times as much to download. Nothing in here was typed by anybody.
fn fields() -> String {
    let button =
        |id: &str, label: &str| ["<button id=", id, " class=\"button small\">", label, "</button>"].concat();
    let pip =
        if page::has_picture_in_picture() { button("pip", t().picture_in_picture()) } else { String::new() };
    let keys: String =
        KEYS.map(|(key, does)| ["<dt><kbd>", key, "</kbd></dt><dd>", does(), "</dd>"].concat()).concat();
    [
        "<label class=choice>",
        t().volume(),
        " <input id=volume type=range max=100 value=",
        &storage::volume().to_string(),
        "></label><div class=row>",
        &button("fit", t().fit()),
        &pip,
        &button("show-statistics", t().statistics()),
        "</div><details><summary>",
        t().keys(),
        "</summary><dl class=keys>",
        &keys,
        "</dl><label class=check><input id=letter-keys type=checkbox",
        if storage::letter_keys() { " checked>" } else { ">" },
        t().letter_keys(),
        "</label></details>",
    ]
    .concat()
}

type Does = fn() -> &'static str;

/// What each key does.
const KEYS: [(&str, Does); 8] = [
    ("M", || t().mute()),
    ("↑ ↓", || t().volume()),
    ("F", || t().full_screen()),
    ("Z", || t().fit()),
    ("P", || t().picture_in_picture()),
    ("S", || t().swap()),
    ("C", || t().chat()),
    ("I", || t().statistics()),
];

/// How much louder or softer one press makes it, in percent.
const STEP: u8 = 10;

/// Does what a key stands for, as far as it is a matter of the seat. Whether it was.
pub(super) fn press(key: &str, seat: Seat, element: NodeRef<html::Video>) -> bool {
    match key {
        "z" => seat.turn_fit(),
        "p" => in_picture(element),
        "i" => seat.statistics.update(|shown| *shown = !*shown),
        "ArrowUp" | "ArrowDown" => {
            let now = storage::volume();
            let percent = if key == "ArrowUp" { (now + STEP).min(100) } else { now.saturating_sub(STEP) };
            storage::keep_volume(percent);
            if let Some(element) = element.get_untracked() {
                video::set_volume(&element, percent);
            }
            dom::set_value("#volume", &percent.to_string());
        }
        _ => return false,
    }
    true
}
