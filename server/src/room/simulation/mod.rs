//! Whatever happens in whatever order, the rules hold: random events over a few rooms, sessions and keys.

mod decided;

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;
use vong_protocol::{Attempt, ClientMessage, IceCandidate, Join, PeerId, RefuseReason, Role, ServerMessage};

use super::identity::peer_id;
use super::support::{ROOM_GRACE, SESSION_GRACE, join, key, newcomer, password, rooms, session};
use super::*;
use decided::Decided;

#[derive(Clone, Copy, Debug)]
enum Step {
    Join { room: usize, role: Role, session: Option<u64>, key: Option<u64>, word: Option<u8>, address: u8 },
    Say { who: usize, what: usize, to: usize },
    Admit { who: usize, locked: bool, word: Option<u8>, most: Option<u32> },
    Remove { who: usize, whom: usize, bar: bool },
    Unbar { who: usize },
    Leave { who: usize },
    Lose { who: usize },
    Wait { milliseconds: u64 },
}

fn step() -> impl Strategy<Value = Step> {
    let role = prop_oneof![1 => Just(Role::Broadcaster), 2 => Just(Role::Watcher)];
    let (session, key) = (proptest::option::of(0..6_u64), proptest::option::of(0..2_u64));
    let word = || proptest::option::of(0..2_u8);
    let joining = (0..4_usize, role, session, key, word(), 0..3_u8);
    let most = proptest::option::of(0..4_u32);
    let admitting = (any::<usize>(), proptest::bool::weighted(0.2), word(), most);
    prop_oneof![
        6 => joining.prop_map(|(room, role, session, key, word, address)| {
            Step::Join { room, role, session, key, word, address }
        }),
        2 => admitting.prop_map(|(who, locked, word, most)| Step::Admit { who, locked, word, most }),
        2 => any::<(usize, usize, bool)>().prop_map(|(who, whom, bar)| Step::Remove { who, whom, bar }),
        1 => any::<usize>().prop_map(|who| Step::Unbar { who }),
        6 => (any::<usize>(), 0..6_usize, any::<usize>()).prop_map(|(who, what, to)| Step::Say { who, what, to }),
        1 => any::<usize>().prop_map(|who| Step::Leave { who }),
        2 => any::<usize>().prop_map(|who| Step::Lose { who }),
        2 => (0..40_000_u64).prop_map(|milliseconds| Step::Wait { milliseconds }),
    ]
}

/// The rooms, and what an outside observer knows of them.
struct World {
    rooms: Rooms,
    now: Time,
    /// Connections that were let in and neither ended nor were told to.
    seats: BTreeMap<ConnectionId, Seat>,
    /// Every id that was ever given out.
    known: Vec<PeerId>,
    /// What was decided in the rooms that are there.
    decided: BTreeMap<RoomId, Decided>,
    connections: u64,
}

