//! A watcher's page: from a room to a stream on the screen.

use std::rc::Rc;

use leptos::prelude::*;
use vong_protocol::{BroadcasterKey, RoomId};
use vong_session::{Status, Watcher};

use super::engine::Page;
use super::run::Run;
use crate::platform::{Listener, Outgoing, Stream, clock, lifecycle};

/// The signals of one watched room. Owned by the reactive owner it was started in; leaving the owner leaves the room.
#[derive(Clone, Copy)]
pub struct Watching {
    /// Where it is.
    pub status: RwSignal<Status>,
    /// What to show, from its first media on. Sound or picture may join the same stream later.
    pub stream: RwSignal<Option<Stream>, LocalStorage>,
    watch: StoredValue<Rc<Watch>, LocalStorage>,
}

struct Watch {
    run: Rc<Run>,
    _leaves: Vec<Listener>,
}

impl Watching {
    /// Joins `room` at once.
    pub fn start(room: &RoomId) -> Self {
        let screen = Screen { status: RwSignal::new(Status::default()), stream: RwSignal::new_local(None) };
        let session = Watcher::new(room.clone(), clock::now(), clock::seed());
        let run = Rc::new(Run::start(Box::new(session), Box::new(screen), Outgoing::default()));
        let leaving = Rc::clone(&run);
        let leaves = lifecycle::on_leave(move || leaving.leave());
        let watch = StoredValue::new_local(Rc::new(Watch { run, _leaves: leaves }));
        on_cleanup(move || {
            if let Some(watch) = watch.try_get_value() {
                watch.run.leave();
            }
        });
        Self { status: screen.status, stream: screen.stream, watch }
    }

    /// The person asks to try at once what is put off.
    pub fn retry(&self) {
        if let Some(watch) = self.watch.try_get_value() {
            watch.run.wake();
        }
    }
}

/// The signals alone. They may be gone before the session is.
#[derive(Clone, Copy)]
struct Screen {
    status: RwSignal<Status>,
    stream: RwSignal<Option<Stream>, LocalStorage>,
}

impl Page for Screen {
    fn status(&self, status: Status) {
        if self.status.try_get_untracked().as_ref() != Some(&status) {
            let _ = self.status.try_set(status);
        }
    }

    fn show(&self, stream: Option<Stream>) {
        // Told again with each track of the same stream.
        if self.stream.try_with_untracked(|shown| *shown != stream) == Some(true) {
            let _ = self.stream.try_set(stream);
        }
    }

    fn keep_key(&self, _key: &BroadcasterKey) {}
}
