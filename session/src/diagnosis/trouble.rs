//! When a page that should show or send something does not.

use crate::api::{Phase, Signaling, Status};

/// Whether something is in the way, if it stays so for [`crate::bounds::TROUBLE`]: a watcher is told that somebody is live
/// and gets no media; a broadcaster has watchers in the room and media goes to none of them.
pub fn is_trouble(status: &Status) -> bool {
    status.signaling == Signaling::Up
        && match status.phase {
            Phase::Connecting | Phase::Interrupted => true,
            Phase::Live => status.watchers > 0 && status.viewing == 0,
            _ => false,
        }
}
