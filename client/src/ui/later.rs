//! Making a page in several tasks, so that none keeps the browser from answering for long. What is in them is the caller's business.

use std::time::Duration;

use leptos::{html, mount::mount_to, prelude::*};

/// Does this in a task of its own, after what is under way. What is made then belongs to whoever asked.
pub(super) fn later(make: impl FnOnce() + 'static) {
    if let Some(owner) = Owner::current() {
        set_timeout(move || owner.with(make), Duration::ZERO);
    }
}

/// Fills a place in a task of its own, once the page around it is there.
pub(super) fn fill_later<Contents: IntoView + 'static>(
    place: NodeRef<html::Div>,
    contents: impl FnOnce() -> Contents + 'static,
) {
    let mut contents = Some(contents);
    Effect::new(move |_| {
        let Some(place) = place.get() else { return };
        if let Some(contents) = contents.take() {
            later(move || mount_to(place.into(), contents).forget());
        }
    });
}
