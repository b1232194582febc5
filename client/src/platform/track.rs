//! A camera's or a microphone's track.

use std::rc::Rc;

use js_sys::Reflect;
use web_sys::{MediaStreamTrack, MediaStreamTrackState};

use super::Listener;

/// A local track. Clones name the same one; when the last is dropped the device is let go.
#[derive(Clone, Debug)]
pub struct LocalTrack(Rc<Lent>);

#[derive(Debug)]
struct Lent(MediaStreamTrack);

impl Drop for Lent {
    fn drop(&mut self) {
        self.0.stop();
    }
}

impl LocalTrack {
    /// Takes a track over from the browser.
    pub(super) fn new(track: MediaStreamTrack) -> Self {
        Self(Rc::new(Lent(track)))
    }

    pub(super) fn media(&self) -> &MediaStreamTrack {
        &self.0.0
    }

    /// Whether the device still feeds it.
    pub fn is_live(&self) -> bool {
        self.media().ready_state() == MediaStreamTrackState::Live
    }

    /// Which device feeds it, where the browser tells.
    pub fn device(&self) -> Option<String> {
        Reflect::get(&self.media().get_settings(), &"deviceId".into()).ok()?.as_string()
    }

    /// Calls `ended` when the device is gone: unplugged, or taken away by the person or the system.
    pub fn on_ended(&self, ended: impl Fn() + 'static) -> Listener {
        Listener::new(self.media(), "ended", move |_| ended())
    }
}

/// What a broadcaster sends; `None` where there is nothing to send now.
#[derive(Clone, Debug, Default)]
pub struct Outgoing {
    /// The microphone.
    pub microphone: Option<LocalTrack>,
    /// The camera.
    pub camera: Option<LocalTrack>,
}
