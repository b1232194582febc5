//! Who asks: the long-term credential mechanism (RFC 8489 section 9.2) with credentials that expire.

use stun_types::attribute::{
    AttributeStaticType, ErrorCode, MessageIntegrity, MessageIntegritySha256, Nonce, Realm, Username,
};
use stun_types::message::{IntegrityAlgorithm, IntegrityKey, LongTermKeyCredentials, Message};
use turn_types::message::ALLOCATE;

use super::reply::{self, Problem, REALM};
use super::{Client, Core, Now};
use crate::bounds;
use crate::credential::Claims;

/// Somebody who proved who they are.
#[derive(Debug)]
pub(crate) struct User {
    pub(crate) username: Box<str>,
    /// Whom quotas are counted for: the same under all credentials of a session.
    pub(crate) owner: Box<str>,
    /// Allocations that the credential is for.
    pub(crate) allocations: usize,
    pub(crate) key: IntegrityKey,
}

impl<Relay> Core<Relay> {
    /// Checks a request, in the order of RFC 8489 section 9.2.4.
    ///
    /// # Errors
    /// The answer that says what is wrong.
    pub(super) fn authenticate(
        &self,
        now: Now,
        client: &Client,
        request: &Message<'_>,
    ) -> Result<User, Vec<u8>> {
        let age = now.instant.saturating_duration_since(self.started);
        let challenge = |code| reply::challenge(request, code, &self.nonces.make(client, age));
        let signed = request.has_attribute(MessageIntegrity::TYPE)
            || request.has_attribute(MessageIntegritySha256::TYPE);
        if !signed {
            return Err(challenge(ErrorCode::UNAUTHORIZED));
        }
        let (Ok(username), Ok(realm), Ok(nonce)) =
            (request.attribute::<Username>(), request.attribute::<Realm>(), request.attribute::<Nonce>())
        else {
            return Err(reply::refusal(request, ErrorCode::BAD_REQUEST));
        };
        let username = username.username();
        if !self.nonces.is_good(nonce.nonce(), client, age) {
            return Err(challenge(ErrorCode::STALE_NONCE));
        }
        let allocation = self.clients.get(client).and_then(|id| self.allocations.get(id));
        let own = allocation.filter(|allocation| *allocation.username == *username);
        let unauthorized = || challenge(ErrorCode::UNAUTHORIZED);
        if realm.realm() != REALM || username.len() > bounds::USERNAME {
            return Err(unauthorized());
        }
        let claims = Claims::read(username).ok_or_else(unauthorized)?;
        let key = own.map_or_else(|| self.key(username), |allocation| allocation.key.clone());
        request.validate_integrity_with_key(&key).map_err(|_| unauthorized())?;
        // What is there goes on until its own end: a browser cannot give a connection that works another credential.
        if claims.expires <= now.unix && (own.is_none() || request.has_method(ALLOCATE)) {
            return Err(unauthorized());
        }
        if allocation.is_some() && own.is_none() {
            let problem = Problem::new(ErrorCode::WRONG_CREDENTIALS, "another user's allocation");
            return Err(reply::error(request, problem, &key));
        }
        let owner = username.split_once('-').map_or(username, |(_, owner)| owner);
        Ok(User {
            owner: owner.into(),
            allocations: claims.allocations.into(),
            key,
            username: username.into(),
        })
    }

    fn key(&self, username: &str) -> IntegrityKey {
        let password = self.secret.password(username);
        LongTermKeyCredentials::new(username.to_owned(), password, REALM.to_owned())
            .make_key(IntegrityAlgorithm::Sha1)
    }
}
