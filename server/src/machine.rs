//! The names and addresses under which others in the same network may reach this machine.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use if_addrs::{IfOperStatus, get_if_addrs};
use tokio_rustls::rustls::pki_types::DnsName;
use tracing::warn;

/// Beginnings of the names of interfaces that lead to containers and virtual machines on this very machine.
const INSIDE: &[&str] =
    &["docker", "br-", "veth", "virbr", "vmnet", "vboxnet", "cni", "flannel", "podman", "lxc", "lxd"];

/// Its addresses, those first by which people are most likely to reach it. Without those that mean the machine itself,
/// and without those that need an interface named with them.
pub(crate) fn addresses() -> Vec<IpAddr> {
    let interfaces = get_if_addrs().unwrap_or_else(|error| {
        warn!(%error, "this machine's addresses cannot be read");
        Vec::new()
    });
    let mut found: Vec<(u8, IpAddr)> = interfaces
        .iter()
        .filter(|interface| !interface.is_loopback() && !interface.is_link_local())
        .map(|interface| {
            let inside = INSIDE.iter().any(|prefix| interface.name.starts_with(prefix));
            let down = matches!(interface.oper_status, IfOperStatus::Down);
            (rank(interface.ip(), inside || down || interface.is_p2p), interface.ip())
        })
        .collect();
    found.sort_by_key(|(rank, _)| *rank);
    let mut addresses: Vec<IpAddr> = Vec::with_capacity(found.len());
    for (_, address) in found {
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    addresses
}

fn rank(address: IpAddr, is_aside: bool) -> u8 {
    let aside = if is_aside { 8 } else { 0 };
    aside
        + match address {
            IpAddr::V4(v4) if v4.is_private() => 0,
            IpAddr::V4(_) => 1,
            IpAddr::V6(v6) if v6.is_unique_local() => 2,
            IpAddr::V6(_) => 3,
        }
}

/// Its own names: of this machine for itself, its host name, and the one that it has by multicast DNS.
pub(crate) fn names() -> Vec<String> {
    let host = gethostname::gethostname().to_string_lossy().to_ascii_lowercase();
    let short = host.split('.').next().unwrap_or_default();
    let mut names = vec!["localhost".to_owned()];
    for name in [host.clone(), format!("{short}.local")] {
        if DnsName::try_from(name.as_str()).is_ok() && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// The addresses by which the machine reaches itself.
pub(crate) const LOOPBACK: [IpAddr; 2] = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_home_networks_address_comes_first() {
        let ranks = ["192.168.1.5", "203.0.113.9", "fd00::5", "2001:db8::5"]
            .map(|text| rank(text.parse().unwrap(), false));
        assert!(ranks.is_sorted());
        assert!(rank("10.0.3.1".parse().unwrap(), true) > ranks[3]);
    }

    #[test]
    fn this_machine_is_localhost_and_its_addresses_are_for_others() {
        assert_eq!(names().first().map(String::as_str), Some("localhost"));
        assert!(addresses().iter().all(|address| !address.is_loopback()));
    }
}
