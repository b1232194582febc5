//! How much of a broadcaster's outbox each watcher takes up, so that one that floods is refused before it fills it.

use std::collections::BTreeMap;

use vong_protocol::PeerId;

use crate::limits::WATCHER_SHARE;

/// What waits, by watcher. Those of whom nothing waits are not in it.
#[derive(Debug, Default)]
pub(crate) struct Shares(BTreeMap<PeerId, Share>);

#[derive(Clone, Copy, Debug, Default)]
struct Share {
    messages: usize,
    bytes: usize,
}

impl Shares {
    /// Counts one more message, if there is room for it in the watcher's share.
    pub(crate) fn take(&mut self, watcher: PeerId, bytes: usize) -> bool {
        let Share { messages, bytes: before } = self.0.get(&watcher).copied().unwrap_or_default();
        let share = Share { messages: messages + 1, bytes: before + bytes };
        let fits = share.messages <= WATCHER_SHARE.messages && share.bytes <= WATCHER_SHARE.bytes;
        if fits {
            self.0.insert(watcher, share);
        }
        fits
    }

    /// A message that was counted waits no longer.
    pub(crate) fn give_back(&mut self, watcher: PeerId, bytes: usize) {
        if let Some(share) = self.0.get_mut(&watcher) {
            share.messages -= 1;
            share.bytes -= bytes;
            if share.messages == 0 {
                self.0.remove(&watcher);
            }
        }
    }

    /// Forgets a watcher, and tells whether anything of it waited.
    pub(crate) fn forget(&mut self, watcher: PeerId) -> bool {
        self.0.remove(&watcher).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watcher(name: char) -> PeerId {
        PeerId::parse(&name.to_string().repeat(16)).unwrap()
    }

    #[test]
    fn a_share_is_bounded_in_messages_and_in_bytes_and_is_ones_own() {
        let fits = |bytes, most| {
            let mut shares = Shares::default();
            (0..2 * most).filter(|_| shares.take(watcher('a'), bytes)).count() == most
                && shares.take(watcher('b'), bytes)
        };
        assert!(fits(0, WATCHER_SHARE.messages));
        assert!(fits(WATCHER_SHARE.bytes / 4, 4));
    }

    #[test]
    fn what_is_given_back_can_be_taken_again() {
        let mut shares = Shares::default();
        for _ in 0..3 * WATCHER_SHARE.messages {
            assert!(shares.take(watcher('a'), WATCHER_SHARE.bytes));
            assert!(!shares.take(watcher('a'), 1));
            shares.give_back(watcher('a'), WATCHER_SHARE.bytes);
            assert!(shares.0.is_empty(), "who has nothing waiting is forgotten");
        }
    }
}
