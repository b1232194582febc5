//! How loud something is, as a signal.

use futures_util::future::{AbortHandle, abortable};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::platform::{LocalTrack, Meter};

/// How often it is looked at, in milliseconds.
const LOOK: u32 = 100;

/// A meter that keeps its signal up to date. Dropping it stops it.
pub(super) struct Level {
    measuring: AbortHandle,
}

impl Level {
    /// Measures `track` in percent. `None` where there is nothing to measure, which the signal then tells as well.
    pub(super) fn of(track: Option<&LocalTrack>, level: RwSignal<Option<u8>>) -> Option<Self> {
        let Some(meter) = track.and_then(Meter::new) else {
            let _ = level.try_set(None);
            return None;
        };
        let (measure, measuring) = abortable(async move {
            while level.try_set(meter.level()).is_none() {
                TimeoutFuture::new(LOOK).await;
            }
        });
        spawn_local(async move {
            let _ = measure.await;
        });
        Some(Self { measuring })
    }
}

impl Drop for Level {
    fn drop(&mut self) {
        self.measuring.abort();
    }
}
