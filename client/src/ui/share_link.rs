//! The link for viewers: to read, to copy, to hand to the system's share sheet.

use std::time::Duration;

use leptos::{html, prelude::*, task::spawn_local};

use super::{icon::Icon, route::watch_path, text};
use crate::platform::page;

/// How long the button says that it copied.
const SAY_COPIED: Duration = Duration::from_secs(2);

/// Shows the link from the start: people like to send it before they go live.
#[component]
pub(super) fn ShareLink(
    /// The room to watch.
    room: String,
) -> impl IntoView {
    let link = StoredValue::new(page::origin() + &watch_path(&room));
    let field = NodeRef::<html::Input>::new();
    // `None` before and after; else whether copying worked.
    let copied = RwSignal::new(None::<bool>);
    let copy = move |_| {
        spawn_local(async move {
            let worked = page::copy(link.get_value()).await;
            copied.try_set(Some(worked));
            if worked {
                let forget = move || {
                    copied.try_set(None);
                };
                set_timeout(forget, SAY_COPIED);
            }
        });
    };
    let here_only = page::local_port().map_or_else(String::new, |port| text::link_here_only(&port));
    let select = move |_| {
        if let Some(field) = field.get_untracked() {
            field.select();
        }
    };
    let share = move |_| spawn_local(page::share(link.get_value(), text::title(&room)));
    view! {
        <div class="share">
            <label for="link">{text::LINK}</label>
            <div class="link">
                <input id="link" node_ref=field readonly value=link.get_value() on:focus=select />
                <button id="copy" class="button" on:click=copy>
                    <Icon data=move || {
                        if copied.get() == Some(true) { icondata_lu::LuCheck.data } else { icondata_lu::LuCopy.data }
                    } />
                    <span>{move || if copied.get() == Some(true) { text::COPIED } else { text::COPY }}</span>
                </button>
                {page::can_share()
                    .then(|| {
                        view! {
                            <button id="share" class="button" on:click=share>
                                <Icon data=icondata_lu::LuShare2.data />
                                {text::SHARE}
                            </button>
                        }
                    })}
            </div>
            <p class="hint" role="status">
                {move || match copied.get() {
                    Some(false) => text::COPY_FAILED.to_owned(),
                    Some(true) => text::COPIED.to_owned(),
                    None => here_only.clone(),
                }}
            </p>
        </div>
    }
}
