//! Nonces that the server need not remember: the time, and an HMAC over it and the client's address.
//!
//! So a flood of first requests costs no memory, and a request that somebody overheard is of no use from elsewhere.

use std::net::IpAddr;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::bounds;
use crate::core::Client;

/// Bytes of the HMAC that a nonce carries. Short, because the answer that brings it goes to an address that may be
/// somebody else's.
const PROOF: usize = 8;

/// Makes nonces and knows its own again, for as long as the program runs.
#[derive(Clone)]
pub(crate) struct Nonces([u8; 32]);

impl std::fmt::Debug for Nonces {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Nonces(hidden)")
    }
}

impl Nonces {
    pub(crate) fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// One for this client, from `age` after the program's start on.
    pub(crate) fn make(&self, client: &Client, age: Duration) -> String {
        let seconds = seconds(age);
        let mut bytes = [0; 4 + PROOF];
        bytes[..4].copy_from_slice(&seconds.to_be_bytes());
        bytes[4..].copy_from_slice(&self.proof(client, seconds));
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Whether this is one of ours, for this client, and not too old.
    pub(crate) fn is_good(&self, nonce: &str, client: &Client, age: Duration) -> bool {
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(nonce) else { return false };
        let Ok(bytes) = <[u8; 4 + PROOF]>::try_from(bytes) else { return false };
        let (made, proof) = bytes.split_at(4);
        let Ok(made) = made.try_into().map(u32::from_be_bytes) else { return false };
        let fresh =
            seconds(age).checked_sub(made).is_some_and(|age| u64::from(age) < bounds::NONCE.as_secs());
        fresh && bool::from(self.proof(client, made).ct_eq(proof))
    }

    fn proof(&self, client: &Client, seconds: u32) -> [u8; PROOF] {
        let mut proof = [0; PROOF];
        // An HMAC takes a key of any length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return proof };
        mac.update(&seconds.to_be_bytes());
        match client.address.ip() {
            IpAddr::V4(v4) => mac.update(&v4.octets()),
            IpAddr::V6(v6) => mac.update(&v6.octets()),
        }
        mac.update(&client.address.port().to_be_bytes());
        proof.copy_from_slice(&mac.finalize().into_bytes()[..PROOF]);
        proof
    }
}

fn seconds(age: Duration) -> u32 {
    // Over a hundred years.
    u32::try_from(age.as_secs()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_is_good_for_its_client_and_its_time_only() {
        let nonces = Nonces::new([7; 32]);
        let [anna, other] = ["192.0.2.1:4000", "192.0.2.1:4001"].map(|a| Client::udp(a.parse().unwrap()));
        let made = Duration::from_secs(100);
        let nonce = nonces.make(&anna, made);
        assert_eq!(nonce.len(), 16, "a multiple of four needs no padding");
        assert!(nonces.is_good(&nonce, &anna, made));
        assert!(nonces.is_good(&nonce, &anna, (made + bounds::NONCE).saturating_sub(Duration::from_secs(1))));
        assert!(!nonces.is_good(&nonce, &anna, made + bounds::NONCE));
        assert!(
            !nonces.is_good(&nonce, &anna, made.saturating_sub(Duration::from_secs(1))),
            "from the future"
        );
        assert!(!nonces.is_good(&nonce, &other, made));
        assert!(!Nonces::new([8; 32]).is_good(&nonce, &anna, made));
        for bad in ["", "x", "AAAAAAAAAAAAAAAA", "not base64 at all", &nonce[1..]] {
            assert!(!nonces.is_good(bad, &anna, made), "{bad}");
        }
    }
}
