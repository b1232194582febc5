//! The call that a page is in: what it is at, and when it is given up.

use vong_protocol::CallId;
use vong_protocol::channel::Name;

use super::Talk;
use crate::bounds::{CALL_DOUBT, CALL_RINGS};
use crate::time::Time;

/// What this end is at.
#[derive(Clone, Debug)]
pub(super) enum Stage {
    Calling {
        rings: bool,
    },
    Ringing {
        /// The person has taken it, and the server is yet to say so.
        taken: bool,
    },
    Talking {
        /// When it is given up, unless both ends have met by then.
        until: Option<Time>,
        /// It was answered on this page, and the server is asked again for it until they have met.
        asks: bool,
    },
}

#[derive(Clone, Debug)]
pub(super) struct Current {
    pub(super) talk: Talk,
    pub(super) stage: Stage,
    /// When it is given up in any case, unless it is answered: longer than any call rings. A machine that slept wakes to no old call.
    pub(super) limit: Time,
    /// When it is given up, unless the server says something of it by then. A call that was answered goes on without the server.
    pub(super) doubt: Option<Time>,
    /// The server has said how it stands, since it was asked last; and whether it ever has.
    pub(super) told: (bool, bool),
    /// When the server is asked again.
    pub(super) again: Option<Time>,
    /// The other end could not be found by a server that may not have heard of it yet.
    pub(super) is_missing: bool,
    /// A call that came before the server said how this one stands: it may be from the very person that is being called.
    pub(super) crossing: Option<(CallId, Name)>,
}

impl Current {
    pub(super) fn new(talk: Talk, stage: Stage, now: Time) -> Self {
        let limit = now + CALL_RINGS;
        let (told, is_missing) = ((false, false), false);
        Self { talk, stage, limit, doubt: None, told, again: None, is_missing, crossing: None }
    }

    /// The server says how it stands.
    pub(super) fn is_told(&mut self) {
        (self.doubt, self.told, self.again, self.is_missing) = (None, (true, true), None, false);
    }

    pub(super) fn talks(&self) -> bool {
        matches!(self.stage, Stage::Talking { .. })
    }

    pub(super) fn deadline(&self) -> Option<Time> {
        [self.ends(), self.again].into_iter().flatten().min()
    }

    /// When it is given up.
    pub(super) fn ends(&self) -> Option<Time> {
        match self.stage {
            Stage::Talking { until, .. } => until,
            Stage::Calling { .. } | Stage::Ringing { .. } => {
                Some(self.doubt.map_or(self.limit, |doubt| doubt.min(self.limit)))
            }
        }
    }

    pub(super) fn doubt(&mut self, now: Time) {
        self.doubt.get_or_insert(now + CALL_DOUBT);
    }
}
