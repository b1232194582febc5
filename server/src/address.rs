//! Whom a connection is counted against.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;

pub(crate) use vong_turn::Address;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// The peer of a request: the socket's, or with a trusted proxy in front the one that the proxy added last.
pub(crate) fn of_request(socket: SocketAddr, headers: &HeaderMap, trust_proxy: bool) -> Address {
    let forwarded = || {
        let last = headers.get_all(FORWARDED_FOR).iter().next_back()?.to_str().ok()?;
        let hop = last.rsplit(',').next()?.trim();
        let bare = hop.strip_prefix('[').and_then(|v6| v6.strip_suffix(']')).unwrap_or(hop);
        bare.parse::<IpAddr>().ok().or_else(|| hop.parse::<SocketAddr>().ok().map(|address| address.ip()))
    };
    trust_proxy.then(forwarded).flatten().unwrap_or(socket.ip()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(forwarded: &[&str], trust_proxy: bool) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(FORWARDED_FOR, value.parse().unwrap());
        }
        of_request("192.0.2.1:5".parse().unwrap(), &headers, trust_proxy).to_string()
    }

    #[test]
    fn a_forwarded_address_counts_only_behind_a_trusted_proxy() {
        assert_eq!(of(&["198.51.100.7"], false), "192.0.2.1");
        assert_eq!(of(&["198.51.100.7"], true), "198.51.100.7");
    }

    #[test]
    fn what_the_client_itself_put_in_front_is_not_believed() {
        assert_eq!(of(&["10.0.0.1, 198.51.100.7"], true), "198.51.100.7");
        assert_eq!(of(&["10.0.0.1", "198.51.100.7:4321"], true), "198.51.100.7");
    }

    #[test]
    fn nonsense_falls_back_to_the_socket() {
        assert_eq!(of(&["unknown"], true), "192.0.2.1");
        assert_eq!(of(&[], true), "192.0.2.1");
    }

    #[test]
    fn one_ipv6_subscriber_is_one_address() {
        assert_eq!(of(&["2001:db8:1:2:3:4:5:6"], true), of(&["[2001:db8:1:3:ffff::1]:443"], true));
        assert_eq!(of(&["::ffff:198.51.100.7"], true), "198.51.100.7");
    }
}
