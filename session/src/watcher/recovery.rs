//! Noticing that media stopped, and the ladder back: restart ICE, then a new connection, then again with pauses.

use vong_protocol::Presence;

use super::Watcher;
use super::connection::{Negotiation, Step};
use crate::api::{ConnectionId, Output, Transport};
use crate::bounds;
use crate::time::Time;

/// How far the recovery of the shown connection has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rung {
    /// Media stopped; nothing could be done about it yet.
    Noticed,
    /// ICE is being restarted.
    Restarting,
    /// The connection is given up; a new one is to replace it.
    Renewing,
}

impl Watcher {
    pub(super) fn transport_is(&mut self, now: Time, id: ConnectionId, transport: Transport) {
        let Some(connection) = self.connection(id) else { return };
        connection.set_transport(now, transport);
        let silent = !connection.flow.is_armed();
        if self.trying.as_ref().is_some_and(|c| c.id == id) {
            match transport {
                Transport::Failed => self.abandon(now),
                Transport::Connected => self.patience(None),
                Transport::Disconnected => self.patience(Some(now + bounds::ESTABLISH)),
                Transport::Connecting => {}
            }
        } else if transport == Transport::Failed || (transport == Transport::Disconnected && silent) {
            // With nothing sent there are no bytes to watch, and the browser's word has to do.
            self.interrupt();
        }
    }

    pub(super) fn received(&mut self, now: Time, id: ConnectionId, bytes: u64, frames: u64) {
        let Some(connection) = self.connection(id) else { return };
        if connection.flow.read(now, bytes, frames) {
            self.media_arrived(now, id);
            return;
        }
        let patience = match connection.transport {
            Transport::Connected | Transport::Connecting => bounds::STALL,
            Transport::Disconnected | Transport::Failed => bounds::STALL_DISCONNECTED,
        };
        if connection.flow.is_stalled(now, patience) && self.shown.as_ref().is_some_and(|c| c.id == id) {
            self.interrupt();
        }
    }

    pub(super) fn media_arrived(&mut self, now: Time, id: ConnectionId) {
        if self.trying.as_ref().is_some_and(|c| c.id == id) {
            self.promote(now);
        } else if let Some(shown) = &mut self.shown {
            shown.negotiation.until = None;
            self.interrupted = None;
            self.retry.reset();
            self.retry_at = None;
        }
    }

    /// The connection being set up takes the place of the shown one.
    fn promote(&mut self, now: Time) {
        let Some(mut fresh) = self.trying.take() else { return };
        fresh.negotiation.until = None;
        fresh.measure_at = Some(now);
        let id = fresh.id;
        if let Some(old) = self.shown.replace(fresh) {
            self.out.push_back(Output::Show(id));
            self.out.push_back(Output::Close(old.id));
        }
        self.interrupted = None;
        self.was_live = true;
        self.retry.reset();
        self.retry_at = None;
    }

    fn interrupt(&mut self) {
        if let Some(shown) = &mut self.shown {
            shown.flow.disarm();
            self.interrupted.get_or_insert(Rung::Noticed);
        }
    }

    /// The broadcaster has a new way to the server, so its path to here may be another one, too. It can be one on which
    /// packets come and none gets back: bytes are then no sign that all is well, and a picture that stands still is one
    /// that it is not.
    pub(super) fn interrupt_still(&mut self, now: Time) {
        if self.shown.as_ref().is_some_and(|c| c.flow.is_still(now)) {
            self.interrupt();
        }
    }

    /// The first step up the ladder, where the server and the broadcaster are there to take it; or the end of what is
    /// shown, where neither will be.
    pub(super) fn recover(&mut self, now: Time) {
        let Some(shown) = &self.shown else { return };
        let (Some(live), true) = (self.live(), self.link.is_up()) else {
            if self.interrupted.is_some() && (self.is_over() || self.is_refused()) {
                self.close_shown();
            }
            return;
        };
        if self.interrupted == Some(Rung::Noticed) && self.trying.is_none() && shown.engine == Some(live) {
            let connection = shown.id;
            let attempt = self.new_attempt();
            if let Some(shown) = &mut self.shown {
                shown.negotiation = Negotiation::new(attempt, true, now + bounds::RESTART);
            }
            self.interrupted = Some(Rung::Restarting);
            self.out.push_back(Output::CreateOffer { connection, attempt, restart: true });
        }
    }

