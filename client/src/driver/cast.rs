//! A broadcaster's page: from camera and microphone to every watcher of a room.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use leptos::prelude::*;
use vong_protocol::limits::{PEER_ID, SECRET};
use vong_protocol::{BroadcasterKey, ErrorCode, Ice, RoomId, RunId};
use vong_session::diagnosis::Verdict;
use vong_session::{Broadcaster, Intent, Millis, Past, Phase, Status, Talk};

use super::chat::Chat;
use super::devices::{Devices, Keeper};
use super::engine::Page;
use super::run::Run;
use super::trouble::Doctor;
use crate::platform::{Listener, Outgoing, Peer, Stream, clock, lifecycle, secret, storage};

/// The signals of one broadcast. Owned by the reactive owner it was made in; leaving the owner ends the broadcast and
/// stops the camera.
#[derive(Clone, Copy)]
pub struct Casting {
    /// Where it is; `Idle` until [`Casting::go_live`].
    pub status: RwSignal<Status>,
    /// Camera and microphone.
    pub devices: RwSignal<Devices>,
    /// The local picture.
    pub preview: RwSignal<Option<Stream>, LocalStorage>,
    /// What is in the way, while something is and it is known.
    pub diagnosis: RwSignal<Option<Verdict>>,
    /// The chat.
    pub chat: Chat,
    cast: StoredValue<Rc<Cast>, LocalStorage>,
}

impl Casting {
    /// Prepares a broadcast in `room`. If this tab was live in it before a reload, it goes live again by itself once the
    /// devices are open.
    pub fn new(room: &RoomId) -> Self {
        let status = RwSignal::new(Status::default());
        let devices = RwSignal::new(Devices::Closed);
        let preview = RwSignal::new_local(None);
        let diagnosis = RwSignal::new(None);
        let chat = Chat::new();
        let cast = Cast::new(room.clone(), status, devices, preview, diagnosis, chat);
        let going = Rc::downgrade(&cast);
        // Not a goodbye: it may be a reload, which the watchers ride out.
        let leaves = lifecycle::on_leave(move || {
            if let Some(cast) = going.upgrade() {
                cast.remember();
                cast.release();
            }
        });
        cast.leaves.replace(leaves);
        let cast = StoredValue::new_local(cast);
        on_cleanup(move || {
            if let Some(cast) = cast.try_get_value() {
                cast.stop();
                cast.release();
            }
        });
        Self { status, devices, preview, diagnosis, chat, cast }
    }

    /// Asks for camera and microphone, together, then for whichever exists. Asks only for what is missing when some
    /// are open already.
    pub fn open_devices(&self) {
        self.with(Cast::open_devices);
    }

    /// Joins the room as its broadcaster.
    pub fn go_live(&self) {
        self.with(Cast::go_live);
    }

    /// Ends the broadcast; the preview stays.
    pub fn stop(&self) {
        self.with(|cast| cast.stop());
    }

    /// The person does something in the chat.
    pub fn intends(&self, intent: Intent) {
        self.chat.intends(&intent);
        self.with(|cast| {
            if let Some(run) = &*cast.run.borrow() {
                run.intends(intent);
            }
        });
    }

    fn with(&self, act: impl FnOnce(&Rc<Cast>)) {
        if let Some(cast) = self.cast.try_get_value() {
            act(&cast);
        }
    }
}

struct Cast {
    room: RoomId,
    status: RwSignal<Status>,
    preview: RwSignal<Option<Stream>, LocalStorage>,
    diagnosis: RwSignal<Option<Verdict>>,
    chat: Chat,
    /// Goes live again once the devices are open.
    resumes: Cell<bool>,
    keeper: RefCell<Option<Keeper>>,
    run: RefCell<Option<Run>>,
    leaves: RefCell<Vec<Listener>>,
}

