//! Who may say what to whom: from a watcher to whoever serves its room, and from there to a watcher of the room.

use vong_protocol::{ClientMessage, ErrorCode, PeerId, Refusal, RefuseReason, Role, ServerMessage};

use super::membership::{Link, Room};
use super::rooms::Outcome;
use super::{ConnectionId, Effect, Rooms, Seat};

impl Rooms {
    /// Passes on what a member says, or says why not. Messages to a member in its grace are dropped: both sessions
    /// recover by themselves once it is back.
    pub(crate) fn route(&self, connection: ConnectionId, seat: &Seat, message: ClientMessage) -> Outcome {
        let Some(room) = self.open.get(&seat.room).filter(|room| room.is_seated(seat.id, connection)) else {
            // Replaced a moment ago; its connection is being closed.
            return Ok(None);
        };
        match seat.role {
            Role::Watcher => from_watcher(room, connection, seat.id, message),
            Role::Broadcaster => from_broadcaster(room, seat.id, message),
        }
    }
}

fn from_watcher(room: &Room, connection: ConnectionId, from: PeerId, message: ClientMessage) -> Outcome {
    match (message, room.broadcaster()) {
        (ClientMessage::Offer { attempt, restart, sdp }, Some(broadcaster)) => {
            Ok(Some(Effect::send(broadcaster, ServerMessage::Offer { from, attempt, restart, sdp })))
        }
        (ClientMessage::Offer { attempt, .. }, None) => Ok(Some(Effect::send(
            connection,
            ServerMessage::Refused { attempt, reason: RefuseReason::NobodyLive },
        ))),
        (ClientMessage::Candidate { to: None, attempt, candidate }, Some(broadcaster)) => {
            Ok(Some(Effect::send(broadcaster, ServerMessage::Candidate { from, attempt, candidate })))
        }
        (ClientMessage::Candidate { to: Some(_), .. }, _) => {
            wrong_role("A watcher's candidate has no \"to\": it goes to whoever serves the room.")
        }
        (ClientMessage::Answer { .. }, _) => wrong_role("Only the broadcaster answers."),
        (ClientMessage::Refuse { .. }, _) => wrong_role("Only the broadcaster refuses."),
        // Nobody is there to hear a candidate; the others are not for passing on.
        (ClientMessage::Candidate { to: None, .. }, None)
        | (
            ClientMessage::Join(_)
            | ClientMessage::Admission { .. }
            | ClientMessage::Remove { .. }
            | ClientMessage::Unbar {}
            | ClientMessage::Pong {}
            | ClientMessage::Leave {},
            _,
        ) => Ok(None),
    }
}

fn from_broadcaster(room: &Room, from: PeerId, message: ClientMessage) -> Outcome {
    match message {
        ClientMessage::Answer { to, attempt, sdp } => {
            to_watcher(room, to, ServerMessage::Answer { from, attempt, sdp })
        }
        ClientMessage::Refuse { to, attempt, reason } => {
            to_watcher(room, to, ServerMessage::Refused { attempt, reason })
        }
        ClientMessage::Candidate { to: Some(to), attempt, candidate } => {
            to_watcher(room, to, ServerMessage::Candidate { from, attempt, candidate })
        }
        ClientMessage::Candidate { to: None, .. } => {
            let detail = "A broadcaster's candidate needs \"to\", the watcher.";
            Err(Refusal::new(ErrorCode::Malformed, detail.to_owned()))
        }
        ClientMessage::Offer { .. } => wrong_role("Only watchers offer."),
        ClientMessage::Join(_)
        | ClientMessage::Admission { .. }
        | ClientMessage::Remove { .. }
        | ClientMessage::Unbar {}
        | ClientMessage::Pong {}
        | ClientMessage::Leave {} => Ok(None),
    }
}

fn to_watcher(room: &Room, to: PeerId, message: ServerMessage) -> Outcome {
    match room.watchers.get(&to).map(|watcher| watcher.link) {
        Some(Link::Open(connection)) => Ok(Some(Effect::send(connection, message))),
        Some(Link::Grace(_)) => Ok(None),
        None => Err(Refusal::new(ErrorCode::UnknownPeer, format!("No watcher here is {to}."))),
    }
}

fn wrong_role(detail: &str) -> Outcome {
    Err(Refusal::new(ErrorCode::WrongRole, detail.to_owned()))
}
