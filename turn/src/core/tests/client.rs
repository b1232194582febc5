//! A TURN client as far as the tests need one, and a server in simulated time.

use std::cell::Cell;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use stun_types::attribute::{
    AttributeStaticType, AttributeWrite, ErrorCode, Nonce, Realm, Username, XorMappedAddress,
};
use stun_types::message::{
    IntegrityAlgorithm, IntegrityKey, LongTermKeyCredentials, Message, MessageWrite, MessageWriteExt,
    MessageWriteVec, Method, TransactionId,
};
use turn_types::AddressFamily;
use turn_types::attribute::{
    ChannelNumber, Data, Lifetime, RequestedTransport, XorPeerAddress, XorRelayedAddress,
};
use turn_types::message::{ALLOCATE, CHANNEL_BIND, CREATE_PERMISSION, REFRESH, SEND};

use crate::core::{AllocationId, Client, Core, NoPort, Now, Opened, Outcome, Ports, Settings, Wrap};
use crate::credential::{Credential, Secret};
use crate::frame;

/// When the simulation begins, in seconds since 1970.
pub(crate) const EPOCH: u64 = 1_795_000_000;

/// The relays' address.
pub(crate) const RELAY: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(5, 5, 5, 5));

pub(crate) struct World {
    pub(crate) core: Core<u16>,
    pub(crate) secret: Secret,
    start: Instant,
    elapsed: Duration,
    pub(crate) ports: Numbers,
}

/// Relays are ports that count up, from wherever they are set back to.
pub(crate) struct Numbers(pub(crate) Cell<u16>);

impl Ports<u16> for Numbers {
    fn open(
        &mut self,
        _: AllocationId,
        _: &Client,
        family: AddressFamily,
        _: bool,
    ) -> Result<Opened<u16>, NoPort> {
        if family == AddressFamily::IPV6 {
            return Err(NoPort::Family);
        }
        self.0.set(self.0.get() + 1);
        Ok(Opened { relayed: SocketAddr::new(RELAY, self.0.get()), relay: self.0.get() })
    }
}

pub(crate) fn settings() -> Settings {
    Settings {
        allow_private: false,
        public: vec![RELAY],
        ports: 50_000..=60_000,
        allocations: 100,
        allocations_per_address: 50,
        bandwidth: 1_000_000,
    }
}

impl World {
    pub(crate) fn new(settings: Settings) -> Self {
        let (secret, start) = (Secret::new("north"), Instant::now());
        let mut core = Core::new(settings, secret.clone(), [7; 32], start);
        core.set_own(Vec::new());
        Self { core, secret, start, elapsed: Duration::ZERO, ports: Numbers(Cell::new(50_000)) }
    }

    pub(crate) fn now(&self) -> Now {
        Now { instant: self.start + self.elapsed, unix: EPOCH + self.elapsed.as_secs() }
    }

    pub(crate) fn pass(&mut self, span: Duration) {
        self.elapsed += span;
        self.core.expire(self.now().instant);
    }

    pub(crate) fn credential(&self, id: &str, allocations: u16) -> Credential {
        self.secret.mint(id, allocations, EPOCH + self.elapsed.as_secs() + 3600)
    }

    pub(crate) fn send(&mut self, client: &Client, packet: &[u8]) -> Outcome<u16> {
        let now = self.now();
        self.core.take_from_client(now, client, packet, &mut self.ports)
    }

    pub(crate) fn reply(&mut self, client: &Client, packet: &[u8]) -> Vec<u8> {
        match self.send(client, packet) {
            Outcome::Reply(reply) => reply,
            other => panic!("expected a reply, not {other:?}"),
        }
    }

    pub(crate) fn take_from_peer(&mut self, id: u64, peer: &str, length: usize) -> Option<(Client, Wrap)> {
        let now = self.now().instant;
        self.core.take_from_peer(now, AllocationId(id), peer.parse().unwrap(), length)
    }

    /// A client with an allocation.
    pub(crate) fn allocated(&mut self, address: &str, id: &str) -> Tester {
        let mut tester = Tester::new(address, self.credential(id, 10));
        tester.allocate(self).unwrap();
        tester
    }
}

pub(crate) struct Tester {
    pub(crate) client: Client,
    pub(crate) credential: Credential,
    pub(crate) nonce: String,
    pub(crate) relayed: Option<SocketAddr>,
}

/// The code of an error.
pub(crate) type Code = u16;

impl Tester {
    pub(crate) fn new(address: &str, credential: Credential) -> Self {
        let client = Client::udp(address.parse().unwrap());
        Self { client, credential, nonce: String::new(), relayed: None }
    }

    pub(crate) fn request(
        &self,
        method: Method,
        transaction: TransactionId,
        attributes: &[&dyn AttributeWrite],
    ) -> Vec<u8> {
        use stun_types::message::{MessageClass, MessageType};
        let kind = MessageType::from_class_method(MessageClass::Request, method);
        let mut message = Message::builder(kind, transaction, MessageWriteVec::new());
        for attribute in attributes {
            message.add_attribute(*attribute).unwrap();
        }
        message.add_attribute(&Username::new(&self.credential.username).unwrap()).unwrap();
        message.add_attribute(&Realm::new("vong").unwrap()).unwrap();
        message.add_attribute(&Nonce::new(&self.nonce).unwrap()).unwrap();
        message.add_message_integrity_with_key(&self.key(), IntegrityAlgorithm::Sha1).unwrap();
        message.finish()
    }

