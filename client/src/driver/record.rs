//! Recording what is sent, file after file.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use vong_protocol::RoomId;
use wasm_bindgen_futures::spawn_local;

use crate::platform::recorder::{Place, Recorder, choose_place};
use crate::platform::{LocalTrack, OnAir, Outgoing, clock};

/// How often what is shown of it is renewed, in milliseconds.
const LOOK: u32 = 1_000;

/// A recording, as far as it is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recording {
    /// When it began, in milliseconds since 1970.
    pub since: u64,
    /// How much it is, over all files.
    pub bytes: u64,
}

/// Records while it is on. Dropping it ends it and keeps what there is.
pub(super) struct Tape {
    shown: RwSignal<Option<Recording>>,
    failed: RwSignal<bool>,
    room: RoomId,
    place: RefCell<Option<Place>>,
    /// What is not yet in its file is lost with the page.
    guard: RefCell<Option<OnAir>>,
    since: Cell<u64>,
    files: Cell<u32>,
    /// Bytes of the files that are done.
    done: Cell<u64>,
    file: RefCell<Option<Recorder>>,
    tracks: RefCell<Vec<LocalTrack>>,
}

impl Tape {
    pub(super) fn new(room: RoomId, shown: RwSignal<Option<Recording>>, failed: RwSignal<bool>) -> Rc<Self> {
        Rc::new(Self {
            shown,
            failed,
            room,
            place: RefCell::default(),
            guard: RefCell::default(),
            since: Cell::default(),
            files: Cell::default(),
            done: Cell::default(),
            file: RefCell::default(),
            tracks: RefCell::default(),
        })
    }

    /// Has the person choose where to, from within a tap, and begins; `sent` is asked then what there is to record.
    pub(super) fn begin(self: &Rc<Self>, sent: impl FnOnce() -> Option<Outgoing> + 'static) {
        let tape = Rc::downgrade(self);
        let chosen = choose_place();
        spawn_local(async move {
            let Some(place) = chosen.await else { return };
            let (Some(tape), Some(outgoing)) = (tape.upgrade(), sent()) else { return };
            tape.place.replace(Some(place));
            tape.guard.replace(Some(OnAir::begin()));
            let _ = tape.failed.try_set(false);
            tape.since.set(clock::date());
            tape.done.set(0);
            tape.sends(&outgoing);
            let weak = Rc::downgrade(&tape);
            drop(tape);
            while let Some(tape) = weak.upgrade().filter(|tape| tape.place.borrow().is_some()) {
                tape.show();
                drop(tape);
                TimeoutFuture::new(LOOK).await;
            }
        });
    }

    /// Ends it.
    pub(super) fn end(&self) {
        self.place.take();
        self.guard.take();
        self.file.take();
        self.tracks.take();
        let _ = self.shown.try_set(None);
    }

    /// It ends by itself, which the person has to know.
    fn fails(&self) {
        if self.place.borrow().is_some() {
            self.end();
            let _ = self.failed.try_set(true);
        }
    }

    /// Something else is sent from now on: the camera, or the screen in its absence, and the sound.
    pub(super) fn sends(self: &Rc<Self>, outgoing: &Outgoing) {
        let Some(place) = self.place.borrow().clone() else { return };
        let picture = outgoing.camera.as_ref().or(outgoing.screen.as_ref());
        let tracks: Vec<LocalTrack> = picture.into_iter().chain(&outgoing.sound).cloned().collect();
        if *self.tracks.borrow() == tracks {
            return;
        }
        if let Some(before) = self.file.take() {
            self.done.set(self.done.get() + before.bytes());
        }
        if !tracks.is_empty() {
            self.files.set(self.files.get() + 1);
            let tape = Rc::downgrade(self);
            let failed = move || {
                let tape = tape.clone();
                spawn_local(async move {
                    if let Some(tape) = tape.upgrade() {
                        tape.fails();
                    }
                });
            };
            let Some(file) = Recorder::start(&tracks, place, self.name(), failed) else {
                self.fails();
                return;
            };
            self.file.replace(Some(file));
        }
        self.tracks.replace(tracks);
    }

    fn name(&self) -> String {
        let (room, files) = (self.room.as_str(), self.files.get().to_string());
        ["vong-", room, "-", &clock::stamp(self.since.get()), "-", &files].concat()
    }

    fn show(&self) {
        let bytes = self.done.get() + self.file.borrow().as_ref().map_or(0, Recorder::bytes);
        let _ = self.shown.try_set(Some(Recording { since: self.since.get(), bytes }));
    }
}
