//! A token bucket: how often one client may send.

use std::time::Instant;

use crate::limits::RateBound;

/// The tokens of one connection.
#[derive(Debug)]
pub(crate) struct Bucket {
    tokens: f32,
    filled: Instant,
}

impl Bucket {
    /// A full one.
    pub(crate) fn new(bound: RateBound, now: Instant) -> Self {
        Self { tokens: f32::from(bound.burst), filled: now }
    }

    /// Takes one token; `false` when there is none.
    pub(crate) fn take(&mut self, bound: RateBound, now: Instant) -> bool {
        let gained = now.saturating_duration_since(self.filled).as_secs_f32() * f32::from(bound.per_second);
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
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_burst_passes_then_only_the_rate() {
        let bound = RateBound { burst: 5, per_second: 2 };
        let start = Instant::now();
        let mut bucket = Bucket::new(bound, start);
        assert_eq!((0..20).filter(|_| bucket.take(bound, start)).count(), 5);
        let later = start + Duration::from_secs(1);
        assert_eq!((0..20).filter(|_| bucket.take(bound, later)).count(), 2);
        let much_later = start + Duration::from_secs(1000);
        assert_eq!((0..20).filter(|_| bucket.take(bound, much_later)).count(), 5);
    }
}
