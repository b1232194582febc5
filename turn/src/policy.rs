//! Whom a relay may talk to. It is a way out to the internet, not a way in to this machine or its neighbours.
//!
//! Decided by the address alone, in both directions, for every packet. Of IPv6 only what is assigned to hosts of the
//! internet is let through, so that no form in which IPv6 carries an IPv4 address leads around the rules for IPv4.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What may be done with a peer's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Packets may go there and come from there.
    Allowed,
    /// It is this machine's. Only another relay of this server may be meant.
    Own,
    /// A network that is somebody's own; it needs the operator's word.
    Private,
    /// Never.
    Forbidden,
}

/// The rules, with what they have to know.
#[derive(Clone, Debug, Default)]
pub(crate) struct Policy {
    allow_private: bool,
    own: Vec<IpAddr>,
}

impl Policy {
    pub(crate) fn new(allow_private: bool) -> Self {
        Self { allow_private, own: Vec::new() }
    }

    /// The addresses of this machine, and those under which it is reached.
    pub(crate) fn set_own(&mut self, own: Vec<IpAddr>) {
        self.own = own;
    }

    pub(crate) fn judge(&self, peer: IpAddr) -> Verdict {
        // The addresses of this machine may be of any kind, loopback included.
        if self.own.contains(&peer) {
            return Verdict::Own;
        }
        let verdict = match peer {
            IpAddr::V4(v4) => judge_v4(v4),
            IpAddr::V6(v6) => judge_v6(v6),
        };
        if verdict == Verdict::Private && self.allow_private { Verdict::Allowed } else { verdict }
    }
}

/// By the IANA IPv4 Special-Purpose Address Registry (RFC 6890 and its updates).
fn judge_v4(address: Ipv4Addr) -> Verdict {
    let [a, b, c, _] = address.octets();
    match (a, b, c) {
        // Private (RFC 1918), shared by a provider's customers (RFC 6598), documentation (RFC 5737), benchmarks (RFC 2544):
        // no harm but to whoever runs such a network.
        (10, ..)
        | (172, 16..=31, _)
        | (192, 168, _)
        | (100, 64..=127, _)
        | (192, 0, 2)
        | (198, 51, 100)
        | (203, 0, 113)
        | (198, 18..=19, _) => Verdict::Private,
        // "This network", loopback, link-local, protocol assignments, AS112, AMT, 6to4 anycast, multicast and reserved.
        (0 | 127 | 224.., ..)
        | (169, 254, _)
        | (192, 0, 0)
        | (192, 31, 196)
        | (192, 52, 193)
        | (192, 88, 99)
        | (192, 175, 48) => Verdict::Forbidden,
        _ => Verdict::Allowed,
    }
}

/// By the IANA IPv6 Special-Purpose Address Registry; everything but `2000::/3` and private networks is out from the
/// start: loopback, unspecified, link-local, multicast, `NAT64`, and IPv4 addresses compatible, mapped or translated.
fn judge_v6(address: Ipv6Addr) -> Verdict {
    let segments = address.segments();
    match segments {
        // Unique local (RFC 4193).
        [0xfc00..=0xfdff, ..] if !is_isatap(&segments) => Verdict::Private,
        // Documentation (RFC 3849, RFC 9637).
        [0x2001, 0x0db8, ..] | [0x3fff, 0..=0x0fff, ..] => Verdict::Private,
        // Protocol assignments, Teredo among them (RFC 2928, RFC 4380); 6to4 (RFC 3056); AS112 and AMT.
        [0x2001, 0..=0x01ff, ..] | [0x2002, ..] | [0x2620, 0x004f, 0x8000, ..] => Verdict::Forbidden,
        [0x2000..=0x3fff, ..] if !is_isatap(&segments) => Verdict::Allowed,
        _ => Verdict::Forbidden,
    }
}

