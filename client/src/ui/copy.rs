//! A button that copies a text, and says so for a moment.

use std::time::Duration;

use leptos::{prelude::*, task::spawn_local};

use super::{icon::Icon, text::t};
use crate::platform::page;

/// How long the button says that it copied.
const SAY_COPIED: Duration = Duration::from_secs(2);

/// Copies what `what` gives.
#[component]
pub(super) fn Copy(
    /// Its id.
    id: &'static str,
    /// What it says before and after.
    label: &'static str,
    /// Whether copying worked, for a while after it was tried.
    copied: RwSignal<Option<bool>>,
    /// The text.
    what: impl Fn() -> String + 'static,
) -> impl IntoView {
    let copy = move |_| {
        let text = what();
        spawn_local(async move {
            let worked = page::copy(text).await;
            copied.try_set(Some(worked));
            if worked {
                let forget = move || {
                    copied.try_set(None);
                };
                set_timeout(forget, SAY_COPIED);
            }
        });
    };
    view! {
        <button id=id class="button" on:click=copy>
            <Icon data=move || {
                if copied.get() == Some(true) { icondata_lu::LuCheck.data } else { icondata_lu::LuCopy.data }
            } />
            <span>{move || if copied.get() == Some(true) { t().copied() } else { label }}</span>
        </button>
    }
}
