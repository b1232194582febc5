//! What of a chat outlives the broadcaster's page.

use vong_protocol::channel::Said;
use vong_protocol::{PeerId, RunId};

/// What of the chat outlives the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past {
    /// The run.
    pub run: RunId,
    /// The number of what was said last.
    pub last: u32,
    /// The number that was given to a watcher last.
    pub members: u32,
    /// What was said lately, in order.
    pub said: Vec<Said>,
    /// What was taken back lately.
    pub unsaid: Vec<u32>,
    /// The watchers that were there.
    pub guests: Vec<Known>,
}

impl Past {
    /// None yet.
    pub fn new(run: RunId) -> Self {
        Self { run, last: 0, members: 0, said: Vec::new(), unsaid: Vec::new(), guests: Vec::new() }
    }
}

/// What outlives the page of a watcher: as much as keeps a mute in force, and words from being passed on twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// Who it is.
    pub id: PeerId,
    /// Its number.
    pub number: u32,
    /// Its own number for what it said last.
    pub last_id: u32,
    /// It is not heard.
    pub muted: bool,
}
