//! A token bucket: how often one client may do something.

use std::time::Duration;

use crate::limits::RateBound;

/// The tokens. Its time counts from when whoever has it says.
#[derive(Debug)]
pub(crate) struct Bucket {
    tokens: f32,
    filled: Duration,
}

impl Bucket {
    /// A full one.
    pub(crate) fn new(bound: RateBound, now: Duration) -> Self {
        Self { tokens: f32::from(bound.burst), filled: now }
    }

    /// Takes one token; `false` when there is none.
    pub(crate) fn take(&mut self, bound: RateBound, now: Duration) -> bool {
        let gained = now.saturating_sub(self.filled).as_secs_f32() * bound.per_second;
        self.tokens = (self.tokens + gained).min(f32::from(bound.burst));
        self.filled = now;
        let enough = self.tokens >= 1.0;
        if enough {
            self.tokens -= 1.0;
        }
        enough
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_then_only_the_rate() {
        let bound = RateBound { burst: 5, per_second: 2.0 };
        let start = Duration::from_secs(7);
        let mut bucket = Bucket::new(bound, start);
        assert_eq!((0..20).filter(|_| bucket.take(bound, start)).count(), 5);
        let later = start + Duration::from_secs(1);
        assert_eq!((0..20).filter(|_| bucket.take(bound, later)).count(), 2);
        let much_later = start + Duration::from_secs(1000);
        assert_eq!((0..20).filter(|_| bucket.take(bound, much_later)).count(), 5);
    }
}
