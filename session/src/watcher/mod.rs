//! The watcher: offers first, to the room; waits, watches, notices an interruption and recovers from it.
//!
//! At most two connections exist: the one that is shown, and one being set up to take its place. The ladder of recovery
//! is an ICE restart on the shown connection, then a new one, then new ones with growing pauses.

mod connection;
mod negotiation;
mod recovery;
mod talk;

use std::collections::VecDeque;

use fastrand::Rng;
use vong_protocol::channel::BroadcasterMessage;
use vong_protocol::{
    Attempt, ClientMessage, ErrorCode, Ice, Join, Password, PeerId, Presence, Role, RoomId, VERSION,
};

use self::connection::Connection;
use self::recovery::Rung;
use crate::api::{ConnectionId, Event, Output, Phase, Session, Status};
use crate::backoff::Backoff;
use crate::bounds;
use crate::joining::{Change, Link};
use crate::talk::Guest;
use crate::time::Time;

/// How what the broadcaster's page says is read: as [`BroadcasterMessage::parse`] does, or as a browser can by itself.
pub type Reads = fn(&str) -> Option<BroadcasterMessage>;

/// A watcher's session. See [`Session`] for how it is driven.
#[derive(Debug)]
pub struct Watcher {
    link: Link,
    rng: Rng,
    out: VecDeque<Output>,
    /// Who serves the room, as of the last word from the server; unknown before the first.
    presence: Option<Presence>,
    ice: Ice,
    next_attempt: u32,
    next_connection: u32,
    shown: Option<Connection>,
    /// Set while the shown connection brings nothing.
    interrupted: Option<Rung>,
    trying: Option<Connection>,
    retry: Backoff,
    retry_at: Option<Time>,
    was_live: bool,
    guest: Guest,
    reads: Reads,
    /// The connection that carries the chat.
    talks_over: Option<ConnectionId>,
    refused: Option<ErrorCode>,
    left: bool,
    told: Status,
}

impl Watcher {
    /// Starts to open the signaling connection and to build the offer, both at once. The `password` is what the person typed, if
    /// the room has asked for one.
    pub fn new(room: RoomId, password: Option<Password>, reads: Reads, now: Time, seed: u64) -> Self {
        let join = Join { version: VERSION, room, role: Role::Watcher, key: None, session: None, password };
        let mut out = VecDeque::new();
        let link = Link::open(join, now, &mut out);
        let mut watcher = Self {
            link,
            rng: Rng::with_seed(seed),
            out,
            presence: None,
            ice: Ice::default(),
            next_attempt: 1,
            next_connection: 0,
            shown: None,
            interrupted: None,
            trying: None,
            retry: Backoff::new(bounds::CONNECTION_RETRY),
            retry_at: None,
            was_live: false,
            guest: Guest::default(),
            reads,
            talks_over: None,
            refused: None,
            left: false,
            told: Status::default(),
        };
        watcher.advance(now);
        watcher.tell();
        watcher
    }

    fn link_changed(&mut self, now: Time, change: Change) {
        match change {
            Change::None => {}
            Change::Opened => self.send_ahead(),
            Change::Joined(joined) => {
                self.refused = None;
                self.ice = joined.ice;
                self.void_unanswered();
                self.presence_is(joined.room.broadcaster);
                self.gather_sent_ahead(now);
            }
            Change::Message(message) => self.message(now, message),
            Change::Down => self.unsend(),
            Change::Full(code) => {
                self.unsend();
                self.refused = Some(code);
            }
            Change::Refused(code) => {
                self.refused = Some(code);
                self.close_trying();
            }
        }
    }

    fn presence_is(&mut self, presence: Presence) {
        let before = self.presence.replace(presence);
        match presence {
            Presence::Live { .. } => {
                self.retry_at = None;
                if self.shown.is_none() && matches!(before, Some(Presence::Ended | Presence::Absent)) {
                    self.was_live = false;
                }
            }
            Presence::Ended => {
                self.close_shown();
                self.give_up_sent();
            }
            // Media may be well without the broadcaster's signaling; see `recover` for when it is not.
            Presence::Away { .. } | Presence::Absent => {}
        }
    }

    /// Brings everything forward that can be: the one place that decides what is missing.
    fn advance(&mut self, now: Time) {
        if self.left {
            return;
        }
        self.doubt(now);
        self.expire(now);
        self.recover(now);
        if self.wants_new() && self.retry_at.is_none_or(|at| now >= at) {
            self.try_new(now);
        }
        self.send_created(now);
        self.measure(now);
    }

    /// Whether a new connection is to be made once the pause between two attempts is over.
    fn wants_new(&self) -> bool {
        self.trying.is_none()
            && match &self.shown {
                // Also while nobody is live: the offer is then ready the moment somebody is.
                None => !self.is_refused(),
                Some(shown) => {
                    let renewing = self.interrupted == Some(Rung::Renewing);
                    self.link.is_up()
                        && self.live().is_some_and(|live| renewing || shown.engine != Some(live))
                }
            }
    }

