//! The rules of rooms, one by one, in simulated time.

use std::time::Duration;

use vong_protocol::{
    Attempt, ClientMessage, Departure, ErrorCode, IceCandidate, Join, Presence, RefuseReason, Role,
    ServerMessage,
};

use super::support::{ROOM_GRACE, SESSION_GRACE, START, code, enter, join, key, newcomer, rooms, session};
use super::*;

fn offer() -> ClientMessage {
    ClientMessage::Offer { attempt: Attempt(1), restart: false, sdp: "v=0".to_owned() }
}

fn candidate(to: Option<PeerId>) -> ClientMessage {
    let line = "candidate:1".to_owned();
    let candidate =
        IceCandidate { candidate: line, sdp_mid: None, sdp_m_line_index: None, username_fragment: None };
    ClientMessage::Candidate { to, attempt: Attempt(1), candidate }
}

fn presence_told(effects: &Effects) -> Option<(Vec<ConnectionId>, Presence)> {
    effects.iter().find_map(|effect| match effect {
        Effect::SendAll(to, message) => match message.as_ref() {
            ServerMessage::Broadcaster { presence } => Some((to.clone(), *presence)),
            _ => None,
        },
        _ => None,
    })
}

#[test]
fn a_session_has_one_id_per_room_and_role_whichever_server_it_meets() {
    let resumed = |room, role| {
        let join = Join { session: Some(session(7)), ..join(room, role) };
        rooms().join(START, &newcomer(1, 1), join).unwrap().0.seat.id
    };
    assert_eq!(resumed("demo", Role::Watcher), resumed("demo", Role::Watcher));
    assert_ne!(resumed("demo", Role::Watcher), resumed("demo", Role::Broadcaster));
    assert_ne!(resumed("demo", Role::Watcher), resumed("other", Role::Watcher));
}

#[test]
fn watchers_are_told_of_every_change_of_presence() {
    let mut rooms = rooms();
    let watcher = enter(&mut rooms, 1, Role::Watcher);
    assert_eq!(watcher.snapshot.broadcaster, Presence::Absent);
    let (first, effects) = rooms.join(START, &newcomer(2, 1), join("demo", Role::Broadcaster)).unwrap();
    let id = first.seat.id;
    assert_eq!(presence_told(&effects), Some((vec![ConnectionId(1)], Presence::Live { id })));
    assert_eq!(first.snapshot.watchers, [watcher.seat.id]);

    let away = rooms.lose(START, ConnectionId(2), &first.seat);
    assert_eq!(presence_told(&away).unwrap().1, Presence::Away { id });
    let again = Join { session: Some(first.session), ..join("demo", Role::Broadcaster) };
    let (resumed, effects) = rooms.join(START, &newcomer(3, 1), again).unwrap();
    assert_eq!(presence_told(&effects).unwrap().1, Presence::Live { id });

    rooms.lose(START, ConnectionId(3), &resumed.seat);
    assert!(rooms.expire(Duration::from_millis(14_999)).is_empty());
    assert_eq!(presence_told(&rooms.expire(SESSION_GRACE)).unwrap().1, Presence::Absent);

    let again = Join { session: Some(first.session), ..join("demo", Role::Broadcaster) };
    let (resumed, _) = rooms.join(START, &newcomer(4, 1), again).unwrap();
    assert_eq!(resumed.seat.id, id, "the session needs no key even after its grace");
    let ended = rooms.leave(SESSION_GRACE, ConnectionId(4), &resumed.seat);
    assert_eq!(presence_told(&ended).unwrap().1, Presence::Ended);
}

#[test]
fn a_room_with_an_owner_is_entered_with_its_key_only() {
    let mut rooms = rooms();
    let owner = enter(&mut rooms, 1, Role::Broadcaster);
    let with = |key| Join { key, ..join("demo", Role::Broadcaster) };
    assert_eq!(code(rooms.join(START, &newcomer(2, 1), with(None))), ErrorCode::RoomTaken);
    assert_eq!(code(rooms.join(START, &newcomer(2, 1), with(Some(key(9))))), ErrorCode::RoomTaken);

    let (second, effects) = rooms.join(START, &newcomer(3, 1), with(owner.key)).unwrap();
    assert_eq!(effects, [Effect::Close(ConnectionId(1), ErrorCode::TakenOver)]);
    assert_eq!(second.key, owner.key);
    assert_ne!(second.seat.id, owner.seat.id);
    assert!(
        rooms.lose(START, ConnectionId(1), &owner.seat).is_empty(),
        "the earlier page has no say any more"
    );

    rooms.leave(START, ConnectionId(3), &second.seat);
    assert_eq!(
        code(rooms.join(START, &newcomer(4, 1), with(None))),
        ErrorCode::RoomTaken,
        "ended, but not given up"
    );
    rooms.expire(ROOM_GRACE);
    assert!(rooms.join(START, &newcomer(5, 1), with(None)).is_ok(), "a new room of that name");
}

