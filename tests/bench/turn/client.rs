//! A TURN client as far as loads need one: an allocation with one channel, over UDP.

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use sha1::Sha1;
use stun_types::attribute::{AttributeStaticType, AttributeWrite, ErrorCode, Nonce, Realm, Username};
use stun_types::message::{
    IntegrityAlgorithm, IntegrityKey, LongTermKeyCredentials, Message, MessageClass, MessageType,
    MessageWrite, MessageWriteExt, MessageWriteVec, Method, TransactionId,
};
use turn_types::attribute::{ChannelNumber, Lifetime, RequestedTransport, XorPeerAddress, XorRelayedAddress};
use turn_types::message::{ALLOCATE, CHANNEL_BIND, REFRESH};

/// What passwords are made with.
pub(super) const SECRET: &str = "bench";
/// The realm of both servers.
pub(super) const REALM: &str = "vong";
/// The channel of every client.
pub(super) const CHANNEL: u16 = 0x4000;

/// How long an answer is waited for before the question is asked again.
const PATIENCE: Duration = Duration::from_millis(500);
/// How often it is asked. A server that is starting takes a while.
const ATTEMPTS: u32 = 20;

/// Ports that a client tries to have an allocation for.
const PORTS: u32 = 4;

/// A user of both servers, who may have as many allocations as a number has room for.
pub(super) struct User {
    name: String,
    key: IntegrityKey,
}

impl User {
    /// One whose credential holds for an hour.
    pub(super) fn new() -> Result<Self> {
        let expires = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs() + 3600;
        let name = format!("{expires}:65535-bench");
        let mut mac = Hmac::<Sha1>::new_from_slice(SECRET.as_bytes())?;
        mac.update(name.as_bytes());
        let password = STANDARD.encode(mac.finalize().into_bytes());
        let key = LongTermKeyCredentials::new(name.clone(), password, REALM.to_owned());
        Ok(Self { name, key: key.make_key(IntegrityAlgorithm::Sha1) })
    }
}

/// A client with an allocation.
pub(super) struct Client {
    pub(super) socket: UdpSocket,
    /// The relay's address.
    pub(super) relayed: SocketAddr,
    nonce: String,
}

impl Client {
    pub(super) fn allocate(user: &User, local: IpAddr, server: SocketAddr) -> Result<Self> {
        let mut last = None;
        for _ in 0..PORTS {
            match Self::allocate_once(user, local, server) {
                Ok(client) => return Ok(client),
                // An earlier load may have had this port, and the server may not have let go of it yet.
                Err(error) => last = Some(error),
            }
        }
        Err(last.context("no port was tried")?)
    }

    fn allocate_once(user: &User, local: IpAddr, server: SocketAddr) -> Result<Self> {
        let socket = UdpSocket::bind((local, 0))?;
        socket.connect(server)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        let first = Message::builder_request(ALLOCATE, MessageWriteVec::new());
        let answer = exchange(&socket, &first.finish())?;
        let nonce = Message::from_bytes(&answer)?.attribute::<Nonce>()?.nonce().to_owned();
        let mut client = Self { socket, relayed: server, nonce };
        let transport = RequestedTransport::new(RequestedTransport::UDP);
        let request = client.request(user, ALLOCATE, TransactionId::generate(), &[&transport])?;
        let answer = exchange(&client.socket, &request)?;
        let answer = succeeded(&answer)?;
        client.relayed = answer.attribute::<XorRelayedAddress>()?.addr(answer.transaction_id());
        Ok(client)
    }

    /// Binds the channel, which permits the peer, too.
    pub(super) fn bind(&self, user: &User, peer: SocketAddr) -> Result<()> {
        let transaction = TransactionId::generate();
        let (number, peer) = (ChannelNumber::new(CHANNEL), XorPeerAddress::new(peer, transaction));
        let request = self.request(user, CHANNEL_BIND, transaction, &[&number, &peer])?;
        succeeded(&exchange(&self.socket, &request)?)?;
        Ok(())
    }

    /// Asks for the allocation's end, without waiting for it.
    pub(super) fn leave(&self, user: &User) -> Result<()> {
        let request = self.request(user, REFRESH, TransactionId::generate(), &[&Lifetime::new(0)])?;
        self.socket.send(&request)?;
        Ok(())
    }

    fn request(
        &self,
        user: &User,
        method: Method,
        transaction: TransactionId,
        attributes: &[&dyn AttributeWrite],
    ) -> Result<Vec<u8>> {
        let kind = MessageType::from_class_method(MessageClass::Request, method);
        let mut message = Message::builder(kind, transaction, MessageWriteVec::new());
        for attribute in attributes {
            message.add_attribute(*attribute)?;
        }
        message.add_attribute(&Username::new(&user.name)?)?;
        message.add_attribute(&Realm::new(REALM)?)?;
        message.add_attribute(&Nonce::new(&self.nonce)?)?;
        message.add_message_integrity_with_key(&user.key, IntegrityAlgorithm::Sha1)?;
        Ok(message.finish())
    }
}

/// Asks until there is an answer to this question.
fn exchange(socket: &UdpSocket, request: &[u8]) -> Result<Vec<u8>> {
    let asked = Message::from_bytes(request)?.transaction_id();
    let mut answer = vec![0; 1500];
    for _ in 0..ATTEMPTS {
        // A server that does not listen yet lets either fail, at once.
        if socket.send(request).is_err() {
            std::thread::sleep(PATIENCE);
        }
        while let Ok(length) = socket.recv(&mut answer) {
            let bytes = answer.get(..length).unwrap_or_default();
            if Message::from_bytes(bytes).is_ok_and(|message| message.transaction_id() == asked) {
                return Ok(bytes.to_vec());
            }
        }
    }
    bail!("the server does not answer")
}

fn succeeded(answer: &[u8]) -> Result<Message<'_>> {
    let message = Message::from_bytes(answer)?;
    if message.raw_attribute(ErrorCode::TYPE).is_some() {
        let error = message.attribute::<ErrorCode>().context("an unreadable error")?;
        bail!("the server refused: {} {}", error.code(), error.reason());
    }
    Ok(message)
}
