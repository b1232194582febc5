//! Which of the servers that a page was told can answer which question.

use std::net::IpAddr;

use vong_protocol::{Ice, IceServer};

/// STUN destinations that are asked at once: two tell one kind of NAT from the other.
const DESTINATIONS: usize = 2;

/// How a relay is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RelayTransport {
    /// `turn:` with UDP.
    Udp,
    /// `turn:` with TCP.
    Tcp,
    /// `turns:`, over TCP.
    Tls,
}

/// At most two STUN destinations that differ. A TURN server answers STUN too (RFC 8656 section 3.1), so those of UDP count.
pub fn stun(ice: &Ice) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for scheme in ["stun:", "turn:"] {
        for url in ice.ice_servers.iter().flat_map(|server| &server.urls) {
            if let Some(place) = url.strip_prefix(scheme)
                && !place.ends_with("?transport=tcp")
                && found.len() < DESTINATIONS
            {
                let place = place.split('?').next().unwrap_or(place);
                let has_port = place.rsplit(']').next().is_some_and(|end| end.contains(':'));
                // This machine has addresses of two families under that name, and a server perhaps at one. The browser
                // would ask both, and its waiting for the other could not be told from a network that lets nothing out.
                let (host, rest) = match place.strip_prefix("localhost") {
                    Some(rest) if rest.is_empty() || rest.starts_with(':') => ("127.0.0.1", rest),
                    _ => ("", place),
                };
                // The same place in the same words, so that it is not asked twice.
                let url = ["stun:", host, rest, if has_port { "" } else { ":3478" }].concat();
                if !found.contains(&url) {
                    found.push(url);
                }
            }
        }
    }
    found
}

/// Whether these destinations, as [`stun`] gives them, are this very computer.
pub fn is_local(destinations: &[String]) -> bool {
    let is_local = |url: &String| {
        let place = url.strip_prefix("stun:").and_then(|place| place.rsplit_once(':'));
        let host = place.map_or("", |(host, _)| host.trim_matches(['[', ']']));
        host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    };
    !destinations.is_empty() && destinations.iter().all(is_local)
}

/// The first relay for a transport, with that one URL alone.
pub fn relay(ice: &Ice, transport: RelayTransport) -> Option<IceServer> {
    ice.ice_servers.iter().find_map(|server| {
        let url = server.urls.iter().find(|url| relay_transport(url) == Some(transport))?;
        Some(IceServer { urls: vec![url.clone()], ..server.clone() })
    })
}

/// Whether there is a relay of any kind.
pub fn has_relay(ice: &Ice) -> bool {
    ice.ice_servers.iter().flat_map(|server| &server.urls).any(|url| relay_transport(url).is_some())
}

/// RFC 7065: `turn:` is UDP and `turns:` is TCP unless the URL says otherwise. No browser speaks TURN over DTLS.
fn relay_transport(url: &str) -> Option<RelayTransport> {
    let tcp = url.ends_with("?transport=tcp");
    match url.split_once(':')?.0 {
        "turns" => Some(RelayTransport::Tls),
        "turn" if tcp => Some(RelayTransport::Tcp),
        "turn" => Some(RelayTransport::Udp),
        _ => None,
    }
}
