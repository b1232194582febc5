//! The server without its sockets: a packet and the time go in, what to do with it comes out.
//!
//! Owns the allocations and decides everything about them. It must not know sockets, clocks or tasks; what stands for a
//! relay's socket is its caller's, and is handed back untouched.

mod allocation;
mod auth;
mod data;
mod id;
mod quota;
mod reply;
mod requests;
#[cfg(test)]
pub(crate) mod tests;

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::ops::{Range, RangeInclusive};
use std::time::Instant;

use stun_types::message::{BINDING, Message, MessageClass};
use tracing::debug;
use turn_types::AddressFamily;
use turn_types::message::{ALLOCATE, CHANNEL_BIND, CREATE_PERMISSION, REFRESH, SEND};

use self::allocation::Allocation;
use self::id::ById;
use self::quota::Quotas;
use crate::credential::Secret;
use crate::nonce::Nonces;
use crate::policy::Policy;
use crate::throttle::{Bandwidth, Unproven};

pub(crate) use self::id::AllocationId;
pub(crate) use self::reply::data_indication;

/// What the operator decides.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Relay to private networks, too.
    pub allow_private: bool,
    /// The addresses under which relays are reached, where these are not the machine's own: at most one of each family.
    pub public: Vec<IpAddr>,
    /// The ports of relays.
    pub ports: RangeInclusive<u16>,
    /// Allocations in all.
    pub allocations: usize,
    /// Allocations of one IPv4 address or IPv6 /56.
    pub allocations_per_address: usize,
    /// Bytes a second that one allocation may send, and as many that it may receive.
    pub bandwidth: u32,
}

/// The current time, by both clocks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Now {
    /// For spans.
    pub(crate) instant: Instant,
    /// Seconds since 1970, which credentials go by.
    pub(crate) unix: u64,
}

/// Where a client's packets come from and answers go: the 5-tuple of RFC 8656.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Client {
    pub(crate) via: Via,
    /// As the server sees it, which behind a NAT is the NAT's.
    pub(crate) address: SocketAddr,
}

/// The server's end of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Via {
    /// A datagram socket, by number, and the address of this machine that was asked.
    Udp { socket: usize, local: Option<IpAddr> },
    /// A stream, by number, and this machine's end of it.
    Stream { id: u64, local: IpAddr },
}

impl Client {
    /// One that came to the first socket.
    #[cfg(test)]
    pub(crate) fn udp(address: SocketAddr) -> Self {
        Self { via: Via::Udp { socket: 0, local: None }, address }
    }

    /// The address of this machine that it talks to.
    pub(crate) fn local(&self) -> Option<IpAddr> {
        match self.via {
            Via::Udp { local, .. } => local,
            Via::Stream { local, .. } => Some(local),
        }
    }
}

/// Where relays' sockets come from.
pub(crate) trait Ports<Relay> {
    /// Opens one of this family for a client, with an even port if asked for.
    fn open(
        &mut self,
        id: AllocationId,
        client: &Client,
        family: AddressFamily,
        even: bool,
    ) -> Result<Opened<Relay>, NoPort>;
}

/// A relay's socket.
#[derive(Debug)]
pub(crate) struct Opened<Relay> {
    /// The address that the world is told.
    pub(crate) relayed: SocketAddr,
    /// What closes the socket by being dropped.
    pub(crate) relay: Relay,
}

/// Why there is no socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoPort {
    /// The server has no address of this family.
    Family,
    /// All ports that were tried are taken, or the system has no more.
    None,
}

/// What to do with a packet.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome<Relay> {
    /// Nothing.
    Drop,
    /// Send this to the client it came from.
    Reply(Vec<u8>),
    /// Send a part of it from a relay's socket.
    ToPeer { relay: Relay, peer: SocketAddr, part: Range<usize> },
    /// Send a part of it to another client, which it reached without leaving the server.
    ToClient { client: Client, wrap: Wrap, part: Range<usize> },
}

/// What goes around a peer's packet on its way to a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrap {
    /// `ChannelData` of this number.
    Channel(u16),
    /// A `Data` indication from this peer.
    Indication(SocketAddr),
}

/// The server. `Relay` stands for a relay's socket.
#[derive(Debug)]
pub(crate) struct Core<Relay> {
    settings: Settings,
    secret: Secret,
    nonces: Nonces,
    started: Instant,
    policy: Policy,
    unproven: Unproven,
    bandwidth: Bandwidth,
    allocations: ById<Allocation<Relay>>,
    clients: HashMap<Client, AllocationId>,
    /// By the address that the world is told.
    relayed: HashMap<SocketAddr, AllocationId>,
    quotas: Quotas,
    next: u64,
}

