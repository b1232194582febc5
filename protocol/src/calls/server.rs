//! What the server says to a page.

use serde::{Deserialize, Serialize};

use super::EndReason;
use crate::channel::Name;
use crate::error::ErrorCode;
use crate::id::CallId;

/// A message from the server. Pages ignore fields they do not know, and messages of a type they do not know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerMessage {
    /// The page has the name. How the calls stand that it takes part in follows at once.
    Registered {
        /// The name as others see it.
        name: Name,
        /// Milliseconds between two `ping`s. After two and a half of silence the connection is dead.
        heartbeat_ms: u32,
    },
    /// Somebody calls this name.
    Incoming {
        /// The call.
        call: CallId,
        /// Who.
        from: Name,
    },
    /// To whoever called: it rings.
    Ringing {
        /// The call.
        call: CallId,
        /// On so many pages. On none while all of that name have lost the server, for as long as their places are kept.
        pages: u32,
    },
    /// To the page that called and the one that answered: both have it, and nobody else.
    Answered {
        /// The call.
        call: CallId,
    },
    /// The call is over for this page.
    Ended {
        /// The call.
        call: CallId,
        /// Why.
        reason: EndReason,
    },
    /// Somebody called while this name had no page that could ring.
    Missed {
        /// Who.
        from: Name,
        /// How many milliseconds ago the call ended.
        ago_ms: u32,
    },
    /// Names of people who may be found, in their order; not all of them if they are many.
    Found {
        /// What was looked for.
        text: String,
        /// The names.
        names: Vec<Name>,
    },
    /// Answer with `pong`. Its absence tells a page that the connection is dead.
    Ping {},
    /// Something this page did, or that happens to it. [`ErrorCode::closes`] tells whether the connection ends.
    Error {
        /// The stable code.
        code: ErrorCode,
        /// For people, in English; what exactly was wrong.
        message: String,
    },
}

impl ServerMessage {
    /// Reads one message; `None` if it is of a type that this version does not know.
    pub fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// The JSON text.
    pub fn to_json(&self) -> String {
        // Strings, numbers and enums only: serialisation has no way to fail.
        serde_json::to_string(self).unwrap_or_default()
    }
}
