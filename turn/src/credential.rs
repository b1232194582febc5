//! Credentials that expire: the scheme of draft-uberti-behave-turn-rest, as coturn's `use-auth-secret` has it.
//!
//! A user name is `EXPIRES:ALLOCATIONS-ID`: when it ends, how many allocations it may have at one time, and whose it is.
//! Its password is an HMAC over it, so that the server keeps no list, and nobody can change what the name says.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use sha1::Sha1;

use crate::bounds;

/// What passwords are made with. Shared with an external TURN server, if there is one.
#[derive(Clone)]
pub struct Secret(Vec<u8>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(hidden)")
    }
}

/// A user name and its password.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    /// `EXPIRES:ALLOCATIONS-ID`.
    pub username: String,
    /// Base64 of the HMAC-SHA1 over the user name.
    pub password: String,
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credential({}, hidden)", self.username)
    }
}

impl Secret {
    /// From what the operator chose, or from random bytes.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// A credential for `id` until `expires` (seconds since 1970), for so many allocations at one time.
    pub fn mint(&self, id: &str, allocations: u16, expires: u64) -> Credential {
        let username = format!("{expires}:{allocations}-{id}");
        Credential { password: self.password(&username), username }
    }

    /// The password that belongs to a user name.
    pub(crate) fn password(&self, username: &str) -> String {
        // An HMAC takes a key of any length.
        let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(&self.0) else { return String::new() };
        mac.update(username.as_bytes());
        STANDARD.encode(mac.finalize().into_bytes())
    }
}

/// What a user name says. True only of one whose password was proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Claims {
    /// Seconds since 1970.
    pub(crate) expires: u64,
    pub(crate) allocations: u16,
}

impl Claims {
    /// Reads a user name; `None` if it is none of ours.
    pub(crate) fn read(username: &str) -> Option<Self> {
        if username.len() > bounds::USERNAME {
            return None;
        }
        let (expires, rest) = username.split_once(':')?;
        let (allocations, _) = rest.split_once('-')?;
        Some(Self { expires: expires.parse().ok()?, allocations: allocations.parse().ok()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_what_coturn_computes() {
        // echo -n '1795000000:8-Zm9v' | openssl dgst -sha1 -hmac north -binary | base64
        let credential = Secret::new("north").mint("Zm9v", 8, 1_795_000_000);
        assert_eq!(credential.username, "1795000000:8-Zm9v");
        assert_eq!(credential.password, PASSWORD);
    }

    const PASSWORD: &str = "DhVpBVhki5kfH4Knx3JtsNHN5Uk=";

    #[test]
    fn a_user_name_says_when_it_ends_and_how_much_it_may() {
        let claims = Claims { expires: 1_795_000_000, allocations: 8 };
        assert_eq!(Claims::read("1795000000:8-Zm9v"), Some(claims));
        for bad in ["", "anna", "1795000000:anna", "x:8-a", "1:-a", "1:70000-a", "99999999999999999999:1-a"] {
            assert_eq!(Claims::read(bad), None, "{bad}");
        }
        assert_eq!(Claims::read(&format!("1:1-{}", "x".repeat(bounds::USERNAME))), None);
    }

    #[test]
    fn nothing_secret_is_printed() {
        let secret = Secret::new("north");
        let credential = secret.mint("Zm9v", 8, 1);
        assert!(!format!("{secret:?} {credential:?}").contains(&credential.password));
        assert!(!format!("{secret:?}").contains("north"));
    }
}
