//! What the broadcaster's page says to a watcher's.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use super::{Name, Reaction, Text, Unheard};
use crate::id::RunId;
use crate::limits;

/// A message from the broadcaster. Fields that are not known are ignored, and so are messages of a type that is not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum BroadcasterMessage {
    /// The answer to `hello`. What the watcher lacks of the chat follows, and what of it was taken back.
    Welcome {
        /// [`super::VERSION`] of the page.
        version: u16,
        /// This run of the chat. If it is not the one that the watcher has a part of, numbers begin anew.
        run: RunId,
        /// The watcher's number among those who take part. 0 is the broadcaster's.
        you: u32,
        /// Whether the watcher is muted.
        muted: bool,
        /// Whether its hand is up.
        hand: bool,
    },
    /// What is sent now. Behind every welcome, and whenever it changes.
    Scene(Scene),
    /// How many watch. Behind every welcome, and whenever it changes.
    Audience {
        /// So many.
        count: u32,
    },
    /// Somebody said something.
    Said(Said),
    /// What was said under this number is taken back.
    Unsaid {
        /// The number.
        seq: u32,
    },
    /// Somebody sent something up over the picture.
    Reacted {
        /// What.
        reaction: Reaction,
    },
    /// To one watcher: whether it is muted from now on.
    Muted {
        /// Whether.
        muted: bool,
    },
    /// To one watcher: whether its hand is up. The broadcaster may lower it.
    Hand {
        /// Whether.
        up: bool,
    },
    /// To one watcher: what it said under this number of its own is not passed on.
    Unheard {
        /// The watcher's own number for it.
        id: u32,
        /// Why.
        why: Unheard,
    },
}

/// What the broadcaster sends, as far as it cannot be told from the media themselves: a picture that is off looks like one that
/// was lost.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is true or not for itself")]
pub struct Scene {
    /// What the broadcaster is called, if they said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Name>,
    /// When the broadcast began, in milliseconds since 1970 by the broadcaster's clock.
    pub since: u64,
    /// The camera, or what stands in for it, is on.
    pub camera: bool,
    /// There is sound.
    pub sound: bool,
    /// The screen is shown, on the second picture.
    pub screen: bool,
    /// The broadcaster will be back soon; nothing of the above is to be shown until then.
    pub paused: bool,
}

/// Something that was said, as all see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// Its place in the order of this run, from 1.
    pub seq: u32,
    /// Who said it, by number.
    pub from: u32,
    /// Its author's own number for it.
    pub id: u32,
    /// What its author was called then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Name>,
    /// The words.
    pub text: Text,
    /// When, in milliseconds since 1970 by the broadcaster's clock.
    pub at: u64,
}

impl BroadcasterMessage {
    /// Reads one message; `None` for what is none, is too long, or is of a type that this version does not know.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > limits::CHANNEL_MESSAGE {
            return None;
        }
        serde_json::from_str(text).ok()
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
    run: Option<RunId>,
    you: Option<u32>,
    muted: Option<bool>,
    hand: Option<bool>,
    seq: Option<u32>,
    from: Option<u32>,
    id: Option<u32>,
    name: Option<Name>,
    text: Option<Text>,
    at: Option<u64>,
    reaction: Option<Reaction>,
    up: Option<bool>,
    why: Option<Unheard>,
    since: Option<u64>,
    camera: Option<bool>,
    sound: Option<bool>,
    screen: Option<bool>,
    paused: Option<bool>,
    count: Option<u32>,
}

impl<'de> Deserialize<'de> for BroadcasterMessage {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let message = Flat::deserialize(deserializer)?.into_message();
        message.ok_or_else(|| D::Error::custom("a type that is not known, or a field that is missing"))
    }
}

impl Flat {
    fn into_message(self) -> Option<BroadcasterMessage> {
        Some(match self.r#type.as_str() {
            "welcome" => BroadcasterMessage::Welcome {
                version: self.version?,
                run: self.run?,
                you: self.you?,
                muted: self.muted?,
                hand: self.hand?,
            },
            "scene" => BroadcasterMessage::Scene(Scene {
                name: self.name,
                since: self.since?,
                camera: self.camera?,
                sound: self.sound?,
                screen: self.screen?,
                paused: self.paused?,
            }),
            "audience" => BroadcasterMessage::Audience { count: self.count? },
            "said" => BroadcasterMessage::Said(Said {
                seq: self.seq?,
                from: self.from?,
                id: self.id?,
                name: self.name,
                text: self.text?,
                at: self.at?,
            }),
            "unsaid" => BroadcasterMessage::Unsaid { seq: self.seq? },
            "reacted" => BroadcasterMessage::Reacted { reaction: self.reaction? },
            "muted" => BroadcasterMessage::Muted { muted: self.muted? },
            "hand" => BroadcasterMessage::Hand { up: self.up? },
            "unheard" => BroadcasterMessage::Unheard { id: self.id?, why: self.why? },
            _ => return None,
        })
    }
}