    /// Whether the server will not have this page, now or later.
    fn is_refused(&self) -> bool {
        self.refused.is_some_and(ErrorCode::is_final)
    }

    fn measure(&mut self, now: Time) {
        for connection in [&mut self.shown, &mut self.trying].into_iter().flatten() {
            if connection.measure_at.is_some_and(|at| now >= at) {
                connection.measured(now);
                self.out.push_back(Output::Measure(connection.id));
            }
        }
    }

    fn try_new(&mut self, now: Time) {
        self.retry_at = None;
        let connection = ConnectionId(self.next_connection);
        self.next_connection = self.next_connection.wrapping_add(1);
        let attempt = self.new_attempt();
        self.trying = Some(Connection::new(connection, attempt, now));
        self.out.push_back(Output::CreateOffer { connection, attempt, restart: false });
        if self.shown.is_none() {
            self.out.push_back(Output::Show(connection));
        }
    }

    fn new_attempt(&mut self) -> Attempt {
        let attempt = Attempt(self.next_attempt);
        self.next_attempt = self.next_attempt.saturating_add(1);
        attempt
    }

    fn live(&self) -> Option<PeerId> {
        self.presence.and_then(Presence::live)
    }

    fn connection(&mut self, id: ConnectionId) -> Option<&mut Connection> {
        [&mut self.shown, &mut self.trying].into_iter().flatten().find(|c| c.id == id)
    }

    fn negotiating(&mut self, attempt: Attempt) -> Option<&mut Connection> {
        [&mut self.shown, &mut self.trying].into_iter().flatten().find(|c| c.negotiation.attempt == attempt)
    }

    fn negotiating_on(&mut self, id: ConnectionId, attempt: Attempt) -> Option<&mut Connection> {
        self.connection(id).filter(|c| c.negotiation.attempt == attempt)
    }

    fn leave(&mut self) {
        self.left = true;
        self.link.send(ClientMessage::Leave {}, &mut self.out);
        self.link.stop(&mut self.out);
        for connection in [self.shown.take(), self.trying.take()].into_iter().flatten() {
            self.out.push_back(Output::Close(connection.id));
        }
        self.retry_at = None;
    }

    /// The broadcaster does not want this watcher. Nothing is tried again.
    fn removed(&mut self) {
        self.refused = Some(ErrorCode::Removed);
        self.link.send(ClientMessage::Leave {}, &mut self.out);
        self.link.stop(&mut self.out);
        self.close_trying();
        self.close_shown();
    }

    fn phase(&self) -> Phase {
        if self.left {
            return Phase::Ended;
        }
        if self.shown.is_some() {
            return if self.interrupted.is_some() { Phase::Interrupted } else { Phase::Live };
        }
        if self.refused.is_some() {
            return Phase::Failed;
        }
        match self.presence {
            Some(Presence::Ended) if self.was_live => Phase::Ended,
            Some(Presence::Live { .. } | Presence::Away { .. }) if self.was_live => Phase::Interrupted,
            Some(Presence::Live { .. }) | None => Phase::Connecting,
            Some(Presence::Away { .. } | Presence::Absent | Presence::Ended) => Phase::Waiting,
        }
    }

    fn tell(&mut self) {
        let phase = self.phase();
        let status = Status {
            phase,
            error: self.refused.filter(|_| phase == Phase::Failed),
            signaling: self.link.signaling(),
            picture: self.shown.as_ref().is_some_and(|c| c.flow.has_picture()),
            ..Status::default()
        };
        if status != self.told {
            self.told = status.clone();
            self.out.push_back(Output::Status(status));
        }
    }
}

impl Session for Watcher {
    fn handle(&mut self, now: Time, event: Event) {
        if self.left {
            return;
        }
        match event {
            Event::Leave => self.leave(),
            Event::Connection(id, event) => self.connection_event(now, id, event),
            Event::Intends(intent, _) => self.intends(intent),
            event => {
                if matches!(event, Event::Wake | Event::NetworkChanged) {
                    self.woken(now);
                }
                if let Some(wire) = event.wire() {
                    let change = self.link.handle(now, wire, &mut self.rng, &mut self.out);
                    self.link_changed(now, change);
                }
            }
        }
        self.advance(now);
        self.follow_channel();
        self.tell();
    }

    fn poll(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    fn deadline(&self) -> Option<Time> {
        if self.left {
            return None;
        }
        let connections = [&self.shown, &self.trying].into_iter().flatten();
        let of_connections =
            connections.flat_map(|c| [c.negotiation.until, c.negotiation.doubtful_at(), c.measure_at]);
        let silent = self.trying.as_ref().and_then(Connection::silent_at);
        // While there is nobody to connect to, the end of a pause is nothing to wake up for.
        let retry = self.retry_at.filter(|_| self.wants_new());
        of_connections.chain([self.link.deadline(), retry, silent]).flatten().min()
    }
}
