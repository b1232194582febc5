//! Candidates of the other side that came before the description they belong to.

use vong_protocol::{Attempt, IceCandidate};

use crate::bounds;

/// A bounded waiting room. What does not fit is dropped: ICE finds its way with the candidates it has.
#[derive(Debug, Default)]
pub(crate) struct EarlyCandidates(Vec<(Attempt, IceCandidate)>);

impl EarlyCandidates {
    pub(crate) fn hold(&mut self, attempt: Attempt, candidate: IceCandidate) {
        if self.0.len() < bounds::EARLY_CANDIDATES {
            self.0.push((attempt, candidate));
        }
    }

    /// Hands out those of `attempt`, in order, forgets older ones and keeps newer ones.
    pub(crate) fn release(&mut self, attempt: Attempt) -> impl Iterator<Item = IceCandidate> + use<> {
        let (due, rest): (Vec<_>, Vec<_>) = std::mem::take(&mut self.0)
            .into_iter()
            .filter(|(a, _)| *a >= attempt)
            .partition(|(a, _)| *a == attempt);
        self.0 = rest;
        due.into_iter().map(|(_, candidate)| candidate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(text: &str) -> IceCandidate {
        IceCandidate {
            candidate: text.to_owned(),
            sdp_mid: None,
            sdp_m_line_index: None,
            username_fragment: None,
        }
    }

    #[test]
    fn older_candidates_are_forgotten_and_newer_ones_wait() {
        let mut early = EarlyCandidates::default();
        for attempt in [1, 2, 3] {
            early.hold(Attempt(attempt), candidate(&attempt.to_string()));
        }
        let texts = |early: &mut EarlyCandidates, attempt| {
            early.release(Attempt(attempt)).map(|c| c.candidate).collect::<Vec<_>>()
        };
        assert_eq!(texts(&mut early, 2), ["2"]);
        assert_eq!(texts(&mut early, 1), [] as [&str; 0], "released or too old");
        assert_eq!(texts(&mut early, 3), ["3"]);
    }

    #[test]
    fn the_waiting_room_is_bounded() {
        let mut early = EarlyCandidates::default();
        for _ in 0..10 * bounds::EARLY_CANDIDATES {
            early.hold(Attempt(1), candidate("x"));
        }
        assert_eq!(early.release(Attempt(1)).count(), bounds::EARLY_CANDIDATES);
    }
}
