//! What a broadcaster's page and a watcher's say to each other over their data channel, past the server.
//!
//! Owns the messages, their JSON form and their bounds. Must not know connections, order or rates: those are the session's.
//! `docs/data-channel.md` is this module in prose; a test keeps the two in agreement.

mod broadcaster;
mod text;
mod watcher;

use crate::named::named;

pub use broadcaster::{BroadcasterMessage, Said, Scene};
pub(crate) use text::plain;
pub use text::{BadText, Name, Text};
pub use watcher::WatcherMessage;

/// The version both pages must name alike. Raised when an older page could misunderstand a message.
pub const VERSION: u16 = 1;

/// What one can send up over the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reaction {
    /// A heart.
    Heart,
    /// Clapping hands.
    Clap,
    /// Laughing.
    Laugh,
    /// Astonished.
    Wow,
    /// A thumb up.
    Thumb,
    /// A party.
    Party,
}

named!(Reaction {
    Heart = "heart",
    Clap = "clap",
    Laugh = "laugh",
    Wow = "wow",
    Thumb = "thumb",
    Party = "party",
});

impl Reaction {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 6] = [Self::Heart, Self::Clap, Self::Laugh, Self::Wow, Self::Thumb, Self::Party];
}

/// Why something is not passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unheard {
    /// The broadcaster has muted its author.
    Muted,
    /// It came too soon after others.
    TooFast,
}

named!(Unheard { Muted = "muted", TooFast = "too_fast" });
