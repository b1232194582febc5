//! What the tests of rooms share: names, newcomers, and a broadcaster that decides.

use std::net::IpAddr;
use std::time::Duration;

use vong_protocol::{
    BroadcasterKey, ClientMessage, ErrorCode, Join, Password, Refusal, Role, RoomId, SessionToken, VERSION,
};

use super::{Admission, ConnectionId, Effects, Fresh, Newcomer, RoomBounds, Rooms, Time};

pub(super) const SESSION_GRACE: Time = Duration::from_secs(15);
pub(super) const ROOM_GRACE: Time = Duration::from_mins(1);
pub(super) const WATCHERS: usize = 2;
pub(super) const START: Time = Duration::ZERO;

pub(super) fn rooms() -> Rooms {
    Rooms::new(RoomBounds {
        rooms: 3,
        rooms_per_address: 2,
        watchers: WATCHERS,
        room_grace: ROOM_GRACE,
        session_grace: SESSION_GRACE,
    })
}

fn secret(name: u64) -> String {
    format!("{name:022}")
}

pub(super) fn session(name: u64) -> SessionToken {
    SessionToken::parse(&secret(name)).unwrap()
}

pub(super) fn key(name: u64) -> BroadcasterKey {
    BroadcasterKey::parse(&secret(name)).unwrap()
}

pub(super) fn password(name: u8) -> Password {
    Password::parse(&format!("password {name}")).unwrap()
}

pub(super) fn newcomer(connection: u64, address: u8) -> Newcomer {
    Newcomer {
        connection: ConnectionId(connection),
        address: IpAddr::from([192, 0, 2, address]).into(),
        fresh: Fresh { session: session(1_000_000 + connection), key: key(2_000_000 + connection) },
    }
}

pub(super) fn join(room: &str, role: Role) -> Join {
    let room = RoomId::parse(room).unwrap();
    Join { version: VERSION, room, role, key: None, session: None, password: None }
}

pub(super) fn enter(rooms: &mut Rooms, connection: u64, role: Role) -> Admission {
    rooms.join(START, &newcomer(connection, 1), join("demo", role)).unwrap().0
}

pub(super) fn code<T: std::fmt::Debug>(outcome: Result<T, Refusal>) -> ErrorCode {
    outcome.unwrap_err().code
}

pub(super) const OPEN: ClientMessage = ClientMessage::Admission { locked: false, password: None, most: None };
pub(super) const LOCKED: ClientMessage =
    ClientMessage::Admission { locked: true, password: None, most: None };

pub(super) fn watch() -> Join {
    join("demo", Role::Watcher)
}

/// Rooms of which one has a broadcaster, over connection 1 and from address 1, that asks for nothing.
pub(super) fn live() -> (Rooms, Admission) {
    let mut rooms = rooms();
    let broadcaster = enter(&mut rooms, 1, Role::Broadcaster);
    assert_eq!(decide(&mut rooms, &broadcaster, OPEN), []);
    (rooms, broadcaster)
}

pub(super) fn decide(rooms: &mut Rooms, broadcaster: &Admission, message: ClientMessage) -> Effects {
    decide_over(rooms, 1, broadcaster, message)
}

/// The same over another connection.
pub(super) fn decide_over(
    rooms: &mut Rooms,
    connection: u64,
    broadcaster: &Admission,
    message: ClientMessage,
) -> Effects {
    let effects = rooms.govern(START, ConnectionId(connection), &broadcaster.seat, message).unwrap();
    rooms.check();
    effects
}

/// The code that a newcomer hears, who changes nothing thereby.
pub(super) fn refused(
    rooms: &mut Rooms,
    now: Time,
    (connection, address): (u64, u8),
    join: Join,
) -> ErrorCode {
    let before = format!("{:?}", rooms.open);
    let outcome = rooms.join(now, &newcomer(connection, address), join);
    assert_eq!(before, format!("{:?}", rooms.open), "a refusal changes nothing");
    code(outcome)
}
