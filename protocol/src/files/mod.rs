//! What two pages say to each other about files, past the server.
//!
//! Owns the messages, their JSON form, and what a file may be called. Must not know connections, disks or how far a file is.
//! `docs/files.md` is this module in prose; a test keeps the two in agreement.

mod name;

use serde::{Deserialize, Serialize};

use crate::RunId;
use crate::limits;
pub use name::{FileName, MediaType, Sha256};

/// The version both pages must name alike. Raised when an older page could misunderstand a message.
pub const VERSION: u16 = 1;

/// A message about files, either way. Fields that are not known are ignored, and so are messages of a type that is not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FileMessage {
    /// First on every connection, and the answer to the other side's.
    Hello {
        /// [`VERSION`] of the page.
        version: u16,
        /// This page's files are numbered within it. Another one, and what was offered before is gone.
        run: RunId,
        /// It answers a `hello`: the other side is there.
        heard: bool,
    },
    /// Whoever hears it may have this file.
    Offer {
        /// The offering page's number for it, from 1.
        id: u32,
        /// What it is called.
        name: FileName,
        /// Bytes, at most [`limits::FILE`].
        size: u64,
        /// What it says of itself. Nobody vouches for it.
        kind: MediaType,
    },
    /// The file of this number is no longer to be had.
    Withdraw {
        /// The offering page's number.
        id: u32,
    },
    /// Whoever was offered it does not want it, or no longer.
    Refuse {
        /// The offering page's number.
        id: u32,
    },
    /// Whoever was offered it has all of it, verified.
    Done {
        /// The offering page's number.
        id: u32,
    },
    /// On a file's own channel: send this block of it.
    Get {
        /// Its place, from 0.
        block: u32,
    },
    /// On a file's own channel, behind the bytes of a block.
    Sum {
        /// Its place.
        block: u32,
        /// Of its bytes.
        sha256: Sha256,
    },
}

impl FileMessage {
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
    heard: Option<bool>,
    id: Option<u32>,
    name: Option<FileName>,
    size: Option<u64>,
    kind: Option<MediaType>,
    block: Option<u32>,
    sha256: Option<Sha256>,
}

impl<'de> Deserialize<'de> for FileMessage {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let message = Flat::deserialize(deserializer)?.into_message();
        message
            .ok_or_else(|| serde::de::Error::custom("a type that is not known, or a field that is missing"))
    }
}

impl Flat {
    fn into_message(self) -> Option<FileMessage> {
        Some(match self.r#type.as_str() {
            "hello" => FileMessage::Hello { version: self.version?, run: self.run?, heard: self.heard? },
            "offer" => {
                let size = self.size.filter(|size| *size <= limits::FILE)?;
                FileMessage::Offer {
                    id: self.id?,
                    name: self.name?,
                    size,
                    kind: self.kind.unwrap_or_default(),
                }
            }
            "withdraw" => FileMessage::Withdraw { id: self.id? },
            "refuse" => FileMessage::Refuse { id: self.id? },
            "done" => FileMessage::Done { id: self.id? },
            "get" => FileMessage::Get { block: self.block? },
            "sum" => FileMessage::Sum { block: self.block?, sha256: self.sha256? },
            _ => return None,
        })
    }
}
