//! A file that is played in the camera's place.

use std::rc::Rc;

use leptos::prelude::Set;
use wasm_bindgen_futures::spawn_local;

use super::live::Cast;
use crate::platform::video::Element;
use crate::platform::{Clip, Footage, speaker, storage};

impl Cast {
    pub(super) fn play_file(self: &Rc<Self>, file: Footage, element: Element) {
        // The one before gives its element back first.
        self.end_file();
        let pick = self.picks.get() + 1;
        self.picks.set(pick);
        let _ = self.signals.unplayable.try_set(false);
        if let Some(speaker) = storage::speaker() {
            speaker::direct(&element, &speaker);
        }
        let cast = Rc::downgrade(self);
        spawn_local(async move {
            let clip = Clip::play(file, element).await;
            // Another one was picked meanwhile.
            let Some(cast) = cast.upgrade().filter(|cast| cast.picks.get() == pick) else { return };
            let _ = cast.signals.unplayable.try_set(clip.is_none());
            if clip.is_some() {
                cast.put_clip(clip);
            }
        });
    }

    pub(super) fn end_file(&self) {
        if self.clip.borrow().is_some() {
            self.put_clip(None);
        }
    }

    fn put_clip(&self, clip: Option<Clip>) {
        let plays = clip.is_some();
        let _ = self.signals.film.try_set(clip.as_ref().is_some_and(Clip::is_film));
        let before = self.clip.replace(clip);
        self.change(|sources| sources.clip = plays);
        // Only now does nothing send it any more.
        drop(before);
    }
}
