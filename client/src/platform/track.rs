//! Tracks of this page's own: a camera's, a microphone's, a screen's.

use std::rc::Rc;

use js_sys::Reflect;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{MediaStreamTrack, MediaStreamTrackState};

use super::peer::Shape;
use super::{Listener, Quality, note};

/// A local track. Clones name the same one; when the last is dropped the device is let go.
#[derive(Clone, Debug)]
pub struct LocalTrack(Rc<Lent>);

impl PartialEq for LocalTrack {
    fn eq(&self, other: &Self) -> bool {
        self.media() == other.media()
    }
}

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

    /// Lets the device go now, whoever else still sends it.
    pub fn stop(&self) {
        self.media().stop();
    }

    /// Which device feeds it, where the browser tells.
    pub fn device(&self) -> Option<String> {
        Reflect::get(&self.media().get_settings(), &"deviceId".into()).ok()?.as_string()
    }

    /// Lets it through, or sends silence or blackness in its place, at once and to everyone.
    pub fn enable(&self, through: bool) {
        self.media().set_enabled(through);
    }

    /// What a picture is of: what moves, or what has to be read (W3C MediaStreamTrack Content Hints). A browser that does not
    /// know hints ignores it.
    pub fn hint(&self, hint: &str) {
        let _ = Reflect::set(self.media(), &"contentHint".into(), &hint.into());
    }

    /// Pixels of a picture's shorter side, where the browser tells.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, positive numbers")]
    pub fn short(&self) -> Option<u32> {
        let settings = self.media().get_settings();
        let side = |name: &str| Reflect::get(&settings, &name.into()).ok()?.as_f64();
        Some(side("width")?.min(side("height")?) as u32).filter(|short| *short > 0)
    }

    /// Has a camera give pictures like these from now on, as far as it can. Done when it does.
    pub async fn constrain(&self, quality: &Quality) {
        let constraints = quality.constraints();
        let asked = self.media().apply_constraints_with_constraints(constraints.unchecked_ref());
        if let Ok(asked) = asked
            && let Err(thrown) = JsFuture::from(asked).await
        {
            note("applyConstraints", &thrown);
        }
    }

    /// Calls `ended` when the device is gone: unplugged, or taken away by the person or the system.
    pub fn on_ended(&self, ended: impl Fn() + 'static) -> Listener {
        Listener::new(self.media(), "ended", move |_| ended())
    }
}

/// What a broadcaster sends; `None` where there is nothing to send now.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outgoing {
    /// The microphone, or what it is mixed into.
    pub sound: Option<LocalTrack>,
    /// The camera, or what stands in for it.
    pub camera: Option<LocalTrack>,
    /// The screen: a second picture.
    pub screen: Option<LocalTrack>,
    /// How the pictures are encoded.
    pub shape: Shape,
}
