//! Whom bounds per address count.

use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, Ipv6Addr};

/// An IPv4 address, or an IPv6 /56: what providers give one subscriber, who has 256 networks of it. Some give more, a
/// /48, and some share a /56 out among phones, so what is counted by it is a bound and proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Address(IpAddr);

impl Address {
    /// Its place in a table of fixed size. Which addresses share one nobody can tell from outside.
    pub fn place(self, places: usize, hasher: &RandomState) -> usize {
        let hash = usize::try_from(hasher.hash_one(self) & 0xffff_ffff).unwrap_or(0);
        hash % places.max(1)
    }
}

impl From<IpAddr> for Address {
    fn from(ip: IpAddr) -> Self {
        match ip.to_canonical() {
            IpAddr::V4(v4) => Self(v4.into()),
            IpAddr::V6(v6) => {
                let [a, b, c, d, ..] = v6.segments();
                Self(Ipv6Addr::new(a, b, c, d & 0xff00, 0, 0, 0, 0).into())
            }
        }
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_ipv6_subscriber_is_one_address() {
        let of = |text: &str| Address::from(text.parse::<IpAddr>().unwrap());
        assert_eq!(of("2a00:1:2:3::1"), of("2a00:1:2:3:ffff::9"));
        assert_eq!(of("2a00:1:2:3::1"), of("2a00:1:2:ff::1"), "another network of the same /56");
        assert_ne!(of("2a00:1:2:3::1"), of("2a00:1:2:103::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
    }
}
