//! The screen that is shared, from the person's choosing it to its end.

use crate::platform::{DeviceError, Listener, LocalTrack, media};

/// A shared screen. Dropping it ends the sharing.
pub(super) struct Shared {
    // Gone before the track is.
    _ended: Listener,
    pub(super) picture: LocalTrack,
    pub(super) sound: Option<LocalTrack>,
}

impl Shared {
    /// Has the person choose. `ended` is called when the system ends it, as by its own button; it must only enqueue.
    pub(super) async fn choose(ended: impl Fn() + 'static) -> Result<Self, DeviceError> {
        let (picture, sound) = media::share_screen().await?;
        let ended = picture.on_ended(ended);
        if picture.is_live() { Ok(Self { _ended: ended, picture, sound }) } else { Err(DeviceError::Ended) }
    }
}
