//! How fast something may come (the generic cell rate algorithm): one number for each, however much comes.

use crate::time::{Millis, Time};

/// One in `interval` at length, `burst` at once.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Between two, at length.
    pub interval: Millis,
    /// That may come at once after a pause.
    pub burst: u64,
}

/// How far somebody has used up a pace.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rate(Time);

impl Rate {
    /// Whether one more may come now. If so it counts.
    pub fn take(&mut self, now: Time, pace: Pace) -> bool {
        let next = self.0.max(now);
        // One has room for itself.
        if next - now > Millis(pace.interval.0 * (pace.burst - 1)) {
            return false;
        }
        self.0 = next + pace.interval;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_then_one_for_each_interval() {
        let pace = Pace { interval: Millis(1_000), burst: 3 };
        let mut rate = Rate::default();
        let mut passed =
            |from: u64, to: u64| (from..to).step_by(100).filter(|&at| rate.take(Time(at), pace)).count();
        assert_eq!(passed(5_000, 5_300), 3, "at once");
        assert_eq!(passed(5_300, 15_100), 10, "at length");
        assert_eq!(passed(60_000, 60_500), 3, "after a pause");
    }
}
