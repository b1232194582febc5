//! The exchange of one offer: sending it, applying its answer, and the candidates of both sides.

use vong_protocol::{Attempt, ClientMessage, IceCandidate, RefuseReason, ServerMessage};

use super::Watcher;
use super::connection::Step;
use crate::api::{ConnectionEvent, ConnectionId, Output, Transport};
use crate::bounds;
use crate::time::Time;

impl Watcher {
    pub(super) fn message(&mut self, now: Time, message: ServerMessage) {
        match message {
            ServerMessage::Broadcaster { presence } => {
                if presence.live().is_some() {
                    // Said whenever the broadcaster has a new way to the server. The one before may have led nowhere.
                    self.void_unanswered();
                    self.interrupt_still(now);
                }
                self.presence_is(presence);
            }
            ServerMessage::Ice(ice) => self.ice = ice,
            ServerMessage::Answer { from, attempt, sdp } => {
                if let Some(connection) = self.negotiating(attempt)
                    && connection.negotiation.step == Step::Sent
                {
                    connection.engine = Some(from);
                    connection.negotiation.step = Step::Applying;
                    if !connection.negotiation.restart {
                        connection.negotiation.until = Some(now + bounds::ESTABLISH);
                    }
                    let connection = connection.id;
                    self.out.push_back(Output::ApplyAnswer { connection, attempt, sdp });
                }
            }
            ServerMessage::Candidate { attempt, candidate, .. } => {
                if let Some(connection) = self.negotiating(attempt) {
                    if connection.negotiation.step == Step::Applied {
                        let connection = connection.id;
                        self.out.push_back(Output::AddCandidate { connection, candidate });
                    } else {
                        connection.negotiation.early.hold(attempt, candidate);
                    }
                }
            }
            ServerMessage::Refused { attempt, reason } => self.offer_refused(now, attempt, reason),
            _ => {}
        }
    }

    pub(super) fn connection_event(&mut self, now: Time, id: ConnectionId, event: ConnectionEvent) {
        match event {
            ConnectionEvent::OfferCreated { attempt, sdp } => {
                if let Some(connection) = self.negotiating_on(id, attempt)
                    && connection.negotiation.step == Step::Creating
                {
                    connection.negotiation.step = Step::Created { sdp };
                    if !connection.negotiation.restart {
                        connection.negotiation.until = None;
                    }
                    self.send_ahead();
                }
            }
            ConnectionEvent::AnswerApplied { attempt } => {
                if let Some(connection) = self.negotiating_on(id, attempt)
                    && connection.negotiation.step == Step::Applying
                {
                    connection.negotiation.step = Step::Applied;
                    let waiting: Vec<IceCandidate> = connection.negotiation.early.release(attempt).collect();
                    for candidate in waiting {
                        self.out.push_back(Output::AddCandidate { connection: id, candidate });
                    }
                }
            }
            ConnectionEvent::NegotiationFailed { attempt } => {
                if self.negotiating_on(id, attempt).is_some() {
                    self.negotiation_failed(now, id);
                }
            }
            ConnectionEvent::Candidate { attempt, candidate } => {
                if self.link.is_up() && self.negotiating_on(id, attempt).is_some() {
                    let message = ClientMessage::Candidate { to: None, attempt, candidate };
                    self.link.send(message, &mut self.out);
                }
            }
            ConnectionEvent::Transport(transport) => self.transport_is(now, id, transport),
            ConnectionEvent::Media => {
                // Some browsers say so as soon as the answer is set, before there is a path for anything to come over.
                if let Some(connection) = self.connection(id)
                    && connection.transport == Transport::Connected
                {
                    connection.flow.begin(now);
                    self.media_arrived(now, id);
                }
            }
            ConnectionEvent::Received { bytes, frames } => self.received(now, id, bytes, frames),
            ConnectionEvent::ChannelOpened => self.channel_opened(id),
            ConnectionEvent::Told(text, _) => self.told_by_broadcaster(id, &text),
            ConnectionEvent::ClosedByPeer => self.closed_by_peer(now, id),
            ConnectionEvent::AnswerCreated { .. } => {}
        }
    }

    /// Sends the first offer right behind `join`, one trip before the answer to it is known.
    pub(super) fn send_ahead(&mut self) {
        if !self.link.is_joining() {
            return;
        }
        if let Some(connection) = &mut self.trying
            && let Step::Created { sdp } = &connection.negotiation.step
        {
            let sdp = sdp.clone();
            let attempt = connection.negotiation.attempt;
            connection.negotiation.step = Step::SentAhead { sdp: sdp.clone() };
            self.link.send(ClientMessage::Offer { attempt, restart: false, sdp }, &mut self.out);
        }
    }

    /// Now that the ICE servers are known, sets the offer that went ahead; or takes it back if nobody was there.
    pub(super) fn gather_sent_ahead(&mut self, now: Time) {
        let live = self.live().is_some();
        let Some(connection) = &mut self.trying else { return };
        let Step::SentAhead { sdp } = &mut connection.negotiation.step else { return };
        if live {
            connection.negotiation.step = Step::Sent;
            connection.negotiation.asked = Some(now);
            connection.negotiation.until = Some(now + bounds::ANSWER);
            self.out.push_back(Output::SetOffer {
                connection: connection.id,
                attempt: connection.negotiation.attempt,
                ice: self.ice.clone(),
            });
        } else {
            connection.negotiation.step = Step::Created { sdp: std::mem::take(sdp) };
        }
    }

    /// The socket is gone: what went ahead over it did not arrive.
    pub(super) fn unsend(&mut self) {
        if let Some(connection) = &mut self.trying
            && let Step::SentAhead { sdp } = &mut connection.negotiation.step
        {
            connection.negotiation.step = Step::Created { sdp: std::mem::take(sdp) };
        }
    }

    pub(super) fn send_created(&mut self, now: Time) {
        if !self.link.is_up() || self.live().is_none() {
            return;
        }
        for connection in [&mut self.shown, &mut self.trying].into_iter().flatten() {
            let negotiation = &mut connection.negotiation;
            if let Step::Created { sdp } = &mut negotiation.step {
                let (attempt, restart) = (negotiation.attempt, negotiation.restart);
                let sdp = std::mem::take(sdp);
                negotiation.step = Step::Sent;
                negotiation.asked = Some(now);
                if !restart {
                    negotiation.until = Some(now + bounds::ANSWER);
                }
                self.out.push_back(Output::SetOffer {
                    connection: connection.id,
                    attempt,
                    ice: self.ice.clone(),
                });
                self.link.send(ClientMessage::Offer { attempt, restart, sdp }, &mut self.out);
            }
        }
    }

    pub(super) fn offer_refused(&mut self, now: Time, attempt: Attempt, reason: RefuseReason) {
        if reason == RefuseReason::Removed {
            self.removed();
            return;
        }
        let Some(connection) = self.negotiating(attempt) else { return };
        let id = connection.id;
        match (&connection.negotiation.step, reason) {
            (Step::Sent, _) => self.negotiation_failed(now, id),
            (Step::SentAhead { sdp }, RefuseReason::NobodyLive) => {
                connection.negotiation.step = Step::Created { sdp: sdp.clone() };
            }
            _ => {}
        }
    }
}
