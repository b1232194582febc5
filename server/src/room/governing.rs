//! What a broadcaster decides about those who watch, and who may come. How somebody has to go is `removal`'s.

use vong_protocol::{ClientMessage, Departure, ErrorCode, Refusal, Role, RoomId};

use super::{ConnectionId, Effects, Rooms, Seat, Time};

impl Rooms {
    /// Does what a broadcaster decides, or says why not. A refusal changes nothing. Any other message is none of this
    /// file's.
    pub(crate) fn govern(
        &mut self,
        now: Time,
        connection: ConnectionId,
        seat: &Seat,
        message: ClientMessage,
    ) -> Result<Effects, Refusal> {
        let Some(room) = self.open.get_mut(&seat.room).filter(|room| room.is_seated(seat.id, connection))
        else {
            // Replaced a moment ago; its connection is being closed.
            return Ok(Vec::new());
        };
        if seat.role == Role::Watcher {
            let detail = "Only the broadcaster decides who may watch.";
            return Err(Refusal::new(ErrorCode::WrongRole, detail.to_owned()));
        }
        match message {
            ClientMessage::Admission { locked, password, most } => {
                let is_first = !room.door.is_said();
                room.door.set(locked, password, most);
                if is_first {
                    return Ok(self.ask_who_came_early(now, &seat.room));
                }
            }
            ClientMessage::Remove { id, bar } => return self.remove(seat, id, bar),
            ClientMessage::Unbar {} => room.door.unbar(),
            _ => {}
        }
        Ok(Vec::new())
    }