/// An IPv4 address in the interface identifier (RFC 5214 section 6.1).
fn is_isatap(segments: &[u16; 8]) -> bool {
    matches!(segments[4], 0 | 0x0200) && segments[5] == 0x5efe
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first and last address of every range that is not the internet's, and whether the operator may open it.
    const SPECIAL: &[(&str, &str, bool)] = &[
        ("0.0.0.0", "0.255.255.255", false),
        ("10.0.0.0", "10.255.255.255", true),
        ("100.64.0.0", "100.127.255.255", true),
        ("127.0.0.0", "127.255.255.255", false),
        ("169.254.0.0", "169.254.255.255", false),
        ("172.16.0.0", "172.31.255.255", true),
        ("192.0.0.0", "192.0.0.255", false),
        ("192.0.2.0", "192.0.2.255", true),
        ("192.31.196.0", "192.31.196.255", false),
        ("192.52.193.0", "192.52.193.255", false),
        ("192.88.99.0", "192.88.99.255", false),
        ("192.168.0.0", "192.168.255.255", true),
        ("192.175.48.0", "192.175.48.255", false),
        ("198.18.0.0", "198.19.255.255", true),
        ("198.51.100.0", "198.51.100.255", true),
        ("203.0.113.0", "203.0.113.255", true),
        ("224.0.0.0", "239.255.255.255", false),
        ("240.0.0.0", "255.255.255.255", false),
        ("::", "::1", false),
        ("::ffff:0:0", "::ffff:ffff:ffff", false),
        ("64:ff9b::", "64:ff9b::ffff:ffff", false),
        ("64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", false),
        ("100::", "100::ffff:ffff:ffff:ffff", false),
        ("100:0:0:1::", "100:0:0:1:ffff:ffff:ffff:ffff", false),
        ("2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", false),
        ("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", true),
        ("2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false),
        ("2620:4f:8000::", "2620:4f:8000:ffff:ffff:ffff:ffff:ffff", false),
        ("3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", true),
        ("5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false),
        ("fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true),
        ("fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false),
        ("ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false),
    ];

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn no_special_purpose_range_is_relayed_to_unless_it_is_private_and_the_operator_says_so() {
        for &(first, last, private) in SPECIAL {
            for address in [ip(first), ip(last)] {
                let kept = if private { Verdict::Private } else { Verdict::Forbidden };
                let opened = if private { Verdict::Allowed } else { Verdict::Forbidden };
                assert_eq!(Policy::new(false).judge(address), kept, "{address}");
                assert_eq!(Policy::new(true).judge(address), opened, "{address}");
            }
        }
    }

    #[test]
    fn the_internet_is_allowed() {
        for address in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "169.253.255.255",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.167.255.255",
            "198.17.255.255",
            "223.255.255.255",
            "2001:200::1",
            "2003::1",
            "2600::1",
            "2a00::1",
            "3ffe::1",
        ] {
            assert_eq!(Policy::new(false).judge(ip(address)), Verdict::Allowed, "{address}");
        }
    }

    /// Every way in which an IPv6 address carries this IPv4 address.
    pub(crate) fn disguises(v4: Ipv4Addr) -> Vec<Ipv6Addr> {
        let [a, b] = [u32::from(v4) >> 16, u32::from(v4) & 0xffff].map(|half| u16::try_from(half).unwrap());
        vec![
            Ipv6Addr::new(0, 0, 0, 0, 0, 0, a, b),
            Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, a, b),
            Ipv6Addr::new(0, 0, 0, 0, 0xffff, 0, a, b),
            Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, a, b),
            Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, a, b),
            Ipv6Addr::new(0x2002, a, b, 0, 0, 0, 0, 1),
            Ipv6Addr::new(0x2001, 0, 0x4136, 0xe378, 0x8000, 0x63bf, !a, !b),
            Ipv6Addr::new(0x2001, 0, a, b, 0, 0, 0, 0),
            Ipv6Addr::new(0x2a00, 1, 2, 3, 0, 0x5efe, a, b),
            Ipv6Addr::new(0x2a00, 1, 2, 3, 0x0200, 0x5efe, a, b),
            Ipv6Addr::new(0xfd00, 1, 2, 3, 0, 0x5efe, a, b),
            Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0x5efe, a, b),
        ]
    }

    #[test]
    fn no_ipv6_disguise_of_an_ipv4_address_is_relayed_to_whatever_it_hides() {
        let hidden = SPECIAL.iter().filter_map(|(first, ..)| first.parse().ok());
        for v4 in hidden.chain([Ipv4Addr::new(1, 1, 1, 1), Ipv4Addr::LOCALHOST]) {
            for disguise in disguises(v4) {
                assert_eq!(
                    Policy::new(true).judge(disguise.into()),
                    Verdict::Forbidden,
                    "{v4} as {disguise}"
                );
            }
        }
    }

    #[test]
    fn this_machine_is_recognised_whatever_its_address() {
        let mut policy = Policy::new(true);
        policy.set_own(vec![ip("127.0.0.1"), ip("192.168.1.5"), ip("2a00::5")]);
        for own in ["127.0.0.1", "192.168.1.5", "2a00::5"] {
            assert_eq!(policy.judge(ip(own)), Verdict::Own);
        }
        assert_eq!(policy.judge(ip("192.168.1.6")), Verdict::Allowed);
        assert_eq!(policy.judge(ip("127.0.0.2")), Verdict::Forbidden);
    }
}