impl Cast {
    fn new(
        room: RoomId,
        status: RwSignal<Status>,
        devices: RwSignal<Devices>,
        preview: RwSignal<Option<Stream>, LocalStorage>,
        diagnosis: RwSignal<Option<Verdict>>,
        chat: Chat,
    ) -> Rc<Self> {
        let resumes = Cell::new(storage::take_live(&room));
        let cast = Rc::new(Self {
            room,
            status,
            preview,
            diagnosis,
            chat,
            resumes,
            keeper: RefCell::default(),
            run: RefCell::default(),
            leaves: RefCell::default(),
        });
        let told = Rc::downgrade(&cast);
        let keeper = Keeper::new(move |state, outgoing| {
            let ready = matches!(state, Devices::Ready { .. });
            let _ = devices.try_set(state);
            if let (Some(cast), Some(outgoing)) = (told.upgrade(), outgoing) {
                cast.take_up(&outgoing);
                if ready && cast.resumes.take() {
                    cast.go_live();
                }
            }
        });
        cast.keeper.replace(Some(keeper));
        cast
    }

    fn open_devices(self: &Rc<Self>) {
        if let Some(keeper) = &*self.keeper.borrow() {
            keeper.open();
        }
    }

    fn take_up(&self, outgoing: &Outgoing) {
        let _ = self.preview.try_set(Stream::local(outgoing));
        if let Some(run) = &*self.run.borrow() {
            run.send(outgoing);
        }
    }

    fn go_live(self: &Rc<Self>) {
        let over = matches!(self.phase(), Phase::Ended | Phase::Failed);
        if self.run.borrow().is_some() && !over {
            return;
        }
        let Some(outgoing) = self.keeper.borrow().as_ref().map(Keeper::outgoing) else { return };
        let Some(past) = self.past() else { return };
        self.run.take();
        // The chat of the broadcast before is told again by the session.
        self.chat.show(Talk::Begun);
        self.chat.members.set(Vec::new());
        let session = Broadcaster::new(self.room.clone(), self.key(), past, clock::now(), clock::seed());
        let _ = self.diagnosis.try_set(None);
        let doctor = Doctor::new(self.diagnosis);
        let stage = Stage { room: self.room.clone(), status: self.status, doctor, chat: self.chat };
        let run = Run::start(Box::new(session), Box::new(stage), outgoing, Some(Peer::broadcaster));
        run.intends(Intent::Name(self.chat.name.get_untracked()));
        self.run.replace(Some(run));
    }

    /// The key kept for this room, or a new one that is kept before the server hears of it: a reload that comes before
    /// the server's first answer then finds its room again.
    fn key(&self) -> Option<BroadcasterKey> {
        storage::key(&self.room).or_else(|| {
            let key = BroadcasterKey::parse(&secret::text(SECRET)?).ok()?;
            storage::keep_key(&self.room, &key);
            Some(key)
        })
    }

    /// The chat that goes on, or a new one. `None` if the browser has no randomness, without which nothing works.
    fn past(&self) -> Option<Past> {
        storage::past(&self.room).or_else(|| Some(Past::new(RunId::parse(&secret::text(PEER_ID)?).ok()?)))
    }

    fn stop(&self) {
        self.resumes.set(false);
        if let Some(run) = self.run.take() {
            run.leave();
        }
    }

    /// For the page that comes next in this tab: that this one is live, or was about to be again after a reload.
    fn remember(&self) {
        let status = self.status.try_get_untracked().unwrap_or_default();
        let over = status.phase == Phase::Ended || status.error.is_some_and(ErrorCode::is_final);
        if self.resumes.get() || (self.run.borrow().is_some() && !over) {
            storage::keep_live(&self.room);
        }
    }

    /// Gives everything back without a goodbye.
    fn release(&self) {
        self.run.take();
        self.keeper.take();
        let _ = self.preview.try_set(None);
    }

    fn phase(&self) -> Phase {
        self.status.try_get_untracked().unwrap_or_default().phase
    }
}

/// Where the session's words go.
struct Stage {
    room: RoomId,
    status: RwSignal<Status>,
    doctor: Doctor,
    chat: Chat,
}

impl Page for Stage {
    fn status(&self, status: Status) {
        self.doctor.status(&status);
        if self.status.try_get_untracked().as_ref() != Some(&status) {
            let _ = self.status.try_set(status);
        }
    }

    fn ice(&self, ice: Ice, _answered: Option<Millis>) {
        self.doctor.ice(ice);
    }

    fn show(&self, _stream: Option<Stream>) {}

    fn talk(&self, talk: Talk) {
        self.chat.show(talk);
    }

    fn keep_past(&self, past: &Past) {
        storage::keep_past(&self.room, past);
    }

    fn keep_key(&self, key: &BroadcasterKey) {
        storage::keep_key(&self.room, key);
    }
}
