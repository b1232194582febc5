//! The chat: what a broadcaster's page and its watchers' say to each other past the server.
//!
//! The broadcaster's page is the one place where order is made: what a watcher says goes there, is numbered, and goes out to
//! everyone, its author included, so that all see the same. Owns order, the recent past, who is muted, and how fast one may
//! speak. Must not know connections: a message is for a peer, or comes from one.

mod audience;
mod guest;
mod host;
mod past;
mod rate;
// In a browser the simulation tries it all.
#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;

use vong_protocol::channel::{BroadcasterMessage, Name, Reaction, Said, Scene, Text, Unheard};
use vong_protocol::{Password, PeerId};

pub(crate) use guest::Guest;
pub(crate) use host::{Fate, Host};
pub use past::{Known, Past};
pub use rate::{Pace, Rate};

/// What a person does about those who take part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Intent {
    /// Is called this from now on.
    Name(Option<Name>),
    /// Says something.
    Say(Text),
    /// Sends something up over the picture.
    React(Reaction),
    /// Broadcaster: sends this from now on. What it says of the name is overridden by [`Intent::Name`].
    Scene(Scene),
    /// Watcher: raises the hand, or lowers it.
    Hand(bool),
    /// Broadcaster: takes back what was said under this number.
    Unsay(u32),
    /// Broadcaster: whoever has this number is heard no more, or again.
    Mute(u32, bool),
    /// Broadcaster: whoever has this number has to go, and with `true` is not let in again.
    Remove(u32, bool),
    /// Broadcaster: whoever was not to be let in again may come.
    Unbar,
    /// Broadcaster: who may watch from now on.
    Admission(Admission),
    /// Broadcaster: has seen the hand of whoever has this number.
    LowerHand(u32),
}

/// Who may watch. The server sees to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Admission {
    /// Nobody else.
    pub locked: bool,
    /// Who knows this.
    pub password: Option<Password>,
    /// So many at one time.
    pub most: Option<u32>,
}

/// What there is to show of the chat, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Talk {
    /// What was shown before is void: this is another run of the chat.
    Begun,
    /// Somebody said something. Numbers rise.
    Said(Said),
    /// This was taken back.
    Unsaid(u32),
    /// Somebody sent something up.
    Reacted(Reaction),
    /// Watcher: what is sent now.
    Scene(Scene),
    /// Watcher: how many watch.
    Audience(u32),
    /// Watcher: what one may do. Told when it changes.
    Standing(Standing),
    /// Watcher: what was said is not passed on.
    Unheard(Text, Unheard),
    /// Broadcaster: somebody who watches, or has changed.
    Member(Member),
    /// Broadcaster: whoever has this number watches no more.
    Gone(u32),
}

/// What a watcher may do in the chat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is true or not for itself")]
pub struct Standing {
    /// What is said arrives at once. If not, it waits for the connection.
    pub open: bool,
    /// Its own number, once it has one.
    pub you: Option<u32>,
    /// The broadcaster does not pass on what it says.
    pub muted: bool,
    /// Its hand is up.
    pub hand: bool,
    /// So much waits to be heard that nothing more can be said now.
    pub full: bool,
}

/// Somebody who watches, for the broadcaster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The number, from 1.
    pub number: u32,
    /// What they are called, if they said so.
    pub name: Option<Name>,
    /// The hand is up.
    pub hand: bool,
    /// They are not heard.
    pub muted: bool,
}

/// Where a message of the broadcaster's goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum To {
    /// To everyone who takes part.
    All,
    /// To one.
    One(PeerId),
}

/// What the chat wants done: shown here, or told to others.
#[derive(Debug)]
pub(crate) struct Wishes<M> {
    pub(crate) show: Vec<Talk>,
    pub(crate) tell: Vec<M>,
}

impl<M> Default for Wishes<M> {
    fn default() -> Self {
        Self { show: Vec::new(), tell: Vec::new() }
    }
}

/// Those of a broadcaster.
pub(crate) type HostWishes = Wishes<(To, BroadcasterMessage)>;
