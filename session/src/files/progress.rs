//! How fast a file goes, and how long it will take.

use std::collections::VecDeque;

use crate::bounds;
use crate::time::{Millis, Time};

/// What was moved lately. Told how far it is every now and then, it tells how fast it goes.
#[derive(Clone, Debug, Default)]
pub struct Progress(VecDeque<(Time, u64)>);

impl Progress {
    /// Nothing was told yet, or what was told is over.
    pub fn new() -> Self {
        Self::default()
    }

    /// So many bytes are there by now.
    pub fn at(&mut self, now: Time, bytes: u64) {
        while self.0.front().is_some_and(|(then, _)| now - *then > bounds::SPEED_OF) {
            self.0.pop_front();
        }
        if self.0.back().is_none_or(|(then, _)| now - *then >= bounds::FILE_SHOWN) {
            self.0.push_back((now, bytes));
        }
    }

    /// Bytes in a second, lately; `None` before that can be told.
    pub fn speed(&self) -> Option<u64> {
        let ((from, first), (to, last)) = (self.0.front()?, self.0.back()?);
        let took = (*to - *from).0;
        let moved = last.saturating_sub(*first);
        (took >= bounds::SPEED_AFTER.0).then(|| moved.saturating_mul(1_000) / took)
    }

    /// How long the rest takes at that speed.
    pub fn left(&self, rest: u64) -> Option<Millis> {
        let speed = self.speed().filter(|speed| *speed > 0)?;
        Some(Millis(rest.saturating_mul(1_000) / speed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speed_is_that_of_late_and_the_rest_takes_as_long_as_it_says() {
        let mut progress = Progress::new();
        assert_eq!(progress.speed(), None);
        for tick in 0..200_u64 {
            // A megabyte a second for ten seconds, then two.
            let moved = if tick < 100 { tick * 100_000 } else { 10_000_000 + (tick - 100) * 200_000 };
            progress.at(Time(tick * 100), moved);
            match tick {
                0..10 => assert_eq!(progress.speed(), None, "too early to tell"),
                99 => assert_eq!(progress.speed(), Some(1_000_000)),
                199 => assert_eq!(progress.speed(), Some(2_000_000)),
                _ => {}
            }
        }
        assert_eq!(progress.left(4_000_000), Some(Millis(2_000)));
    }

    #[test]
    fn what_stands_still_never_arrives() {
        let mut progress = Progress::new();
        for tick in 0..100 {
            progress.at(Time(tick * 100), 5);
        }
        assert_eq!((progress.speed(), progress.left(1)), (Some(0), None));
    }

    #[test]
    fn little_is_remembered_however_often_it_is_told() {
        let mut progress = Progress::new();
        (0..100_000).for_each(|tick| progress.at(Time(tick), tick));
        assert!(progress.0.len() as u64 <= bounds::SPEED_OF.0 / bounds::FILE_SHOWN.0 + 2);
    }
}
