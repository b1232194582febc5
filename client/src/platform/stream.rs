//! A media stream, local or remote.

use std::rc::Rc;

use web_sys::MediaStream;

use super::track::{LocalTrack, Outgoing};

/// A `MediaStream`. Clones name the same stream; a local one stops its tracks when the last clone is dropped and
/// nothing else sends them.
#[derive(Clone, Debug)]
pub struct Stream {
    media: MediaStream,
    _lent: Rc<[LocalTrack]>,
}

impl PartialEq for Stream {
    fn eq(&self, other: &Self) -> bool {
        self.media == other.media
    }
}

impl Stream {
    /// A stream of the camera and the sound, as far as they are there; `None` without either.
    pub fn local(tracks: &Outgoing) -> Option<Self> {
        Self::of(tracks.camera.iter().chain(&tracks.sound))
    }

    /// A stream of these; `None` without any.
    pub fn of<'a>(tracks: impl IntoIterator<Item = &'a LocalTrack>) -> Option<Self> {
        let lent: Rc<[LocalTrack]> = tracks.into_iter().cloned().collect();
        let media = MediaStream::new().ok().filter(|_| !lent.is_empty())?;
        lent.iter().for_each(|track| media.add_track(track.media()));
        Some(Self { media, _lent: lent })
    }

    /// What a connection receives.
    pub(super) fn remote(media: MediaStream) -> Self {
        Self { media, _lent: Rc::new([]) }
    }

    pub(super) fn media(&self) -> &MediaStream {
        &self.media
    }
}
