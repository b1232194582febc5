//! What a broadcaster's page holds, and how it goes live and ends.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use leptos::prelude::*;
use vong_protocol::limits::{PEER_ID, SECRET};
use vong_protocol::{BroadcasterKey, ErrorCode, RoomId, RunId, SessionToken};
use vong_session::{Broadcaster, Intent, Past, Phase, Talk};

use super::Signals;
use super::purse::{Purse, Thrift};
use super::stage::Stage;
use crate::driver::devices::{Devices, Keeper};
use crate::driver::level::Level;
use crate::driver::record::Tape;
use crate::driver::run::Run;
use crate::driver::screen::Shared;
use crate::driver::trouble::Doctor;
use crate::platform::{Clip, Listener, LocalTrack, Mixer, Outgoing, Peer, address, clock, secret, storage};

/// `?live` in an address: the page goes live by itself, as soon as the browser gives it camera and microphone. Only in a room that
/// was broadcast from this browser before: nobody's link may turn a stranger's camera on.
const LIVE: &str = "live";

pub(super) struct Cast {
    pub(super) room: RoomId,
    pub(super) signals: Signals,
    /// Goes live again once the devices are open.
    pub(super) resumes: Cell<bool>,
    /// When the broadcast began, in milliseconds since 1970.
    pub(super) since: Cell<Option<u64>>,
    pub(super) keeper: RefCell<Option<Keeper>>,
    pub(super) screen: RefCell<Option<Shared>>,
    /// What is played of a file, in the camera's place.
    pub(super) clip: RefCell<Option<Clip>>,
    /// Files that were picked so far.
    pub(super) picks: Cell<u32>,
    /// What sound was mixed of last, and into what.
    pub(super) mixer: RefCell<Option<(Vec<LocalTrack>, Mixer)>>,
    /// What the preview shows and the meter measures.
    pub(super) own: RefCell<Outgoing>,
    pub(super) level: RefCell<Option<Level>>,
    pub(super) tape: Rc<Tape>,
    pub(super) run: RefCell<Option<Run>>,
    /// While it is live.
    pub(super) purse: RefCell<Option<Purse>>,
    pub(super) leaves: RefCell<Vec<Listener>>,
}

impl Cast {
    pub(super) fn new(room: RoomId, signals: Signals) -> Rc<Self> {
        let since = storage::take_live(&room);
        let tape = Tape::new(room.clone(), signals.recording, signals.recording_failed);
        // Whoever puts a camera up and leaves it wants it live without a hand on it.
        let unattended = address::parameter(LIVE).is_some() && storage::key(&room).is_some();
        let resumes = since.is_some() || unattended;
        let cast = Rc::new(Self {
            room,
            signals,
            resumes: Cell::new(resumes),
            since: Cell::new(since),
            keeper: RefCell::default(),
            screen: RefCell::default(),
            clip: RefCell::default(),
            picks: Cell::default(),
            mixer: RefCell::default(),
            own: RefCell::default(),
            level: RefCell::default(),
            tape,
            run: RefCell::default(),
            purse: RefCell::default(),
            leaves: RefCell::default(),
        });
        let told = Rc::downgrade(&cast);
        let camera = signals.sources.with_untracked(|sources| sources.camera);
        let keeper = Keeper::new(camera, move |state, outgoing| {
            let ready = matches!(state, Devices::Ready { .. });
            if signals.devices.try_with_untracked(|devices| *devices != state) == Some(true) {
                let _ = signals.devices.try_set(state);
            }
            if let (Some(cast), true) = (told.upgrade(), outgoing.is_some()) {
                cast.refresh();
                cast.list_inputs();
                if ready && cast.resumes.take() {
                    cast.go_live();
                }
            }
        });
        cast.keeper.replace(Some(keeper));
        cast
    }

    pub(super) fn intends(&self, intent: Intent) {
        if let Some(run) = &*self.run.borrow() {
            run.intends(intent);
        }
    }

    pub(super) fn open_devices(self: &Rc<Self>) {
        if let Some(keeper) = &*self.keeper.borrow() {
            keeper.open();
        }
    }

    pub(super) fn go_live(self: &Rc<Self>) {
        let over = matches!(self.phase(), Phase::Ended | Phase::Failed);
        if self.run.borrow().is_some() && !over {
            return;
        }
        let Some(own) = self.keeper.borrow().as_ref().map(Keeper::outgoing) else { return };
        let Some(sources) = self.sources() else { return };
        // Without randomness, which no browser lacks, nothing works.
        let token = secret::text(SECRET).and_then(|text| SessionToken::parse(&text).ok());
        let (Some(past), Some(token)) = (self.past(), token) else { return };
        self.run.take();
        self.close_purse();
        let Signals { status, diagnosis, chat, .. } = self.signals;
        // The chat of the broadcast before is told again by the session.
        chat.show(Talk::Begun);
        chat.members.set(Vec::new());
        let session =
            Broadcaster::new(self.room.clone(), self.key(), token, past, clock::now(), clock::seed());
        let _ = diagnosis.try_set(None);
        let stage = Stage::new(self.room.clone(), status, Doctor::new(diagnosis), chat);
        let outgoing = self.compose(own, sources);
        // A broadcast that goes on after a reload began before it.
        let since = self.since.get().unwrap_or_else(clock::date);
        self.since.set(Some(since));
        let scene = self.scene(&outgoing, sources);
        let run = Run::start(Box::new(session), Box::new(stage), outgoing, Some(Peer::broadcaster));
        run.intends(Intent::Name(chat.name.get_untracked()));
        run.intends(Intent::Scene(scene));
        self.run.replace(Some(run));
        self.say_who_may_watch();
        self.purse.replace(Some(Purse::open(self)));
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

    /// The chat that goes on, or a new one. `None` if the browser has no randomness.
    fn past(&self) -> Option<Past> {
        storage::past(&self.room).or_else(|| Some(Past::new(RunId::parse(&secret::text(PEER_ID)?).ok()?)))
    }

    pub(super) fn stop(&self) {
        self.resumes.set(false);
        self.since.set(None);
        self.close_purse();
        if let Some(run) = self.run.take() {
            run.leave();
        }
    }

    fn close_purse(&self) {
        self.purse.take();
        let _ = self.signals.doing.try_set(Vec::new());
        let _ = self.signals.thrift.try_set(Thrift::default());
    }

    /// For the page that comes next in this tab: that this one is live, or was about to be again after a reload.
    pub(super) fn remember(&self) {
        let status = self.signals.status.try_get_untracked().unwrap_or_default();
        let over = status.phase == Phase::Ended || status.error.is_some_and(ErrorCode::is_final);
        if self.resumes.get() || (self.run.borrow().is_some() && !over) {
            storage::keep_live(&self.room, self.since.get().unwrap_or_else(clock::date));
        }
    }

    /// Gives everything back without a goodbye.
    pub(super) fn release(&self) {
        self.close_purse();
        self.run.take();
        self.tape.end();
        self.level.take();
        self.mixer.take();
        self.screen.take();
        self.clip.take();
        self.own.take();
        self.keeper.take();
        let _ = self.signals.preview.try_set(None);
        let _ = self.signals.screen.try_set(None);
    }

    fn phase(&self) -> Phase {
        self.signals.status.try_get_untracked().unwrap_or_default().phase
    }
}
