//! Rooms: who is in which, as what, and who may say what to whom.
//!
//! Pure. The time and fresh secrets come in as parameters, effects go out as data, in order. It must not know sockets,
//! tasks, clocks or JSON. A connection is a number to it; whoever holds that number keeps the [`Seat`] that joining gave
//! and shows both with everything it does, so that a connection that was replaced can do nothing more.

mod door;
mod governing;
mod guesses;
mod identity;
mod membership;
mod removal;
mod rooms;
mod routing;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod support;
#[cfg(test)]
mod tests;

use std::time::Duration;

use vong_protocol::{
    BroadcasterKey, ErrorCode, PeerId, Role, RoomId, RoomSnapshot, ServerMessage, SessionToken,
};

use crate::address::Address;
pub(crate) use rooms::Rooms;

/// Time since the server began.
pub(crate) type Time = Duration;

/// One connection, never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ConnectionId(pub(crate) u64);

/// The settings that rooms go by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RoomBounds {
    /// Rooms at one time.
    pub(crate) rooms: usize,
    /// Rooms at one time that were opened from one address.
    pub(crate) rooms_per_address: usize,
    /// Watchers in one room, those in grace included.
    pub(crate) watchers: usize,
    /// How long an empty room keeps its broadcaster key.
    pub(crate) room_grace: Time,
    /// How long a member without a connection keeps its place.
    pub(crate) session_grace: Time,
}

/// Secrets to use where a client brings none of its own.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fresh {
    /// For a new session.
    pub(crate) session: SessionToken,
    /// For a room without an owner.
    pub(crate) key: BroadcasterKey,
}

/// Who asks to join.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Newcomer {
    /// Its connection.
    pub(crate) connection: ConnectionId,
    /// Whom a room that it opens is counted against, and what bars and wrong passwords go by.
    pub(crate) address: Address,
    /// Used as far as needed.
    pub(crate) fresh: Fresh,
}

/// A member's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seat {
    /// Where.
    pub(crate) room: RoomId,
    /// As what.
    pub(crate) role: Role,
    /// Under which id.
    pub(crate) id: PeerId,
}

/// What a newcomer that was let in is told.
#[derive(Clone, Debug)]
pub(crate) struct Admission {
    /// Its place.
    pub(crate) seat: Seat,
    /// What resumes its session.
    pub(crate) session: SessionToken,
    /// To a broadcaster: the room's key.
    pub(crate) key: Option<BroadcasterKey>,
    /// The room as it is now.
    pub(crate) snapshot: RoomSnapshot,
}

/// What must happen outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// One member hears this.
    Send(ConnectionId, Box<ServerMessage>),
    /// Several members hear the same.
    SendAll(Vec<ConnectionId>, Box<ServerMessage>),
    /// This connection ends, for this reason. Its seat is void already.
    Close(ConnectionId, ErrorCode),
}

impl Effect {
    fn send(to: ConnectionId, message: ServerMessage) -> Self {
        Self::Send(to, Box::new(message))
    }
}

/// Effects, in order.
pub(crate) type Effects = Vec<Effect>;
