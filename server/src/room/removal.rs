//! Who has to go: how a watcher's place is taken from it, and kept from it by a bar.

use vong_protocol::{Departure, ErrorCode, PeerId, Refusal, RoomId};

use super::membership::Link;
use super::{Effect, Effects, Rooms, Seat};

impl Rooms {
    /// Takes a watcher's place from it, if it has one.
    pub(super) fn evict(
        &mut self,
        name: &RoomId,
        id: PeerId,
        departure: Departure,
        reason: ErrorCode,
        effects: &mut Effects,
    ) -> Option<()> {
        let room = self.open.get_mut(name)?;
        let link = room.watchers.get(&id)?.link;
        room.remove_watcher(id, departure, effects);
        match link {
            Link::Open(connection) => effects.push(Effect::Close(connection, reason)),
            Link::Grace(until) => self.forget_watcher(until, name, id),
        }
        Some(())
    }

    /// Removes a watcher, and bars it if that is wanted.
    pub(super) fn remove(&mut self, seat: &Seat, id: PeerId, bar: bool) -> Result<Effects, Refusal> {
        let mut effects = Vec::new();
        let was_here =
            self.evict(&seat.room, id, Departure::Left, ErrorCode::Removed, &mut effects).is_some();
        match self.open.get_mut(&seat.room) {
            Some(room) if bar => {
                // Who has gone a moment before must not come back for that.
                let address = room.gone.iter().find(|(gone, _)| *gone == id).map(|(_, address)| *address);
                room.door.bar(id, address);
                Ok(effects)
            }
            _ if was_here => Ok(effects),
            _ => Err(Refusal::new(ErrorCode::UnknownPeer, format!("No watcher here is {id}."))),
        }
    }
}

#[cfg(test)]
mod tests {
    use vong_protocol::{ClientMessage, Join, Role, ServerMessage};

    use super::*;
    use crate::limits::LATELY_GONE;
    use crate::room::ConnectionId;
    use crate::room::support::{START, code, decide, enter, join, live, newcomer, refused, session, watch};

    #[test]
    fn a_watcher_that_is_removed_loses_its_place_at_once() {
        let (mut rooms, broadcaster) = live();
        for is_there in [true, false] {
            let watcher = enter(&mut rooms, 2, Role::Watcher);
            let id = watcher.seat.id;
            if !is_there {
                rooms.lose(START, ConnectionId(2), &watcher.seat);
            }
            let left = ServerMessage::WatcherLeft { id, departure: Departure::Left };
            let mut expected = vec![Effect::send(ConnectionId(1), left)];
            if is_there {
                expected.push(Effect::Close(ConnectionId(2), ErrorCode::Removed));
            }
            let remove = || ClientMessage::Remove { id, bar: false };
            assert_eq!(decide(&mut rooms, &broadcaster, remove()), expected);
            assert_eq!(rooms.lose(START, ConnectionId(2), &watcher.seat), [], "its seat is void");
            assert_eq!(rooms.deadline(), None);
            let again = rooms.govern(START, ConnectionId(1), &broadcaster.seat, remove());
            assert_eq!(code(again), ErrorCode::UnknownPeer);
            let back = Join { session: Some(watcher.session), ..watch() };
            let (back, _) = rooms.join(START, &newcomer(3, 1), back).unwrap();
            assert_eq!(back.seat.id, id, "it is not barred");
            rooms.leave(START, ConnectionId(3), &back.seat);
        }
    }

    #[test]
    fn who_is_barred_does_not_come_back_from_elsewhere_nor_as_somebody_else() {
        let (mut rooms, broadcaster) = live();
        let theirs = Join { session: Some(session(7)), ..watch() };
        let (watcher, _) = rooms.join(START, &newcomer(2, 8), theirs.clone()).unwrap();
        let (beside, _) = rooms.join(START, &newcomer(3, 9), watch()).unwrap();
        rooms.lose(START, ConnectionId(2), &watcher.seat);
        rooms.join(START, &newcomer(4, 9), theirs.clone()).unwrap();
        decide(&mut rooms, &broadcaster, ClientMessage::Remove { id: watcher.seat.id, bar: true });
        assert_eq!(refused(&mut rooms, START, (5, 2), theirs.clone()), ErrorCode::Removed);
        assert_eq!(
            refused(&mut rooms, START, (5, 9), watch()),
            ErrorCode::Removed,
            "where it came from last"
        );

        rooms.lose(START, ConnectionId(3), &beside.seat);
        let resumed = Join { session: Some(beside.session), ..watch() };
        rooms.join(START, &newcomer(6, 9), resumed).unwrap();
        rooms.join(START, &newcomer(7, 9), join("other", Role::Watcher)).unwrap();
        decide(&mut rooms, &broadcaster, ClientMessage::Unbar {});
        rooms.join(START, &newcomer(8, 9), theirs).unwrap();
    }

    #[test]
    fn who_has_gone_a_moment_before_is_barred_all_the_same_and_so_is_its_address() {
        let (mut rooms, broadcaster) = live();
        let theirs = Join { session: Some(session(7)), ..watch() };
        let (watcher, _) = rooms.join(START, &newcomer(2, 9), theirs.clone()).unwrap();
        rooms.leave(START, ConnectionId(2), &watcher.seat);
        let bar = ClientMessage::Remove { id: watcher.seat.id, bar: true };
        assert_eq!(decide(&mut rooms, &broadcaster, bar), []);
        assert_eq!(refused(&mut rooms, START, (3, 2), theirs), ErrorCode::Removed);
        assert_eq!(refused(&mut rooms, START, (3, 9), watch()), ErrorCode::Removed);
        for connection in 10..10 + 2 * u64::try_from(LATELY_GONE).unwrap() {
            let (passer, _) = rooms.join(START, &newcomer(connection, 1), watch()).unwrap();
            rooms.leave(START, ConnectionId(connection), &passer.seat);
            rooms.check();
        }
    }

    #[test]
    fn nobody_but_a_watcher_of_the_room_is_removed() {
        let (mut rooms, broadcaster) = live();
        let (foreign, _) = rooms.join(START, &newcomer(2, 1), join("other", Role::Watcher)).unwrap();
        let before = format!("{:?}", rooms.open);
        for id in [foreign.seat.id, broadcaster.seat.id] {
            let remove = ClientMessage::Remove { id, bar: false };
            let outcome = rooms.govern(START, ConnectionId(1), &broadcaster.seat, remove);
            assert_eq!(code(outcome), ErrorCode::UnknownPeer);
        }
        assert_eq!(before, format!("{:?}", rooms.open));
    }
}
