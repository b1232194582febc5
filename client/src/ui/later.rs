//! Making a page in several tasks, so that none keeps the browser from answering for long. What is in them is the caller's business.

use std::time::Duration;

use leptos::prelude::*;

/// Does this in a task of its own, after what is under way. What is made then belongs to whoever asked.
pub(super) fn later(make: impl FnOnce() + 'static) {
    if let Some(owner) = Owner::current() {
        set_timeout(move || owner.with(make), Duration::ZERO);
    }
}
