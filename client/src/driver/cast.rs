//! A broadcaster's page: from camera and microphone to every watcher of a room.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use leptos::prelude::*;
use vong_protocol::channel::Scene;
use vong_protocol::limits::{PEER_ID, SECRET};
use vong_protocol::{BroadcasterKey, ErrorCode, Ice, RoomId, RunId, SessionToken};
use vong_session::diagnosis::Verdict;
use vong_session::{Admission, Broadcaster, Intent, Millis, Past, Phase, Status, Talk};
use wasm_bindgen_futures::spawn_local;

use super::chat::Chat;
use super::devices::{Devices, Keeper};
use super::engine::Page;
use super::level::Level;
use super::record::{Recording, Tape};
use super::run::Run;
use super::screen::Shared;
use super::trouble::Doctor;
use crate::platform::media::{self, Choice, Kind};
use crate::platform::{
    Listener, LocalTrack, Mixer, OnAir, Outgoing, Peer, Received, Stream, address, clock, lifecycle, secret,
    storage,
};

/// `?live` in an address: the page goes live by itself, as soon as the browser gives it camera and microphone.
const LIVE: &str = "live";

/// What the person has turned on and off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is true or not for itself")]
pub struct Sources {
    /// The camera, if there is one.
    pub camera: bool,
    /// The microphone, if there is one.
    pub microphone: bool,
    /// The screen is shared.
    pub screen: bool,
    /// Nothing of it all is sent for a while.
    pub paused: bool,
}

