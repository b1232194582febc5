//! The link for viewers: to read, to copy, to hand to the system's share sheet.

use leptos::{html, prelude::*, task::spawn_local};

use super::{
    copy::Copy,
    icon::Icon,
    route::watch_path,
    text::{self, t},
};
use crate::platform::page;

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
    let here_only = page::local_port().map_or_else(String::new, |port| text::link_here_only(&port));
    let select = move |_| {
        if let Some(field) = field.get_untracked() {
            field.select();
        }
    };
    let share = move |_| spawn_local(page::share(link.get_value(), t().room_title(&room)));
    view! {
        <div class="share">
            <label for="link">{t().link()}</label>
            <div class="link">
                <input id="link" node_ref=field readonly value=link.get_value() on:focus=select />
                <Copy id="copy" label=t().copy() copied what=move || link.get_value() />
                {page::can_share()
                    .then(|| {
                        view! {
                            <button id="share" class="button" on:click=share>
                                <Icon data=icondata_lu::LuShare2.data />
                                {t().share()}
                            </button>
                        }
                    })}
            </div>
            <p class="hint" role="status">
                {move || match copied.get() {
                    Some(false) => t().copy_failed().to_owned(),
                    Some(true) => t().copied().to_owned(),
                    None => here_only.clone(),
                }}
            </p>
        </div>
    }
}
