//! One event listener.

use gloo_events::{EventListener, EventListenerOptions};
use web_sys::{Event, EventTarget};

/// A listener that is there as long as this value is. It must not be dropped by its own callback.
#[derive(Debug)]
#[must_use = "dropping it removes the listener"]
pub struct Listener(EventListener);

impl Listener {
    /// Calls `callback` for each event named `name` on `target`.
    pub fn new(target: &EventTarget, name: &'static str, callback: impl FnMut(&Event) + 'static) -> Self {
        Self(EventListener::new(target, name, callback))
    }

    /// The same, for a callback that may prevent what the browser does by default.
    pub fn cancelling(
        target: &EventTarget,
        name: &'static str,
        callback: impl FnMut(&Event) + 'static,
    ) -> Self {
        let options = EventListenerOptions::enable_prevent_default();
        Self(EventListener::new_with_options(target, name, options, callback))
    }

    /// What it listens for.
    pub fn name(&self) -> &str {
        self.0.event_type()
    }
}