#[test]
fn a_room_without_an_owner_adopts_the_key_presented() {
    let mut rooms = rooms();
    enter(&mut rooms, 1, Role::Watcher);
    let presented = Join { key: Some(key(5)), ..join("demo", Role::Broadcaster) };
    assert_eq!(rooms.join(START, &newcomer(2, 1), presented).unwrap().0.key, Some(key(5)));
}

#[test]
fn the_newer_connection_of_a_session_replaces_the_older() {
    for role in [Role::Watcher, Role::Broadcaster] {
        let mut rooms = rooms();
        let first = enter(&mut rooms, 1, role);
        let again = Join { session: Some(first.session), ..join("demo", role) };
        let (second, effects) = rooms.join(START, &newcomer(2, 1), again).unwrap();
        assert_eq!(second.seat, first.seat);
        assert_eq!(effects, [Effect::Close(ConnectionId(1), ErrorCode::SessionReplaced)]);
        assert!(rooms.lose(START, ConnectionId(1), &first.seat).is_empty());
        assert_eq!(rooms.deadline(), None, "the member is still there");
        assert_eq!(rooms.route(ConnectionId(1), &first.seat, offer()), Ok(None));
    }
}

#[test]
fn watchers_are_told_again_when_a_live_broadcaster_has_a_new_connection() {
    let mut rooms = rooms();
    enter(&mut rooms, 1, Role::Watcher);
    let broadcaster = enter(&mut rooms, 2, Role::Broadcaster);
    let again = Join { session: Some(broadcaster.session), ..join("demo", Role::Broadcaster) };
    let (second, effects) = rooms.join(START, &newcomer(3, 1), again).unwrap();
    assert_eq!(second.seat, broadcaster.seat);
    let presence = Presence::Live { id: second.seat.id };
    assert_eq!(presence_told(&effects), Some((vec![ConnectionId(1)], presence)));
    assert!(effects.contains(&Effect::Close(ConnectionId(2), ErrorCode::SessionReplaced)));
    assert!(rooms.lose(START, ConnectionId(2), &second.seat).is_empty(), "nobody is told of its end");
}

#[test]
fn the_broadcaster_hears_who_comes_and_how_they_go() {
    let mut rooms = rooms();
    enter(&mut rooms, 1, Role::Broadcaster);
    let told = |effects: Effects| match effects.as_slice() {
        [Effect::Send(ConnectionId(1), message)] => message.as_ref().clone(),
        other => panic!("{other:?}"),
    };
    let (watcher, effects) = rooms.join(START, &newcomer(2, 1), join("demo", Role::Watcher)).unwrap();
    let id = watcher.seat.id;
    assert_eq!(told(effects), ServerMessage::WatcherJoined { id });
    let left = rooms.leave(START, ConnectionId(2), &watcher.seat);
    assert_eq!(told(left), ServerMessage::WatcherLeft { id, departure: Departure::Left });

    let again = || Join { session: Some(watcher.session), ..join("demo", Role::Watcher) };
    rooms.join(START, &newcomer(3, 1), again()).unwrap();
    assert!(rooms.lose(START, ConnectionId(3), &watcher.seat).is_empty(), "nobody is told during the grace");
    let (_, effects) = rooms.join(START, &newcomer(4, 1), again()).unwrap();
    assert_eq!(told(effects), ServerMessage::WatcherJoined { id });
    assert!(rooms.expire(SESSION_GRACE).is_empty(), "it came back in time");
    rooms.lose(START, ConnectionId(4), &watcher.seat);
    let lost = rooms.expire(SESSION_GRACE);
    assert_eq!(told(lost), ServerMessage::WatcherLeft { id, departure: Departure::Lost });
}

