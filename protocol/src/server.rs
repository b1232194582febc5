//! What the server says to a browser.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::error::ErrorCode;
use crate::ice::{Ice, IceCandidate, IceServer};
use crate::id::{Attempt, BroadcasterKey, PeerId, SessionToken};
use crate::named::named;
use crate::room::{Presence, RoomSnapshot};

/// A message from the server. Clients ignore fields they do not know, and messages of a type they do not know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerMessage {
    /// The join is accepted. Everything before it, on this side, is void.
    Joined(Box<Joined>),
    /// To watchers: who serves the room has changed.
    Broadcaster {
        /// Who serves it now.
        presence: Presence,
    },
    /// To the broadcaster: a watcher is there, or there again.
    WatcherJoined {
        /// The watcher.
        id: PeerId,
    },
    /// To the broadcaster: a watcher is no longer there.
    WatcherLeft {
        /// The watcher.
        id: PeerId,
        /// How it went.
        departure: Departure,
    },
    /// To the broadcaster: a watcher's offer.
    Offer {
        /// The watcher.
        from: PeerId,
        /// Its number.
        attempt: Attempt,
        /// Whether it restarts ICE on the connection that is there.
        restart: bool,
        /// The offer.
        sdp: String,
    },
    /// To a watcher: the answer to its offer.
    Answer {
        /// Who answered; the connection is with this peer.
        from: PeerId,
        /// The offer's number.
        attempt: Attempt,
        /// The answer.
        sdp: String,
    },
    /// To either: a candidate of the other side.
    Candidate {
        /// The other side.
        from: PeerId,
        /// The negotiation it belongs to.
        attempt: Attempt,
        /// The candidate.
        candidate: IceCandidate,
    },
    /// The STUN and TURN servers to use from now on, in good time before the credentials of the earlier ones expire.
    /// Connections that are there stay as they are.
    Ice(Ice),
    /// To a watcher: its offer will not be answered.
    Refused {
        /// The offer's number.
        attempt: Attempt,
        /// Why.
        reason: RefuseReason,
    },
    /// Answer with `pong`. Its absence tells a client that the connection is dead.
    Ping {},
    /// Something this client did, or that happens to it. [`ErrorCode::closes`] tells whether the connection ends.
    Error {
        /// The stable code.
        code: ErrorCode,
        /// For people, in English; what exactly was wrong.
        message: String,
    },
}

/// The contents of [`ServerMessage::Joined`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Joined {
    /// This client's id.
    pub you: PeerId,
    /// What resumes this session.
    pub session: SessionToken,
    /// To the broadcaster: what proves that the room is its own. Keep it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<BroadcasterKey>,
    /// Milliseconds between two `ping`s. After two and a half of silence the connection is dead.
    pub heartbeat_ms: u32,
    /// The STUN and TURN servers to use, and how.
    #[serde(flatten)]
    pub ice: Ice,
    /// The room.
    pub room: RoomSnapshot,
}

/// How a watcher went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Departure {
    /// It said so: its connection can be closed at once.
    Left,
    /// Its signaling is gone beyond the grace period; its media may be well.
    Lost,
}

named!(Departure { Left = "left", Lost = "lost" });

/// Why an offer is not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefuseReason {
    /// Server: nobody serves the room now. Offer again when somebody does.
    NobodyLive,
    /// Broadcaster: a restart of a connection that it does not have. Offer a new one.
    NoConnection,
    /// Broadcaster: the offer could not be applied.
    Failed,
    /// Broadcaster: it does not want this watcher. Offer no more.
    Removed,
}

named!(RefuseReason { NobodyLive = "nobody_live", NoConnection = "no_connection", Failed = "failed", Removed = "removed" });

impl ServerMessage {
    /// Reads one message; `None` for what is none, or is of a type that this version does not know.
    pub fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// The JSON text.
    pub fn to_json(&self) -> String {
        // Strings, numbers and enums only: serialisation has no way to fail.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Every field of every server message. Reading goes through this one flat form because a derived reader for a tagged
/// enum is several times its size, and it is the page that has to carry it.
#[derive(Deserialize)]
struct Flat {
    r#type: String,
    you: Option<PeerId>,
    session: Option<SessionToken>,
    key: Option<BroadcasterKey>,
    heartbeat_ms: Option<u32>,
    ice_servers: Option<Vec<IceServer>>,
    relay_only: Option<bool>,
    room: Option<RoomSnapshot>,
    presence: Option<Presence>,
    id: Option<PeerId>,
    departure: Option<Departure>,
    from: Option<PeerId>,
    attempt: Option<Attempt>,
    restart: Option<bool>,
    sdp: Option<String>,
    candidate: Option<IceCandidate>,
    reason: Option<RefuseReason>,
    code: Option<ErrorCode>,
    message: Option<String>,
}

impl<'de> Deserialize<'de> for ServerMessage {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let message = Flat::deserialize(deserializer)?.into_message();
        message.ok_or_else(|| D::Error::custom("a type that is not known, or a field that is missing"))
    }
}

impl Flat {
    fn into_message(self) -> Option<ServerMessage> {
        Some(match self.r#type.as_str() {
            "joined" => ServerMessage::Joined(Box::new(Joined {
                you: self.you?,
                session: self.session?,
                key: self.key,
                heartbeat_ms: self.heartbeat_ms?,
                ice: Ice { ice_servers: self.ice_servers?, relay_only: self.relay_only.unwrap_or(false) },
                room: self.room?,
            })),
            "broadcaster" => ServerMessage::Broadcaster { presence: self.presence? },
            "watcher_joined" => ServerMessage::WatcherJoined { id: self.id? },
            "watcher_left" => ServerMessage::WatcherLeft { id: self.id?, departure: self.departure? },
            "offer" => ServerMessage::Offer {
                from: self.from?,
                attempt: self.attempt?,
                restart: self.restart.unwrap_or(false),
                sdp: self.sdp?,
            },
            "answer" => ServerMessage::Answer { from: self.from?, attempt: self.attempt?, sdp: self.sdp? },
            "candidate" => ServerMessage::Candidate {
                from: self.from?,
                attempt: self.attempt?,
                candidate: self.candidate?,
            },
            "ice" => ServerMessage::Ice(Ice {
                ice_servers: self.ice_servers?,
                relay_only: self.relay_only.unwrap_or(false),
            }),
            "refused" => ServerMessage::Refused { attempt: self.attempt?, reason: self.reason? },
            "ping" => ServerMessage::Ping {},
            "error" => ServerMessage::Error { code: self.code?, message: self.message? },
            _ => return None,
        })
    }
}
