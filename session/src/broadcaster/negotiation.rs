//! A watcher's offer, until its connection is up or gone.

use vong_protocol::{Attempt, ClientMessage, IceCandidate, PeerId, RefuseReason};

use super::{Broadcaster, Connection, Peer};
use crate::api::{ConnectionEvent, ConnectionId, Output, Transport};
use crate::bounds;
use crate::time::Time;

impl Broadcaster {
    pub(super) fn offered(&mut self, now: Time, from: PeerId, attempt: Attempt, restart: bool, sdp: String) {
        self.watcher_joined(from);
        let Some(peer) = self.peers.get_mut(from) else {
            self.refuse(from, attempt, RefuseReason::Failed);
            return;
        };
        if peer.barred.is_some_and(|until| now < until) {
            self.refuse(from, attempt, RefuseReason::Removed);
            return;
        }
        let current = peer.connection.as_ref().map(|c| (c.id, c.attempt));
        if current.is_some_and(|(_, current)| attempt <= current) {
            return;
        }
        let until = Some(now + bounds::DEAD_CONNECTION);
        let connection = match (current, restart) {
            (Some((id, _)), true) => id,
            (None, true) => {
                self.refuse(from, attempt, RefuseReason::NoConnection);
                return;
            }
            (_, false) => {
                self.close(from);
                let id = ConnectionId(self.next_connection);
                self.next_connection = self.next_connection.wrapping_add(1);
                id
            }
        };
        if let Some(peer) = self.peers.get_mut(from) {
            let transport = peer.connection.as_ref().map_or(Transport::Connecting, |c| c.transport);
            let until = until.filter(|_| transport != Transport::Connected);
            peer.connection = Some(Connection { id: connection, attempt, answered: false, transport, until });
        }
        let ice = self.ice.clone();
        self.out.push_back(Output::Accept { connection, attempt, restart, sdp, ice });
    }

    pub(super) fn candidate(&mut self, from: PeerId, attempt: Attempt, candidate: IceCandidate) {
        let Some(peer) = self.peers.get_mut(from) else { return };
        match &peer.connection {
            Some(c) if attempt < c.attempt => {}
            Some(c) if attempt == c.attempt && c.answered => {
                self.out.push_back(Output::AddCandidate { connection: c.id, candidate });
            }
            _ => peer.early.hold(attempt, candidate),
        }
    }

    pub(super) fn connection_event(&mut self, now: Time, id: ConnectionId, event: ConnectionEvent) {
        let of_id = |p: &Peer| p.connection.as_ref().is_some_and(|c| c.id == id);
        let Some((peer_id, peer)) = self.peers.iter_mut().find(|(_, p)| of_id(p)) else { return };
        let peer_id = *peer_id;
        let Some(connection) = &mut peer.connection else { return };
        match event {
            ConnectionEvent::AnswerCreated { attempt, sdp } if attempt == connection.attempt => {
                connection.answered = true;
                for candidate in peer.early.release(attempt) {
                    self.out.push_back(Output::AddCandidate { connection: id, candidate });
                }
                self.send(ClientMessage::Answer { to: peer_id, attempt, sdp });
            }
            ConnectionEvent::NegotiationFailed { attempt } if attempt == connection.attempt => {
                self.close(peer_id);
                self.refuse(peer_id, attempt, RefuseReason::Failed);
            }
            ConnectionEvent::Candidate { attempt, candidate } if attempt == connection.attempt => {
                self.send(ClientMessage::Candidate { to: Some(peer_id), attempt, candidate });
            }
            ConnectionEvent::Transport(transport) => {
                connection.transport = transport;
                connection.until = match transport {
                    Transport::Connected => None,
                    _ => connection.until.or(Some(now + bounds::DEAD_CONNECTION)),
                };
            }
            ConnectionEvent::ChannelOpened => self.met(id, peer_id),
            ConnectionEvent::Told(text, date) => self.told_by_watcher(now, date, peer_id, &text),
            ConnectionEvent::ClosedByPeer => self.close(peer_id),
            _ => {}
        }
    }

    fn refuse(&mut self, to: PeerId, attempt: Attempt, reason: RefuseReason) {
        self.send(ClientMessage::Refuse { to, attempt, reason });
    }
}
