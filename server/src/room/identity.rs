//! Peer ids from session tokens, and the comparison of keys and passwords.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use vong_protocol::{BroadcasterKey, Password, PeerId, Role, RoomId, SessionToken};

/// Bytes of the digest that make up an id: 96 bits, 16 characters.
const ID_BYTES: usize = 12;

/// The id that a session has in a room. A function of what the client holds, so that it stays the same over a restart of
/// the server without anything being stored; one-way, so that who knows an id cannot resume its session.
pub(super) fn peer_id(room: &RoomId, role: Role, session: &SessionToken) -> PeerId {
    let role = match role {
        Role::Broadcaster => "broadcaster",
        Role::Watcher => "watcher",
    };
    let mut hash = Sha256::new();
    // Neither a room id nor a token contains a colon.
    for part in ["vong peer id 1", room.as_str(), role, session.as_str()] {
        hash.update(part);
        hash.update(":");
    }
    let text = URL_SAFE_NO_PAD.encode(&hash.finalize()[..ID_BYTES]);
    // 12 bytes are 16 characters of the very alphabet that is checked.
    PeerId::parse(&text).unwrap_or_else(|_| unreachable!("an id of the wrong form"))
}

/// Compares in a time that does not depend on where the two differ.
pub(super) fn same_key(a: &BroadcasterKey, b: &BroadcasterKey) -> bool {
    a.as_str().as_bytes().ct_eq(b.as_str().as_bytes()).into()
}

/// The same for passwords. Their digests are compared, since the time for the texts themselves would tell the length.
pub(super) fn same_password(a: &Password, b: &Password) -> bool {
    let digest = |password: &Password| Sha256::digest(password.as_str());
    digest(a).as_slice().ct_eq(digest(b).as_slice()).into()
}
