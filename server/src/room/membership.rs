//! One room: its members, its owner, who serves it.

use std::collections::{BTreeMap, VecDeque};

use vong_protocol::{
    BroadcasterKey, Departure, ErrorCode, Password, PeerId, Presence, RoomId, RoomSnapshot, ServerMessage,
};

use super::door::Door;
use super::identity::same_key;
use super::{ConnectionId, Effect, Effects, Time};
use crate::address::Address;
use crate::limits::LATELY_GONE;

/// How a member is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Link {
    /// Over this connection.
    Open(ConnectionId),
    /// Not now; its place is kept until then.
    Grace(Time),
}

/// A watcher's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Watcher {
    pub(super) link: Link,
    /// Where it came from last.
    pub(super) address: Address,
    /// The password that it presented last, while the broadcaster has not said yet whether it wants one.
    pub(super) presented: Option<Password>,
}

/// The broadcaster's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Nobody's.
    Absent,
    /// Somebody's.
    Held(PeerId, Link),
    /// The broadcast was ended.
    Ended,
}

/// The room.
#[derive(Debug)]
pub(super) struct Room {
    /// Who opened it.
    pub(super) opener: Address,
    /// What proves ownership; there from the first broadcaster on.
    key: Option<BroadcasterKey>,
    /// The session that broadcast last: it needs no key to go on.
    last_broadcaster: Option<PeerId>,
    pub(super) stage: Stage,
    pub(super) watchers: BTreeMap<PeerId, Watcher>,
    /// Those who had a place, and where they came from last; the latest at the end.
    pub(super) gone: VecDeque<(PeerId, Address)>,
    /// What newcomers among the watchers are asked.
    pub(super) door: Door,
    /// When it goes, while it is empty.
    pub(super) closes_at: Option<Time>,
}

impl Room {
    pub(super) fn new(opener: Address) -> Self {
        Self {
            opener,
            key: None,
            last_broadcaster: None,
            stage: Stage::Absent,
            watchers: BTreeMap::new(),
            gone: VecDeque::new(),
            door: Door::default(),
            closes_at: None,
        }
    }

    /// Who serves it, in the words of the protocol.
    pub(super) fn presence(&self) -> Presence {
        match self.stage {
            Stage::Absent => Presence::Absent,
            Stage::Held(id, Link::Open(_)) => Presence::Live { id },
            Stage::Held(id, Link::Grace(_)) => Presence::Away { id },
            Stage::Ended => Presence::Ended,
        }
    }

    /// Whether there ever was a broadcaster, for whom it is kept.
    pub(super) fn has_owner(&self) -> bool {
        self.key.is_some()
    }

    /// Whether nobody has a place in it.
    pub(super) fn is_empty(&self) -> bool {
        self.watchers.is_empty() && !matches!(self.stage, Stage::Held(..))
    }

    /// What a newcomer is told; ids of watchers are for the broadcaster only.
    pub(super) fn snapshot(&self, id: RoomId, with_watchers: bool) -> RoomSnapshot {
        let watchers = if with_watchers { self.watchers.keys().copied().collect() } else { Vec::new() };
        RoomSnapshot { id, broadcaster: self.presence(), watchers }
    }

    /// The connection of the broadcaster, if it is live.
    pub(super) fn broadcaster(&self) -> Option<ConnectionId> {
        match self.stage {
            Stage::Held(_, Link::Open(connection)) => Some(connection),
            _ => None,
        }
    }

    /// Whether this connection is the one through which this broadcaster or watcher speaks now.
    pub(super) fn is_seated(&self, id: PeerId, connection: ConnectionId) -> bool {
        self.stage == Stage::Held(id, Link::Open(connection))
            || self.watchers.get(&id).is_some_and(|watcher| watcher.link == Link::Open(connection))
    }