    /// Offers that should have been answered by now: is there still a way to the server?
    pub(super) fn doubt(&mut self, now: Time) {
        let mut asked = None;
        for connection in [&mut self.shown, &mut self.trying].into_iter().flatten() {
            if connection.negotiation.doubtful_at().is_some_and(|at| now >= at) {
                asked = asked.max(connection.negotiation.asked.take());
            }
        }
        if let Some(asked) = asked {
            let change = self.link.doubt(now, asked, &mut self.out);
            self.link_changed(now, change);
        }
    }

    /// Gives up what took too long, and accepts a connection over which nothing is sent for now.
    pub(super) fn expire(&mut self, now: Time) {
        if let Some(trying) = &self.trying {
            if trying.negotiation.until.is_some_and(|until| now >= until) {
                self.abandon(now);
            } else if trying.is_silent(now) {
                self.promote(now);
            }
        }
        if let Some(shown) = &mut self.shown
            && shown.negotiation.until.is_some_and(|until| now >= until)
        {
            shown.negotiation.until = None;
            if self.interrupted == Some(Rung::Restarting) {
                self.interrupted = Some(Rung::Renewing);
            }
        }
    }

    pub(super) fn negotiation_failed(&mut self, now: Time, id: ConnectionId) {
        if self.trying.as_ref().is_some_and(|c| c.id == id) {
            self.abandon(now);
        } else if self.interrupted == Some(Rung::Restarting) {
            self.interrupted = Some(Rung::Renewing);
        }
    }

    pub(super) fn closed_by_peer(&mut self, now: Time, id: ConnectionId) {
        if self.trying.as_ref().is_some_and(|c| c.id == id) {
            self.abandon(now);
        } else if let Some(shown) = self.shown.as_mut().filter(|c| c.id == id) {
            shown.has_channel = false;
            // Whoever closed it may be about to say why. Somebody else who serves the room by now is asked at once.
            let engine = shown.engine;
            let same = self.live().is_none_or(|live| engine == Some(live));
            self.retry_at = same.then(|| now + self.retry.fail(&mut self.rng));
            // The last picture stays until there is a new one, or word that there will be none.
            self.interrupt();
            self.interrupted = Some(Rung::Renewing);
        }
    }

    /// This page or the broadcaster's has joined anew: offers that were sent but not answered may not have arrived.
    pub(super) fn void_unanswered(&mut self) {
        if self.trying.as_ref().is_some_and(|c| c.negotiation.is_unanswered()) {
            self.close_trying();
        }
        if self.interrupted == Some(Rung::Restarting)
            && self.shown.as_ref().is_some_and(|c| c.negotiation.is_unanswered())
        {
            self.interrupted = Some(Rung::Noticed);
        }
    }

    /// The broadcast is over: an offer that is out will not be answered, one that is ready stays ready.
    pub(super) fn give_up_sent(&mut self) {
        let ready =
            |step: &Step| matches!(step, Step::Creating | Step::Created { .. } | Step::SentAhead { .. });
        if self.trying.as_ref().is_some_and(|c| !ready(&c.negotiation.step)) {
            self.close_trying();
        }
    }

    pub(super) fn close_shown(&mut self) {
        self.interrupted = None;
        if let Some(shown) = self.shown.take() {
            if let Some(trying) = &self.trying {
                self.out.push_back(Output::Show(trying.id));
            }
            self.out.push_back(Output::Close(shown.id));
        }
        if self.is_over() && self.presence != Some(Presence::Ended) {
            self.was_live = false;
        }
    }

    /// The page woke up: what was put off is due, and what is shown is looked at now.
    pub(super) fn woken(&mut self, now: Time) {
        self.retry_at = None;
        if let Some(shown) = &mut self.shown {
            shown.measure_at = Some(now);
        }
    }

    pub(super) fn close_trying(&mut self) {
        if let Some(trying) = self.trying.take() {
            self.out.push_back(Output::Close(trying.id));
        }
        self.retry_at = None;
    }

    fn abandon(&mut self, now: Time) {
        self.close_trying();
        self.retry_at = Some(now + self.retry.fail(&mut self.rng));
    }

    fn patience(&mut self, until: Option<Time>) {
        if let Some(trying) = &mut self.trying {
            trying.negotiation.until = until;
        }
    }

    /// Whether the server says that nobody serves the room, or will soon.
    fn is_over(&self) -> bool {
        matches!(self.presence, Some(Presence::Absent | Presence::Ended))
    }
}
