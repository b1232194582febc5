//! A broadcaster's page: from camera and microphone to every watcher of a room.

mod sources;
mod stage;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use leptos::prelude::*;
use vong_protocol::limits::{PEER_ID, SECRET};
use vong_protocol::{BroadcasterKey, ErrorCode, RoomId, RunId, SessionToken};
use vong_session::diagnosis::Verdict;
use vong_session::{Admission, Broadcaster, Intent, Past, Phase, Status, Talk};

pub use self::sources::{Inputs, Sources};
use self::stage::Stage;
use super::chat::Chat;
use super::devices::{Devices, Keeper};
use super::level::Level;
use super::record::{Recording, Tape};
use super::run::Run;
use super::screen::Shared;
use super::trouble::Doctor;
use crate::platform::media::Kind;
use crate::platform::{
    Listener, LocalTrack, Mixer, Outgoing, Peer, Stream, address, clock, lifecycle, secret, storage,
};

/// `?live` in an address: the page goes live by itself, as soon as the browser gives it camera and microphone. Only in a room that
/// was broadcast from this browser before: nobody's link may turn a stranger's camera on.
const LIVE: &str = "live";

/// The signals of one broadcast. Owned by the reactive owner it was made in; leaving the owner ends the broadcast and
/// stops the camera.
#[derive(Clone, Copy)]
pub struct Casting {
    /// Where it is; `Idle` until [`Casting::go_live`].
    pub status: RwSignal<Status>,
    /// Camera and microphone.
    pub devices: RwSignal<Devices>,
    /// What is on and what is off.
    pub sources: RwSignal<Sources>,
    /// What can be chosen.
    pub inputs: RwSignal<Inputs>,
    /// The local picture.
    pub preview: RwSignal<Option<Stream>, LocalStorage>,
    /// The shared screen's.
    pub screen: RwSignal<Option<Stream>, LocalStorage>,
    /// How loud the microphone is, in percent; `None` while that cannot be measured.
    pub level: RwSignal<Option<u8>>,
    /// The preview is shown as a mirror would, which is what people are used to; what is sent is not.
    pub mirrored: RwSignal<bool>,
    /// The recording under way.
    pub recording: RwSignal<Option<Recording>>,
    /// The last recording ended by itself.
    pub recording_failed: RwSignal<bool>,
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
        let off = storage::turned_off(room);
        let sources =
            Sources { camera: !off.camera, microphone: !off.microphone, screen: false, paused: off.paused };
        let signals = Signals {
            status: RwSignal::new(Status::default()),
            devices: RwSignal::new(Devices::Closed),
            sources: RwSignal::new(sources),
            inputs: RwSignal::default(),
            preview: RwSignal::new_local(None),
            screen: RwSignal::new_local(None),
            level: RwSignal::new(None),
            recording: RwSignal::new(None),
            recording_failed: RwSignal::new(false),
            diagnosis: RwSignal::new(None),
            chat: Chat::new(),
        };
        let cast = Cast::new(room.clone(), signals);
        let going = Rc::downgrade(&cast);
        // Who follows a link out of here goes for good. Otherwise it may be a reload, which the watchers ride out.
        let (followed, follows) = lifecycle::follows_link();
        let mut leaves = lifecycle::on_leave(move || {
            if let Some(cast) = going.upgrade() {
                if followed.get() {
                    cast.stop();
                } else {
                    cast.remember();
                }
                cast.release();
            }
        });
        leaves.extend(follows);
        cast.leaves.replace(leaves);
        let cast = StoredValue::new_local(cast);
        on_cleanup(move || {
            if let Some(cast) = cast.try_get_value() {
                cast.stop();
                cast.release();
            }
        });
        let Signals {
            status,
            devices,
            sources,
            inputs,
            preview,
            screen,
            level,
            recording,
            recording_failed,
            diagnosis,
            chat,
        } = signals;
        let mirrored = RwSignal::new(storage::mirrors());
        Self {
            status,
            devices,
            sources,
            inputs,
            preview,
            screen,
            level,
            mirrored,
            recording,
            recording_failed,
            diagnosis,
            chat,
            cast,
        }
    }

    /// Asks for camera and microphone, together, then for whichever exists. Asks only for what is missing when some
    /// are open already.
    pub fn open_devices(&self) {
        self.with(Cast::open_devices);
    }

    /// Turns the camera on, or lets it go.
    pub fn switch_camera(&self, on: bool) {
        self.with(|cast| cast.change(|sources| sources.camera = on));
    }

    /// Has the microphone heard, or not.
    pub fn switch_microphone(&self, on: bool) {
        self.with(|cast| cast.change(|sources| sources.microphone = on));
    }

    /// Sends nothing for a while, and tells the watchers that it goes on soon.
    pub fn pause(&self, paused: bool) {
        self.with(|cast| cast.change(|sources| sources.paused = paused));
    }

    /// Has the person choose a screen to share, from within a tap; or ends that.
    pub fn share_screen(&self, on: bool) {
        self.with(|cast| if on { cast.share_screen() } else { cast.shared(None) });
    }

    /// Records what is sent to this computer, from within a tap; or ends that.
    pub fn record(&self, on: bool) {
        self.with(|cast| {
            if on {
                let sent = Rc::downgrade(cast);
                cast.tape.begin(move || sent.upgrade().and_then(|cast| cast.outgoing()));
            } else {
                cast.tape.end();
            }
        });
    }

    /// Who may watch, as this browser said last.
    pub fn admission(&self) -> Admission {
        let cast = self.cast.try_get_value();
        cast.and_then(|cast| storage::admission(&cast.room)).unwrap_or_default()
    }

    /// Says who may watch from now on.
    pub fn admit(&self, admission: Admission) {
        self.with(|cast| storage::keep_admission(&cast.room, &admission));
        self.intends(Intent::Admission(admission));
    }

    /// Has this device in place of what is open of its kind, now and from now on.
    pub fn choose(&self, kind: Kind, device: String) {
        self.with(|cast| {
            storage::keep_device(kind, &device);
            // One that is off stays off; it is this one that it is turned on with.
            let off = kind == Kind::Camera && cast.sources().is_some_and(|sources| !sources.camera);
            if let Some(keeper) = cast.keeper.borrow().as_ref().filter(|_| !off) {
                keeper.choose(kind, device);
            }
        });
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
        self.with(|cast| cast.intends(intent));
    }

    fn with(&self, act: impl FnOnce(&Rc<Cast>)) {
        if let Some(cast) = self.cast.try_get_value() {
            act(&cast);
        }
    }
}

