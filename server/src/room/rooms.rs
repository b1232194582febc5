//! All rooms: how they come into being, what time does to them, and when they go.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use vong_protocol::{Departure, ErrorCode, Join, PeerId, Refusal, Role, RoomId};

use super::guesses::Guesses;
use super::identity::peer_id;
use super::membership::{Link, Room, Stage, Watcher};
use super::{Admission, ConnectionId, Effect, Effects, Newcomer, RoomBounds, Seat, Time};
use crate::address::Address;

/// Something that time brings. Each is listed exactly as long as the state that waits for it lasts, so there are never
/// more than members and rooms.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    /// A broadcaster's grace ends.
    Broadcaster(RoomId),
    /// A watcher's grace ends.
    Watcher(RoomId, PeerId),
    /// An empty room goes.
    Room(RoomId),
}

/// The rooms.
#[derive(Debug)]
pub(crate) struct Rooms {
    bounds: RoomBounds,
    pub(super) open: BTreeMap<RoomId, Room>,
    by_address: HashMap<Address, usize>,
    due: BTreeSet<(Time, Due)>,
    pub(super) guesses: Guesses,
}

impl Rooms {
    /// None yet.
    pub(crate) fn new(bounds: RoomBounds) -> Self {
        Self {
            bounds,
            open: BTreeMap::new(),
            by_address: HashMap::new(),
            due: BTreeSet::new(),
            guesses: Guesses::new(),
        }
    }

    /// Lets a newcomer into its room, or says why not. A refusal changes nothing, but that wrong passwords are counted.
    pub(crate) fn join(
        &mut self,
        now: Time,
        newcomer: &Newcomer,
        join: Join,
    ) -> Result<(Admission, Effects), Refusal> {
        let Newcomer { connection, address, fresh } = *newcomer;
        let Join { room: name, role, key: presented, session, password, .. } = join;
        let session = session.unwrap_or(fresh.session);
        let id = peer_id(&name, role, &session);
        if !self.open.contains_key(&name) {
            self.create(name.clone(), address)?;
        }
        let Some(room) = self.open.get_mut(&name) else { return Err(ErrorCode::TooManyRooms.into()) };
        let mut effects = Vec::new();
        let kept_until = match (role, room.stage, room.watchers.get(&id)) {
            (Role::Broadcaster, Stage::Held(_, Link::Grace(until)), _)
            | (Role::Watcher, _, Some(&Watcher { link: Link::Grace(until), .. })) => Some(until),
            _ => None,
        };
        let key = match role {
            Role::Broadcaster => {
                Some(room.admit_broadcaster(id, connection, presented, fresh.key, &mut effects)?)
            }
            Role::Watcher => {
                if !room.watchers.contains_key(&id) {
                    room.door.ask(now, id, address, password.as_ref(), &mut self.guesses)?;
                }
                let most = room.door.most(self.bounds.watchers);
                let full = |code| match code {
                    ErrorCode::RoomFull => Refusal::new(code, format!("It takes {most} watchers.")),
                    other => other.into(),
                };
                let gave_way = room
                    .admit_watcher(id, connection, address, password, most, &mut effects)
                    .map_err(full)?;
                if let Some((until, lost)) = gave_way {
                    self.due.remove(&(until, Due::Watcher(name.clone(), lost)));
                }
                None
            }
        };
        let snapshot = room.snapshot(name.clone(), role == Role::Broadcaster);
        if let Some(closes_at) = room.closes_at.take() {
            self.due.remove(&(closes_at, Due::Room(name.clone())));
        }
        let seat = Seat { room: name, role, id };
        if let Some(until) = kept_until {
            self.due.remove(&(until, seat.due()));
        }
        Ok((Admission { seat, session, key, snapshot }, effects))
    }

    /// A member said that it goes for good.
    pub(crate) fn leave(&mut self, now: Time, connection: ConnectionId, seat: &Seat) -> Effects {
        let mut effects = Vec::new();
        if let Some(room) = self.open.get_mut(&seat.room).filter(|room| room.is_seated(seat.id, connection)) {
            match seat.role {
                Role::Broadcaster => room.set_stage(Stage::Ended, &mut effects),
                Role::Watcher => room.remove_watcher(seat.id, Departure::Left, &mut effects),
            }
            self.settle(now, &seat.room);
        }
        effects
    }