    /// Lets a broadcaster in, and returns the room's key; or refuses it because the room is somebody else's.
    pub(super) fn admit_broadcaster(
        &mut self,
        id: PeerId,
        connection: ConnectionId,
        presented: Option<BroadcasterKey>,
        fresh: BroadcasterKey,
        effects: &mut Effects,
    ) -> Result<BroadcasterKey, ErrorCode> {
        let is_same_session = self.last_broadcaster == Some(id);
        let key = match self.key {
            None => presented.unwrap_or(fresh),
            Some(key) if is_same_session || presented.is_some_and(|theirs| same_key(&theirs, &key)) => key,
            Some(_) => return Err(ErrorCode::RoomTaken),
        };
        let before = self.presence();
        if let Stage::Held(holder, Link::Open(earlier)) = self.stage {
            let reason = if holder == id { ErrorCode::SessionReplaced } else { ErrorCode::TakenOver };
            effects.push(Effect::Close(earlier, reason));
        }
        self.key = Some(key);
        self.last_broadcaster = Some(id);
        self.set_stage(Stage::Held(id, Link::Open(connection)), effects);
        if before == self.presence() {
            // What watchers said lately may have gone into the connection that this one replaces.
            self.tell_presence(effects);
        }
        Ok(key)
    }

    /// Lets a watcher in, unless `most` others are there. One whose place is only kept for it gives way, the one whose
    /// grace ends first, so that places cannot be held by joining and going; who gave way, and until when its place
    /// would have been kept, is returned. Where more are there than may be, because the broadcaster has come to want fewer,
    /// nobody gives way: there would be too many still.
    pub(super) fn admit_watcher(
        &mut self,
        id: PeerId,
        connection: ConnectionId,
        address: Address,
        presented: Option<Password>,
        most: usize,
        effects: &mut Effects,
    ) -> Result<Option<(Time, PeerId)>, ErrorCode> {
        let mut gave_way = None;
        match self.watchers.get(&id).map(|watcher| watcher.link) {
            None if self.watchers.len() > most => return Err(ErrorCode::RoomFull),
            None if self.watchers.len() == most => {
                let (until, lost) = self.next_to_lose().ok_or(ErrorCode::RoomFull)?;
                self.remove_watcher(lost, Departure::Lost, effects);
                gave_way = Some((until, lost));
            }
            Some(Link::Open(earlier)) => effects.push(Effect::Close(earlier, ErrorCode::SessionReplaced)),
            None | Some(Link::Grace(_)) => {}
        }
        let presented = presented.filter(|_| !self.door.is_said());
        self.watchers.insert(id, Watcher { link: Link::Open(connection), address, presented });
        self.tell_broadcaster(ServerMessage::WatcherJoined { id }, effects);
        Ok(gave_way)
    }

    /// The watcher whose grace ends first.
    fn next_to_lose(&self) -> Option<(Time, PeerId)> {
        let in_grace = self.watchers.iter().filter_map(|(id, watcher)| match watcher.link {
            Link::Grace(until) => Some((until, *id)),
            Link::Open(_) => None,
        });
        in_grace.min()
    }

    /// Takes a watcher out.
    pub(super) fn remove_watcher(&mut self, id: PeerId, departure: Departure, effects: &mut Effects) {
        if let Some(watcher) = self.watchers.remove(&id) {
            self.gone.retain(|(earlier, _)| *earlier != id);
            if self.gone.len() >= LATELY_GONE {
                self.gone.pop_front();
            }
            self.gone.push_back((id, watcher.address));
            self.tell_broadcaster(ServerMessage::WatcherLeft { id, departure }, effects);
        }
    }

    /// Changes who serves the room, and tells the watchers if that looks different to them.
    pub(super) fn set_stage(&mut self, stage: Stage, effects: &mut Effects) {
        let before = self.presence();
        self.stage = stage;
        if self.presence() != before {
            self.tell_presence(effects);
        }
    }

    fn tell_presence(&self, effects: &mut Effects) {
        let presence = self.presence();
        let readers: Vec<_> = self
            .watchers
            .values()
            .filter_map(|watcher| match watcher.link {
                Link::Open(connection) => Some(connection),
                Link::Grace(_) => None,
            })
            .collect();
        if !readers.is_empty() {
            effects.push(Effect::SendAll(readers, Box::new(ServerMessage::Broadcaster { presence })));
        }
    }

    fn tell_broadcaster(&self, message: ServerMessage, effects: &mut Effects) {
        if let Some(broadcaster) = self.broadcaster() {
            effects.push(Effect::send(broadcaster, message));
        }
    }
}
