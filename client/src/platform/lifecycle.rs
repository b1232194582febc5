//! When the page goes, when it wakes, and when its network changes.

use std::cell::Cell;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{Element, MouseEvent, PageTransitionEvent};

use super::{Listener, page, window};

/// Calls `woke` when the page is seen again or comes back from sleep. Undone by dropping.
pub fn on_wake(woke: impl Fn() + Clone + 'static) -> Vec<Listener> {
    let Some(window) = window() else { return Vec::new() };
    let mut listeners = Vec::with_capacity(2);
    let shown = woke.clone();
    listeners.push(Listener::new(&window, "pageshow", move |_| shown()));
    if let Some(document) = window.document() {
        listeners.push(Listener::new(&document, "visibilitychange", move |_| {
            if page::is_visible() {
                woke();
            }
        }));
    }
    listeners
}

/// Calls `changed` when the browser has a network again, which may be another one. Undone by dropping.
pub fn on_network_change(changed: impl Fn() + 'static) -> Option<Listener> {
    let window = window()?;
    Some(Listener::new(&window, "online", move |_| changed()))
}

/// Calls `goes` when the page is about to go. Should the browser bring the very page back later, it is loaded anew:
/// what it held has been given back. Undone by dropping.
pub fn on_leave(goes: impl Fn() + 'static) -> Vec<Listener> {
    let Some(window) = window() else { return Vec::new() };
    let hidden = Listener::new(&window, "pagehide", move |_| goes());
    let shown = Listener::new(&window, "pageshow", |event| {
        if event.dyn_ref::<PageTransitionEvent>().is_some_and(PageTransitionEvent::persisted) {
            page::reload();
        }
    });
    vec![hidden, shown]
}

/// Whether the last thing the person did was to follow a link to another page in this very tab; and what keeps that up to date.
pub fn follows_link() -> (Rc<Cell<bool>>, Vec<Listener>) {
    let followed = Rc::new(Cell::new(false));
    let Some(window) = window() else { return (followed, Vec::new()) };
    let stays = |name| {
        let followed = Rc::clone(&followed);
        Listener::new(&window, name, move |_| followed.set(false))
    };
    let clicked = Rc::clone(&followed);
    let click = Listener::new(&window, "click", move |event| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let link = target.and_then(|target| target.closest("a[href]").ok()?);
        // Those that open another tab, or hand something over to the downloads, leave this one as it is.
        let here = |link: &Element| {
            link.get_attribute("target").is_none_or(|target| target == "_self")
                && !link.has_attribute("download")
        };
        let modified = event.dyn_ref::<MouseEvent>().is_some_and(|click| {
            click.ctrl_key() || click.meta_key() || click.shift_key() || click.alt_key()
        });
        clicked.set(link.is_some_and(|link| here(&link)) && !modified && !event.default_prevented());
    });
    let listeners = vec![stays("pointerdown"), stays("keydown"), click];
    (followed, listeners)
}