    /// Watchers came before it was said what is asked of them. Those without the password have to go: otherwise a
    /// broadcaster would have to be there before everybody else.
    fn ask_who_came_early(&mut self, now: Time, name: &RoomId) -> Effects {
        let Some(room) = self.open.get_mut(name) else { return Vec::new() };
        let mut refused = Vec::new();
        for (id, watcher) in &mut room.watchers {
            let presented = watcher.presented.take();
            let asked = room.door.ask_password(now, watcher.address, presented.as_ref(), &mut self.guesses);
            if let Err(refusal) = asked {
                refused.push((*id, refusal.code));
            }
        }
        let mut effects = Vec::new();
        for (id, reason) in refused {
            // It hears no answer any more. What it sees already, from before a server that knows nothing, goes on.
            self.evict(name, id, Departure::Lost, reason, &mut effects);
        }
        effects
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use vong_protocol::{Join, ServerMessage};

    use super::*;
    use crate::limits::{GUESS_WINDOW, WRONG_GUESSES};
    use crate::room::Effect;
    use crate::room::support::{
        LOCKED, OPEN, ROOM_GRACE, SESSION_GRACE, START, code, decide, decide_over, enter, join, live,
        newcomer, password, refused, rooms, watch,
    };

    fn at_most(most: u32) -> ClientMessage {
        ClientMessage::Admission { locked: false, password: None, most: Some(most) }
    }

    fn asking(name: u8) -> ClientMessage {
        ClientMessage::Admission { locked: false, password: Some(password(name)), most: None }
    }

    fn knowing(name: u8) -> Join {
        Join { password: Some(password(name)), ..watch() }
    }

    #[test]
    fn a_locked_room_lets_nobody_else_in_and_throws_nobody_out() {
        let (mut rooms, broadcaster) = live();
        let inside = enter(&mut rooms, 2, Role::Watcher);
        assert_eq!(decide(&mut rooms, &broadcaster, LOCKED), []);
        assert!(rooms.open[&inside.seat.room].is_seated(inside.seat.id, ConnectionId(2)));
        assert_eq!(refused(&mut rooms, START, (3, 1), watch()), ErrorCode::RoomLocked);

        rooms.lose(START, ConnectionId(2), &inside.seat);
        let again = || Join { session: Some(inside.session), ..watch() };
        rooms.join(START, &newcomer(4, 1), again()).unwrap();
        rooms.lose(START, ConnectionId(4), &inside.seat);
        rooms.expire(SESSION_GRACE);
        assert_eq!(refused(&mut rooms, SESSION_GRACE, (5, 1), again()), ErrorCode::RoomLocked, "too late");

        decide(&mut rooms, &broadcaster, OPEN);
        rooms.join(SESSION_GRACE, &newcomer(6, 1), watch()).unwrap();
    }

    #[test]
    fn a_room_with_a_password_asks_watchers_for_it_but_not_who_resumes_and_not_broadcasters() {
        let (mut rooms, broadcaster) = live();
        let inside = enter(&mut rooms, 2, Role::Watcher);
        decide(&mut rooms, &broadcaster, asking(1));
        assert_eq!(refused(&mut rooms, START, (3, 1), watch()), ErrorCode::PasswordNeeded);
        assert_eq!(refused(&mut rooms, START, (3, 1), knowing(2)), ErrorCode::PasswordWrong);
        rooms.join(START, &newcomer(3, 1), knowing(1)).unwrap();

        rooms.lose(START, ConnectionId(2), &inside.seat);
        rooms.join(START, &newcomer(4, 1), Join { session: Some(inside.session), ..knowing(2) }).unwrap();
        let reloaded = Join { key: broadcaster.key, ..join("demo", Role::Broadcaster) };
        rooms.join(START, &newcomer(5, 1), reloaded).unwrap();
    }

    #[test]
    fn a_password_that_is_not_asked_for_is_not_looked_at() {
        let (mut rooms, broadcaster) = live();
        rooms.join(START, &newcomer(2, 1), knowing(1)).unwrap();
        decide(&mut rooms, &broadcaster, LOCKED);
        for connection in 3..30 {
            assert_eq!(refused(&mut rooms, START, (connection, 1), knowing(1)), ErrorCode::RoomLocked);
        }
        decide(&mut rooms, &broadcaster, asking(2));
        rooms.join(START, &newcomer(30, 1), knowing(2)).unwrap();
    }

    #[test]
    fn who_came_before_anything_was_said_is_asked_for_the_password() {
        for (presented, is_there, code) in [
            (watch(), true, Some(ErrorCode::PasswordNeeded)),
            (knowing(2), true, Some(ErrorCode::PasswordWrong)),
            (knowing(2), false, Some(ErrorCode::PasswordWrong)),
            (knowing(1), true, None),
            (knowing(1), false, None),
        ] {
            let mut rooms = rooms();
            let (early, _) = rooms.join(START, &newcomer(1, 1), presented).unwrap();
            let (broadcaster, _) =
                rooms.join(START, &newcomer(2, 1), join("demo", Role::Broadcaster)).unwrap();
            if !is_there {
                rooms.lose(START, ConnectionId(1), &early.seat);
            }
            assert_eq!(decide_over(&mut rooms, 2, &broadcaster, ClientMessage::Unbar {}), []);
            let effects = decide_over(&mut rooms, 2, &broadcaster, asking(1));
            let id = early.seat.id;
            let left = ServerMessage::WatcherLeft { id, departure: Departure::Lost };
            let told = code.map(|_| Effect::send(ConnectionId(2), left));
            let closed = code.filter(|_| is_there).map(|code| Effect::Close(ConnectionId(1), code));
            assert_eq!(effects, told.into_iter().chain(closed).collect::<Vec<_>>());
            let again = Join { session: Some(early.session), ..watch() };
            match code {
                Some(_) => {
                    assert_eq!(refused(&mut rooms, START, (3, 1), again), ErrorCode::PasswordNeeded);
                }
                None => assert!(rooms.join(START, &newcomer(3, 1), again).is_ok(), "it has its place"),
            }
        }
    }

    #[test]
    fn who_is_in_is_not_asked_by_what_is_said_later_nor_by_a_reload() {
        let (mut rooms, broadcaster) = live();
        let inside = enter(&mut rooms, 2, Role::Watcher);
        assert_eq!(decide(&mut rooms, &broadcaster, asking(1)), [], "nothing was asked for before");
        let reloaded = Join { key: broadcaster.key, ..join("demo", Role::Broadcaster) };
        let (second, _) = rooms.join(START, &newcomer(3, 1), reloaded).unwrap();
        assert_eq!(decide_over(&mut rooms, 3, &second, asking(1)), []);
        assert!(rooms.open[&inside.seat.room].is_seated(inside.seat.id, ConnectionId(2)));
    }

    #[test]
    fn a_lock_and_a_cap_leave_in_who_came_before_the_broadcaster() {
        for decided in [LOCKED, at_most(0)] {
            let mut rooms = rooms();
            enter(&mut rooms, 1, Role::Watcher);
            let broadcaster = enter(&mut rooms, 2, Role::Broadcaster);
            assert_eq!(decide_over(&mut rooms, 2, &broadcaster, decided), []);
        }
    }

    #[test]
    fn what_is_decided_replaces_what_was_as_a_whole() {
        let (mut rooms, broadcaster) = live();
        decide(&mut rooms, &broadcaster, asking(1));
        decide(&mut rooms, &broadcaster, at_most(1));
        rooms.join(START, &newcomer(2, 1), watch()).unwrap();
        assert_eq!(refused(&mut rooms, START, (3, 1), watch()), ErrorCode::RoomFull);
        decide(&mut rooms, &broadcaster, asking(1));
        rooms.join(START, &newcomer(4, 1), knowing(1)).unwrap();
    }

    #[test]
    fn who_guesses_is_looked_at_no_more_for_a_while_whatever_it_says_and_in_whichever_room() {
        let (mut rooms, broadcaster) = live();
        decide(&mut rooms, &broadcaster, asking(1));
        let tried = |rooms: &mut Rooms, now, name| refused(rooms, now, (2, 9), knowing(name));
        for guess in 2.. {
            // The same again is one.
            assert_eq!(tried(&mut rooms, START, 2), ErrorCode::PasswordWrong);
            assert_eq!(tried(&mut rooms, START, guess), ErrorCode::PasswordWrong);
            if usize::from(guess) > WRONG_GUESSES {
                break;
            }
        }
        assert_eq!(tried(&mut rooms, START, 1), ErrorCode::RateLimited, "even the right one");
        assert_eq!(refused(&mut rooms, START, (2, 9), watch()), ErrorCode::PasswordNeeded);

        let mut other = newcomer(3, 1);
        let (second, _) = rooms.join(START, &other, join("other", Role::Broadcaster)).unwrap();
        rooms.govern(START, ConnectionId(3), &second.seat, asking(1)).unwrap();
        other = newcomer(4, 9);
        let there = Join { password: Some(password(1)), ..join("other", Role::Watcher) };
        assert_eq!(code(rooms.join(START, &other, there)), ErrorCode::RateLimited);

        let last = Duration::from_millis(59_999);
        assert_eq!(tried(&mut rooms, last, 1), ErrorCode::RateLimited, "being refused does not prolong it");
        rooms.join(START + GUESS_WINDOW, &newcomer(5, 9), knowing(1)).unwrap();
    }

    #[test]
    fn a_cap_below_those_who_are_there_throws_nobody_out_and_gives_no_place_away() {
        let (mut rooms, broadcaster) = live();
        let first = enter(&mut rooms, 2, Role::Watcher);
        enter(&mut rooms, 3, Role::Watcher);
        assert_eq!(decide(&mut rooms, &broadcaster, at_most(1)), []);
        rooms.lose(START, ConnectionId(2), &first.seat);
        assert_eq!(
            refused(&mut rooms, START, (4, 1), watch()),
            ErrorCode::RoomFull,
            "there would be two still"
        );
        rooms.join(START, &newcomer(5, 1), Join { session: Some(first.session), ..watch() }).unwrap();

        rooms.leave(START, ConnectionId(5), &first.seat);
        assert_eq!(refused(&mut rooms, START, (6, 1), watch()), ErrorCode::RoomFull);
        decide(&mut rooms, &broadcaster, at_most(1_000));
        rooms.join(START, &newcomer(7, 1), watch()).unwrap();
        assert_eq!(
            refused(&mut rooms, START, (8, 1), watch()),
            ErrorCode::RoomFull,
            "the server's own bound"
        );
    }

    #[test]
    fn at_the_cap_a_place_that_is_only_kept_goes_to_a_newcomer() {
        let (mut rooms, broadcaster) = live();
        decide(&mut rooms, &broadcaster, at_most(1));
        let first = enter(&mut rooms, 2, Role::Watcher);
        rooms.lose(START, ConnectionId(2), &first.seat);
        rooms.join(START, &newcomer(3, 1), watch()).unwrap();
        rooms.check();
    }

    #[test]
    fn what_is_decided_is_kept_over_a_reload_and_goes_with_the_room() {
        let (mut rooms, broadcaster) = live();
        let barred = rooms.join(START, &newcomer(2, 9), watch()).unwrap().0;
        decide(&mut rooms, &broadcaster, LOCKED);
        decide(&mut rooms, &broadcaster, ClientMessage::Remove { id: barred.seat.id, bar: true });
        rooms.lose(START, ConnectionId(1), &broadcaster.seat);
        let is_kept = |rooms: &mut Rooms, now| {
            assert_eq!(refused(rooms, now, (3, 1), watch()), ErrorCode::RoomLocked);
            assert_eq!(refused(rooms, now, (3, 9), watch()), ErrorCode::Removed);
        };
        is_kept(&mut rooms, START);
        let reloaded = Join { key: broadcaster.key, ..join("demo", Role::Broadcaster) };
        let (second, _) = rooms.join(START, &newcomer(4, 1), reloaded).unwrap();
        assert_ne!(second.seat.id, broadcaster.seat.id);
        is_kept(&mut rooms, START);
        rooms.leave(START, ConnectionId(4), &second.seat);
        is_kept(&mut rooms, START);

        rooms.expire(START + ROOM_GRACE);
        rooms.join(START + ROOM_GRACE, &newcomer(5, 9), watch()).unwrap();
    }

    #[test]
    fn only_the_broadcaster_decides_and_only_over_the_connection_that_it_has_now() {
        let (mut rooms, broadcaster) = live();
        let watcher = enter(&mut rooms, 2, Role::Watcher);
        let before = format!("{:?}", rooms.open);
        let remove = |id| ClientMessage::Remove { id, bar: false };
        for message in [LOCKED, remove(watcher.seat.id), remove(broadcaster.seat.id), ClientMessage::Unbar {}]
        {
            let outcome = rooms.govern(START, ConnectionId(2), &watcher.seat, message);
            assert_eq!(code(outcome), ErrorCode::WrongRole);
        }
        let replaced = rooms.govern(START, ConnectionId(9), &broadcaster.seat, LOCKED);
        assert_eq!(replaced, Ok(Vec::new()), "a connection that was replaced has no say");
        assert_eq!(before, format!("{:?}", rooms.open));
    }
}
