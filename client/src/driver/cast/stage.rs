//! Where a broadcaster's session tells what came of it.

use std::cell::RefCell;

use leptos::prelude::*;
use vong_protocol::{BroadcasterKey, Ice, RoomId};
use vong_session::{Millis, Past, Phase, Status, Talk};

use crate::driver::chat::Chat;
use crate::driver::engine::Page;
use crate::driver::trouble::Doctor;
use crate::platform::{OnAir, Received, storage};

/// Where the session's words go.
pub(super) struct Stage {
    room: RoomId,
    status: RwSignal<Status>,
    doctor: Doctor,
    chat: Chat,
    /// Only while it is live is it worth keeping the screen on, and asking before the page goes.
    on_air: RefCell<Option<OnAir>>,
}

impl Stage {
    pub(super) fn new(room: RoomId, status: RwSignal<Status>, doctor: Doctor, chat: Chat) -> Self {
        Self { room, status, doctor, chat, on_air: RefCell::default() }
    }
}

impl Page for Stage {
    fn status(&self, status: Status) {
        self.doctor.status(&status);
        let live = matches!(status.phase, Phase::Connecting | Phase::Live | Phase::Interrupted);
        if live != self.on_air.borrow().is_some() {
            self.on_air.replace(live.then(OnAir::begin));
        }
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
