//! A broadcaster's page: from camera and microphone to every watcher of a room.

mod clip;
mod live;
mod purse;
mod sources;
mod stage;

use std::ops::Deref;
use std::rc::Rc;

use leptos::prelude::*;
use vong_protocol::RoomId;
use vong_session::budget::Doing;
use vong_session::diagnosis::Verdict;
use vong_session::{Admission, Intent, Status};

use self::live::Cast;
pub use self::purse::Thrift;
pub use self::sources::{Inputs, Sources};
use super::chat::Chat;
use super::devices::Devices;
use super::record::Recording;
use crate::platform::media::Kind;
use crate::platform::video::Element as Player;
use crate::platform::{Footage, Quality, Stream, lifecycle, speaker, storage};

/// One broadcast: its signals, and what can be done about it. Owned by the reactive owner it was made in; leaving the owner ends the broadcast and
/// stops the camera.
#[derive(Clone, Copy)]
pub struct Casting {
    signals: Signals,
    /// The preview is shown as a mirror would, which is what people are used to; what is sent is not.
    pub mirrored: RwSignal<bool>,
    cast: StoredValue<Rc<Cast>, LocalStorage>,
}

/// What there is to see of a broadcast. Gone with their owner, perhaps before the session is.
#[derive(Clone, Copy)]
pub struct Signals {
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
    /// What is played of a file has the browser's own controls.
    pub film: RwSignal<bool>,
    /// A file could not be played.
    pub unplayable: RwSignal<bool>,
    /// The recording under way.
    pub recording: RwSignal<Option<Recording>>,
    /// The last recording ended by itself.
    pub recording_failed: RwSignal<bool>,
    /// What is in the way, while something is and it is known.
    pub diagnosis: RwSignal<Option<Verdict>>,
    /// What the person wants of the picture.
    pub quality: RwSignal<Quality>,
    /// How each watcher is doing, by number.
    pub doing: RwSignal<Vec<(u32, Doing)>>,
    /// What is cut so that it is enough for all.
    pub thrift: RwSignal<Thrift>,
    /// The chat.
    pub chat: Chat,
}

impl Deref for Casting {
    type Target = Signals;

    fn deref(&self) -> &Signals {
        &self.signals
    }
}

impl Casting {
    /// Prepares a broadcast in `room`. If this tab was live in it before a reload, it goes live again by itself once the
    /// devices are open.
    pub fn new(room: &RoomId) -> Self {
        let off = storage::turned_off(room);
        let sources = Sources {
            camera: !off.camera,
            microphone: !off.microphone,
            screen: false,
            clip: false,
            paused: off.paused,
        };
        let signals = Signals {
            status: RwSignal::new(Status::default()),
            devices: RwSignal::new(Devices::Closed),
            sources: RwSignal::new(sources),
            inputs: RwSignal::default(),
            preview: RwSignal::new_local(None),
            screen: RwSignal::new_local(None),
            level: RwSignal::new(None),
            film: RwSignal::new(false),
            unplayable: RwSignal::new(false),
            recording: RwSignal::new(None),
            recording_failed: RwSignal::new(false),
            diagnosis: RwSignal::new(None),
            quality: RwSignal::new(storage::quality()),
            doing: RwSignal::default(),
            thrift: RwSignal::default(),
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
        Self { signals, mirrored: RwSignal::new(storage::mirrors()), cast }
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

    /// Plays this file in `element` and sends it in the camera's place, from within a tap.
    pub fn play_file(&self, file: Footage, element: Player) {
        self.with(|cast| cast.play_file(file, element));
    }

    /// Ends that; the camera is sent again.
    pub fn end_file(&self) {
        self.with(|cast| cast.end_file());
    }

    /// Has what is played here come out of this speaker.
    pub fn choose_speaker(&self, speaker: &str, element: Option<&Player>) {
        storage::keep_speaker(speaker);
        self.inputs.update(|inputs| inputs.speaker = Some(speaker.to_owned()));
        if let Some(element) = element {
            speaker::direct(element, speaker);
        }
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
    pub fn admit(&self, admission: &Admission) {
        self.with(|cast| {
            storage::keep_admission(&cast.room, admission);
            cast.say_who_may_watch();
        });
    }

    /// Has the pictures like this from now on, for everyone and without an interruption.
    pub fn want(&self, quality: Quality) {
        storage::keep_quality(&quality);
        self.quality.set(quality);
        self.with(Cast::wants);
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
