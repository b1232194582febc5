//! How fast a file may go beside a picture: as fast as the line carries, until packets begin to queue.
//!
//! A data channel fills a line until something is lost (RFC 8831, SCTP's congestion control), and whatever else is on its way waits in
//! the queue that it makes. A picture's own control sees the delay and gives way, down to nothing. So the file is the one to give way: when
//! the round trip grows it goes at half the speed, and then a little faster from second to second, as TCP does with losses.

use crate::bounds::{COURTESY_LEAST, COURTESY_RISE};
use crate::time::Millis;

/// The speed of what goes over one connection. It is looked at every [`COURTESY_LOOK`](crate::bounds::COURTESY_LOOK).
#[derive(Clone, Debug, Default)]
pub struct Courtesy {
    /// The round trip without a queue.
    base: Option<Millis>,
    /// Bytes a second; `None` as fast as it goes.
    rate: Option<u64>,
}

impl Courtesy {
    /// The round trip is this long now, if that is known, and so many bytes went in the last second.
    pub fn look(&mut self, round_trip: Option<Millis>, speed: u64) {
        let Some(trip) = round_trip else { return };
        // Another path may be longer for good: what counts as short grows with time.
        let base = self.base.map_or(trip, |base| trip.min(Millis(base.0 + 1)));
        self.base = Some(base);
        if trip.0 > base.0 + COURTESY_RISE.0 {
            let half = self.rate.map_or(speed, |rate| rate.min(speed)) / 2;
            self.rate = Some(half.max(COURTESY_LEAST));
        } else if let Some(rate) = self.rate {
            // What is not used need not grow.
            let used = speed.saturating_mul(2) >= rate;
            self.rate = Some(if used { rate + rate / 10 + COURTESY_LEAST / 4 } else { rate });
        }
    }

    /// Bytes that may wait to be sent: half a second's worth. `None` for as many as there is room for.
    pub fn ahead(&self) -> Option<u64> {
        self.rate.map(|rate| rate / 2)
    }

    /// How long to wait behind so many bytes.
    pub fn pause(&self, bytes: u32) -> Millis {
        Millis(self.rate.map_or(0, |rate| u64::from(bytes) * 1_000 / rate.max(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line with a router's queue, in steps of a second. Nothing else is on it but what is told.
    struct Line {
        carries: u64,
        queued: u64,
        courtesy: Courtesy,
    }

    impl Line {
        /// What the file sends in a second beside so much else, and how long the queue is then.
        fn second(&mut self, other: u64) -> (u64, Millis) {
            let wants = self.courtesy.rate.unwrap_or(u64::MAX);
            // The queue holds half a second's worth; beyond it packets are lost, and the channel itself gives way.
            let room = self.carries.saturating_sub(other) + (self.carries / 2).saturating_sub(self.queued);
            let sent = wants.min(room);
            self.queued = (self.queued + sent + other).saturating_sub(self.carries);
            let wait = Millis(20 + self.queued * 1_000 / self.carries);
            self.courtesy.look(Some(wait), sent);
            (sent, wait)
        }
    }

    #[test]
    fn a_file_leaves_room_for_the_picture_and_uses_most_of_the_rest() {
        let mut line = Line { carries: 1_000_000, queued: 0, courtesy: Courtesy::default() };
        line.courtesy.look(Some(Millis(20)), 0);
        let seconds: Vec<(u64, Millis)> = (0..300).map(|_| line.second(300_000)).collect();
        let late = &seconds[30..];
        let long = late.iter().filter(|(_, wait)| wait.0 > 20 + COURTESY_RISE.0).count();
        assert!(long * 5 <= late.len(), "the queue is long in {long} of {} seconds", late.len());
        let sent: u64 = late.iter().map(|(sent, _)| sent).sum::<u64>() / late.len() as u64;
        assert!(sent >= 400_000, "{sent} of 700000 bytes a second");
    }

    #[test]
    fn nothing_holds_it_up_on_a_line_without_a_queue() {
        let mut courtesy = Courtesy::default();
        for _ in 0..100 {
            courtesy.look(Some(Millis(3)), 30_000_000);
        }
        courtesy.look(None, 30_000_000);
        assert_eq!(courtesy.pause(65_536), Millis(0));
    }

    #[test]
    fn it_never_stops_and_recovers() {
        let mut courtesy = Courtesy::default();
        courtesy.look(Some(Millis(20)), 1_000_000);
        for _ in 0..100 {
            courtesy.look(Some(Millis(900)), 1_000);
        }
        // Another path, on which all is well, however long it is.
        assert!(courtesy.pause(65_536) <= Millis(65_536_000 / COURTESY_LEAST));
        for _ in 0..1_000 {
            courtesy.look(Some(Millis(900)), u64::MAX);
        }
        assert!(courtesy.pause(65_536) < Millis(10));
    }
}
