//! Stable error codes, what each means for the connection, and their text for people.

use std::fmt;

use crate::named::named;

/// What went wrong. The snake-case name on the wire never changes its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// Not JSON, an unknown type, an unknown or missing field, or a value of the wrong form.
    Malformed,
    /// The client speaks another version of the protocol.
    UnsupportedVersion,
    /// A message over its bound, or a field over its own.
    TooLarge,
    /// More messages than a client of its kind ever has to send.
    RateLimited,
    /// Anything but `join` came first; `register` where calls are spoken of.
    NotJoined,
    /// A second of them on one connection.
    AlreadyJoined,
    /// None of them in time.
    JoinTimeout,
    /// The room's name is not one.
    BadRoomId,
    /// The room has another broadcaster, and the key is missing or not the room's.
    RoomTaken,
    /// The room has as many watchers as it may.
    RoomFull,
    /// The broadcaster lets nobody else in now.
    RoomLocked,
    /// The room asks for a password, and there was none.
    PasswordNeeded,
    /// The password is not the room's.
    PasswordWrong,
    /// As many rooms are open as may be, in all or from this address.
    TooManyRooms,
    /// As many connections are open as may be, in all or from this address.
    TooManyConnections,
    /// No such peer in this room, or not one that this client may speak to.
    UnknownPeer,
    /// A message that this role does not send.
    WrongRole,
    /// Another page broadcasts in this room now, with the room's key.
    TakenOver,
    /// The broadcaster does not want this watcher, for now or for good.
    Removed,
    /// Nobody can have this name.
    BadName,
    /// The name, or one that looks like it, is somebody else's.
    NameTaken,
    /// As many names are taken as may be, in all or from this address, or as many pages have this one.
    TooManyNames,
    /// The same session was resumed over another connection.
    SessionReplaced,
    /// This client did not read what was sent to it.
    SlowReader,
    /// This client did not answer the heartbeat.
    HeartbeatMissed,
    /// The server ends or restarts.
    ShuttingDown,
    /// A code that this version does not know.
    Unknown,
}

named!(ErrorCode {
    Malformed = "malformed",
    UnsupportedVersion = "unsupported_version",
    TooLarge = "too_large",
    RateLimited = "rate_limited",
    NotJoined = "not_joined",
    AlreadyJoined = "already_joined",
    JoinTimeout = "join_timeout",
    BadRoomId = "bad_room_id",
    RoomTaken = "room_taken",
    RoomFull = "room_full",
    RoomLocked = "room_locked",
    PasswordNeeded = "password_needed",
    PasswordWrong = "password_wrong",
    TooManyRooms = "too_many_rooms",
    TooManyConnections = "too_many_connections",
    UnknownPeer = "unknown_peer",
    WrongRole = "wrong_role",
    TakenOver = "taken_over",
    Removed = "removed",
    BadName = "bad_name",
    NameTaken = "name_taken",
    TooManyNames = "too_many_names",
    SessionReplaced = "session_replaced",
    SlowReader = "slow_reader",
    HeartbeatMissed = "heartbeat_missed",
    ShuttingDown = "shutting_down",
} else Unknown);

impl ErrorCode {
    /// Every code that goes over the wire.
    pub const ALL: [Self; 26] = [
        Self::Malformed,
        Self::UnsupportedVersion,
        Self::TooLarge,
        Self::RateLimited,
        Self::NotJoined,
        Self::AlreadyJoined,
        Self::JoinTimeout,
        Self::BadRoomId,
        Self::RoomTaken,
        Self::RoomFull,
        Self::RoomLocked,
        Self::PasswordNeeded,
        Self::PasswordWrong,
        Self::TooManyRooms,
        Self::TooManyConnections,
        Self::UnknownPeer,
        Self::WrongRole,
        Self::TakenOver,
        Self::Removed,
        Self::BadName,
        Self::NameTaken,
        Self::TooManyNames,
        Self::SessionReplaced,
        Self::SlowReader,
        Self::HeartbeatMissed,
        Self::ShuttingDown,
    ];

