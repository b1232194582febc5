//! The echo: a call of the page with itself, through the relay and back.
//!
//! The two ends are the same as those of a broadcast, a broadcaster's and a watcher's, each allowed relays alone. So the
//! media goes up to the relay once and comes down once, and what is measured is what a relayed watcher would get over this
//! very line; the round trip is twice the way to the relay and back.

use vong_protocol::{Attempt, Ice, IceCandidate};
use vong_session::diagnosis::Reading;
use vong_session::{ConnectionEvent as Told, ConnectionId, Event, Transport, bounds};

use super::queue::Queue;
use crate::platform::{Outgoing, Peer, Stream};

const SENDER: ConnectionId = ConnectionId(0);
const RECEIVER: ConnectionId = ConnectionId(1);

/// Both ends. Dropping it hangs up.
pub(super) struct Echo {
    sender: Peer,
    receiver: Peer,
    ice: Ice,
    /// The sender's candidates until the answer is applied; bounded. `None` from then on.
    early: Option<Vec<IceCandidate>>,
    connected: bool,
}

impl Echo {
    /// Calls; `None` where the browser cannot. What the ends report comes through `queue` and belongs to [`Echo::take`].
    pub(super) fn call(outgoing: Outgoing, mut ice: Ice, queue: &Queue) -> Option<Self> {
        ice.relay_only = true;
        let reports = |id| {
            let queue = queue.clone();
            move |event| queue.push(Event::Connection(id, event))
        };
        let sender = Peer::broadcaster(reports(SENDER), outgoing).ok()?;
        let receiver = Peer::watcher(reports(RECEIVER)).ok()?;
        receiver.create_offer(Attempt(0), false);
        Some(Self { sender, receiver, ice, early: Some(Vec::new()), connected: false })
    }

    /// Carries over to one end what the other said.
    pub(super) fn take(&mut self, event: Event) {
        let Event::Connection(id, event) = event else { return };
        match event {
            Told::OfferCreated { attempt, sdp } => {
                self.receiver.set_offer(attempt, self.ice.clone());
                self.sender.accept(attempt, sdp, self.ice.clone());
            }
            Told::AnswerCreated { attempt, sdp } => self.receiver.apply_answer(attempt, sdp),
            Told::AnswerApplied { .. } => {
                for candidate in self.early.take().into_iter().flatten() {
                    self.receiver.add_candidate(candidate);
                }
            }
            Told::Candidate { candidate, .. } if id == RECEIVER => self.sender.add_candidate(candidate),
            Told::Candidate { candidate, .. } => match &mut self.early {
                Some(early) if early.len() < bounds::EARLY_CANDIDATES => early.push(candidate),
                Some(_) => {}
                None => self.receiver.add_candidate(candidate),
            },
            Told::Transport(transport) if id == RECEIVER => {
                self.connected = transport == Transport::Connected;
            }
            _ => {}
        }
    }

    /// Whether the ends have found each other.
    pub(super) fn is_connected(&self) -> bool {
        self.connected
    }

    /// What comes back, once something does.
    pub(super) fn stream(&self) -> Option<Stream> {
        self.receiver.streams().main
    }

    /// What went out by one end and came in by the other.
    pub(super) async fn reading(&self) -> Option<Reading> {
        let sent = self.sender.reading().await?;
        let received = self.receiver.reading().await?;
        let round_trip = sent.round_trip.or(received.round_trip);
        Some(Reading { sent: sent.sent, available: sent.available, round_trip, ..received })
    }
}
