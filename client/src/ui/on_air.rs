//! Who is live, for how long, and how many watch.

use std::time::Duration;

use leptos::{leptos_dom::helpers::set_interval_with_handle, prelude::*};
use vong_protocol::channel::{Name, Scene};

use super::text::t;
use crate::{driver::Chat, platform::clock};

/// The line in a watcher's bar. Empty until the broadcaster's page has told.
#[component]
pub(super) fn OnAirLine(chat: Chat) -> impl IntoView {
    let now = RwSignal::new(clock::date());
    let each_second = set_interval_with_handle(move || now.set(clock::date()), Duration::from_secs(1));
    on_cleanup(move || {
        if let Ok(handle) = each_second {
            handle.clear();
        }
    });
    let of_scene = move |tell: &dyn Fn(&Scene) -> String| {
        chat.scene.with(|scene| scene.as_ref().map(tell)).unwrap_or_default()
    };
    let name = move || of_scene(&|scene| scene.name.as_ref().map_or("", Name::as_str).to_owned());
    let since = move || {
        of_scene(&|scene| {
            let time = span(now.get().saturating_sub(scene.since));
            t().on_air(&time, &chat.audience.get().to_string())
        })
    };
    view! {
        <span id="on-air" class="on-air">
            <strong dir="auto">{name}</strong>
            {since}
        </span>
    }
}

/// A span of milliseconds as a clock would show it, to the second.
pub(super) fn span(ms: u64) -> String {
    let (hours, minutes, seconds) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1_000 % 60);
    let two = |number: u64| [if number < 10 { "0" } else { "" }, &number.to_string()].concat();
    if hours > 0 {
        [hours.to_string(), two(minutes), two(seconds)].join(":")
    } else {
        [minutes.to_string(), two(seconds)].join(":")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_told_as_a_clock_would() {
        assert_eq!(
            [0, 65_000, 599_999, 3_600_000, 360_061_000].map(span),
            ["0:00", "1:05", "9:59", "1:00:00", "100:01:01"]
        );
    }
}
