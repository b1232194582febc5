//! One icon of the Lucide set. Only the icons that are named get into the bundle.

use leptos::prelude::*;
use leptos::{svg, tachys::html::element::InnerHtmlValue};

/// Decoration: it says nothing that the text or label beside it does not.
#[component]
pub(super) fn Icon<Shapes: InnerHtmlValue + 'static>(
    /// The shapes within Lucide's square of 24, or what says them; size and strokes are the style sheet's matter.
    data: Shapes,
) -> impl IntoView {
    svg::svg().class("icon").attr("viewBox", "0 0 24 24").attr("aria-hidden", "true").inner_html(data)
}
