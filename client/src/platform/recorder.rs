//! Recording to this computer: into a folder that the person chooses where the browser can, else as downloads.
//!
//! A recording is one file for as long as the same tracks are recorded. The format cannot carry another camera in the same file
//! (W3C MediaStream Recording), so a change begins the next one.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures_channel::mpsc;
use futures_util::StreamExt;
use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, BlobEvent, MediaRecorder, MediaRecorderOptions};

use super::bindings::{FolderExt, WindowExt, WritableExt};
use super::download::download;
use super::{Listener, LocalTrack, Stream, note, window};

/// How much is kept in memory at most before it is handed on, in milliseconds of recording.
const SLICE: i32 = 1_000;
/// Slices that wait for a slow disk. More end the recording: what is lost in between would make the file unreadable.
const SLICES: usize = 120;

/// What is wanted of the formats that browsers have, the best first.
const FORMATS: [&str; 3] = ["video/webm;codecs=vp9,opus", "video/webm", "video/mp4"];

/// `DirectoryPickerOptions` of a folder to write to.
const TO_WRITE: &str = r#"{"mode":"readwrite","startIn":"videos"}"#;

/// Where recordings go.
#[derive(Clone)]
pub enum Place {
    /// Into this folder, as they come.
    Folder(Folder),
    /// They are kept in memory and downloaded at their end.
    Downloads,
}

/// A folder that the person chose.
#[derive(Clone)]
pub struct Folder(FolderExt);

/// Whether this browser can record at all.
pub fn can_record() -> bool {
    window().is_some_and(|w| js_sys::Reflect::has(&w, &"MediaRecorder".into()).unwrap_or(false))
}

/// Has the person choose, from within a tap; `None` if they would rather not record.
pub async fn choose_place() -> Option<Place> {
    let window: WindowExt = window()?.unchecked_into();
    let Some(picker) = window.directory_picker() else { return Some(Place::Downloads) };
    let asked = picker.call1(&window, &js_sys::JSON::parse(TO_WRITE).ok()?).ok()?;
    match JsFuture::from(asked.unchecked_into::<js_sys::Promise>()).await {
        Ok(folder) => Some(Place::Folder(Folder(folder.unchecked_into()))),
        Err(thrown) => {
            note("folder", &thrown);
            None
        }
    }
}

/// One file under way. Dropping it ends and keeps it.
pub struct Recorder {
    media: MediaRecorder,
    bytes: Rc<Cell<u64>>,
    /// It was told to end.
    ends: Rc<Cell<bool>>,
    // Kept until the last slice has come.
    _tracks: Stream,
}

impl Recorder {
    /// Begins a file of this name, without its ending. `failed` is called if it ends before it is told to, perhaps twice; it must only
    /// enqueue. `None` if it cannot begin.
    pub fn start<'a>(
        tracks: impl IntoIterator<Item = &'a LocalTrack>,
        place: Place,
        name: String,
        failed: impl Fn() + Clone + 'static,
    ) -> Option<Self> {
        let tracks = Stream::of(tracks)?;
        let options = MediaRecorderOptions::new();
        let format = FORMATS.into_iter().find(|format| MediaRecorder::is_type_supported(format))?;
        options.set_mime_type(format);
        let recorder =
            MediaRecorder::new_with_media_stream_and_media_recorder_options(tracks.media(), &options).ok()?;
        let ending = if format.contains("mp4") { ".mp4" } else { ".webm" };
        let (slices, received) = mpsc::channel::<Blob>(SLICES);
        let slices = Rc::new(RefCell::new(Some(slices)));
        let bytes = Rc::new(Cell::new(0_u64));
        let (counted, stopping) = (Rc::clone(&bytes), recorder.clone());
        let slicing = Rc::clone(&slices);
        let came = Listener::new(&recorder, "dataavailable", move |event| {
            let Some(slice) = event.dyn_ref::<BlobEvent>().and_then(BlobEvent::data) else { return };
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a size in bytes")]
            counted.set(counted.get() + slice.size() as u64);
            let taken = slicing.borrow_mut().as_mut().is_some_and(|slices| slices.try_send(slice).is_ok());
            if !taken && stopping.state() == web_sys::RecordingState::Recording {
                let _ = stopping.stop();
            }
        });
        let ends = Rc::new(Cell::new(false));
        let (told, broken) = (Rc::clone(&ends), failed.clone());
        let stopped = Listener::new(&recorder, "stop", move |_| {
            drop(slices.take());
            if !told.get() {
                broken();
            }
        });
        recorder.start_with_time_slice(SLICE).ok()?;
        spawn_local(async move {
            let kept = keep(received, place, [&name, ending].concat(), format).await;
            drop((came, stopped));
            if let Err(thrown) = kept {
                note("recording", &thrown);
                failed();
            }
        });
        Some(Self { media: recorder, bytes, ends, _tracks: tracks })
    }

    /// Bytes so far.
    pub fn bytes(&self) -> u64 {
        self.bytes.get()
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.ends.set(true);
        if self.media.state() != web_sys::RecordingState::Inactive {
            let _ = self.media.stop();
        }
    }
}

async fn keep(
    mut slices: mpsc::Receiver<Blob>,
    place: Place,
    name: String,
    format: &str,
) -> Result<(), JsValue> {
    match place {
        Place::Folder(Folder(folder)) => {
            let file = JsFuture::from(folder.file(&name, &created())?).await?;
            let file: WritableExt =
                JsFuture::from(file.unchecked_into::<FolderExt>().writable()?).await?.unchecked_into();
            while let Some(slice) = slices.next().await {
                JsFuture::from(file.write(&slice)?).await?;
            }
            JsFuture::from(file.close()?).await.map(drop)
        }
        Place::Downloads => {
            let all = Array::new();
            while let Some(slice) = slices.next().await {
                all.push(&slice);
            }
            let properties = web_sys::BlobPropertyBag::new();
            properties.set_type(format);
            download(&Blob::new_with_blob_sequence_and_options(&all, &properties)?, &name)
        }
    }
}

fn created() -> JsValue {
    js_sys::JSON::parse(r#"{"create":true}"#).unwrap_or(JsValue::UNDEFINED)
}