impl World {
    fn new() -> Self {
        let (seats, known, decided) = (BTreeMap::new(), Vec::new(), BTreeMap::new());
        Self { rooms: rooms(), now: Time::ZERO, seats, known, decided, connections: 0 }
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Join { room, role, session: token, key: presented, word, address } => {
                let join = Join {
                    key: presented.map(key),
                    session: token.map(session),
                    password: word.map(password),
                    ..join(["a", "b", "c", "d"][room], role)
                };
                let name = join.room.clone();
                self.connections += 1;
                let connection = ConnectionId(self.connections);
                let newcomer = newcomer(self.connections, address);
                let is_asked = self.is_asked(&newcomer, &join);
                let before = format!("{:?}", self.rooms.open);
                let decided = self.decided.get(&name).cloned().unwrap_or_default();
                let outcome = self.rooms.join(self.now, &newcomer, join.clone());
                if is_asked {
                    let places = outcome.as_ref().map(|_| self.rooms.open[&name].watchers.len());
                    decided.check_newcomer(&newcomer, &join, places.map_err(|refusal| refusal.code));
                }
                match outcome {
                    Ok((admission, effects)) => {
                        self.known.push(admission.seat.id);
                        assert_eq!(admission.key.is_some(), role == Role::Broadcaster);
                        self.seats.insert(connection, admission.seat);
                        self.observe(&name, effects);
                    }
                    Err(refusal) => {
                        assert_eq!(before, format!("{:?}", self.rooms.open), "{refusal} changes nothing");
                        if refusal.code == ErrorCode::RoomFull {
                            let watches = |seat: &&Seat| seat.room == name && seat.role == Role::Watcher;
                            let there = self.seats.values().filter(watches).count();
                            decided.check_full(there, self.rooms.open[&name].watchers.len());
                        }
                    }
                }
            }
            Step::Say { who, what, to } => {
                let Some((connection, seat)) = self.pick(who) else { return };
                let to = self.known[to % self.known.len()];
                if let Ok(Some(effect)) = self.rooms.route(connection, &seat, message(what, to)) {
                    self.observe_routed(connection, &seat, &effect);
                    self.observe(&seat.room, vec![effect]);
                }
            }
            Step::Admit { who, locked, word, most } => {
                let Some((_, seat)) = self.pick(who) else { return };
                let password = word.map(password);
                let message = ClientMessage::Admission { locked, password: password.clone(), most };
                let decided = self.decided.get(&seat.room).cloned().unwrap_or_default();
                let strangers = decided.strangers(&self.rooms.open[&seat.room].watchers, password.as_ref());
                if let Some(decided) = self.govern(who, &message) {
                    decided.admit(locked, password, most);
                    let here = &self.rooms.open[&seat.room].watchers;
                    assert!(strangers.iter().all(|id| !here.contains_key(id)), "they were asked, too");
                }
            }
            Step::Remove { who, whom, bar } => {
                let Some((_, seat)) = self.pick(who) else { return };
                let here = &self.rooms.open[&seat.room].watchers;
                // Somebody here, or one that may be anywhere.
                let id = here.keys().chain(self.known.last()).nth(whom % (here.len() + 1)).copied();
                let id = id.expect("the latest is known");
                let gone = self.rooms.open[&seat.room].gone.iter().find(|gone| gone.0 == id);
                let address = here.get(&id).map(|watcher| watcher.address).or(gone.map(|gone| gone.1));
                let Some(decided) = self.govern(who, &ClientMessage::Remove { id, bar }) else { return };
                if bar {
                    decided.bar(id, address);
                }
                let room = seat.room;
                assert!(!self.rooms.open[&room].watchers.contains_key(&id));
                let is_it = |seat: &Seat| seat.room == room && seat.role == Role::Watcher && seat.id == id;
                assert!(!self.seats.values().any(is_it));
            }
            Step::Unbar { who } => {
                if let Some(decided) = self.govern(who, &ClientMessage::Unbar {}) {
                    decided.unbar();
                }
            }
            Step::Leave { who } => self.part(who, Rooms::leave),
            Step::Lose { who } => self.part(who, Rooms::lose),
            Step::Wait { milliseconds } => {
                self.now += Duration::from_millis(milliseconds);
                for effect in self.rooms.expire(self.now) {
                    // Several rooms may speak at once: each message is within its own.
                    let room = self.room_of(&effect);
                    self.observe(&room, vec![effect]);
                }
                assert!(self.rooms.deadline().is_none_or(|deadline| deadline > self.now));
            }
        }
        self.check();
    }

    /// Whether somebody asks to watch who has no place.
    fn is_asked(&self, newcomer: &Newcomer, join: &Join) -> bool {
        let id = peer_id(&join.room, join.role, &join.session.unwrap_or(newcomer.fresh.session));
        let has_place = self.rooms.open.get(&join.room).is_some_and(|room| room.watchers.contains_key(&id));
        join.role == Role::Watcher && !has_place
    }

    /// Somebody decides something: if that may be, what was decided in its room before.
    fn govern(&mut self, who: usize, message: &ClientMessage) -> Option<&mut Decided> {
        let (connection, seat) = self.pick(who)?;
        let before = format!("{:?}", self.rooms.open);
        let outcome = self.rooms.govern(self.now, connection, &seat, message.clone());
        assert!(seat.role == Role::Broadcaster || outcome.is_err(), "a watcher decides nothing");
        let Ok(effects) = outcome else {
            assert_eq!(before, format!("{:?}", self.rooms.open), "a refusal changes nothing");
            return None;
        };
        let decided = self.decided.entry(seat.room.clone()).or_default();
        for effect in &effects {
            decided.check_effect(connection, message, effect, &self.seats);
        }
        self.observe(&seat.room, effects);
        self.decided.get_mut(&seat.room)
    }

    fn pick(&self, who: usize) -> Option<(ConnectionId, Seat)> {
        let (connection, seat) = self.seats.iter().nth(who.checked_rem(self.seats.len())?)?;
        Some((*connection, seat.clone()))
    }

    fn part(&mut self, who: usize, how: fn(&mut Rooms, Time, ConnectionId, &Seat) -> Effects) {
        let Some((connection, seat)) = self.pick(who) else { return };
        self.seats.remove(&connection);
        let effects = how(&mut self.rooms, self.now, connection, &seat);
        self.observe(&seat.room, effects);
    }

    fn room_of(&self, effect: &Effect) -> RoomId {
        let (Effect::Send(to, _) | Effect::Close(to, _)) = effect else {
            let Effect::SendAll(readers, _) = effect else { unreachable!() };
            return self.seats[&readers[0]].room.clone();
        };
        self.seats[to].room.clone()
    }

    /// What comes of something in one room reaches only those who sit in it, in the roles that it is for.
    fn observe(&mut self, room: &RoomId, effects: Effects) {
        for effect in effects {
            match effect {
                Effect::Close(connection, _) => {
                    assert_eq!(&self.seats.remove(&connection).expect("is seated").room, room);
                }
                Effect::Send(to, message) => self.check_reader(room, to, &message),
                Effect::SendAll(readers, message) => {
                    assert!(!readers.is_empty());
                    for to in readers {
                        self.check_reader(room, to, &message);
                    }
                }
            }
        }
    }

    fn check_reader(&self, room: &RoomId, to: ConnectionId, message: &ServerMessage) {
        let seat = self.seats.get(&to).expect("only who is seated hears anything");
        assert_eq!(&seat.room, room, "nothing leaves its room");
        let is_for = match message {
            ServerMessage::Broadcaster { .. }
            | ServerMessage::Answer { .. }
            | ServerMessage::Refused { .. } => Some(Role::Watcher),
            ServerMessage::Offer { .. }
            | ServerMessage::WatcherJoined { .. }
            | ServerMessage::WatcherLeft { .. } => Some(Role::Broadcaster),
            _ => None,
        };
        assert!(is_for.is_none_or(|role| role == seat.role), "{message:?} to {seat:?}");
    }

    /// A message that is passed on names its sender, and crosses from one role to the other.
    fn observe_routed(&self, sender: ConnectionId, seat: &Seat, effect: &Effect) {
        let Effect::Send(to, message) = effect else { panic!("{effect:?}") };
        match message.as_ref() {
            ServerMessage::Offer { from, .. }
            | ServerMessage::Answer { from, .. }
            | ServerMessage::Candidate { from, .. } => {
                assert_eq!(*from, seat.id);
                assert_ne!(self.seats[to].role, seat.role);
            }
            ServerMessage::Refused { reason, .. } if *to == sender => {
                assert_eq!(*reason, RefuseReason::NobodyLive);
            }
            ServerMessage::Refused { .. } => assert_eq!(seat.role, Role::Broadcaster),
            other => panic!("{other:?} is never passed on"),
        }
    }

    fn check(&mut self) {
        self.rooms.check();
        self.decided.retain(|name, _| self.rooms.open.contains_key(name));
        let mut broadcasters: Vec<_> = self
            .seats
            .values()
            .filter(|seat| seat.role == Role::Broadcaster)
            .map(|seat| &seat.room)
            .collect();
        let all = broadcasters.len();
        broadcasters.sort();
        broadcasters.dedup();
        assert_eq!(broadcasters.len(), all, "at most one broadcaster in a room");
        for (connection, seat) in &self.seats {
            assert!(self.rooms.open[&seat.room].is_seated(seat.id, *connection), "{seat:?} is forgotten");
        }
    }
}