/// The devices there are, and those in use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inputs {
    /// All that can be chosen.
    pub choices: Vec<Choice>,
    /// The id of the camera in use.
    pub camera: Option<String>,
    /// The id of the microphone in use.
    pub microphone: Option<String>,
}

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
            Sources { camera: !off.camera, microphone: !off.microphone, screen: false, paused: false };
        let signals = Signals {
            status: RwSignal::new(Status::default()),
            devices: RwSignal::new(Devices::Closed),
            sources: RwSignal::new(sources),
            inputs: RwSignal::default(),
            preview: RwSignal::new_local(None),
            screen: RwSignal::new_local(None),
            level: RwSignal::new(None),
            recording: RwSignal::new(None),
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
        let Signals { status, devices, sources, inputs, preview, screen, level, recording, diagnosis, chat } =
            signals;
        // Only while it is live is it worth keeping the screen on, and asking before the page goes.
        let on_air = StoredValue::new_local(None);
        let is_live = Memo::new(move |_| {
            status.with(|s| matches!(s.phase, Phase::Connecting | Phase::Live | Phase::Interrupted))
        });
        Effect::new(move |_| on_air.set_value(is_live.get().then(OnAir::begin)));
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

    /// Who may watch, as said last.
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
        let tape = Tape::new(room.clone(), signals.recording);
        // Whoever puts a camera up and leaves it wants it live without a hand on it.
        let resumes = since.is_some() || address::parameter(LIVE).is_some();
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

    fn sources(&self) -> Option<Sources> {
        self.signals.sources.try_get_untracked()
    }

    fn change(&self, change: impl FnOnce(&mut Sources)) {
        let Some(before) = self.sources() else { return };
        let mut sources = before;
        change(&mut sources);
        let _ = self.signals.sources.try_set(sources);
        let off = storage::Off { camera: !sources.camera, microphone: !sources.microphone };
        storage::turn_off(&self.room, off);
        if let Some(keeper) = self.keeper.borrow().as_ref().filter(|_| before.camera != sources.camera) {
            keeper.switch_camera(sources.camera);
        }
        self.refresh();
    }

    fn share_screen(self: &Rc<Self>) {
        let (cast, ended) = (Rc::downgrade(self), Rc::downgrade(self));
        let choose = Shared::choose(move || {
            // Not from within the listener that this drops.
            let ended = ended.clone();
            spawn_local(async move {
                if let Some(cast) = ended.upgrade() {
                    cast.shared(None);
                }
            });
        });
        spawn_local(async move {
            // Who chooses nothing wanted nothing.
            if let (Ok(shared), Some(cast)) = (choose.await, cast.upgrade()) {
                cast.shared(Some(shared));
            }
        });
    }

    fn shared(&self, shared: Option<Shared>) {
        let picture = shared.as_ref().map(|shared| shared.picture.clone());
        self.screen.replace(shared);
        let _ = self.signals.screen.try_set(Stream::of(&picture));
        self.change(|sources| sources.screen = picture.is_some());
    }

    /// Sends what there is and what is wanted, and says so.
    fn refresh(&self) {
        let Some(sources) = self.sources() else { return };
        let Some(own) = self.keeper.borrow().as_ref().map(Keeper::outgoing) else { return };
        if *self.own.borrow() != own {
            let _ = self.signals.preview.try_set(Stream::local(&own));
            self.level.replace(Level::of(own.sound.as_ref(), self.signals.level));
            self.own.replace(own.clone());
        }
        let outgoing = self.compose(own, sources);
        self.tape.sends(&outgoing);
        if let Some(run) = &*self.run.borrow() {
            run.intends(Intent::Scene(self.scene(&outgoing, sources)));
            run.send(&outgoing);
        }
    }

    fn outgoing(&self) -> Option<Outgoing> {
        let own = self.keeper.borrow().as_ref().map(Keeper::outgoing)?;
        Some(self.compose(own, self.sources()?))
    }

    fn compose(&self, own: Outgoing, sources: Sources) -> Outgoing {
        let screen = self.screen.borrow();
        let screen_sound = screen.as_ref().and_then(|shared| shared.sound.clone());
        if let Some(microphone) = &own.sound {
            microphone.enable(sources.microphone && !sources.paused);
        }
        if let Some(sound) = &screen_sound {
            sound.enable(!sources.paused);
        }
        let sound = match (own.sound, screen_sound) {
            (Some(microphone), Some(screen)) => self.mix(vec![microphone, screen]),
            (microphone, screen) => {
                self.mixer.take();
                microphone.or(screen)
            }
        };
        let picture = screen.as_ref().map(|shared| shared.picture.clone());
        Outgoing {
            sound,
            camera: own.camera.filter(|_| !sources.paused),
            screen: picture.filter(|_| !sources.paused),
        }
    }

    fn mix(&self, tracks: Vec<LocalTrack>) -> Option<LocalTrack> {
        let mut mixer = self.mixer.borrow_mut();
        if mixer.as_ref().is_none_or(|(mixed, _)| *mixed != tracks) {
            let microphone = tracks.first().cloned();
            let Some(mixed) = Mixer::new(tracks.clone()) else { return microphone };
            *mixer = Some((tracks, mixed));
        }
        mixer.as_ref().map(|(_, mixer)| mixer.track())
    }

    fn scene(&self, outgoing: &Outgoing, sources: Sources) -> Scene {
        let screen_sound = self.screen.borrow().as_ref().is_some_and(|shared| shared.sound.is_some());
        let microphone = sources.microphone && self.own.borrow().sound.is_some();
        Scene {
            name: None,
            since: self.since.get().unwrap_or_default(),
            camera: outgoing.camera.is_some(),
            sound: !sources.paused && (microphone || screen_sound),
            screen: outgoing.screen.is_some(),
            paused: sources.paused,
        }
    }

    fn list_inputs(self: &Rc<Self>) {
        let cast = Rc::downgrade(self);
        spawn_local(async move {
            let choices = media::choices().await;
            let Some(cast) = cast.upgrade() else { return };
            let device = |kind| cast.keeper.borrow().as_ref().and_then(|keeper| keeper.device(kind));
            let (camera, microphone) = (device(Kind::Camera), device(Kind::Microphone));
            let _ = cast.signals.inputs.try_set(Inputs { choices, camera, microphone });
        });
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
        let stage = Stage { room: self.room.clone(), status, doctor: Doctor::new(diagnosis), chat };
        let outgoing = self.compose(own, sources);
        // A broadcast that goes on after a reload began before it.
        let since = self.since.get().unwrap_or_else(clock::date);
        self.since.set(Some(since));
        let scene = self.scene(&outgoing, sources);
        let run = Run::start(Box::new(session), Box::new(stage), outgoing, Some(Peer::broadcaster));
        run.intends(Intent::Name(chat.name.get_untracked()));
        run.intends(Intent::Scene(scene));
        // Who came first after a reload of the page, or a start of the server, is let in by the rules of before.
        if let Some(admission) = storage::admission(&self.room) {
            run.intends(Intent::Admission(admission));
        }
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

    fn show(&self, _received: Received) {}

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
