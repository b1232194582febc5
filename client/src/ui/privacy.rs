//! The person's choice to hide their address from the others: relays alone are used then.

use leptos::{ev::Event, prelude::*};

use super::text::t;
use crate::platform::storage;

/// A box to tick. It holds for connections made from then on; `changed` sees to those that are there.
#[component]
pub(super) fn HideAddress(
    /// Not now.
    #[prop(into)]
    disabled: Signal<bool>,
    /// Called once the choice is kept.
    changed: fn(),
) -> impl IntoView {
    let choose = move |event: Event| {
        storage::hide_address(event_target_checked(&event));
        changed();
    };
    view! {
        <label class="check" title=t().hide_address_how()>
            <input
                id="hide-address"
                type="checkbox"
                prop:checked=storage::hides_address()
                disabled=move || disabled.get()
                on:change=choose
            />
            <span>{t().hide_address()}</span>
        </label>
    }
}