#[test]
fn messages_go_along_the_roles_only() {
    let mut rooms = rooms();
    let watcher = enter(&mut rooms, 1, Role::Watcher);
    let from = watcher.seat.id;
    let refused = ServerMessage::Refused { attempt: Attempt(1), reason: RefuseReason::NobodyLive };
    let route = |rooms: &Rooms, admission: &Admission, connection, message| {
        rooms.route(ConnectionId(connection), &admission.seat, message)
    };
    assert_eq!(route(&rooms, &watcher, 1, offer()), Ok(Some(Effect::send(ConnectionId(1), refused))));
    assert_eq!(route(&rooms, &watcher, 1, candidate(None)), Ok(None), "nobody to hear it");

    let broadcaster = enter(&mut rooms, 2, Role::Broadcaster);
    let Ok(Some(Effect::Send(to, message))) = route(&rooms, &watcher, 1, offer()) else { panic!("no offer") };
    assert_eq!(to, ConnectionId(2));
    assert!(matches!(*message, ServerMessage::Offer { from: whose, .. } if whose == from));
    let answer = |to| ClientMessage::Answer { to, attempt: Attempt(1), sdp: "v=0".to_owned() };
    assert!(matches!(
        route(&rooms, &broadcaster, 2, answer(from)),
        Ok(Some(Effect::Send(ConnectionId(1), _)))
    ));
    assert!(route(&rooms, &broadcaster, 2, candidate(Some(from))).unwrap().is_some());

    assert_eq!(code(route(&rooms, &watcher, 1, answer(from))), ErrorCode::WrongRole);
    assert_eq!(code(route(&rooms, &watcher, 1, candidate(Some(from)))), ErrorCode::WrongRole);
    assert_eq!(code(route(&rooms, &broadcaster, 2, offer())), ErrorCode::WrongRole);
    assert_eq!(code(route(&rooms, &broadcaster, 2, candidate(None))), ErrorCode::Malformed);
    let own = broadcaster.seat.id;
    assert_eq!(code(route(&rooms, &broadcaster, 2, answer(own))), ErrorCode::UnknownPeer);
    let (foreign, _) = rooms.join(START, &newcomer(3, 1), join("other", Role::Watcher)).unwrap();
    assert_eq!(code(route(&rooms, &broadcaster, 2, answer(foreign.seat.id))), ErrorCode::UnknownPeer);

    rooms.lose(START, ConnectionId(1), &watcher.seat);
    assert_eq!(route(&rooms, &broadcaster, 2, answer(from)), Ok(None), "it is in its grace");
}

#[test]
fn in_a_full_room_the_seat_that_has_been_empty_longest_goes_to_a_newcomer() {
    let mut rooms = rooms();
    enter(&mut rooms, 1, Role::Broadcaster);
    let earlier = enter(&mut rooms, 2, Role::Watcher);
    let later = enter(&mut rooms, 3, Role::Watcher);
    rooms.lose(START, ConnectionId(2), &earlier.seat);
    rooms.lose(START + Duration::from_secs(1), ConnectionId(3), &later.seat);

    let (arrived, effects) = rooms.join(START, &newcomer(4, 1), join("demo", Role::Watcher)).unwrap();
    let left = ServerMessage::WatcherLeft { id: earlier.seat.id, departure: Departure::Lost };
    let joined = ServerMessage::WatcherJoined { id: arrived.seat.id };
    assert_eq!(effects, [left, joined].map(|message| Effect::send(ConnectionId(1), message)));
    rooms.check();
    assert_eq!(rooms.deadline(), Some(START + Duration::from_secs(1) + SESSION_GRACE), "the other one's");

    let again = |earlier: &Admission| Join { session: Some(earlier.session), ..join("demo", Role::Watcher) };
    rooms.join(START, &newcomer(5, 1), again(&later)).unwrap();
    assert_eq!(
        code(rooms.join(START, &newcomer(6, 1), again(&earlier))),
        ErrorCode::RoomFull,
        "all are there"
    );
    rooms.check();
}

#[test]
fn a_room_that_never_had_a_broadcaster_goes_with_its_last_member() {
    let mut rooms = rooms();
    for connection in 0..9 {
        let name = format!("test-{connection}");
        let (watcher, _) = rooms.join(START, &newcomer(connection, 1), join(&name, Role::Watcher)).unwrap();
        if connection % 2 == 0 {
            rooms.leave(START, ConnectionId(connection), &watcher.seat);
        } else {
            rooms.lose(START, ConnectionId(connection), &watcher.seat);
            rooms.expire(SESSION_GRACE);
        }
        rooms.check();
        assert!(rooms.open.is_empty());
        assert_eq!(rooms.deadline(), None);
    }
}

#[test]
fn bounds_are_said_and_a_refusal_changes_nothing() {
    let mut rooms = rooms();
    let watcher = enter(&mut rooms, 1, Role::Watcher);
    enter(&mut rooms, 2, Role::Watcher);
    assert_eq!(code(rooms.join(START, &newcomer(3, 1), join("demo", Role::Watcher))), ErrorCode::RoomFull);
    let again = Join { session: Some(watcher.session), ..join("demo", Role::Watcher) };
    assert!(rooms.join(START, &newcomer(4, 1), again).is_ok(), "who is in has a place in a full room");
    rooms.join(START, &newcomer(5, 1), join("second", Role::Watcher)).unwrap();
    assert_eq!(
        code(rooms.join(START, &newcomer(6, 1), join("third", Role::Watcher))),
        ErrorCode::TooManyRooms
    );
    rooms.join(START, &newcomer(7, 2), join("third", Role::Watcher)).unwrap();
    assert_eq!(
        code(rooms.join(START, &newcomer(8, 2), join("fourth", Role::Watcher))),
        ErrorCode::TooManyRooms
    );
    rooms.check();
}
