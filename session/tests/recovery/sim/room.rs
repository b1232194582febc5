//! A model of the server's room, as small as the protocol document allows: one room, presence, roles, grace, resume.

use std::collections::{BTreeMap, BTreeSet};

use vong_protocol::{
    BroadcasterKey, ClientMessage, Departure, ErrorCode, Ice, Join, Joined, PeerId, Presence, RefuseReason,
    Role, RoomSnapshot, ServerMessage, SessionToken,
};
use vong_session::{Millis, Time};

pub(crate) const GRACE: Millis = Millis(15_000);
pub(crate) const HEARTBEAT: Millis = Millis(4_000);
/// The same for a broadcaster.
pub(crate) const BROADCASTER_BEAT: Millis = Millis(500);
/// A member that is silent for this long is taken for gone.
const SILENCE: Millis = Millis(9_000);

/// A socket, as the server numbers them.
pub(crate) type Socket = u64;

struct Member {
    role: Role,
    socket: Option<Socket>,
    gone_at: Option<Time>,
    heard: Time,
    token: SessionToken,
}

pub(crate) struct Room {
    members: BTreeMap<PeerId, Member>,
    presence: Presence,
    key: Option<BroadcasterKey>,
    tokens: u64,
    pub(crate) barred: BTreeSet<PeerId>,
    locked: bool,
    /// To watchers, and to a broadcaster.
    next_pings: [(Role, Millis, Time); 2],
    /// Every presence that watchers were told of.
    pub(crate) told: Vec<Presence>,
    pub(crate) ice: Ice,
    pub(crate) turns_away: Option<ErrorCode>,
    pub(crate) out: Vec<(Socket, ServerMessage)>,
    pub(crate) close: Vec<Socket>,
}

/// As the server does, a token alone decides the id, so that it survives a restart of the server.
fn peer_of(token: &SessionToken) -> PeerId {
    PeerId::parse(&token.as_str()[6..]).expect("part of a token")
}

fn beat(role: Role) -> Millis {
    match role {
        Role::Broadcaster => BROADCASTER_BEAT,
        Role::Watcher => HEARTBEAT,
    }
}

impl Room {
    pub(crate) fn new(salt: u64) -> Self {
        Self {
            members: BTreeMap::new(),
            presence: Presence::default(),
            key: None,
            tokens: salt,
            barred: BTreeSet::new(),
            locked: false,
            next_pings: [Role::Watcher, Role::Broadcaster].map(|role| (role, beat(role), Time(0))),
            told: Vec::new(),
            ice: Ice::default(),
            turns_away: None,
            out: Vec::new(),
            close: Vec::new(),
        }
    }