    pub(crate) fn key(&self) -> IntegrityKey {
        let Credential { username, password } = self.credential.clone();
        LongTermKeyCredentials::new(username, password, "vong".to_owned()).make_key(IntegrityAlgorithm::Sha1)
    }

    pub(crate) fn permission(&self, peer: SocketAddr) -> Vec<u8> {
        let transaction = TransactionId::generate();
        self.request(CREATE_PERMISSION, transaction, &[&XorPeerAddress::new(peer, transaction)])
    }

    pub(crate) fn binding(&self, number: u16, peer: SocketAddr) -> Vec<u8> {
        let transaction = TransactionId::generate();
        let (number, peer) = (ChannelNumber::new(number), XorPeerAddress::new(peer, transaction));
        self.request(CHANNEL_BIND, transaction, &[&number, &peer])
    }

    /// Asks, with the current nonce. The answer, which is signed, or the code of the error.
    pub(crate) fn ask(
        &self,
        world: &mut World,
        method: Method,
        attributes: &[&dyn AttributeWrite],
    ) -> Result<Vec<u8>, Code> {
        let reply = world.reply(&self.client, &self.request(method, TransactionId::generate(), attributes));
        checked(&reply).map(|()| reply)
    }

    /// Gets a nonce as any client does: by asking without one.
    pub(crate) fn greet(&mut self, world: &mut World) {
        let reply = world.reply(&self.client, &hello());
        assert_eq!(checked(&reply), Err(401));
        self.nonce = nonce(&reply);
    }

    pub(crate) fn allocate(&mut self, world: &mut World) -> Result<SocketAddr, Code> {
        self.greet(world);
        let reply = self.ask(world, ALLOCATE, &[&RequestedTransport::new(RequestedTransport::UDP)])?;
        Ok(self.take_relay(&reply))
    }

    /// Reads the answer that brings an allocation.
    pub(crate) fn take_relay(&mut self, reply: &[u8]) -> SocketAddr {
        let message = Message::from_bytes(reply).unwrap();
        let relayed = message.attribute::<XorRelayedAddress>().unwrap().addr(message.transaction_id());
        let mapped = message.attribute::<XorMappedAddress>().unwrap().addr(message.transaction_id());
        assert_eq!(mapped, self.client.address);
        self.relayed = Some(relayed);
        relayed
    }

    pub(crate) fn permit(&self, world: &mut World, peer: &str) -> Result<(), Code> {
        checked(&world.reply(&self.client, &self.permission(peer.parse().unwrap())))
    }

    pub(crate) fn bind(&self, world: &mut World, number: u16, peer: &str) -> Result<(), Code> {
        checked(&world.reply(&self.client, &self.binding(number, peer.parse().unwrap())))
    }

    pub(crate) fn refresh(&self, world: &mut World, seconds: u32) -> Result<u32, Code> {
        let reply = self.ask(world, REFRESH, &[&Lifetime::new(seconds)])?;
        Ok(Message::from_bytes(&reply).unwrap().attribute::<Lifetime>().unwrap().seconds())
    }

    /// What comes of a `Send` indication.
    pub(crate) fn say(&self, world: &mut World, peer: &str, data: &[u8]) -> Outcome<u16> {
        world.send(&self.client, &send_indication(peer.parse().unwrap(), data))
    }

    /// What comes of `ChannelData`.
    pub(crate) fn channel(&self, world: &mut World, number: u16, data: &[u8]) -> Outcome<u16> {
        world.send(&self.client, &channel_data(number, data))
    }
}

/// What any client begins with: a request that proves nothing, to get a nonce.
pub(crate) fn hello() -> Vec<u8> {
    Message::builder_request(ALLOCATE, MessageWriteVec::new()).finish()
}

pub(crate) fn send_indication(peer: SocketAddr, data: &[u8]) -> Vec<u8> {
    let mut message = Message::builder_indication(SEND, MessageWriteVec::new());
    let peer = XorPeerAddress::new(peer, message.transaction_id());
    message.add_attribute(&peer).unwrap();
    message.add_attribute(&Data::new(data)).unwrap();
    message.finish()
}

pub(crate) fn channel_data(number: u16, data: &[u8]) -> Vec<u8> {
    [&frame::channel_header(number, data.len()), data].concat()
}

pub(crate) fn checked(reply: &[u8]) -> Result<(), Code> {
    let message = Message::from_bytes(reply).unwrap();
    match message.raw_attribute(ErrorCode::TYPE) {
        Some(_) => Err(message.attribute::<ErrorCode>().unwrap().code()),
        None => Ok(()),
    }
}

pub(crate) fn nonce(reply: &[u8]) -> String {
    Message::from_bytes(reply).unwrap().attribute::<Nonce>().unwrap().nonce().to_owned()
}