    /// A member's connection is gone without a word: its place is kept for a while.
    pub(crate) fn lose(&mut self, now: Time, connection: ConnectionId, seat: &Seat) -> Effects {
        let mut effects = Vec::new();
        if let Some(room) = self.open.get_mut(&seat.room).filter(|room| room.is_seated(seat.id, connection)) {
            let until = now + self.bounds.session_grace;
            match seat.role {
                Role::Broadcaster => room.set_stage(Stage::Held(seat.id, Link::Grace(until)), &mut effects),
                Role::Watcher => {
                    if let Some(watcher) = room.watchers.get_mut(&seat.id) {
                        watcher.link = Link::Grace(until);
                    }
                }
            }
            self.due.insert((until, seat.due()));
        }
        effects
    }

    /// The place of a watcher that was kept until then is kept no longer.
    pub(super) fn forget_watcher(&mut self, until: Time, room: &RoomId, id: PeerId) {
        self.due.remove(&(until, Due::Watcher(room.clone(), id)));
    }

    /// When [`Self::expire`] has something to do.
    pub(crate) fn deadline(&self) -> Option<Time> {
        self.due.first().map(|(time, _)| *time)
    }

    /// Does what is due.
    pub(crate) fn expire(&mut self, now: Time) -> Effects {
        let mut effects = Vec::new();
        while self.deadline().is_some_and(|time| time <= now) {
            match self.due.pop_first() {
                Some((_, Due::Broadcaster(name))) => {
                    if let Some(room) = self.open.get_mut(&name) {
                        room.set_stage(Stage::Absent, &mut effects);
                    }
                    self.settle(now, &name);
                }
                Some((_, Due::Watcher(name, id))) => {
                    if let Some(room) = self.open.get_mut(&name) {
                        room.remove_watcher(id, Departure::Lost, &mut effects);
                    }
                    self.settle(now, &name);
                }
                Some((_, Due::Room(name))) => self.close(&name),
                None => {}
            }
        }
        effects
    }

    fn create(&mut self, name: RoomId, opener: Address) -> Result<(), Refusal> {
        let of_address = self.by_address.get(&opener).copied().unwrap_or(0);
        let refuse = |whose: &str| Err(Refusal::new(ErrorCode::TooManyRooms, whose.to_owned()));
        if self.open.len() >= self.bounds.rooms {
            return refuse("All rooms of this server are in use.");
        }
        if of_address >= self.bounds.rooms_per_address {
            return refuse("This network has opened as many as it may.");
        }
        self.by_address.insert(opener, of_address + 1);
        self.open.insert(name, Room::new(opener));
        Ok(())
    }

    fn close(&mut self, name: &RoomId) {
        let Some(room) = self.open.remove(name) else { return };
        if let Some(of_address) = self.by_address.get_mut(&room.opener) {
            *of_address -= 1;
            if *of_address == 0 {
                self.by_address.remove(&room.opener);
            }
        }
    }

    /// Starts the grace of a room that has become empty, or closes it if it has no owner to be kept for.
    fn settle(&mut self, now: Time, name: &RoomId) {
        if let Some(room) = self.open.get_mut(name).filter(|room| room.is_empty() && room.closes_at.is_none())
        {
            if !room.has_owner() {
                self.close(name);
                return;
            }
            let closes_at = now + self.bounds.room_grace;
            room.closes_at = Some(closes_at);
            self.due.insert((closes_at, Due::Room(name.clone())));
        }
    }

    #[cfg(test)]
    pub(super) fn check(&self) {
        use crate::limits::LATELY_GONE;
        let waiting = |room: &Room| {
            let watchers =
                room.watchers.values().filter(|watcher| matches!(watcher.link, Link::Grace(_))).count();
            watchers
                + usize::from(matches!(room.stage, Stage::Held(_, Link::Grace(_))))
                + usize::from(room.closes_at.is_some())
        };
        assert_eq!(self.due.len(), self.open.values().map(waiting).sum::<usize>(), "{self:#?}");
        assert!(self.open.len() <= self.bounds.rooms);
        assert_eq!(self.by_address.values().sum::<usize>(), self.open.len());
        assert!(self.by_address.values().all(|rooms| (1..=self.bounds.rooms_per_address).contains(rooms)));
        self.guesses.check();
        for room in self.open.values() {
            assert!(room.watchers.len() <= self.bounds.watchers);
            room.door.check();
            assert!(room.gone.len() <= LATELY_GONE);
            assert!(
                !room.door.is_said() || room.watchers.values().all(|watcher| watcher.presented.is_none())
            );
            assert_eq!(room.is_empty(), room.closes_at.is_some(), "exactly the empty rooms are about to go");
        }
    }
}

impl Seat {
    fn due(&self) -> Due {
        match self.role {
            Role::Broadcaster => Due::Broadcaster(self.room.clone()),
            Role::Watcher => Due::Watcher(self.room.clone(), self.id),
        }
    }
}

/// The effects of something that may be refused.
pub(super) type Outcome = Result<Option<Effect>, Refusal>;
