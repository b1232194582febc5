//! The way of data: from a client to a peer, from a peer to a client, and from one relay of this server to another.

use std::net::SocketAddr;
use std::ops::Range;
use std::time::Instant;

use stun_types::attribute::{Attribute, AttributeStaticType};
use stun_types::message::Message;
use turn_types::attribute::{Data, XorPeerAddress};

use super::{AllocationId, Client, Core, Outcome, Wrap};
use crate::frame::CHANNEL_HEADER;
use crate::policy::Verdict;

impl<Relay: Clone> Core<Relay> {
    /// A client's `ChannelData` (RFC 8656 section 12.4).
    pub(super) fn channel_data(&mut self, now: Instant, client: &Client, packet: &[u8]) -> Outcome<Relay> {
        let &[a, b, c, d, ..] = packet else { return Outcome::Drop };
        let (number, length) = (u16::from_be_bytes([a, b]), usize::from(u16::from_be_bytes([c, d])));
        let part = CHANNEL_HEADER..CHANNEL_HEADER + length;
        let Some(&id) = self.clients.get(client) else { return Outcome::Drop };
        let peer = self.allocations.get(&id).and_then(|allocation| allocation.peer(number, now));
        match peer {
            // Over datagrams there may be padding behind it.
            Some(peer) if part.end <= packet.len() => self.pass_to_peer(now, id, peer, part),
            _ => Outcome::Drop,
        }
    }

    /// A client's `Send` indication (RFC 8656 section 11.2).
    pub(super) fn send_indication(
        &mut self,
        now: Instant,
        client: &Client,
        message: &Message<'_>,
        packet: &[u8],
    ) -> Outcome<Relay> {
        let Some(&id) = self.clients.get(client) else { return Outcome::Drop };
        let Ok(peer) = message.attribute::<XorPeerAddress>() else { return Outcome::Drop };
        let Some((offset, data)) = message.raw_attribute_and_offset(Data::TYPE) else { return Outcome::Drop };
        // An attribute's value comes after its type and its length.
        let part = offset + 4..offset + 4 + usize::from(data.length());
        if part.end > packet.len() {
            return Outcome::Drop;
        }
        self.pass_to_peer(now, id, peer.addr(message.transaction_id()), part)
    }

    fn pass_to_peer(
        &mut self,
        now: Instant,
        id: AllocationId,
        peer: SocketAddr,
        part: Range<usize>,
    ) -> Outcome<Relay> {
        let Some(allocation) = self.allocations.get_mut(&id) else { return Outcome::Drop };
        if allocation.is_over(now) || !allocation.permits(peer.ip(), now) {
            return Outcome::Drop;
        }
        match self.policy.judge(peer.ip()) {
            Verdict::Allowed if self.bandwidth.take(&mut allocation.sent, part.len(), now) => {
                Outcome::ToPeer { relay: allocation.relay.clone(), peer, part }
            }
            Verdict::Own => {
                let relayed = allocation.relayed;
                if !self.relayed.contains_key(&peer)
                    || !self.bandwidth.take(&mut allocation.sent, part.len(), now)
                {
                    return Outcome::Drop;
                }
                self.pass_to_relay(now, relayed, peer, part)
            }
            _ => Outcome::Drop,
        }
    }

    /// To another relay of this server. It does not go through the network, which may not lead back here: a NAT in front
    /// of the machine need not.
    fn pass_to_relay(
        &mut self,
        now: Instant,
        from: SocketAddr,
        to: SocketAddr,
        part: Range<usize>,
    ) -> Outcome<Relay> {
        let Some(id) = self.relayed.get(&to).copied() else { return Outcome::Drop };
        match self.receive(now, id, from, part.len()) {
            Some((client, wrap)) => Outcome::ToClient { client, wrap, part },
            None => Outcome::Drop,
        }
    }

    /// Takes a packet that came to a relay's socket: to whom it goes, and in what.
    pub(crate) fn take_from_peer(
        &mut self,
        now: Instant,
        id: AllocationId,
        peer: SocketAddr,
        length: usize,
    ) -> Option<(Client, Wrap)> {
        // What this machine sends to a relay does not come from one: those are not sent through sockets.
        (self.policy.judge(peer.ip()) == Verdict::Allowed).then_some(())?;
        self.receive(now, id, peer, length)
    }

    fn receive(
        &mut self,
        now: Instant,
        id: AllocationId,
        peer: SocketAddr,
        length: usize,
    ) -> Option<(Client, Wrap)> {
        let allocation = self.allocations.get_mut(&id)?;
        let passes = !allocation.is_over(now)
            && allocation.permits(peer.ip(), now)
            && self.bandwidth.take(&mut allocation.received, length, now);
        passes.then(|| (allocation.client, allocation.wrap(peer, now)))
    }
}
