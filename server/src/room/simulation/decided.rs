//! What was decided in one room, as an outside observer keeps it, and whether the room keeps to it.

use std::collections::BTreeMap;

use vong_protocol::{ClientMessage, Departure, ErrorCode, Join, Password, PeerId, ServerMessage};

use crate::address::Address;
use crate::room::identity::peer_id;
use crate::room::membership::Watcher;
use crate::room::support::WATCHERS;
use crate::room::{ConnectionId, Effect, Newcomer, Seat};

#[derive(Clone, Debug, Default)]
pub(super) struct Decided {
    is_said: bool,
    locked: bool,
    password: Option<Password>,
    most: Option<u32>,
    bars: Vec<(PeerId, Option<Address>)>,
}

impl Decided {
    pub(super) fn admit(&mut self, locked: bool, password: Option<Password>, most: Option<u32>) {
        (self.locked, self.password, self.most) = (locked, password, most);
        self.is_said = true;
    }

    pub(super) fn bar(&mut self, id: PeerId, address: Option<Address>) {
        self.bars.push((id, address));
    }

    pub(super) fn unbar(&mut self) {
        self.bars.clear();
    }

    fn most(&self) -> usize {
        self.most.map_or(WATCHERS, |most| WATCHERS.min(usize::try_from(most).unwrap()))
    }

    /// A newcomer is refused for what was decided, or let in, so that there are as many now.
    pub(super) fn check_newcomer(&self, newcomer: &Newcomer, join: &Join, outcome: Result<usize, ErrorCode>) {
        let id = peer_id(&join.room, join.role, &join.session.unwrap_or(newcomer.fresh.session));
        let is_barred = self.bars.iter().any(|bar| bar.0 == id || bar.1 == Some(newcomer.address));
        match outcome {
            Ok(places) => {
                assert!(!self.locked && !is_barred, "{self:?}");
                assert!(self.password.is_none() || self.password == join.password);
                assert!(places <= self.most());
            }
            Err(ErrorCode::Removed) => assert!(is_barred),
            Err(ErrorCode::RoomLocked) => assert!(self.locked),
            Err(ErrorCode::PasswordNeeded) => assert!(self.password.is_some() && join.password.is_none()),
            Err(ErrorCode::PasswordWrong) => assert_ne!(self.password, join.password),
            Err(ErrorCode::RateLimited) => assert!(self.password.is_some() && join.password.is_some()),
            Err(_) => {}
        }
    }

    /// A room is full only of those who are there, unless it holds more than it would let in.
    pub(super) fn check_full(&self, there: usize, places: usize) {
        assert!(there == self.most() || places > self.most(), "{there} of {places}: {self:?}");
    }

    /// Who of those in the room has to go if this password is the first thing that is asked for there.
    pub(super) fn strangers(
        &self,
        watchers: &BTreeMap<PeerId, Watcher>,
        password: Option<&Password>,
    ) -> Vec<PeerId> {
        let asked = watchers.iter().filter(|_| !self.is_said && password.is_some());
        asked.filter(|(_, watcher)| watcher.presented.as_ref() != password).map(|(id, _)| *id).collect()
    }

    /// What comes of a decision reaches the broadcaster, and whoever has to go by it.
    pub(super) fn check_effect(
        &self,
        broadcaster: ConnectionId,
        message: &ClientMessage,
        effect: &Effect,
        seats: &BTreeMap<ConnectionId, Seat>,
    ) {
        match (message, effect) {
            (ClientMessage::Remove { id, .. }, Effect::Close(to, reason)) => {
                assert_eq!((seats[to].id, *reason), (*id, ErrorCode::Removed), "nobody else has to go");
            }
            (ClientMessage::Remove { id, .. }, Effect::Send(to, told)) => {
                let left = ServerMessage::WatcherLeft { id: *id, departure: Departure::Left };
                assert_eq!((*to, told.as_ref()), (broadcaster, &left));
            }
            (ClientMessage::Admission { password, .. }, Effect::Close(..) | Effect::Send(..)) => {
                if let Effect::Send(to, told) = effect {
                    let is_lost =
                        matches!(**told, ServerMessage::WatcherLeft { departure: Departure::Lost, .. });
                    assert!(*to == broadcaster && is_lost, "its picture goes on");
                }
                assert!(!self.is_said && password.is_some(), "who is in stays");
            }
            _ => panic!("{effect:?}"),
        }
    }
}