    /// Whether the server closes the connection after this error.
    pub fn closes(self) -> bool {
        match self {
            Self::Malformed
            | Self::NotJoined
            | Self::AlreadyJoined
            | Self::UnknownPeer
            | Self::WrongRole
            | Self::Unknown => false,
            Self::UnsupportedVersion
            | Self::TooLarge
            | Self::RateLimited
            | Self::JoinTimeout
            | Self::BadRoomId
            | Self::RoomTaken
            | Self::RoomFull
            | Self::RoomLocked
            | Self::PasswordNeeded
            | Self::PasswordWrong
            | Self::TooManyRooms
            | Self::TooManyConnections
            | Self::TakenOver
            | Self::Removed
            | Self::BadName
            | Self::NameTaken
            | Self::TooManyNames
            | Self::SessionReplaced
            | Self::SlowReader
            | Self::HeartbeatMissed
            | Self::ShuttingDown => true,
        }
    }

    /// Whether the same client, doing the same again, cannot succeed: it must stop and tell the person.
    pub fn is_final(self) -> bool {
        matches!(
            self,
            Self::UnsupportedVersion
                | Self::BadRoomId
                | Self::RoomTaken
                | Self::PasswordNeeded
                | Self::PasswordWrong
                | Self::TakenOver
                | Self::Removed
                | Self::BadName
                | Self::NameTaken
        )
    }

    /// Whether a place may become free, so that a later attempt (not an immediate one) makes sense.
    pub fn is_full(self) -> bool {
        matches!(
            self,
            Self::RoomFull
                | Self::RoomLocked
                | Self::TooManyRooms
                | Self::TooManyConnections
                | Self::TooManyNames
                | Self::RateLimited
        )
    }

    /// One sentence for people, in English.
    pub fn text(self) -> &'static str {
        match self {
            Self::Malformed => "The message could not be understood.",
            Self::UnsupportedVersion => "The page and the server are of different versions.",
            Self::TooLarge => "The message is too large.",
            Self::RateLimited => "Too many messages in a short time.",
            Self::NotJoined => "Join first.",
            Self::AlreadyJoined => "This connection has joined already.",
            Self::JoinTimeout => "It did not join in time.",
            Self::BadRoomId => "This is not a room name.",
            Self::RoomTaken => "Somebody else broadcasts in this room.",
            Self::RoomFull => "The room is full.",
            Self::RoomLocked => "The broadcaster lets nobody else in now.",
            Self::PasswordNeeded => "The room has a password.",
            Self::PasswordWrong => "The password is wrong.",
            Self::TooManyRooms => "No further room can be opened now.",
            Self::TooManyConnections => "No further connection can be taken now.",
            Self::UnknownPeer => "There is no such peer in this room.",
            Self::WrongRole => "This message is not for this role.",
            Self::TakenOver => "The broadcast goes on from another page.",
            Self::Removed => "The broadcaster has removed you.",
            Self::BadName => "This name cannot be had.",
            Self::NameTaken => "Somebody else has this name, or one that looks like it.",
            Self::TooManyNames => "No further name can be taken now.",
            Self::SessionReplaced => "This session goes on over another connection.",
            Self::SlowReader => "Messages were not read in time.",
            Self::HeartbeatMissed => "The heartbeat was not answered.",
            Self::ShuttingDown => "The server is shutting down.",
            Self::Unknown => "An error of an unknown kind.",
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

/// A message that is not accepted, and why, for whoever sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The stable code.
    pub code: ErrorCode,
    /// For people: the code's text and what exactly was wrong.
    pub message: String,
}

impl Refusal {
    /// A refusal that says more than its code.
    #[expect(clippy::needless_pass_by_value, reason = "callers build the detail for this")]
    pub fn new(code: ErrorCode, detail: String) -> Self {
        Self { code, message: format!("{} {detail}", code.text()) }
    }
}

impl From<ErrorCode> for Refusal {
    fn from(code: ErrorCode) -> Self {
        Self { code, message: code.text().to_owned() }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Refusal {}
