//! Several sounds in one track: what a connection carries is one, whatever is mixed into it.

use web_sys::{AudioContext, MediaStream, MediaStreamAudioDestinationNode, MediaStreamTrack};

use super::{Listener, LocalTrack, settle, window};

/// A mix of tracks. Dropping it gives the audio context back; the tracks are let go with it.
#[derive(Debug)]
pub struct Mixer {
    context: AudioContext,
    _destination: MediaStreamAudioDestinationNode,
    _tracks: Vec<LocalTrack>,
    mixed: LocalTrack,
    _tap: Option<Listener>,
}

impl Mixer {
    /// Mixes these; `None` where the browser cannot.
    pub fn new(tracks: Vec<LocalTrack>) -> Option<Self> {
        let context = AudioContext::new().ok()?;
        let destination = context.create_media_stream_destination().ok()?;
        for track in &tracks {
            let stream = MediaStream::new().ok()?;
            stream.add_track(track.media());
            let source = context.create_media_stream_source(&stream).ok()?;
            source.connect_with_audio_node(&destination).ok()?;
        }
        let mixed = destination.stream().get_audio_tracks().get(0);
        let mixed = LocalTrack::new(wasm_bindgen::JsCast::dyn_into::<MediaStreamTrack>(mixed).ok()?);
        // Until somebody touches the page some browsers let no context run.
        settle(context.resume());
        let waking = context.clone();
        let tap =
            window().map(|window| Listener::new(&window, "pointerdown", move |_| settle(waking.resume())));
        Some(Self { context, _destination: destination, _tracks: tracks, mixed, _tap: tap })
    }

    /// The mix.
    pub fn track(&self) -> LocalTrack {
        self.mixed.clone()
    }
}

impl Drop for Mixer {
    fn drop(&mut self) {
        settle(self.context.close());
    }
}
