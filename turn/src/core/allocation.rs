//! One allocation: whose it is, until when, and whom it may talk to.

use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use stun_types::message::{IntegrityKey, TransactionId};

use super::auth::User;
use super::{Client, Opened, Wrap};
use crate::bounds;
use crate::throttle::Bucket;

/// See the module.
#[derive(Debug)]
pub(crate) struct Allocation<Relay> {
    pub(crate) client: Client,
    pub(crate) username: Box<str>,
    /// Whom its quota is counted for.
    pub(crate) owner: Box<str>,
    pub(crate) key: IntegrityKey,
    /// The request that made it, which may come again.
    pub(crate) made_by: TransactionId,
    /// The address that the world is told.
    pub(crate) relayed: SocketAddr,
    pub(crate) relay: Relay,
    pub(crate) expires: Instant,
    /// However often it is refreshed.
    pub(crate) ends: Instant,
    pub(crate) sent: Bucket,
    pub(crate) received: Bucket,
    permissions: Vec<Permission>,
    channels: Vec<Channel>,
}

#[derive(Debug)]
struct Permission {
    host: IpAddr,
    until: Instant,
}

#[derive(Debug)]
struct Channel {
    number: u16,
    peer: SocketAddr,
    until: Instant,
}

/// Why a permission or a channel is not given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotGiven {
    /// There are as many as there may be.
    Full,
    /// The number is another peer's, or the peer has another number.
    Bound,
}

impl<Relay> Allocation<Relay> {
    /// A new one: who asked for it by which request, its relay, and the bytes that it may carry each way.
    pub(crate) fn new(
        client: Client,
        user: &User,
        made_by: TransactionId,
        opened: Opened<Relay>,
        bucket: Bucket,
        now: Instant,
    ) -> Self {
        Self {
            client,
            username: user.username.clone(),
            owner: user.owner.clone(),
            key: user.key.clone(),
            made_by,
            relayed: opened.relayed,
            relay: opened.relay,
            expires: now + bounds::LIFETIME,
            ends: now + bounds::LONGEST,
            sent: bucket,
            received: bucket,
            permissions: Vec::new(),
            channels: Vec::new(),
        }
    }

    pub(crate) fn is_over(&self, now: Instant) -> bool {
        self.expires <= now
    }

    pub(crate) fn permits(&self, host: IpAddr, now: Instant) -> bool {
        self.permissions.iter().any(|permission| permission.host == host && permission.until > now)
    }

    /// The peer of a channel, if it is bound.
    pub(crate) fn peer(&self, number: u16, now: Instant) -> Option<SocketAddr> {
        let channel = self.channels.iter().find(|channel| channel.number == number)?;
        (channel.until > now).then_some(channel.peer)
    }

    /// How this peer's packets are told to the client.
    pub(crate) fn wrap(&self, peer: SocketAddr, now: Instant) -> Wrap {
        let channel = self.channels.iter().find(|channel| channel.peer == peer && channel.until > now);
        channel.map_or(Wrap::Indication(peer), |channel| Wrap::Channel(channel.number))
    }

    /// Whether there is room for these hosts' permissions, given the ones that are there.
    pub(crate) fn has_room_for(&mut self, hosts: &[IpAddr], now: Instant) -> bool {
        self.permissions.retain(|permission| permission.until > now);
        let mut new: Vec<_> =
            hosts.iter().filter(|host| self.permissions.iter().all(|there| there.host != **host)).collect();
        new.sort_unstable();
        new.dedup();
        self.permissions.len() + new.len() <= bounds::PEERS
    }

    /// Gives or renews a permission that there is room for.
    pub(crate) fn permit(&mut self, host: IpAddr, now: Instant) {
        let until = now + bounds::PERMISSION;
        match self.permissions.iter_mut().find(|permission| permission.host == host) {
            Some(permission) => permission.until = until,
            None => self.permissions.push(Permission { host, until }),
        }
    }

    /// Binds or renews a channel; the permission is the caller's matter.
    pub(crate) fn bind(&mut self, number: u16, peer: SocketAddr, now: Instant) -> Result<(), NotGiven> {
        self.channels.retain(|channel| channel.until > now);
        let (until, full) = (now + bounds::CHANNEL, self.channels.len() >= bounds::PEERS);
        let there = self.channels.iter_mut().find(|channel| channel.number == number || channel.peer == peer);
        match there {
            Some(channel) if channel.number == number && channel.peer == peer => channel.until = until,
            Some(_) => return Err(NotGiven::Bound),
            None if full => return Err(NotGiven::Full),
            None => self.channels.push(Channel { number, peer, until }),
        }
        Ok(())
    }
}
