//! The link for viewers: to read, to copy, to hand to the system's share sheet, to scan, to embed.

use leptos::{html, prelude::*, task::spawn_local};
use qrcode::{Color, EcLevel, QrCode};

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
            <details id="more-ways">
                <summary>{t().more_ways()}</summary>
                <div id="qr" class="qr" role="img" aria-label=t().qr() inner_html=code(&link.get_value())></div>
                <label for="embed">{t().embed()}</label>
                <div class="link">
                    <input id="embed" readonly value=embedded(&link.get_value()) />
                    <Copy id="copy-embed" label=t().copy() copied what=move || embedded(&link.get_value()) />
                </div>
                <p class="hint">{t().embed_how()}</p>
            </details>
        </div>
    }
}

/// The QR code as one path, with the quiet zone around it (ISO/IEC 18004). Empty for a link that is too long for any.
fn code(link: &str) -> String {
    const QUIET: usize = 4;
    let Ok(code) = QrCode::with_error_correction_level(link, EcLevel::L) else { return String::new() };
    let width = code.width();
    let mut path = String::new();
    for (place, color) in code.to_colors().into_iter().enumerate() {
        if color == Color::Dark {
            let (x, y) = (place % width + QUIET, place / width + QUIET);
            path += &["M", &x.to_string(), " ", &y.to_string(), "h1v1h-1z"].concat();
        }
    }
    let size = (width + 2 * QUIET).to_string();
    ["<svg viewBox=\"0 0 ", &size, " ", &size, "\"><path d=\"", &path, "\"/></svg>"].concat()
}

/// What to put into another page. A link has none of the characters that mean something in HTML.
fn embedded(link: &str) -> String {
    [
        "<iframe src=\"",
        link,
        "\" allow=\"autoplay; fullscreen; picture-in-picture\" style=\"width:100%;aspect-ratio:16/9;border:0\"></iframe>",
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_drawn_with_its_three_corners_and_room_around_them() {
        let drawn = code("http://localhost:4000/watch/demo");
        // With capitals only it would fit into 25 modules a side; as bytes it takes 29 (ISO/IEC 18004, table 7).
        assert!(drawn.starts_with("<svg viewBox=\"0 0 37 37\">"), "{drawn}");
        for corner in ["M4 4h", "M26 4h", "M4 26h"] {
            assert!(drawn.contains(corner), "{corner} of {drawn}");
        }
        assert_eq!(code(&"x".repeat(5_000)), "");
    }
}
