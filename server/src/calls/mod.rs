//! Calls by name: who has which name, which calls ring, and which were answered.
//!
//! Pure, as [`crate::room`] is: the time comes in as a parameter, effects go out as data, in order. It is the one that decides: of all
//! that the two sides of a call say at the same time, what comes here first counts, and both are told the same. It must not know
//! sockets, rooms or media. Whoever holds a connection keeps the [`Line`] that registering gave, and shows both with everything it says.

mod key;
mod names;
mod ringing;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;

use vong_protocol::calls::ServerMessage;
use vong_protocol::{ErrorCode, SessionToken};

use self::key::NameKey;
pub(crate) use self::names::Switchboard;
use crate::room::{ConnectionId, Time};

/// The settings that names go by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CallBounds {
    /// Names at one time.
    pub(crate) names: usize,
    /// Names at one time that were taken from one address.
    pub(crate) names_per_address: usize,
    /// How long a name without a page stays its owner's.
    pub(crate) name_grace: Time,
    /// How long a page without a connection keeps its place.
    pub(crate) page_grace: Time,
    /// Who may find whom.
    pub(crate) directory: Directory,
}

/// What people may learn of others who may be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Directory {
    /// All of them.
    List,
    /// Those whose names begin with what they type.
    Search,
    /// None.
    Hidden,
}

/// A page's place under its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    name: NameKey,
    page: SessionToken,
}

impl Line {
    /// How the page names itself.
    pub(crate) fn page(&self) -> &str {
        self.page.as_str()
    }
}

/// What must happen outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// One page hears this.
    Send(ConnectionId, ServerMessage),
    /// This connection ends, for this reason. Its line is void already.
    Close(ConnectionId, ErrorCode),
}

/// Effects, in order.
pub(crate) type Effects = Vec<Effect>;
