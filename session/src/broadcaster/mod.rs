//! The broadcaster: answers every watcher's offer, one connection each, and lets go of those that went.
//!
//! It never offers and never recovers a connection by itself: the watcher sees what is missing, and asks.

mod admission;
mod negotiation;
mod talk;

use std::collections::VecDeque;

use fastrand::Rng;
use vong_protocol::{
    Attempt, BroadcasterKey, ClientMessage, Departure, ErrorCode, Ice, Join, PeerId, Role, RoomId,
    ServerMessage, SessionToken, VERSION,
};

use crate::api::{ConnectionId, Event, Output, Phase, Session, Status, Transport};
use crate::bounds;
use crate::candidates::EarlyCandidates;
use crate::joining::{Change, Link};
use crate::peers::Peers;
use crate::talk::{Admission, Host, Past, Wishes};
use crate::time::Time;

/// A watcher, as the broadcaster sees it.
#[derive(Debug, Default)]
struct Peer {
    /// The server counts it as a member. Media may go on while it does not.
    present: bool,
    connection: Option<Connection>,
    early: EarlyCandidates,
    /// It flooded or was sent away, and is not answered before this time.
    barred: Option<Time>,
}

impl Peer {
    fn watches(&self) -> bool {
        self.present || self.connection.is_some()
    }

    fn is_connected(&self) -> bool {
        self.connection.as_ref().is_some_and(|c| c.transport == Transport::Connected)
    }
}

#[derive(Debug)]
struct Connection {
    id: ConnectionId,
    attempt: Attempt,
    answered: bool,
    transport: Transport,
    /// When it is closed unless it is connected by then; `None` while it is.
    until: Option<Time>,
}

/// A broadcaster's session. See [`Session`] for how it is driven.
#[derive(Debug)]
pub struct Broadcaster {
    link: Link,
    rng: Rng,
    out: VecDeque<Output>,
    peers: Peers<Peer>,
    host: Host,
    /// Not known before the page has said.
    admission: Option<Admission>,
    /// Who is to be kept out, and who has to go as soon as the server can be told.
    removals: Vec<(PeerId, bool)>,
    /// Everyone who was kept out may come, and nobody is kept out since.
    unbarred: bool,
    next_connection: u32,
    ice: Ice,
    was_live: bool,
    refused: Option<ErrorCode>,
    left: bool,
    told: Status,
}

impl Broadcaster {
    /// Starts to join `room`, with the key it was given earlier, if any, and goes on with the chat that is `past`.
    ///
    /// The page makes up its `session`: if it has to join a second time before it has heard of the first, the server takes
    /// both for one page, in whichever order they arrive.
    pub fn new(
        room: RoomId,
        key: Option<BroadcasterKey>,
        session: SessionToken,
        past: Past,
        now: Time,
        seed: u64,
    ) -> Self {
        let role = Role::Broadcaster;
        let join = Join { version: VERSION, room, role, key, session: Some(session), password: None };
        let mut out = VecDeque::new();
        let link = Link::open(join, now, &mut out);
        let mut wishes = Wishes::default();
        let host = Host::new(past, &mut wishes);
        let mut broadcaster = Self {
            link,
            rng: Rng::with_seed(seed),
            out,
            peers: Peers::new(),
            host,
            admission: None,
            removals: Vec::new(),
            unbarred: false,
            next_connection: 0,
            ice: Ice::default(),
            was_live: false,
            refused: None,
            left: false,
            told: Status::default(),
        };
        broadcaster.carry_out(wishes);
        broadcaster.tell();
        broadcaster
    }

    fn link_changed(&mut self, now: Time, change: Change) {
        match change {
            Change::None | Change::Opened | Change::Down => {}
            Change::Joined(joined) => {
                self.refused = None;
                self.was_live = true;
                self.ice = joined.ice;
                if let Some(key) = joined.key {
                    self.out.push_back(Output::KeepKey(key));
                }
                for (_, peer) in self.peers.iter_mut() {
                    peer.present = false;
                }
                for id in joined.room.watchers {
                    self.watcher_joined(id);
                }
                self.say_who_may_watch();
            }
            Change::Message(message) => self.message(now, message),
            Change::Full(code) => self.refused = Some(code),
            Change::Refused(code) => {
                self.refused = Some(code);
                // Another page serves the room: watchers turn to it, and find nothing here.
                if matches!(code, ErrorCode::TakenOver | ErrorCode::RoomTaken) {
                    self.close_all();
                }
            }
        }
    }

