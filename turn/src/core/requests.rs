//! What a client asks for once it has proved who it is: RFC 8656 sections 7 to 12.

use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use stun_types::attribute::{
    Attribute, AttributeFromRaw, AttributeStaticType, AttributeType, ErrorCode, XorMappedAddress,
};
use stun_types::message::Message;
use tracing::debug;
use turn_types::AddressFamily;
use turn_types::attribute::{
    AdditionalAddressFamily, ChannelNumber, EvenPort, Lifetime, RequestedAddressFamily, RequestedTransport,
    ReservationToken, XorPeerAddress, XorRelayedAddress,
};
use turn_types::message::{ALLOCATE, CHANNEL_BIND, CREATE_PERMISSION};

use super::allocation::{Allocation, NotGiven};
use super::auth::User;
use super::reply::{self, Problem};
use super::{AllocationId, Client, Core, NoPort, Now, Opened, Ports};
use crate::bounds;
use crate::policy::Verdict;

const BAD_REQUEST: Problem = Problem::new(ErrorCode::BAD_REQUEST, "Bad Request");
const NO_ALLOCATION: Problem = Problem::new(ErrorCode::ALLOCATION_MISMATCH, "Allocation Mismatch");
const NO_CAPACITY: Problem = Problem::new(ErrorCode::INSUFFICIENT_CAPACITY, "Insufficient Capacity");
const OTHER_FAMILY: Problem =
    Problem::new(ErrorCode::PEER_ADDRESS_FAMILY_MISMATCH, "Peer Address Family Mismatch");
const NO_FAMILY: Problem =
    Problem::new(ErrorCode::ADDRESS_FAMILY_NOT_SUPPORTED, "Address Family not Supported");

/// The numbers of channels (RFC 5766; RFC 8656 uses fewer).
const CHANNELS: std::ops::RangeInclusive<u16> = 0x4000..=0x7fff;

impl<Relay: Clone> Core<Relay> {
    /// Carries out a request, and answers it.
    pub(super) fn request(
        &mut self,
        now: Now,
        client: &Client,
        request: &Message<'_>,
        user: &User,
        ports: &mut impl Ports<Relay>,
    ) -> Vec<u8> {
        let known: &[AttributeType] = match request.method() {
            ALLOCATE => &[
                RequestedTransport::TYPE,
                Lifetime::TYPE,
                RequestedAddressFamily::TYPE,
                AdditionalAddressFamily::TYPE,
                EvenPort::TYPE,
                ReservationToken::TYPE,
            ],
            CREATE_PERMISSION => &[XorPeerAddress::TYPE],
            CHANNEL_BIND => &[XorPeerAddress::TYPE, ChannelNumber::TYPE],
            _ => &[Lifetime::TYPE, RequestedAddressFamily::TYPE],
        };
        let unknown = reply::unknown_in(request, known);
        if !unknown.is_empty() {
            return reply::unknown(request, &unknown, Some(&user.key));
        }
        let answer = match request.method() {
            ALLOCATE => self.allocate(now.instant, client, request, user, ports),
            CREATE_PERMISSION | CHANNEL_BIND => self.permit(now.instant, client, request, user),
            _ => self.refresh(now.instant, client, request, user),
        };
        answer.unwrap_or_else(|problem| {
            debug!(client = %client.address, problem.code, problem.reason, "a TURN request was refused");
            reply::error(request, problem, &user.key)
        })
    }

