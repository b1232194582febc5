//! What a member is told about its room.

use serde::{Deserialize, Serialize};

use crate::id::{PeerId, RoomId};

/// Who serves the room, as every member sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case", try_from = "Flat")]
pub enum Presence {
    /// Nobody has been live since the room came into being, or the one who was is lost.
    #[default]
    Absent,
    /// This peer answers offers now. A new id means new connections.
    Live {
        /// The broadcaster.
        id: PeerId,
    },
    /// Its signaling dropped a moment ago; it may resume under the same id, and its media may go on.
    Away {
        /// The broadcaster.
        id: PeerId,
    },
    /// The broadcaster said that the broadcast is over.
    Ended,
}

/// The flat form of [`Presence`], for the reason given at the one of the server's messages.
#[derive(Deserialize)]
struct Flat {
    state: String,
    id: Option<PeerId>,
}

impl TryFrom<Flat> for Presence {
    type Error = &'static str;

    fn try_from(flat: Flat) -> Result<Self, &'static str> {
        match (flat.state.as_str(), flat.id) {
            ("absent", _) => Ok(Self::Absent),
            ("live", Some(id)) => Ok(Self::Live { id }),
            ("away", Some(id)) => Ok(Self::Away { id }),
            ("ended", _) => Ok(Self::Ended),
            _ => Err("an unknown presence, or one without its id"),
        }
    }
}

impl Presence {
    /// The broadcaster that answers offers now.
    pub fn live(self) -> Option<PeerId> {
        match self {
            Self::Live { id } => Some(id),
            Self::Absent | Self::Away { .. } | Self::Ended => None,
        }
    }
}

/// The whole room as of a (re)join: a client replaces what it believed by this.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomSnapshot {
    /// The room joined.
    pub id: RoomId,
    /// Who serves it.
    pub broadcaster: Presence,
    /// The watchers; told to the broadcaster only, empty for everyone else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub watchers: Vec<PeerId>,
}
