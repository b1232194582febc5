//! A file as people see it.

use vong_protocol::files::{FileName, MediaType};
use vong_session::Millis;

/// Which file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// This page's, by its number.
    Own(u32),
    /// That of whoever has the first number, by their number for it.
    Theirs(u32, u32),
}

/// A file on offer, or under way, or there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Which.
    pub key: Key,
    /// What it is called.
    pub name: FileName,
    /// Bytes.
    pub size: u64,
    /// What it says of itself.
    pub kind: MediaType,
    /// Own: whom it is for, by number and by name; `None` for everyone. Theirs: who offers it.
    pub who: Option<(u32, Option<String>)>,
    /// How far it is.
    pub state: State,
}

/// How far a file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Own: so many have all of it, so many are getting it, so many did not want it.
    Shared {
        /// Have it.
        done: usize,
        /// Are getting it; and how far it is with the one that is furthest.
        going: usize,
        /// Do not want it.
        refused: usize,
        /// How far the one is that it goes to, in bytes; of several, the one that is behind.
        sent: u64,
        /// Bytes in a second, to all of them together.
        speed: Option<u64>,
    },
    /// Theirs: the person may have it.
    Offered,
    /// Theirs: it comes.
    Going {
        /// Bytes that are here.
        received: u64,
        /// Bytes in a second, lately.
        speed: Option<u64>,
        /// How much longer it takes.
        left: Option<Millis>,
        /// There is a connection.
        connected: bool,
    },
    /// Theirs: it is whole and where the person wanted it.
    Done,
    /// Theirs: it is not.
    Failed(Why),
}

/// Why a file did not come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// It is no longer on offer.
    Gone,
    /// It could not be written.
    Disk,
    /// It is more than this browser can keep.
    TooLarge,
    /// What came was wrong again and again.
    Spoiled,
}

impl State {
    /// The value of `data-state`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Offered => "offered",
            Self::Shared { going: 1.., .. } | Self::Going { .. } => "going",
            Self::Shared { done: 1.., .. } | Self::Done => "done",
            Self::Shared { .. } => "shared",
            Self::Failed(_) => "failed",
        }
    }
}