    pub(crate) fn received(&mut self, now: Time, socket: Socket, message: ClientMessage) {
        let Some((id, role)) = self.member_on(socket) else {
            if let ClientMessage::Join(join) = message {
                match self.turns_away {
                    Some(code) => self.refuse(socket, code),
                    None => self.join(now, socket, &join),
                }
            }
            return;
        };
        if let Some(member) = self.members.get_mut(&id) {
            member.heard = now;
        }
        match (role, message) {
            (Role::Watcher, ClientMessage::Offer { attempt, restart, sdp }) => {
                let offer = ServerMessage::Offer { from: id, attempt, restart, sdp };
                let refused = ServerMessage::Refused { attempt, reason: RefuseReason::NobodyLive };
                self.out.push(self.live_socket().map_or((socket, refused), |to| (to, offer)));
            }
            (Role::Watcher, ClientMessage::Candidate { to: None, attempt, candidate }) => {
                if let Some(to) = self.live_socket() {
                    self.out.push((to, ServerMessage::Candidate { from: id, attempt, candidate }));
                }
            }
            (Role::Broadcaster, ClientMessage::Answer { to, attempt, sdp }) => {
                self.tell_watcher(socket, to, ServerMessage::Answer { from: id, attempt, sdp });
            }
            (Role::Broadcaster, ClientMessage::Candidate { to: Some(to), attempt, candidate }) => {
                self.tell_watcher(socket, to, ServerMessage::Candidate { from: id, attempt, candidate });
            }
            (Role::Broadcaster, ClientMessage::Refuse { to, attempt, reason }) => {
                self.tell_watcher(socket, to, ServerMessage::Refused { attempt, reason });
            }
            (Role::Broadcaster, ClientMessage::Remove { id: gone, bar }) => {
                // Whether it has a place now or not.
                if bar {
                    self.barred.insert(gone);
                }
                if let Some(Member { socket, .. }) = self.members.remove(&gone) {
                    if let Some(socket) = socket {
                        self.refuse(socket, ErrorCode::Removed);
                    }
                    let left = ServerMessage::WatcherLeft { id: gone, departure: Departure::Left };
                    self.tell_broadcaster(left);
                }
            }
            (Role::Broadcaster, ClientMessage::Unbar {}) => self.barred.clear(),
            (Role::Broadcaster, ClientMessage::Admission { locked, .. }) => self.locked = locked,
            // A duplicate, which only this simulation makes.
            (_, ClientMessage::Join(_) | ClientMessage::Pong {}) => {}
            (_, ClientMessage::Leave {}) => {
                self.members.remove(&id);
                self.close.push(socket);
                match role {
                    Role::Broadcaster => self.set_presence(Presence::Ended),
                    Role::Watcher => {
                        self.tell_broadcaster(ServerMessage::WatcherLeft { id, departure: Departure::Left });
                    }
                }
            }
            (role, message) => panic!("{role:?} sent {message:?}, which its role does not allow ({now:?})"),
        }
    }

    pub(crate) fn socket_closed(&mut self, now: Time, socket: Socket) {
        if let Some((id, role)) = self.member_on(socket) {
            if let Some(member) = self.members.get_mut(&id) {
                member.socket = None;
                member.gone_at = Some(now);
            }
            if role == Role::Broadcaster {
                self.set_presence(Presence::Away { id });
            }
        }
    }

    pub(crate) fn watchers(&self) -> Vec<PeerId> {
        self.members.iter().filter(|(_, m)| m.role == Role::Watcher).map(|(id, _)| *id).collect()
    }

    pub(crate) fn tick(&mut self, now: Time) {
        let silent = self.members.values().filter(|m| now - m.heard >= SILENCE).filter_map(|m| m.socket);
        for socket in silent.collect::<Vec<_>>() {
            self.refuse(socket, ErrorCode::HeartbeatMissed);
            self.socket_closed(now, socket);
        }
        for (role, beat, next) in &mut self.next_pings {
            if now >= *next {
                *next = now + *beat;
                let sockets = self.members.values().filter(|m| m.role == *role).filter_map(|m| m.socket);
                self.out.extend(sockets.map(|s| (s, ServerMessage::Ping {})));
            }
        }
        let lost: Vec<(PeerId, Role)> = self
            .members
            .iter()
            .filter(|(_, m)| m.gone_at.is_some_and(|at| now - at >= GRACE))
            .map(|(id, m)| (*id, m.role))
            .collect();
        for (id, role) in lost {
            self.members.remove(&id);
            match role {
                Role::Broadcaster => self.set_presence(Presence::Absent),
                Role::Watcher => {
                    self.tell_broadcaster(ServerMessage::WatcherLeft { id, departure: Departure::Lost });
                }
            }
        }
    }

