//! A watcher's page: from a room to a stream on the screen.

use std::rc::Rc;

use leptos::prelude::*;
use vong_protocol::{Ice, RoomId};
use vong_session::diagnosis::Verdict;
use vong_session::{Intent, Millis, Status, Talk, Watcher};

use super::chat::Chat;
use super::engine::Page;
use super::run::Run;
use super::trouble::Doctor;
use crate::platform::{Details, Listener, Outgoing, Received, Stream, clock, json, lifecycle, storage};

/// The signals of one watched room. Owned by the reactive owner it was started in; leaving the owner leaves the room.
#[derive(Clone, Copy)]
pub struct Watching {
    /// Where it is.
    pub status: RwSignal<Status>,
    /// What to show, from its first media on. Sound or picture may join the same stream later.
    pub stream: RwSignal<Option<Stream>, LocalStorage>,
    /// The broadcaster's screen, likewise.
    pub screen: RwSignal<Option<Stream>, LocalStorage>,
    /// What is in the way, while something is and it is known.
    pub diagnosis: RwSignal<Option<Verdict>>,
    /// The chat.
    pub chat: Chat,
    watch: StoredValue<Rc<Watch>, LocalStorage>,
}

struct Watch {
    run: Rc<Run>,
    _leaves: Vec<Listener>,
}

impl Watching {
    /// Joins `room` at once.
    pub fn start(room: &RoomId) -> Self {
        let status = RwSignal::new(Status::default());
        let (stream, screen) = (RwSignal::new_local(None), RwSignal::new_local(None));
        let diagnosis = RwSignal::new(None);
        let chat = Chat::new();
        let seat = Seat { status, stream, screen, doctor: Doctor::new(diagnosis), chat };
        let session = Watcher::new(
            room.clone(),
            storage::password(room),
            json::read_broadcaster,
            clock::now(),
            clock::seed(),
        );
        let run = Rc::new(Run::start(Box::new(session), Box::new(seat), Outgoing::default(), None));
        run.intends(Intent::Name(chat.name.get_untracked()));
        let leaving = Rc::clone(&run);
        let leaves = lifecycle::on_leave(move || leaving.leave());
        let watch = StoredValue::new_local(Rc::new(Watch { run, _leaves: leaves }));
        on_cleanup(move || {
            if let Some(watch) = watch.try_get_value() {
                watch.run.leave();
            }
        });
        Self { status, stream, screen, diagnosis, chat, watch }
    }

    /// The person does something in the chat.
    pub fn intends(&self, intent: Intent) {
        self.chat.intends(&intent);
        if let Some(watch) = self.watch.try_get_value() {
            watch.run.intends(intent);
        }
    }

    /// What is received, for a person to read; `None` while nothing is.
    pub fn details(&self) -> impl Future<Output = Option<Details>> + use<> {
        let asked = self.watch.try_get_value().map(|watch| watch.run.details());
        async move { asked?.await }
    }

    /// The person asks to try at once what is put off.
    pub fn retry(&self) {
        if let Some(watch) = self.watch.try_get_value() {
            watch.run.wake();
        }
    }
}

/// The signals may be gone before the session is.
struct Seat {
    status: RwSignal<Status>,
    stream: RwSignal<Option<Stream>, LocalStorage>,
    screen: RwSignal<Option<Stream>, LocalStorage>,
    doctor: Doctor,
    chat: Chat,
}

impl Page for Seat {
    fn status(&self, status: Status) {
        self.doctor.status(&status);
        if self.status.try_get_untracked().as_ref() != Some(&status) {
            let _ = self.status.try_set(status);
        }
    }

    fn ice(&self, ice: Ice, _answered: Option<Millis>) {
        self.doctor.ice(ice);
    }

    fn show(&self, received: Received) {
        for (signal, stream) in [(self.stream, received.main), (self.screen, received.screen)] {
            // Told again with each track of the same stream.
            if signal.try_with_untracked(|shown| *shown != stream) == Some(true) {
                let _ = signal.try_set(stream);
            }
        }
    }

    fn talk(&self, talk: Talk) {
        self.chat.show(talk);
    }
}
