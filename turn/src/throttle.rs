//! How much is given: answers to hosts that have proved nothing yet, and bytes of one allocation.

use std::hash::RandomState;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use crate::address::Address;
use crate::bounds;

/// In nanoseconds.
const SECOND: u128 = 1_000_000_000;

/// Tokens that come back at a steady rate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bucket {
    tokens: u32,
    filled: Instant,
}

impl Bucket {
    /// A full one.
    pub(crate) fn new(burst: u32, now: Instant) -> Self {
        Self { tokens: burst, filled: now }
    }

    /// Takes `amount`, if there is as much.
    pub(crate) fn take(&mut self, amount: u32, per_second: u32, burst: u32, now: Instant) -> bool {
        let per_second = u128::from(per_second);
        let gained = now.saturating_duration_since(self.filled).as_nanos() * per_second / SECOND;
        if gained > 0 {
            // Only the time that these took is over: what is left of it is a fraction of the next.
            let took = u64::try_from((gained * SECOND).div_ceil(per_second)).unwrap_or(u64::MAX);
            self.filled += Duration::from_nanos(took);
            self.tokens = self.tokens.saturating_add(u32::try_from(gained).unwrap_or(u32::MAX)).min(burst);
        }
        let enough = self.tokens >= amount;
        if enough {
            self.tokens -= amount;
        }
        enough
    }
}

/// Bytes a second, with half a second's worth at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bandwidth(pub(crate) u32);

impl Bandwidth {
    pub(crate) fn bucket(self, now: Instant) -> Bucket {
        Bucket::new(self.burst(), now)
    }

    pub(crate) fn take(self, bucket: &mut Bucket, bytes: usize, now: Instant) -> bool {
        bucket.take(u32::try_from(bytes).unwrap_or(u32::MAX), self.0, self.burst(), now)
    }

    /// Never less than one packet.
    fn burst(self) -> u32 {
        (self.0 / 2).max(u32::from(u16::MAX))
    }
}

/// A table of fixed size, so that a flood from many addresses takes no memory: the addresses share its places.
#[derive(Debug)]
pub(crate) struct Unproven {
    places: Vec<Bucket>,
    hasher: RandomState,
}

impl Unproven {
    pub(crate) fn new(now: Instant) -> Self {
        let full = Bucket::new(bounds::UNPROVEN_BURST, now);
        Self { places: vec![full; bounds::UNPROVEN_PLACES], hasher: RandomState::new() }
    }

    /// Whether this host gets one more answer.
    pub(crate) fn allows(&mut self, host: IpAddr, now: Instant) -> bool {
        let place = Address::from(host).place(bounds::UNPROVEN_PLACES, &self.hasher);
        self.places[place].take(1, bounds::UNPROVEN_PER_SECOND, bounds::UNPROVEN_BURST, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_then_the_rate() {
        let now = Instant::now();
        let rate = Bandwidth(200_000);
        let mut bucket = rate.bucket(now);
        let sent = |bucket: &mut Bucket, at| (0..1000).filter(|_| rate.take(bucket, 1000, at)).count();
        assert_eq!(sent(&mut bucket, now), 100);
        assert_eq!(sent(&mut bucket, now + Duration::from_millis(100)), 20);
        assert_eq!(
            sent(&mut bucket, now + Duration::from_secs(100)),
            100,
            "no more than the burst is saved up"
        );
    }

    #[test]
    fn a_trickle_is_counted_exactly_however_often_it_is_looked_at() {
        let start = Instant::now();
        let mut bucket = Bucket::new(0, start);
        let taken = (0..10_000u32)
            .filter(|&step| bucket.take(1, 3, 10, start + Duration::from_millis(step.into())))
            .count();
        assert!((29..=30).contains(&taken), "{taken} in 10 s at 3 a second");
    }

    #[test]
    fn the_whole_rate_is_granted_to_who_asks_for_more() {
        for spacing in [3_900, 4_000, 4_001, 7_000] {
            let start = Instant::now();
            let mut bucket = Bucket::new(0, start);
            let asked = 10_000_000 / spacing;
            let at = |step: u64| start + Duration::from_micros(spacing * step);
            let granted = (1..=asked).filter(|&step| bucket.take(1, 200, 2_000, at(step))).count();
            let most = usize::try_from(asked.min(2_000)).unwrap();
            assert!((most - 2..=most).contains(&granted), "{granted} of {most} at one in {spacing} us");
        }
    }

    #[test]
    fn a_flood_from_one_host_leaves_the_others_alone_and_takes_no_memory() {
        let now = Instant::now();
        let mut table = Unproven::new(now);
        let flood: IpAddr = "192.0.2.1".parse().unwrap();
        let answered = (0..100_000).filter(|_| table.allows(flood, now)).count();
        assert_eq!(answered, usize::try_from(bounds::UNPROVEN_BURST).unwrap());
        let others = (0..200u8).filter(|&last| table.allows([198, 51, 100, last].into(), now)).count();
        assert!(others >= 198, "{others}: two may share a place by chance");
        assert_eq!(table.places.len(), bounds::UNPROVEN_PLACES);
    }
}
