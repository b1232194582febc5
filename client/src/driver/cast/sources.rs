//! What is sent: what there is of it, what the person has turned on and off, and what comes of both.

use std::rc::Rc;

use leptos::prelude::{GetUntracked, Set};
use vong_protocol::channel::Scene;
use vong_session::Intent;
use wasm_bindgen_futures::spawn_local;

use super::live::Cast;
use crate::driver::devices::Keeper;
use crate::driver::level::Level;
use crate::driver::screen::Shared;
use crate::platform::media::{self, Choices, Kind};
use crate::platform::{LocalTrack, Mixer, Outgoing, Stream, storage};

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
    /// A file is played in the camera's place.
    pub clip: bool,
    /// Nothing of it all is sent for a while.
    pub paused: bool,
}

/// The devices there are, and those in use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inputs {
    /// All that can be chosen.
    pub choices: Choices,
    /// The id of the camera in use.
    pub camera: Option<String>,
    /// The id of the microphone in use.
    pub microphone: Option<String>,
    /// The id of the speaker that was chosen.
    pub speaker: Option<String>,
}

impl Cast {
    pub(super) fn sources(&self) -> Option<Sources> {
        self.signals.sources.try_get_untracked()
    }

    pub(super) fn change(&self, change: impl FnOnce(&mut Sources)) {
        let Some(before) = self.sources() else { return };
        let mut sources = before;
        change(&mut sources);
        let _ = self.signals.sources.try_set(sources);
        let Sources { camera, microphone, paused, .. } = sources;
        let off = storage::Off { camera: !camera, microphone: !microphone, paused };
        storage::turn_off(&self.room, off);
        if let Some(keeper) = self.keeper.borrow().as_ref().filter(|_| before.camera != sources.camera) {
            keeper.switch_camera(sources.camera);
        }
        self.refresh();
    }

    pub(super) fn share_screen(self: &Rc<Self>) {
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

    pub(super) fn shared(&self, shared: Option<Shared>) {
        let picture = shared.as_ref().map(|shared| shared.picture.clone());
        self.screen.replace(shared);
        let _ = self.signals.screen.try_set(Stream::of(&picture));
        self.change(|sources| sources.screen = picture.is_some());
    }

    /// Sends what there is and what is wanted, and says so.
    pub(super) fn refresh(&self) {
        let Some(sources) = self.sources() else { return };
        let Some(own) = self.own_sources() else { return };
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

    /// Has the camera give what the person wants now, and encoders make the best of what it gives.
    pub(super) fn wants(self: &Rc<Self>) {
        let quality = self.signals.quality.try_get_untracked().unwrap_or_default();
        self.refresh();
        let camera = self.keeper.borrow().as_ref().and_then(|keeper| keeper.outgoing().camera);
        let cast = Rc::downgrade(self);
        spawn_local(async move {
            let Some(camera) = camera else { return };
            camera.constrain(&quality).await;
            if let Some(cast) = cast.upgrade() {
                cast.refresh();
            }
        });
    }

    pub(super) fn outgoing(&self) -> Option<Outgoing> {
        Some(self.compose(self.own_sources()?, self.sources()?))
    }

    /// Microphone and camera, or what is in the camera's place.
    pub(super) fn own_sources(&self) -> Option<Outgoing> {
        let mut own = self.keeper.borrow().as_ref().map(Keeper::outgoing)?;
        if let Some(picture) = self.clip.borrow().as_ref().and_then(|clip| clip.picture.clone()) {
            own.camera = Some(picture);
        }
        Some(own)
    }

    pub(super) fn compose(&self, own: Outgoing, sources: Sources) -> Outgoing {
        let screen = self.screen.borrow();
        let screen_sound = screen.as_ref().and_then(|shared| shared.sound.clone());
        let clip_sound = self.clip.borrow().as_ref().and_then(|clip| clip.sound.clone());
        if let Some(microphone) = &own.sound {
            microphone.enable(sources.microphone && !sources.paused);
        }
        for sound in screen_sound.iter().chain(&clip_sound) {
            sound.enable(!sources.paused);
        }
        let mut sounds: Vec<LocalTrack> =
            [own.sound, screen_sound, clip_sound].into_iter().flatten().collect();
        let sound = if sounds.len() > 1 {
            self.mix(sounds)
        } else {
            self.mixer.take();
            sounds.pop()
        };
        let picture = screen.as_ref().map(|shared| shared.picture.clone());
        let (camera, screen) = (own.camera.filter(|_| !sources.paused), picture.filter(|_| !sources.paused));
        let shape = self.shape(camera.as_ref(), screen.as_ref());
        Outgoing { sound, camera, screen, shape }
    }

    fn mix(&self, tracks: Vec<LocalTrack>) -> Option<LocalTrack> {
        let mut present = self.mixer.borrow_mut();
        if present.as_ref().is_none_or(|(mixed, _)| *mixed != tracks) {
            let microphone = tracks.first().cloned();
            let Some(mixer) = Mixer::new(tracks.clone()) else { return microphone };
            *present = Some((tracks, mixer));
        }
        present.as_ref().map(|(_, mixer)| mixer.track())
    }

    pub(super) fn scene(&self, outgoing: &Outgoing, sources: Sources) -> Scene {
        let shared = self.screen.borrow().as_ref().is_some_and(|shared| shared.sound.is_some())
            || self.clip.borrow().as_ref().is_some_and(|clip| clip.sound.is_some());
        let microphone = sources.microphone && self.own.borrow().sound.is_some();
        Scene {
            name: None,
            since: self.since.get().unwrap_or_default(),
            camera: outgoing.camera.is_some(),
            sound: !sources.paused && (microphone || shared),
            screen: outgoing.screen.is_some(),
            paused: sources.paused,
        }
    }

    pub(super) fn list_inputs(self: &Rc<Self>) {
        let cast = Rc::downgrade(self);
        spawn_local(async move {
            let choices = media::choices().await;
            let Some(cast) = cast.upgrade() else { return };
            let device = |kind| cast.keeper.borrow().as_ref().and_then(|keeper| keeper.device(kind));
            let (camera, microphone) = (device(Kind::Camera), device(Kind::Microphone));
            let speaker = storage::speaker();
            let _ = cast.signals.inputs.try_set(Inputs { choices, camera, microphone, speaker });
        });
    }
}
