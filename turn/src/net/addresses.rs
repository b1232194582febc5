//! The addresses of this machine.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

use turn_types::AddressFamily;

/// All of them.
pub(crate) fn own() -> io::Result<Vec<IpAddr>> {
    let interfaces = if_addrs::get_if_addrs()?;
    let mut own: Vec<IpAddr> = interfaces.into_iter().map(|interface| interface.ip()).collect();
    // They answer on every machine, whether an interface has them or not.
    own.extend([IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)]);
    own.sort_unstable();
    own.dedup();
    Ok(own)
}

/// The one of this family that leads out, or else any that others can reach.
pub(crate) fn primary(family: AddressFamily) -> Option<IpAddr> {
    // An address nobody has (RFC 5737, RFC 3849): nothing is sent, but a route is looked up.
    let (from, to): (SocketAddr, SocketAddr) = match family {
        AddressFamily::IPV4 => ((Ipv4Addr::UNSPECIFIED, 0).into(), (Ipv4Addr::new(192, 0, 2, 1), 9).into()),
        AddressFamily::IPV6 => {
            let nobody = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1);
            ((Ipv6Addr::UNSPECIFIED, 0).into(), (nobody, 9).into())
        }
    };
    let routed = || {
        let socket = UdpSocket::bind(from)?;
        socket.connect(to)?;
        Ok::<IpAddr, io::Error>(socket.local_addr()?.ip())
    };
    let reachable = |address: &IpAddr| {
        let link_local = matches!(address, IpAddr::V6(v6) if v6.is_unicast_link_local());
        address.is_ipv4() == from.is_ipv4() && !address.is_loopback() && !link_local
    };
    routed().ok().filter(reachable).or_else(|| own().ok()?.into_iter().find(reachable))
}
