//! Pauses between attempts: doubling, bounded, with jitter so that many clients do not return at once.

use fastrand::Rng;

use crate::time::Millis;

/// A sequence of pauses.
#[derive(Clone, Debug)]
pub(crate) struct Backoff {
    first: Millis,
    longest: Millis,
    failures: u32,
}

impl Backoff {
    /// Pauses from `first` up to `longest`.
    pub(crate) fn new((first, longest): (Millis, Millis)) -> Self {
        Self { first, longest, failures: 0 }
    }

    /// Failures since the last [`Backoff::reset`].
    pub(crate) fn failures(&self) -> u32 {
        self.failures
    }

    /// The pause after one more failure.
    pub(crate) fn fail(&mut self, rng: &mut Rng) -> Millis {
        let doubled = self.first.0.saturating_mul(1 << self.failures.min(16));
        self.failures = self.failures.saturating_add(1);
        jitter(Millis(doubled.min(self.longest.0)), rng)
    }

    /// All is well again.
    pub(crate) fn reset(&mut self) {
        self.failures = 0;
    }
}

/// Between half of `span` and one and a half of it.
pub(crate) fn jitter(span: Millis, rng: &mut Rng) -> Millis {
    Millis(span.0 / 2 + rng.u64(0..=span.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_and_start_over_after_a_reset() {
        let mut rng = Rng::with_seed(7);
        let mut backoff = Backoff::new((Millis(100), Millis(1_000)));
        for expected in [100, 200, 400, 800, 1_000, 1_000] {
            let pause = backoff.fail(&mut rng).0;
            assert!((expected / 2..=expected * 3 / 2).contains(&pause), "{pause} for {expected}");
        }
        backoff.reset();
        assert!(backoff.fail(&mut rng).0 <= 150);
    }
}
