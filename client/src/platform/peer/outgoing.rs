//! What a broadcaster's connection sends.

use std::cell::RefCell;

use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{MediaStream, RtcPeerConnection, RtcRtpSender, RtcRtpTransceiver, RtcRtpTransceiverDirection};

use crate::platform::bindings::SenderExt;
use crate::platform::{LocalTrack, Outgoing};

/// The senders that a watcher's offer brought, and what goes through them.
pub(super) struct Senders {
    outgoing: RefCell<Outgoing>,
    microphone: RefCell<Option<RtcRtpSender>>,
    camera: RefCell<Option<RtcRtpSender>>,
}

impl Senders {
    pub(super) fn new(outgoing: Outgoing) -> Self {
        Self { outgoing: RefCell::new(outgoing), microphone: RefCell::default(), camera: RefCell::default() }
    }

    /// Takes up the offered transceivers, to be called between setting the offer and creating the answer. On a restart
    /// they are the same as before, which changes nothing.
    pub(super) async fn attach(&self, connection: &RtcPeerConnection) -> Result<(), JsValue> {
        // Sound and picture of one stream are played in step.
        let stream = MediaStream::new()?;
        let (mut microphone, mut camera) = (None, None);
        for transceiver in connection.get_transceivers().iter() {
            let transceiver: RtcRtpTransceiver = transceiver.unchecked_into();
            transceiver.set_direction(RtcRtpTransceiverDirection::Sendonly);
            let sender = transceiver.sender();
            let place = match transceiver.receiver().track().kind().as_str() {
                "audio" => &mut microphone,
                _ => &mut camera,
            };
            // The first of a kind is the one; the second picture, the screen's, has nothing to send yet.
            if place.is_none() {
                if self.microphone.borrow().is_none() && self.camera.borrow().is_none() {
                    // Missing in old browsers, where sound and picture may then drift a little.
                    let _ = sender.unchecked_ref::<SenderExt>().set_streams(&stream);
                }
                *place = Some(sender);
            }
        }
        self.microphone.replace(microphone);
        self.camera.replace(camera);
        let outgoing = self.outgoing.borrow().clone();
        self.replace(outgoing).await
    }

    /// Sends `outgoing` from now on, and from the start where the offer is not here yet.
    pub(super) async fn replace(&self, outgoing: Outgoing) -> Result<(), JsValue> {
        self.outgoing.replace(outgoing.clone());
        let (microphone, camera) = (self.microphone.borrow().clone(), self.camera.borrow().clone());
        put(microphone, outgoing.microphone).await?;
        put(camera, outgoing.camera).await
    }
}

async fn put(sender: Option<RtcRtpSender>, track: Option<LocalTrack>) -> Result<(), JsValue> {
    let Some(sender) = sender else { return Ok(()) };
    let track = track.as_ref().map(LocalTrack::media);
    if sender.track().as_ref() != track {
        JsFuture::from(sender.replace_track(track)).await?;
    }
    Ok(())
}
