//! Identifiers and secrets as newtypes: what is well-formed, and nothing about who made them.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::limits;

/// A room's name as it stands in links: 1 to 64 of `a-z`, `0-9`, `-`, `_`. Capitals are accepted and folded.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RoomId(Box<str>);

/// Why a text is not a [`RoomId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadRoomId {
    /// Nothing, or only white space.
    Empty,
    /// More than [`limits::ROOM_ID`] characters.
    TooLong,
    /// A character outside the alphabet.
    Character(char),
}

impl fmt::Display for BadRoomId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "a room name cannot be empty"),
            Self::TooLong => write!(f, "a room name has at most {} characters", limits::ROOM_ID),
            Self::Character(c) => {
                write!(f, "a room name has only letters a-z, digits, - and _, not “{c}”")
            }
        }
    }
}

impl std::error::Error for BadRoomId {}

impl RoomId {
    /// Checks and folds what a person or a link said.
    pub fn parse(text: &str) -> Result<Self, BadRoomId> {
        if text.is_empty() {
            return Err(BadRoomId::Empty);
        }
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if let Some(c) = text.chars().find(|c| !allowed(*c)) {
            return Err(BadRoomId::Character(c));
        }
        if text.len() > limits::ROOM_ID {
            return Err(BadRoomId::TooLong);
        }
        Ok(Self(text.to_ascii_lowercase().into()))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RoomId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for RoomId {
    type Error = BadRoomId;
    fn try_from(text: String) -> Result<Self, BadRoomId> {
        Self::parse(&text)
    }
}

impl From<RoomId> for String {
    fn from(id: RoomId) -> Self {
        id.0.into()
    }
}

/// A text that is not an identifier or secret of the wanted form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadId {
    characters: usize,
}

impl fmt::Display for BadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {} characters of A-Z, a-z, 0-9, - and _", self.characters)
    }
}

impl std::error::Error for BadId {}

/// An ASCII array type of exact length over the base64url alphabet.
macro_rules! exact_id {
    ($(#[$doc:meta])* $name:ident, $length:expr, $shown:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name([u8; $length]);

        impl $name {
            /// Checks the length and the alphabet.
            pub fn parse(text: &str) -> Result<Self, BadId> {
                let bad = BadId { characters: $length };
                let bytes: [u8; $length] = text.as_bytes().try_into().map_err(|_| bad)?;
                let allowed = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
                if bytes.iter().all(allowed) { Ok(Self(bytes)) } else { Err(bad) }
            }

            /// The characters as text.
            pub fn as_str(&self) -> &str {
                // Only ASCII gets in, so this never falls back.
                std::str::from_utf8(&self.0).unwrap_or_default()
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadId;
            fn try_from(text: String) -> Result<Self, BadId> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.as_str().to_owned()
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let show: fn(&str) -> &str = $shown;
                write!(f, "{}({})", stringify!($name), show(self.as_str()))
            }
        }
    };
}

exact_id!(
    /// A member of a room, as the server names it. Public to the members it is told to.
    PeerId,
    limits::PEER_ID,
    |id| id
);

exact_id!(
    /// One run of a room's chat: what is numbered within it is in order. Made up by the broadcaster's page.
    RunId,
    limits::PEER_ID,
    |id| id
);

exact_id!(
    /// What lets a page resume its session, and with it its [`PeerId`]. Known to that page and the server only.
    SessionToken,
    limits::SECRET,
    |_| "hidden"
);

exact_id!(
    /// What proves that a page may broadcast in a room that has an owner.
    BroadcasterKey,
    limits::SECRET,
    |_| "hidden"
);

exact_id!(
    /// What proves that a name is the person's. Made up by their browser, and known to that and the server only.
    NameSecret,
    limits::SECRET,
    |_| "hidden"
);

exact_id!(
    /// One call. Made up by the page that calls, and known to the pages that it rings at: whoever knows it may enter its room.
    CallId,
    limits::SECRET,
    |_| "hidden"
);

impl CallId {
    /// The room in which both sides of the call meet once it is answered. Room names have no capitals, so 110 bits of 128 are left.
    pub fn room(&self) -> RoomId {
        RoomId(["call-", self.as_str()].concat().to_ascii_lowercase().into())
    }
}

impl fmt::Display for PeerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The number of one negotiation of a watcher, rising. Whatever belongs to an older one is dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Attempt(pub u32);
