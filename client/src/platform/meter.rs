//! How loud a microphone is.

use web_sys::{AnalyserNode, AudioContext, AudioContextState, MediaStream, MediaStreamAudioSourceNode};

use super::{Listener, LocalTrack, settle, window};

/// Samples that are looked at, a power of two: some 40 ms, in which a voice has its peaks.
const SAMPLES: u32 = 2_048;

/// Silence among unsigned bytes.
const MIDDLE: u8 = 128;

/// A level meter on one track. Dropping it gives the audio context back.
pub struct Meter {
    context: AudioContext,
    analyser: AnalyserNode,
    _source: MediaStreamAudioSourceNode,
    _tap: Option<Listener>,
}

impl Meter {
    /// Measures `track`; `None` where the browser cannot.
    pub fn new(track: &LocalTrack) -> Option<Self> {
        let context = AudioContext::new().ok()?;
        let stream = MediaStream::new().ok()?;
        stream.add_track(track.media());
        let source = context.create_media_stream_source(&stream).ok()?;
        let analyser = context.create_analyser().ok()?;
        analyser.set_fft_size(SAMPLES);
        source.connect_with_audio_node(&analyser).ok()?;
        // Until somebody touches the page some browsers let no context run.
        let waking = context.clone();
        let tap =
            window().map(|window| Listener::new(&window, "pointerdown", move |_| settle(waking.resume())));
        Some(Self { context, analyser, _source: source, _tap: tap })
    }

    /// The loudest of the last moment, in percent; `None` while the browser does not let it measure.
    pub fn level(&self) -> Option<u8> {
        if self.context.state() != AudioContextState::Running {
            return None;
        }
        let mut samples = [MIDDLE; SAMPLES as usize];
        self.analyser.get_byte_time_domain_data(&mut samples);
        let peak = samples.iter().map(|sample| sample.abs_diff(MIDDLE)).max().unwrap_or(0);
        u8::try_from(u32::from(peak) * 100 / u32::from(MIDDLE)).ok()
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        settle(self.context.close());
    }
}
