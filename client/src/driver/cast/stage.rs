//! Where a broadcaster's session tells what came of it.

use leptos::prelude::*;
use vong_protocol::{BroadcasterKey, Ice, RoomId};
use vong_session::{Millis, Past, Status, Talk};

use crate::driver::chat::Chat;
use crate::driver::engine::Page;
use crate::driver::trouble::Doctor;
use crate::platform::{Received, storage};

/// Where the session's words go.
pub(super) struct Stage {
    pub(super) room: RoomId,
    pub(super) status: RwSignal<Status>,
    pub(super) doctor: Doctor,
    pub(super) chat: Chat,
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
