//! The kinds of router that stand between a home and the internet, as packet filter rules. The words are those of
//! RFC 3489, which people know; what they mean is told in those of RFC 4787.
//!
//! `masquerade` is no cone NAT, not even a `persistent` one. Each router here serves one host, so mapping its ports one
//! to one is endpoint-independent for good.

use std::fmt;
use std::net::Ipv4Addr;

/// What a router does with packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nat {
    /// No NAT and no filter: the host has a public address.
    Open,
    /// Endpoint-independent mapping, endpoint-independent filtering: whoever knows the mapped address reaches the host.
    FullCone,
    /// Endpoint-independent mapping, address-dependent filtering: in comes only what is from an address that the same
    /// port has sent to.
    AddressRestricted,
    /// Endpoint-independent mapping, address and port-dependent filtering: in come only answers.
    PortRestricted,
    /// Address and port-dependent mapping and filtering: another port for every destination, and in come only answers.
    Symmetric,
    /// TCP goes out as from a port-restricted NAT. UDP does not pass.
    UdpBlocked,
}

impl Nat {
    /// All of them, from the one that lets most through to the one that lets least.
    pub const ALL: [Self; 6] = [
        Self::Open,
        Self::FullCone,
        Self::AddressRestricted,
        Self::PortRestricted,
        Self::Symmetric,
        Self::UdpBlocked,
    ];

    /// Whether media can go from one side to the other without a relay, whichever of them is which.
    pub fn reaches(self, other: Self) -> bool {
        let blocked = self == Self::UdpBlocked || other == Self::UdpBlocked;
        // Nobody can tell the other side the port that a symmetric one will use, and it lets nothing else in.
        let guessed = matches!(
            (self, other),
            (Self::Symmetric, Self::Symmetric | Self::PortRestricted)
                | (Self::PortRestricted, Self::Symmetric)
        );
        !blocked && !guessed
    }

    /// The rules of a router with interfaces `wan` and `lan…` for one host.
    pub(super) fn rules(self, public: Ipv4Addr, host: Ipv4Addr) -> String {
        let source = format!("oifname wan snat to {public}");
        let (outbound, inbound, out, pass) = match self {
            Self::Open => return String::new(),
            Self::FullCone => (source.as_str(), true, "accept", "iifname wan meta l4proto udp accept"),
            Self::AddressRestricted => (
                source.as_str(),
                true,
                "meta l4proto udp add @sent { ip daddr . udp sport }",
                "iifname wan ip saddr . udp dport @sent accept",
            ),
            Self::PortRestricted => (source.as_str(), false, "accept", ""),
            Self::Symmetric => ("oifname wan masquerade random,fully-random", false, "accept", ""),
            Self::UdpBlocked => (source.as_str(), false, "meta l4proto udp drop", ""),
        };
        let inbound =
            if inbound { format!("iifname wan meta l4proto udp dnat to {host}") } else { String::new() };
        // What comes in and is for nobody must leave no trace: an entry of its own would take the port of the answer
        // that the host may be about to send, which would then be mapped to another.
        format!(
            "table ip nat {{
                set sent {{
                    type ipv4_addr . inet_service
                    flags dynamic,timeout
                    timeout 1m
                    size 4096
                }}
                chain inbound {{
                    type nat hook prerouting priority dstnat
                    {inbound}
                }}
                chain outbound {{
                    type nat hook postrouting priority srcnat
                    {outbound}
                }}
                chain through {{
                    type filter hook forward priority filter
                    policy drop
                    iifname lan* {out}
                    iifname lan* accept
                    ct state established,related accept
                    {pass}
                }}
                chain here {{
                    type filter hook input priority filter
                    iifname wan drop
                }}
            }}"
        )
    }
}

impl fmt::Display for Nat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Open => "open",
            Self::FullCone => "full cone",
            Self::AddressRestricted => "address-restricted",
            Self::PortRestricted => "port-restricted",
            Self::Symmetric => "symmetric",
            Self::UdpBlocked => "UDP blocked",
        })
    }
}
