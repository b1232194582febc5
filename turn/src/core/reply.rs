//! The server's own messages: answers, and the indications that bring data.

use std::net::SocketAddr;

use stun_types::attribute::{
    Attribute, AttributeStaticType, AttributeType, AttributeWrite, ErrorCode, Fingerprint, Nonce, Realm,
    UnknownAttributes, XorMappedAddress,
};
use stun_types::message::{
    IntegrityAlgorithm, IntegrityKey, Message, MessageWrite, MessageWriteExt, MessageWriteVec,
};
use turn_types::attribute::{Data, XorPeerAddress};
use turn_types::message::DATA;

use super::Client;

/// The realm of the credentials. Short, because it is told to addresses that may be somebody else's.
pub(crate) const REALM: &str = "vong";

/// Bytes that most answers fit into.
const USUAL: usize = 128;

/// An error, as RFC 8489 and RFC 8656 number them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) code: u16,
    /// For people who read a trace; empty where the answer must be short.
    pub(crate) reason: &'static str,
}

impl Problem {
    pub(crate) const fn new(code: u16, reason: &'static str) -> Self {
        Self { code, reason }
    }
}

/// An answer being written. Attributes are added in the order that RFC 8489 asks for.
struct Answer {
    message: MessageWriteVec,
    /// The request had a fingerprint, so the answer gets one.
    fingerprint: bool,
}

impl Answer {
    fn success(request: &Message<'_>) -> Self {
        let message = Message::builder_success(request, MessageWriteVec::with_capacity(USUAL));
        Self { message, fingerprint: request.has_attribute(Fingerprint::TYPE) }
    }

    fn error(request: &Message<'_>, problem: Problem) -> Self {
        let message = Message::builder_error(request, MessageWriteVec::with_capacity(USUAL));
        let mut answer = Self { message, fingerprint: request.has_attribute(Fingerprint::TYPE) };
        if let Ok(error) = ErrorCode::new(problem.code, problem.reason) {
            answer.add(&error);
        }
        answer
    }

    fn add(&mut self, attribute: &dyn AttributeWrite) {
        // It fails for an attribute that is there already, which ours are not.
        let _ = self.message.add_attribute(attribute);
    }

    fn finish(mut self, key: Option<&IntegrityKey>) -> Vec<u8> {
        // Likewise.
        if let Some(key) = key {
            let _ = self.message.add_message_integrity_with_key(key, IntegrityAlgorithm::Sha1);
        }
        if self.fingerprint {
            let _ = self.message.add_fingerprint();
        }
        self.message.finish()
    }
}

/// To a request that proved who sent it: an answer with these attributes.
pub(crate) fn success(
    request: &Message<'_>,
    attributes: &[&dyn AttributeWrite],
    key: &IntegrityKey,
) -> Vec<u8> {
    let mut answer = Answer::success(request);
    for attribute in attributes {
        answer.add(*attribute);
    }
    answer.finish(Some(key))
}

/// To a request that proved who sent it: what is wrong with it.
pub(crate) fn error(request: &Message<'_>, problem: Problem, key: &IntegrityKey) -> Vec<u8> {
    Answer::error(request, problem).finish(Some(key))
}

/// To a request with attributes that must be understood and are not.
pub(crate) fn unknown(
    request: &Message<'_>,
    unknown: &[AttributeType],
    key: Option<&IntegrityKey>,
) -> Vec<u8> {
    let mut answer = Answer::error(request, Problem::new(ErrorCode::UNKNOWN_ATTRIBUTE, ""));
    answer.add(&UnknownAttributes::new(unknown));
    answer.finish(key)
}

/// To a request that proved nothing: what is wrong with it.
pub(crate) fn refusal(request: &Message<'_>, code: u16) -> Vec<u8> {
    Answer::error(request, Problem::new(code, "")).finish(None)
}

/// The same, with what a client needs for its next attempt.
pub(crate) fn challenge(request: &Message<'_>, code: u16, nonce: &str) -> Vec<u8> {
    let mut answer = Answer::error(request, Problem::new(code, ""));
    if let (Ok(realm), Ok(nonce)) = (Realm::new(REALM), Nonce::new(nonce)) {
        answer.add(&realm);
        answer.add(&nonce);
    }
    answer.finish(None)
}

/// To a `Binding` request, which anybody may send (RFC 8489 section 7.3).
pub(crate) fn binding(request: &Message<'_>, client: &Client) -> Vec<u8> {
    let required = unknown_in(request, &[]);
    if !required.is_empty() {
        return unknown(request, &required, None);
    }
    let mut answer = Answer::success(request);
    answer.add(&XorMappedAddress::new(client.address, request.transaction_id()));
    answer.finish(None)
}

/// The attributes of a request that must be understood (RFC 8489 section 14), beyond those of authentication and these.
pub(crate) fn unknown_in(request: &Message<'_>, known: &[AttributeType]) -> Vec<AttributeType> {
    use stun_types::attribute::{MessageIntegrity, MessageIntegritySha256, Username};
    const ALWAYS: [AttributeType; 5] =
        [Username::TYPE, Realm::TYPE, Nonce::TYPE, MessageIntegrity::TYPE, MessageIntegritySha256::TYPE];
    let types = request.iter_attributes().map(|(_, attribute)| attribute.get_type());
    let mut unknown: Vec<_> = types
        .filter(|kind| kind.comprehension_required() && !ALWAYS.contains(kind) && !known.contains(kind))
        .collect();
    unknown.dedup();
    unknown
}

/// What brings a peer's packet to a client that has no channel for the peer (RFC 8656 section 11.3).
pub(crate) fn data_indication(peer: SocketAddr, data: &[u8]) -> Vec<u8> {
    let room = MessageWriteVec::with_capacity(USUAL + data.len());
    let mut message = Message::builder_indication(DATA, room);
    let peer = XorPeerAddress::new(peer, message.transaction_id());
    // They fail for an attribute that is there already.
    let _ = message.add_attribute(&peer);
    let _ = message.add_attribute(&Data::new(data));
    message.finish()
}
