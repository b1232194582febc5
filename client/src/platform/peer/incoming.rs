//! What a watcher's connection receives.

use std::rc::Rc;

use vong_session::ConnectionEvent;
use web_sys::{MediaStream, MediaStreamTrack};

use super::{Core, config};
use crate::platform::{Listener, Stream};

/// What there is to show.
#[derive(Clone, Debug, Default)]
pub struct Received {
    /// Sound and camera.
    pub main: Option<Stream>,
    /// The screen.
    pub screen: Option<Stream>,
}

/// The stream of sound and camera, and that of the screen.
///
/// A track joins it with its first media, and nothing may be played before one has: Chromium keeps a `<video>` silent
/// for ever whose stream has a picture track that never got a frame, as when the broadcaster has no camera, and
/// likewise one that began without tracks and got sound alone.
///
/// The screen's may join without a screen: before the camera's first packet Chromium sends padding in its place, to measure the path.
/// Whether a screen is shown, the broadcaster says (`scene`).
pub(super) struct Incoming {
    media: MediaStream,
    screen: MediaStream,
    // Their `unmute` listeners, gone before the stream is.
    _tracks: Vec<Listener>,
}

impl Incoming {
    /// Adds the transceivers, in the order that the broadcaster relies on: sound, camera, screen. Showing the screen later then
    /// takes no negotiation.
    pub(super) fn new(core: &Rc<Core>) -> Option<Self> {
        let (media, screen) = (MediaStream::new().ok()?, MediaStream::new().ok()?);
        let add = |kind: &str| {
            let init = config::receive_only();
            core.connection.add_transceiver_with_str_and_init(kind, &init).receiver().track()
        };
        let joins = |track: MediaStreamTrack, media: &MediaStream| {
            // `media.clone()` would be the browser's method, which makes another stream of other tracks.
            let (core, media, joining) = (Rc::clone(core), Clone::clone(media), Clone::clone(&track));
            Listener::new(&track, "unmute", move |_| {
                // Harmless when it is in there already.
                media.add_track(&joining);
                core.report(ConnectionEvent::Media);
            })
        };
        let tracks =
            vec![joins(add("audio"), &media), joins(add("video"), &media), joins(add("video"), &screen)];
        Some(Self { media, screen, _tracks: tracks })
    }

    /// Sound and camera, and the screen; each `None` before its first media.
    pub(super) fn streams(&self) -> Received {
        let one = |media: &MediaStream| {
            (media.get_tracks().length() > 0).then(|| Stream::remote(Clone::clone(media)))
        };
        Received { main: one(&self.media), screen: one(&self.screen) }
    }
}