    fn allocate(
        &mut self,
        now: Instant,
        client: &Client,
        request: &Message<'_>,
        user: &User,
        ports: &mut impl Ports<Relay>,
    ) -> Result<Vec<u8>, Problem> {
        if let Some(there) = self.clients.get(client).and_then(|id| self.allocations.get(id)) {
            // The answer was lost, and the request comes again.
            let again = there.made_by == request.transaction_id() && !there.is_over(now);
            return again.then(|| allocated(request, there, now)).ok_or(NO_ALLOCATION);
        }
        match request.attribute::<RequestedTransport>() {
            Ok(transport) if transport.protocol() == RequestedTransport::UDP => {}
            Ok(_) => {
                let code = ErrorCode::UNSUPPORTED_TRANSPORT_PROTOCOL;
                return Err(Problem::new(code, "Unsupported Transport Protocol"));
            }
            Err(_) => return Err(BAD_REQUEST),
        }
        let family = requested_family(request)?.unwrap_or(AddressFamily::IPV4);
        let even = match optional::<EvenPort>(request)? {
            // A second port is reserved for nobody.
            Some(even) if even.requested() => return Err(NO_CAPACITY),
            even => even.is_some(),
        };
        if request.has_attribute(ReservationToken::TYPE) {
            return Err(NO_CAPACITY);
        }
        let host = client.address.ip();
        if !self.quotas.allow(&user.owner, user.allocations, host, self.settings.allocations_per_address) {
            debug!(%host, "as many TURN allocations as one session or one address may have");
            return Err(Problem::new(ErrorCode::ALLOCATION_QUOTA_REACHED, "Allocation Quota Reached"));
        }
        if self.allocations.len() >= self.settings.allocations {
            debug!(allocations = self.settings.allocations, "as many TURN allocations as there may be");
            return Err(NO_CAPACITY);
        }
        let id = AllocationId(self.next);
        let opened = self.open(id, client, family, even, ports).map_err(|error| match error {
            NoPort::Family => NO_FAMILY,
            NoPort::None => NO_CAPACITY,
        })?;
        self.next += 1;
        let (relayed, bucket) = (opened.relayed, self.bandwidth.bucket(now));
        let mut allocation = Allocation::new(*client, user, request.transaction_id(), opened, bucket, now);
        allocation.expires = now + lifetime(request, allocation.ends, now)?;
        let answer = allocated(request, &allocation, now);
        self.quotas.take(&user.owner, host);
        self.clients.insert(*client, id);
        self.relayed.insert(relayed, id);
        self.allocations.insert(id, allocation);
        debug!(client = %client.address, %relayed, "an allocation began");
        Ok(answer)
    }

    /// A relay whose address no other has. The same port of two addresses of this machine is one where the world is told
    /// a third.
    fn open(
        &self,
        id: AllocationId,
        client: &Client,
        family: AddressFamily,
        even: bool,
        ports: &mut impl Ports<Relay>,
    ) -> Result<Opened<Relay>, NoPort> {
        for _ in 0..bounds::PORT_ATTEMPTS {
            let opened = ports.open(id, client, family, even)?;
            if !self.relayed.contains_key(&opened.relayed) {
                return Ok(opened);
            }
        }
        Err(NoPort::None)
    }

    fn refresh(
        &mut self,
        now: Instant,
        client: &Client,
        request: &Message<'_>,
        user: &User,
    ) -> Result<Vec<u8>, Problem> {
        let (id, allocation) = self.allocation(now, client)?;
        if requested_family(request)?.is_some_and(|family| family != family_of(allocation.relayed.ip())) {
            return Err(OTHER_FAMILY);
        }
        let asked = optional::<Lifetime>(request)?.map(|lifetime| lifetime.seconds());
        let granted = if asked == Some(0) { 0 } else { lifetime(request, allocation.ends, now)?.as_secs() };
        if granted == 0 {
            self.remove(id);
        } else {
            allocation.expires = now + std::time::Duration::from_secs(granted);
        }
        let lifetime = Lifetime::new(u32::try_from(granted).unwrap_or(0));
        Ok(reply::success(request, &[&lifetime], &user.key))
    }

    /// `CreatePermission` and `ChannelBind` (RFC 8656 sections 10 and 12): a channel comes with its peer's permission.
    fn permit(
        &mut self,
        now: Instant,
        client: &Client,
        request: &Message<'_>,
        user: &User,
    ) -> Result<Vec<u8>, Problem> {
        let (id, allocation) = self.allocation(now, client)?;
        let family = family_of(allocation.relayed.ip());
        let channel = request.has_method(CHANNEL_BIND).then(|| requested_channel(request)).transpose()?;
        let hosts = match channel {
            Some((_, peer)) => vec![peer.ip()],
            None => requested_hosts(request)?,
        };
        for &host in &hosts {
            self.admit(host, family)?;
        }
        let allocation = self.allocations.get_mut(&id).ok_or(NO_ALLOCATION)?;
        if !allocation.has_room_for(&hosts, now) {
            return Err(NO_CAPACITY);
        }
        if let Some((number, peer)) = channel {
            allocation.bind(number, peer, now).map_err(|why| match why {
                NotGiven::Full => NO_CAPACITY,
                NotGiven::Bound => BAD_REQUEST,
            })?;
        }
        for host in hosts {
            allocation.permit(host, now);
        }
        Ok(reply::success(request, &[], &user.key))
    }

