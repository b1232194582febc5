//! How many wrong passwords came from where, so that a room's cannot be found by trying.

use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};

use vong_protocol::Password;

use super::Time;
use crate::address::Address;
use crate::limits::{GUESS_PLACES, GUESS_WINDOW, WRONG_GUESSES};

/// A table of fixed size, so that guessing from many addresses takes no memory: they share its places. Who has as many
/// addresses as there are places has the guesses of all of them, and no more.
#[derive(Debug)]
pub(super) struct Guesses {
    /// The latest wrong ones, [`WRONG_GUESSES`] at most, the last one at the end.
    places: Vec<VecDeque<Wrong>>,
    hasher: RandomState,
}

/// When it came, and a short digest of it and of what it was taken for.
type Wrong = (Time, u64);

impl Guesses {
    /// None yet.
    pub(super) fn new() -> Self {
        Self { places: vec![VecDeque::new(); GUESS_PLACES], hasher: RandomState::new() }
    }

    /// Whether a password from there is looked at.
    pub(super) fn may_guess(&self, now: Time, from: Address) -> bool {
        let wrong = &self.places[from.place(GUESS_PLACES, &self.hasher)];
        let is_past = |(first, _): &Wrong| now.saturating_sub(*first) >= GUESS_WINDOW;
        wrong.len() < WRONG_GUESSES || wrong.front().is_some_and(is_past)
    }

    /// Counts one that was wrong. The same again tells whoever guesses nothing and does not count: pages that keep a
    /// password of yesterday, of which there may be many behind one address, present it over and over.
    pub(super) fn was_wrong(&mut self, now: Time, from: Address, presented: &Password, right: &Password) {
        let place = from.place(GUESS_PLACES, &self.hasher);
        let digest = self.hasher.hash_one((presented.as_str(), right.as_str()));
        let wrong = &mut self.places[place];
        let is_known = |(at, known): &Wrong| *known == digest && now.saturating_sub(*at) < GUESS_WINDOW;
        if wrong.iter().any(is_known) {
            return;
        }
        if wrong.len() >= WRONG_GUESSES {
            wrong.pop_front();
        }
        wrong.push_back((now, digest));
    }

    #[cfg(test)]
    pub(super) fn check(&self) {
        assert_eq!(self.places.len(), GUESS_PLACES);
        assert!(self.places.iter().all(|wrong| wrong.len() <= WRONG_GUESSES));
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::time::Duration;

    use super::*;

    fn password(number: usize) -> Password {
        Password::parse(&format!("password {number}")).unwrap()
    }

    fn address(last: u8) -> Address {
        IpAddr::from([192, 0, 2, last]).into()
    }

    /// How many are looked at, all of them wrong.
    fn tried(guesses: &mut Guesses, now: Time, times: usize) -> usize {
        let mut looked_at = 0;
        let earlier = 1_000 * usize::try_from(now.as_secs()).unwrap();
        for number in earlier + 1..=earlier + times {
            if guesses.may_guess(now, address(1)) {
                guesses.was_wrong(now, address(1), &password(number), &password(0));
                looked_at += 1;
            }
            guesses.check();
        }
        looked_at
    }

    #[test]
    fn within_any_minute_ten_are_looked_at() {
        let mut guesses = Guesses::new();
        assert_eq!(tried(&mut guesses, Duration::ZERO, 1), 1);
        assert_eq!(tried(&mut guesses, Duration::from_secs(59), 100), 9);
        assert_eq!(tried(&mut guesses, GUESS_WINDOW, 100), 1);
        assert_eq!(tried(&mut guesses, Duration::from_secs(118), 100), 0);
        assert_eq!(tried(&mut guesses, Duration::from_secs(119), 100), 9);
    }

    #[test]
    fn the_same_again_does_not_count_unless_it_is_for_another_password_or_much_later() {
        let mut guesses = Guesses::new();
        let mut wrong = |now, number, right| {
            guesses.was_wrong(now, address(1), &password(number), &password(right));
            guesses.places.iter().map(VecDeque::len).sum::<usize>()
        };
        for _ in 0..100 {
            assert_eq!(wrong(Duration::ZERO, 1, 0), 1);
        }
        assert_eq!(wrong(Duration::ZERO, 2, 0), 2);
        assert_eq!(wrong(Duration::ZERO, 1, 3), 3, "another room's");
        assert_eq!(wrong(GUESS_WINDOW, 1, 0), 4);
    }

    #[test]
    fn one_address_that_guesses_leaves_the_others_alone() {
        let mut guesses = Guesses::new();
        tried(&mut guesses, Duration::ZERO, 1_000);
        let others = (2..=201).filter(|&last| guesses.may_guess(Duration::ZERO, address(last))).count();
        assert!(others >= 198, "{others}: two may share its place by chance");
    }
}
