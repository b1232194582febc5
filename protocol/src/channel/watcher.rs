//! What a watcher's page says to the broadcaster's.

use serde::{Deserialize, Serialize};

use super::{Name, Reaction, Text};
use crate::id::RunId;
use crate::limits;

/// A message from a watcher. Fields that are not known are ignored, and so are messages of a type that is not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum WatcherMessage {
    /// First on every connection: who this is, and what it has of the chat.
    Hello {
        /// [`super::VERSION`] of the page.
        version: u16,
        /// What the person is called, if they said so.
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<Name>,
        /// The run of the chat that it has a part of, and the last number it has of it.
        #[serde(skip_serializing_if = "Option::is_none")]
        run: Option<RunId>,
        /// See `run`.
        #[serde(skip_serializing_if = "Option::is_none")]
        seen: Option<u32>,
    },
    /// The person is called this from now on; without a name, by number.
    Name {
        /// The name.
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<Name>,
    },
    /// Say this to everyone. Said again with the same number, it is said once.
    Say {
        /// Numbers what this page says, rising.
        id: u32,
        /// The words.
        text: Text,
    },
    /// Send this up over everyone's picture.
    React {
        /// What.
        reaction: Reaction,
    },
    /// Raise the hand, or lower it.
    Hand {
        /// Whether it is up.
        up: bool,
    },
}

impl WatcherMessage {
    /// Reads one message; `None` for what is none, is too long, or is of a type that this version does not know.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > limits::CHANNEL_MESSAGE {
            return None;
        }
        serde_json::from_str::<Flat>(text).ok()?.into_message()
    }

    /// The JSON text.
    pub fn to_json(&self) -> String {
        // Strings, numbers and enums only: serialisation has no way to fail.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Every field of every message; see [`crate::ServerMessage`] for why.
#[derive(Deserialize)]
struct Flat {
    r#type: String,
    version: Option<u16>,
    name: Option<Name>,
    run: Option<RunId>,
    seen: Option<u32>,
    id: Option<u32>,
    text: Option<Text>,
    reaction: Option<Reaction>,
    up: Option<bool>,
}

impl Flat {
    fn into_message(self) -> Option<WatcherMessage> {
        Some(match self.r#type.as_str() {
            "hello" => WatcherMessage::Hello {
                version: self.version?,
                name: self.name,
                run: self.run,
                seen: self.seen,
            },
            "name" => WatcherMessage::Name { name: self.name },
            "say" => WatcherMessage::Say { id: self.id?, text: self.text? },
            "react" => WatcherMessage::React { reaction: self.reaction? },
            "hand" => WatcherMessage::Hand { up: self.up? },
            _ => return None,
        })
    }
}