    fn allocation(
        &mut self,
        now: Instant,
        client: &Client,
    ) -> Result<(AllocationId, &mut Allocation<Relay>), Problem> {
        let id = *self.clients.get(client).ok_or(NO_ALLOCATION)?;
        let allocation = self.allocations.get_mut(&id).filter(|allocation| !allocation.is_over(now));
        Ok((id, allocation.ok_or(NO_ALLOCATION)?))
    }

    /// Whether a client may talk to this host at all.
    fn admit(&self, host: IpAddr, family: AddressFamily) -> Result<(), Problem> {
        if family_of(host) != family {
            return Err(OTHER_FAMILY);
        }
        match self.policy.judge(host) {
            Verdict::Allowed => Ok(()),
            Verdict::Own if self.relayed.keys().any(|relayed| relayed.ip() == host) => Ok(()),
            Verdict::Private => {
                debug!(%host, "no relay to a private network; --turn-allow-private allows it");
                Err(Problem::new(
                    ErrorCode::FORBIDDEN,
                    "Private network; the server needs --turn-allow-private",
                ))
            }
            Verdict::Own | Verdict::Forbidden => Err(Problem::new(ErrorCode::FORBIDDEN, "Forbidden")),
        }
    }
}

fn allocated<Relay>(request: &Message<'_>, allocation: &Allocation<Relay>, now: Instant) -> Vec<u8> {
    let transaction = request.transaction_id();
    let left = allocation.expires.saturating_duration_since(now).as_secs();
    let relayed = XorRelayedAddress::new(allocation.relayed, transaction);
    let lifetime = Lifetime::new(u32::try_from(left).unwrap_or(0));
    let mapped = XorMappedAddress::new(allocation.client.address, transaction);
    reply::success(request, &[&relayed, &lifetime, &mapped], &allocation.key)
}

/// What is granted (RFC 8656 section 7.2): neither more nor less than ours, unless the allocation is about to end.
fn lifetime(request: &Message<'_>, ends: Instant, now: Instant) -> Result<std::time::Duration, Problem> {
    optional::<Lifetime>(request)?;
    Ok(bounds::LIFETIME.min(ends.saturating_duration_since(now)))
}

/// An attribute that may be missing, but must not be broken.
fn optional<'a, A: AttributeFromRaw<'a> + AttributeStaticType>(
    request: &'a Message<'a>,
) -> Result<Option<A>, Problem> {
    match request.raw_attribute(A::TYPE) {
        None => Ok(None),
        Some(raw) => A::from_raw(raw).map(Some).map_err(|_| BAD_REQUEST),
    }
}

/// The hosts that permissions are asked for.
fn requested_hosts(request: &Message<'_>) -> Result<Vec<IpAddr>, Problem> {
    let mut hosts = Vec::new();
    for (_, attribute) in request.iter_attributes() {
        if attribute.get_type() == XorPeerAddress::TYPE {
            let peer = XorPeerAddress::from_raw(attribute).map_err(|_| BAD_REQUEST)?;
            hosts.push(peer.addr(request.transaction_id()).ip());
        }
    }
    if hosts.is_empty() { Err(BAD_REQUEST) } else { Ok(hosts) }
}

/// The channel that is asked for, and its peer.
fn requested_channel(request: &Message<'_>) -> Result<(u16, SocketAddr), Problem> {
    let number = request.attribute::<ChannelNumber>().map_err(|_| BAD_REQUEST)?.channel();
    let peer = request.attribute::<XorPeerAddress>().map_err(|_| BAD_REQUEST)?;
    if !CHANNELS.contains(&number) {
        return Err(BAD_REQUEST);
    }
    Ok((number, peer.addr(request.transaction_id())))
}

fn requested_family(request: &Message<'_>) -> Result<Option<AddressFamily>, Problem> {
    match request.raw_attribute(RequestedAddressFamily::TYPE) {
        None => Ok(None),
        Some(raw) => {
            RequestedAddressFamily::from_raw(raw).map(|asked| Some(asked.family())).map_err(|_| NO_FAMILY)
        }
    }
}

fn family_of(host: IpAddr) -> AddressFamily {
    match host {
        IpAddr::V4(_) => AddressFamily::IPV4,
        IpAddr::V6(_) => AddressFamily::IPV6,
    }
}