    fn join(&mut self, now: Time, socket: Socket, join: &Join) {
        let token = join.session.unwrap_or_else(|| {
            self.tokens += 1;
            SessionToken::parse(&format!("{:022}", self.tokens)).expect("digits")
        });
        let id = peer_of(&token);
        if join.role == Role::Watcher && self.barred.contains(&peer_of(&token)) {
            self.refuse(socket, ErrorCode::Removed);
            return;
        }
        if join.role == Role::Watcher && self.locked && !self.members.contains_key(&id) {
            self.refuse(socket, ErrorCode::RoomLocked);
            return;
        }
        if join.role == Role::Broadcaster {
            let held = self.members.iter().find(|(_, m)| m.role == Role::Broadcaster).map(|(id, _)| *id);
            if let Some(held) = held.filter(|held| *held != id) {
                if join.key.is_none() || join.key != self.key {
                    self.refuse(socket, ErrorCode::RoomTaken);
                    return;
                }
                if let Some(Member { socket: Some(earlier), .. }) = self.members.remove(&held) {
                    self.refuse(earlier, ErrorCode::TakenOver);
                }
            }
            self.key = self.key.or(join.key).or(BroadcasterKey::parse(&"k".repeat(22)).ok());
        }
        let member = Member { role: join.role, socket: Some(socket), gone_at: None, heard: now, token };
        if let Some(Member { socket: Some(earlier), .. }) = self.members.insert(id, member) {
            self.refuse(earlier, ErrorCode::SessionReplaced);
        }
        if join.role == Role::Broadcaster {
            let presence = Presence::Live { id };
            if self.presence == presence {
                self.tell_presence();
            } else {
                self.set_presence(presence);
            }
        }
        let broadcasts = join.role == Role::Broadcaster;
        let watchers = self.members.iter().filter(|(_, m)| broadcasts && m.role == Role::Watcher);
        let room = RoomSnapshot {
            id: join.room.clone(),
            broadcaster: self.presence,
            watchers: watchers.map(|(id, _)| *id).collect(),
        };
        let joined = Joined {
            you: id,
            session: token,
            key: self.key.filter(|_| broadcasts),
            heartbeat_ms: u32::try_from(beat(join.role).0).expect("small"),
            ice: self.ice.clone(),
            room,
        };
        self.out.push((socket, ServerMessage::Joined(Box::new(joined))));
        if !broadcasts {
            self.tell_broadcaster(ServerMessage::WatcherJoined { id });
        }
        debug_assert!(self.members.values().all(|m| m.token.as_str().len() == 22));
    }

    pub(crate) fn renew_ice(&mut self, ice: Ice) {
        let everyone = self.members.values().filter_map(|m| m.socket);
        self.out.extend(everyone.map(|s| (s, ServerMessage::Ice(ice.clone()))));
        self.ice = ice;
    }

    fn refuse(&mut self, socket: Socket, code: ErrorCode) {
        self.out.push((socket, ServerMessage::Error { code, message: String::new() }));
        self.close.push(socket);
    }

    fn set_presence(&mut self, presence: Presence) {
        if self.presence == presence {
            return;
        }
        self.presence = presence;
        self.tell_presence();
    }

    fn tell_presence(&mut self) {
        let presence = self.presence;
        self.told.push(presence);
        let watchers = self.members.values().filter(|m| m.role == Role::Watcher).filter_map(|m| m.socket);
        self.out.extend(watchers.map(|s| (s, ServerMessage::Broadcaster { presence })));
    }

    fn tell_watcher(&mut self, from: Socket, to: PeerId, message: ServerMessage) {
        match self.members.get(&to) {
            Some(Member { role: Role::Watcher, socket, .. }) => {
                self.out.extend(socket.map(|s| (s, message)));
            }
            _ => self
                .out
                .push((from, ServerMessage::Error { code: ErrorCode::UnknownPeer, message: String::new() })),
        }
    }

    fn tell_broadcaster(&mut self, message: ServerMessage) {
        let socket = self.live_socket();
        self.out.extend(socket.map(|s| (s, message)));
    }

    fn live_socket(&self) -> Option<Socket> {
        self.members.get(&self.presence.live()?)?.socket
    }

    fn member_on(&self, socket: Socket) -> Option<(PeerId, Role)> {
        self.members.iter().find(|(_, m)| m.socket == Some(socket)).map(|(id, m)| (*id, m.role))
    }
}
