//! What is in the way when a broadcast does not come through: looked for in the background, once per trouble.

use std::cell::RefCell;

use futures_util::future::{AbortHandle, abortable};
use leptos::prelude::*;
use vong_protocol::Ice;
use vong_session::diagnosis::{self, Verdict};
use vong_session::{Status, bounds};
use wasm_bindgen_futures::spawn_local;

use super::probe;
use super::run::wait_until;
use crate::platform::clock;

/// Watches one session. Dropping it stops what it has begun.
pub(super) struct Doctor {
    verdict: RwSignal<Option<Verdict>>,
    ice: RefCell<Ice>,
    looking: RefCell<Option<AbortHandle>>,
}

impl Doctor {
    pub(super) fn new(verdict: RwSignal<Option<Verdict>>) -> Self {
        Self { verdict, ice: RefCell::default(), looking: RefCell::default() }
    }

    /// What connections are made with. That there will be none can be told at once.
    pub(super) fn ice(&self, ice: Ice) {
        let hopeless = ice.relay_only && !diagnosis::has_relay(&ice);
        self.ice.replace(ice);
        if hopeless || self.verdict.try_get_untracked() == Some(Some(Verdict::NoRelay)) {
            self.tell(hopeless.then_some(Verdict::NoRelay));
        }
    }

    /// Begins to look when something has been in the way for a while, and forgets what it found once nothing is.
    pub(super) fn status(&self, status: &Status) {
        let mut looking = self.looking.borrow_mut();
        if !diagnosis::is_trouble(status) {
            if let Some(looking) = looking.take() {
                looking.abort();
                self.tell(None);
            }
        } else if looking.is_none() && self.verdict.try_get_untracked() == Some(None) {
            let (verdict, ice) = (self.verdict, self.ice.borrow().clone());
            let (look, handle) = abortable(async move {
                wait_until(clock::now() + bounds::TROUBLE).await;
                let _ = verdict.try_set(probe::quick(&ice).await.verdict());
            });
            *looking = Some(handle);
            spawn_local(async move {
                let _ = look.await;
            });
        }
    }

    fn tell(&self, verdict: Option<Verdict>) {
        let _ = self.verdict.try_set(verdict);
    }
}

impl Drop for Doctor {
    fn drop(&mut self) {
        if let Some(looking) = &*self.looking.borrow() {
            looking.abort();
        }
    }
}
