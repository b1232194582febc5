//! What is seldom needed, behind one button. The browser opens and closes it, on Escape and on a tap elsewhere, too.

use leptos::prelude::*;

use super::{icon::Icon, text::t};

/// The button and what it shows.
#[component]
pub(super) fn Menu<Contents>(children: TypedChildren<Contents>) -> impl IntoView
where
    Contents: IntoView + 'static,
{
    view! {
        <button id="more" class="button round" popovertarget="menu" aria-label=t().more() title=t().more()>
            <Icon data=icondata_lu::LuEllipsis.data />
        </button>
        <div id="menu" class="menu" popover="auto">
            {children.into_inner()()}
        </div>
    }
}