impl<Relay: Clone> Core<Relay> {
    pub(crate) fn new(settings: Settings, secret: Secret, nonce_key: [u8; 32], now: Instant) -> Self {
        Self {
            nonces: Nonces::new(nonce_key),
            started: now,
            policy: Policy::new(settings.allow_private),
            unproven: Unproven::new(now),
            bandwidth: Bandwidth(settings.bandwidth),
            allocations: ById::default(),
            clients: HashMap::new(),
            relayed: HashMap::new(),
            quotas: Quotas::default(),
            next: 0,
            settings,
            secret,
        }
    }

    /// The addresses of this machine, which are looked up now and then.
    pub(crate) fn set_own(&mut self, mut own: Vec<IpAddr>) {
        own.extend(&self.settings.public);
        self.policy.set_own(own);
    }

    /// Takes a packet from a client's side: a datagram, or one message of a stream.
    pub(crate) fn take_from_client(
        &mut self,
        now: Now,
        client: &Client,
        packet: &[u8],
        ports: &mut impl Ports<Relay>,
    ) -> Outcome<Relay> {
        match packet.first() {
            Some(0x40..=0x7f) => self.channel_data(now.instant, client, packet),
            // What is left over behind the end of a message is not covered by its integrity.
            Some(0..=0x3f) if is_whole(packet) => match Message::from_bytes(packet) {
                Ok(message) => self.message(now, client, &message, packet, ports),
                Err(_) => Outcome::Drop,
            },
            _ => Outcome::Drop,
        }
    }

    fn message(
        &mut self,
        now: Now,
        client: &Client,
        message: &Message<'_>,
        packet: &[u8],
        ports: &mut impl Ports<Relay>,
    ) -> Outcome<Relay> {
        match (message.class(), message.method()) {
            (MessageClass::Indication, SEND) => self.send_indication(now.instant, client, message, packet),
            (MessageClass::Request, BINDING) => self.unproven(now, client, reply::binding(message, client)),
            (MessageClass::Request, ALLOCATE | REFRESH | CREATE_PERMISSION | CHANNEL_BIND) => {
                match self.authenticate(now, client, message) {
                    Ok(user) => Outcome::Reply(self.request(now, client, message, &user, ports)),
                    Err(refusal) => self.unproven(now, client, refusal),
                }
            }
            _ => Outcome::Drop,
        }
    }

    /// An answer to somebody who may have lied about the address it goes to. Over a stream nobody can.
    fn unproven(&mut self, now: Now, client: &Client, answer: Vec<u8>) -> Outcome<Relay> {
        let host = client.address.ip();
        if matches!(client.via, Via::Udp { .. }) && !self.unproven.allows(host, now.instant) {
            return Outcome::Drop;
        }
        Outcome::Reply(answer)
    }

    /// The stream of a client ended.
    pub(crate) fn client_gone(&mut self, client: &Client) {
        if let Some(id) = self.clients.get(client).copied() {
            self.remove(id);
        }
    }

    /// Whether this client has an allocation.
    pub(crate) fn has_allocation(&self, client: &Client) -> bool {
        self.clients.contains_key(client)
    }

    /// Lets go of what has expired.
    pub(crate) fn expire(&mut self, now: Instant) {
        let over = self.allocations.iter().filter(|(_, allocation)| allocation.is_over(now));
        for id in over.map(|(id, _)| *id).collect::<Vec<_>>() {
            self.remove(id);
        }
    }

    /// Ends all allocations.
    pub(crate) fn clear(&mut self) {
        for id in self.allocations.keys().copied().collect::<Vec<_>>() {
            self.remove(id);
        }
    }

    /// Allocations at this moment.
    pub(crate) fn count(&self) -> usize {
        self.allocations.len()
    }

    fn remove(&mut self, id: AllocationId) {
        if let Some(allocation) = self.allocations.remove(&id) {
            self.clients.remove(&allocation.client);
            self.relayed.remove(&allocation.relayed);
            self.quotas.give_back(&allocation.owner, allocation.client.address.ip());
            debug!(relayed = %allocation.relayed, "an allocation ended");
        }
    }
}

/// Whether a STUN message ends where its header says (RFC 8489 section 5).
fn is_whole(packet: &[u8]) -> bool {
    const HEADER: usize = 20;
    packet.get(2..4).is_some_and(|length| {
        HEADER + usize::from(u16::from_be_bytes([length[0], length[1]])) == packet.len()
    })
}