    fn message(&mut self, now: Time, message: ServerMessage) {
        match message {
            ServerMessage::WatcherJoined { id } => self.watcher_joined(id),
            ServerMessage::WatcherLeft { id, departure } => match departure {
                Departure::Left => {
                    self.close(id);
                    self.lost(id);
                }
                Departure::Lost => self.lost(id),
            },
            ServerMessage::Offer { from, attempt, restart, sdp } => {
                self.offered(now, from, attempt, restart, sdp);
            }
            ServerMessage::Ice(ice) => self.ice = ice,
            ServerMessage::Candidate { from, attempt, candidate } => {
                self.candidate(from, attempt, candidate);
            }
            _ => {}
        }
    }

    fn watcher_joined(&mut self, id: PeerId) {
        if self.peers.len() < bounds::PEERS || self.peers.get_mut(id).is_some() {
            self.peers.entry(id).present = true;
            let mut wishes = Wishes::default();
            self.host.audience.came(id, &mut wishes);
            self.carry_out(wishes);
        }
    }

    fn lost(&mut self, id: PeerId) {
        if let Some(peer) = self.peers.get_mut(id) {
            peer.present = false;
        }
    }

    fn send(&mut self, message: ClientMessage) {
        if self.link.is_up() {
            self.link.send(message, &mut self.out);
        }
    }

    /// Closes what stayed unconnected for too long, and forgets those who have neither a connection nor a place in the
    /// room. The server's word alone closes nothing: a watcher that it lost may see well, or be on the mend.
    fn expire(&mut self, now: Time) {
        let due = |p: &Peer| p.connection.as_ref().and_then(|c| c.until).is_some_and(|until| now >= until);
        let dead: Vec<PeerId> = self.peers.iter().filter(|(_, p)| due(p)).map(|(id, _)| *id).collect();
        for id in dead {
            self.close(id);
        }
        let mut wishes = Wishes::default();
        for (id, _) in self.peers.iter().filter(|(_, peer)| !peer.watches()) {
            self.host.audience.went(*id, &mut wishes);
        }
        self.peers.retain(|peer| peer.watches() || peer.barred.is_some_and(|until| now < until));
        self.carry_out(wishes);
    }

    fn close(&mut self, id: PeerId) {
        if let Some(peer) = self.peers.get_mut(id)
            && let Some(connection) = peer.connection.take()
        {
            self.out.push_back(Output::Close(connection.id));
            self.talks_no_more(id);
        }
    }

    fn close_all(&mut self) {
        let all: Vec<PeerId> = self.peers.iter().map(|(id, _)| *id).collect();
        for id in all {
            self.close(id);
            self.lost(id);
        }
    }

    fn phase(&self) -> Phase {
        match self.refused {
            _ if self.left => Phase::Ended,
            Some(ErrorCode::TakenOver) => Phase::Ended,
            // A server that has no place just now is asked again, as one that is away is.
            Some(code) if !(self.was_live && code.is_full()) => Phase::Failed,
            // Whoever is connected goes on seeing the broadcast without the server.
            _ if self.link.is_member() || (self.was_live && self.viewing() > 0) => Phase::Live,
            _ if self.was_live => Phase::Interrupted,
            _ => Phase::Connecting,
        }
    }

    fn viewing(&self) -> usize {
        self.peers.iter().filter(|(_, p)| p.is_connected()).count()
    }

    fn tell(&mut self) {
        let phase = self.phase();
        let status = Status {
            phase,
            error: self.refused.filter(|_| matches!(phase, Phase::Failed | Phase::Ended)),
            signaling: self.link.signaling(),
            watchers: self.peers.iter().filter(|(_, p)| p.present).count(),
            viewing: self.viewing(),
            ..Status::default()
        };
        if status != self.told {
            self.told = status.clone();
            self.out.push_back(Output::Status(status));
        }
    }
}

impl Session for Broadcaster {
    fn handle(&mut self, now: Time, event: Event) {
        if self.left {
            return;
        }
        match event {
            Event::Leave => {
                self.left = true;
                self.link.send(ClientMessage::Leave {}, &mut self.out);
                self.link.stop(&mut self.out);
                self.close_all();
            }
            Event::Connection(id, event) => self.connection_event(now, id, event),
            Event::Intends(intent, date) => self.intends(now, date, intent),
            event => {
                if let Some(wire) = event.wire() {
                    let change = self.link.handle(now, wire, &mut self.rng, &mut self.out);
                    self.link_changed(now, change);
                }
            }
        }
        self.expire(now);
        self.count_audience(now);
        self.tell();
    }

    fn poll(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    fn deadline(&self) -> Option<Time> {
        if self.left {
            return None;
        }
        let connections =
            self.peers.iter().filter_map(|(_, p)| p.connection.as_ref()).filter_map(|c| c.until);
        connections.chain(self.link.deadline()).chain(self.host.audience.deadline()).min()
    }
}
