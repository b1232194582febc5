//! What a browser says to the server.

use serde::{Deserialize, Serialize};

use crate::diagnosis::{diagnose, other_version};
use crate::error::{ErrorCode, Refusal};
use crate::ice::IceCandidate;
use crate::id::{Attempt, BroadcasterKey, PeerId, RoomId, SessionToken};
use crate::named::named;
use crate::password::Password;
use crate::server::RefuseReason;
use crate::{VERSION, limits};

/// What a member is in its room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Sends media, and answers offers.
    Broadcaster,
    /// Receives media, and offers.
    Watcher,
}

named!(Role { Broadcaster = "broadcaster", Watcher = "watcher" });

/// A message from a browser. Unknown types and fields are refused, so that a mistake is heard where it is made; but for
/// those within a candidate, whose shape is the browsers'.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum ClientMessage {
    /// First message of a connection, and only then.
    Join(Join),
    /// Watcher: a session description for whoever serves the room. It may follow `join` without waiting.
    Offer {
        /// This negotiation's number.
        attempt: Attempt,
        /// An ICE restart of the connection that the peer already has, rather than a new connection.
        #[serde(default, skip_serializing_if = "is_false")]
        restart: bool,
        /// The offer (RFC 8866, RFC 8829).
        sdp: String,
    },
    /// Broadcaster: the answer to a watcher's offer.
    Answer {
        /// The watcher.
        to: PeerId,
        /// The offer's number.
        attempt: Attempt,
        /// The answer.
        sdp: String,
    },
    /// Either: one trickled candidate.
    Candidate {
        /// The watcher, when the broadcaster speaks; absent when a watcher does.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<PeerId>,
        /// The negotiation it belongs to.
        attempt: Attempt,
        /// The candidate.
        candidate: IceCandidate,
    },
    /// Broadcaster: an offer that will not be answered.
    Refuse {
        /// The watcher.
        to: PeerId,
        /// The offer's number.
        attempt: Attempt,
        /// Why.
        reason: RefuseReason,
    },
    /// Broadcaster: who may watch from now on, in place of all that it said of this before. Whoever is in stays in.
    Admission {
        /// Nobody else is let in.
        #[serde(default, skip_serializing_if = "is_false")]
        locked: bool,
        /// What a newcomer must know.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        password: Option<Password>,
        /// How many may watch at one time, if that is less than the server allows.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        most: Option<u32>,
    },
    /// Broadcaster: this watcher has to go.
    Remove {
        /// The watcher.
        id: PeerId,
        /// Neither its session nor its network address is let in again.
        #[serde(default, skip_serializing_if = "is_false")]
        bar: bool,
    },
    /// Broadcaster: whoever was barred may come again.
    Unbar {},
    /// Either: a heartbeat, answering `ping`.
    Pong {},
    /// Either: goes for good. From the broadcaster: the broadcast is over.
    Leave {},
}

/// The contents of [`ClientMessage::Join`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Join {
    /// [`VERSION`] of the client.
    pub version: u16,
    /// The room.
    pub room: RoomId,
    /// As what.
    pub role: Role,
    /// Broadcaster: the key it was given for this room, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<BroadcasterKey>,
    /// The session to resume, if any. The same token in the same room and role always gives the same peer id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionToken>,
    /// Watcher: the password of the room, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<Password>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's skip_serializing_if passes a reference")]
pub(crate) fn is_false(value: &bool) -> bool {
    !*value
}

impl ClientMessage {
    /// Reads one message, within bounds, or says what is wrong with it in a way its author can act on.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        if text.len() > limits::CLIENT_MESSAGE {
            let detail = format!("a message has at most {} bytes", limits::CLIENT_MESSAGE);
            return Err(Refusal::new(ErrorCode::TooLarge, detail));
        }
        let message: Self = serde_json::from_str(text).map_err(|error| explain(text, &error))?;
        if let Self::Join(join) = &message
            && join.version != VERSION
        {
            return Err(other_version(VERSION, &join.version.to_string()));
        }
        message.check_bounds()?;
        Ok(message)
    }

    /// The JSON text.
    pub fn to_json(&self) -> String {
        // Strings, numbers and enums only: serialisation has no way to fail.
        serde_json::to_string(self).unwrap_or_default()
    }

    fn check_bounds(&self) -> Result<(), Refusal> {
        let too_large = |what: &str, bound: usize| {
            Err(Refusal::new(ErrorCode::TooLarge, format!("{what} has at most {bound} bytes")))
        };
        match self {
            Self::Offer { sdp, .. } | Self::Answer { sdp, .. } if sdp.len() > limits::SDP => {
                too_large("a session description", limits::SDP)
            }
            Self::Candidate { candidate, .. } if !candidate.within_bounds() => {
                too_large("a candidate", limits::CANDIDATE)
            }
            _ => Ok(()),
        }
    }
}

fn explain(text: &str, error: &serde_json::Error) -> Refusal {
    diagnose(text, error, "join", VERSION, |value| {
        let bad = RoomId::parse(value.get("room")?.as_str()?).err()?;
        Some(Refusal::new(ErrorCode::BadRoomId, bad.to_string()))
    })
}
