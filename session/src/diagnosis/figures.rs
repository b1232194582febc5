//! What a connection achieves, read from two looks at its counters. Whole numbers only: they are for people.

use crate::time::{Millis, Time};

/// The counters of one connection, or of both ends of the echo, at one time (W3C WebRTC Statistics).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// When.
    pub at: Time,
    /// Bytes of media sent.
    pub sent: u64,
    /// Bytes of media received.
    pub received: u64,
    /// Frames decoded.
    pub frames: u64,
    /// Packets received.
    pub packets: u64,
    /// Packets that did not come.
    pub lost: u64,
    /// The latest round trip over the path in use.
    pub round_trip: Option<Millis>,
    /// Bits per second that the browser believes it could send, where it tells.
    pub available: Option<u64>,
}

/// What it achieves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// From one end to the other and back.
    pub round_trip: Option<Millis>,
    /// Lost packets of a thousand.
    pub loss: u32,
    /// Kilobits per second sent.
    pub up: u32,
    /// Kilobits per second received.
    pub down: u32,
    /// Pictures came back.
    pub picture: bool,
    /// Kilobits per second that could be sent. A picture in which nothing moves takes less than the line has.
    pub room: u32,
}

impl Reading {
    /// What was achieved since `earlier`. Counters that fell, as after a change of source, count as no progress.
    pub fn since(&self, earlier: &Self) -> Figures {
        let span = (self.at - earlier.at).0.max(1);
        let rate = |now: u64, then: u64| narrow(now.saturating_sub(then).saturating_mul(8) / span);
        let (came, lost) =
            (self.packets.saturating_sub(earlier.packets), self.lost.saturating_sub(earlier.lost));
        let up = rate(self.sent, earlier.sent);
        Figures {
            round_trip: self.round_trip,
            loss: narrow(lost.saturating_mul(1_000) / came.saturating_add(lost).max(1)),
            up,
            down: rate(self.received, earlier.received),
            picture: self.frames > earlier.frames,
            room: up.max(narrow(self.available.unwrap_or(0) / 1_000)),
        }
    }
}

fn narrow(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
