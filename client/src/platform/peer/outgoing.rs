//! What a broadcaster's connection sends.

use std::cell::RefCell;

use futures_util::future::LocalBoxFuture;
use js_sys::JSON;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{MediaStream, RtcPeerConnection, RtcRtpSender, RtcRtpTransceiver, RtcRtpTransceiverDirection};

use super::encoding::{self, Shape};
use crate::platform::bindings::SenderExt;
use crate::platform::{Listener, LocalTrack, Outgoing, note};

/// The `RTCSetParameterOptions` that ask for a key frame.
const KEY_FRAME: &str = r#"{"encodingOptions":[{"keyFrame":true}]}"#;

/// What a connection sends with. Behind a trait so that a page that only watches does not carry it.
pub(super) trait Sends {
    /// Takes up the offered transceivers, to be called between setting the offer and creating the answer. On a restart
    /// they are the same as before, which changes nothing.
    fn attach<'a>(&'a self, connection: &'a RtcPeerConnection) -> LocalBoxFuture<'a, Result<(), JsValue>>;

    /// Encodes as was said, once the answer is set: before, the browser knows no codec.
    fn shape(&self) -> LocalBoxFuture<'_, ()>;

    /// Sends `outgoing` from now on, and from the start where the offer is not here yet.
    fn replace(&self, outgoing: Outgoing) -> LocalBoxFuture<'_, Result<(), JsValue>>;
}

impl Sends for Senders {
    fn attach<'a>(&'a self, connection: &'a RtcPeerConnection) -> LocalBoxFuture<'a, Result<(), JsValue>> {
        Box::pin(self.take_up(connection))
    }

    fn shape(&self) -> LocalBoxFuture<'_, ()> {
        Box::pin(self.shape_all())
    }

    fn replace(&self, outgoing: Outgoing) -> LocalBoxFuture<'_, Result<(), JsValue>> {
        Box::pin(async move {
            let shaped = self.outgoing.borrow().shape == outgoing.shape;
            self.put_all(outgoing).await?;
            if !shaped {
                self.shape_all().await;
            }
            Ok(())
        })
    }
}

/// The senders that a watcher's offer brought, and what goes through them.
pub(super) struct Senders {
    outgoing: RefCell<Outgoing>,
    sound: RefCell<Option<RtcRtpSender>>,
    camera: RefCell<Option<RtcRtpSender>>,
    screen: RefCell<Option<RtcRtpSender>>,
    /// Of the camera's path, once there has been one.
    moves: RefCell<Option<Listener>>,
}

impl Senders {
    pub(super) fn new(outgoing: Outgoing) -> Self {
        Self {
            outgoing: RefCell::new(outgoing),
            sound: RefCell::default(),
            camera: RefCell::default(),
            screen: RefCell::default(),
            moves: RefCell::default(),
        }
    }

    async fn take_up(&self, connection: &RtcPeerConnection) -> Result<(), JsValue> {
        // Sound and picture of one stream are played in step.
        let stream = MediaStream::new()?;
        let (mut sound, mut camera, mut screen) = (None, None, None);
        for transceiver in connection.get_transceivers().iter() {
            let transceiver: RtcRtpTransceiver = transceiver.unchecked_into();
            transceiver.set_direction(RtcRtpTransceiverDirection::Sendonly);
            let sender = transceiver.sender();
            // In the order of the offer, in which the screen is the second picture. It is in step with nothing.
            let (place, in_step) = match transceiver.receiver().track().kind().as_str() {
                "audio" => (&mut sound, true),
                _ if camera.is_none() => (&mut camera, true),
                _ => (&mut screen, false),
            };
            if place.is_none() {
                if in_step && self.camera.borrow().is_none() {
                    // Missing in old browsers, where sound and picture may then drift a little.
                    let _ = sender.unchecked_ref::<SenderExt>().set_streams(&stream);
                }
                *place = Some(sender);
            }
        }
        self.moves.replace(camera.as_ref().and_then(refresh_after_moves));
        self.sound.replace(sound);
        self.camera.replace(camera);
        self.screen.replace(screen);
        let outgoing = self.outgoing.borrow().clone();
        self.put_all(outgoing).await
    }

    async fn put_all(&self, outgoing: Outgoing) -> Result<(), JsValue> {
        self.outgoing.replace(outgoing.clone());
        for (sender, track) in
            [(&self.sound, outgoing.sound), (&self.camera, outgoing.camera), (&self.screen, outgoing.screen)]
        {
            let sender = sender.borrow().clone();
            put(sender, track).await?;
        }
        Ok(())
    }

    /// An encoder that does not do as it is told sends all the same.
    async fn shape_all(&self) {
        let Shape { camera, screen } = self.outgoing.borrow().shape.clone();
        for (sender, encoding) in [(&self.camera, camera), (&self.screen, screen)] {
            let sender = sender.borrow().clone();
            if let Some(sender) = sender
                && let Err(thrown) = encoding::apply(&sender, &encoding).await
            {
                note("setParameters", &thrown);
            }
        }
    }
}

/// Sends a key frame whenever the path has become another one. What went into the old one is lost, and receivers wait up
/// to three seconds for the rest of a frame before they ask for a new one.
fn refresh_after_moves(camera: &RtcRtpSender) -> Option<Listener> {
    let camera: SenderExt = Clone::clone(camera).unchecked_into();
    let path = camera.transport()?.ice_transport()?;
    Some(Listener::new(&path, "selectedcandidatepairchange", move |_| {
        let refreshed = camera.get_parameters().and_then(|parameters| {
            let refreshing = camera.set_parameters(&parameters, &JSON::parse(KEY_FRAME)?)?;
            Ok(JsFuture::from(refreshing))
        });
        // Where that cannot be had, receivers ask.
        if let Ok(refreshed) = refreshed {
            spawn_local(async move {
                let _ = refreshed.await;
            });
        }
    }))
}

async fn put(sender: Option<RtcRtpSender>, track: Option<LocalTrack>) -> Result<(), JsValue> {
    let Some(sender) = sender else { return Ok(()) };
    let track = track.as_ref().map(LocalTrack::media);
    if sender.track().as_ref() != track {
        JsFuture::from(sender.replace_track(track)).await?;
    }
    Ok(())
}