fn message(what: usize, to: PeerId) -> ClientMessage {
    let (attempt, sdp) = (Attempt(1), String::new());
    let candidate = IceCandidate {
        candidate: String::new(),
        sdp_mid: None,
        sdp_m_line_index: None,
        username_fragment: None,
    };
    match what {
        0 => ClientMessage::Offer { attempt, restart: false, sdp },
        1 => ClientMessage::Answer { to, attempt, sdp },
        2 => ClientMessage::Candidate { to: None, attempt, candidate },
        3 => ClientMessage::Candidate { to: Some(to), attempt, candidate },
        4 => ClientMessage::Refuse { to, attempt, reason: RefuseReason::Failed },
        _ => ClientMessage::Pong {},
    }
}

proptest! {
    #[test]
    fn no_order_of_events_breaks_a_rule(steps in proptest::collection::vec(step(), 1..120)) {
        let mut world = World::new();
        for step in steps {
            world.take(step);
        }
        while !world.seats.is_empty() {
            world.take(Step::Lose { who: 0 });
        }
        world.take(Step::Wait { milliseconds: u64::try_from((SESSION_GRACE + ROOM_GRACE).as_millis()).unwrap() });
        // A room empties at the end of the last session's grace, which `expire` learns of only then.
        world.take(Step::Wait { milliseconds: u64::try_from(ROOM_GRACE.as_millis()).unwrap() });
        prop_assert!(world.rooms.open.is_empty(), "empty rooms go");
        prop_assert_eq!(world.rooms.deadline(), None);
    }
}