/// The signals of [`Casting`]. They may be gone before the session is.
#[derive(Clone, Copy)]
struct Signals {
    status: RwSignal<Status>,
    devices: RwSignal<Devices>,
    sources: RwSignal<Sources>,
    inputs: RwSignal<Inputs>,
    preview: RwSignal<Option<Stream>, LocalStorage>,
    screen: RwSignal<Option<Stream>, LocalStorage>,
    level: RwSignal<Option<u8>>,
    recording: RwSignal<Option<Recording>>,
    recording_failed: RwSignal<bool>,
    diagnosis: RwSignal<Option<Verdict>>,
    chat: Chat,
}

struct Cast {
    room: RoomId,
    signals: Signals,
    /// Goes live again once the devices are open.
    resumes: Cell<bool>,
    /// When the broadcast began, in milliseconds since 1970.
    since: Cell<Option<u64>>,
    keeper: RefCell<Option<Keeper>>,
    screen: RefCell<Option<Shared>>,
    /// What sound was mixed of last, and into what.
    mixer: RefCell<Option<(Vec<LocalTrack>, Mixer)>>,
    /// What the preview shows and the meter measures.
    own: RefCell<Outgoing>,
    level: RefCell<Option<Level>>,
    tape: Rc<Tape>,
    run: RefCell<Option<Run>>,
    leaves: RefCell<Vec<Listener>>,
}

impl Cast {
    fn new(room: RoomId, signals: Signals) -> Rc<Self> {
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
            mixer: RefCell::default(),
            own: RefCell::default(),
            level: RefCell::default(),
            tape,
            run: RefCell::default(),
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

    fn intends(&self, intent: Intent) {
        if let Some(run) = &*self.run.borrow() {
            run.intends(intent);
        }
    }

    fn open_devices(self: &Rc<Self>) {
        if let Some(keeper) = &*self.keeper.borrow() {
            keeper.open();
        }
    }

    fn go_live(self: &Rc<Self>) {
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
        // Whoever comes first after a reload of the page, or a start of the server, is let in by the rules of before. What is shown
        // is what is said, even if it is that everyone may come.
        run.intends(Intent::Admission(storage::admission(&self.room).unwrap_or_default()));
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

    /// The chat that goes on, or a new one. `None` if the browser has no randomness.
    fn past(&self) -> Option<Past> {
        storage::past(&self.room).or_else(|| Some(Past::new(RunId::parse(&secret::text(PEER_ID)?).ok()?)))
    }

    fn stop(&self) {
        self.resumes.set(false);
        self.since.set(None);
        if let Some(run) = self.run.take() {
            run.leave();
        }
    }

    /// For the page that comes next in this tab: that this one is live, or was about to be again after a reload.
    fn remember(&self) {
        let status = self.signals.status.try_get_untracked().unwrap_or_default();
        let over = status.phase == Phase::Ended || status.error.is_some_and(ErrorCode::is_final);
        if self.resumes.get() || (self.run.borrow().is_some() && !over) {
            storage::keep_live(&self.room, self.since.get().unwrap_or_else(clock::date));
        }
    }

    /// Gives everything back without a goodbye.
    fn release(&self) {
        self.run.take();
        self.tape.end();
        self.level.take();
        self.mixer.take();
        self.screen.take();
        self.own.take();
        self.keeper.take();
        let _ = self.signals.preview.try_set(None);
        let _ = self.signals.screen.try_set(None);
    }

    fn phase(&self) -> Phase {
        self.signals.status.try_get_untracked().unwrap_or_default().phase
    }
}
