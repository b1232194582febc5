//! What pages are told of STUN and TURN: the operator's servers, the built-in one, and credentials for them.
//!
//! Must not know how TURN works; credentials are `vong-turn`'s.

mod setting;

use std::net::SocketAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::http::uri::Authority;
use axum::http::{HeaderMap, header};
use vong_protocol::{Ice, IceServer, Role};
use vong_turn::Secret;

use crate::limits::{ALLOCATIONS_PER_CONNECTION, WATCHER_CONNECTIONS};
use crate::room::Seat;

pub(crate) use setting::{is_turn, is_unnamed_turn, parse};

/// Everything that pages may be told.
#[derive(Debug)]
pub(crate) struct IceServers {
    /// Those of the operator. A TURN server without a user name gets one for each page.
    pub(crate) named: Vec<IceServer>,
    pub(crate) built_in: Option<BuiltIn>,
    pub(crate) secret: Secret,
    pub(crate) lifetime: Duration,
    pub(crate) relay_only: bool,
    /// Watchers that one broadcaster may have.
    pub(crate) watchers: u32,
}

/// Where the built-in server is.
#[derive(Clone, Debug)]
pub(crate) struct BuiltIn {
    /// In place of the name that a page was asked for at.
    pub(crate) host: Option<String>,
    /// UDP and TCP.
    pub(crate) port: u16,
    /// UDP, for STUN alone: a second place to ask, which shows the kind of a NAT.
    pub(crate) second_port: Option<u16>,
    /// TURN is also spoken on the page's own port, which is known to be reached.
    pub(crate) on_page_port: bool,
}

/// How a page reached this server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reached {
    /// A name or an address, without brackets.
    host: String,
    port: u16,
    /// Over TLS that ended here.
    secure: bool,
}

impl Reached {
    /// By the `Host` header, or else by this machine's end of the connection.
    pub(crate) fn new(headers: &HeaderMap, local: SocketAddr, secure: bool) -> Self {
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let usual = if secure { 443 } else { 80 };
        match host.parse::<Authority>() {
            Ok(asked) if !asked.host().is_empty() => Self {
                host: asked.host().trim_start_matches('[').trim_end_matches(']').to_owned(),
                port: asked.port_u16().unwrap_or(usual),
                secure,
            },
            _ => Self { host: local.ip().to_canonical().to_string(), port: local.port(), secure },
        }
    }
}

impl IceServers {
    /// What this member may use, until [`IceServers::renew_after`].
    pub(crate) fn of(&self, seat: &Seat, reached: &Reached) -> Ice {
        let credentials = |server: &IceServer| {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            let minted = self.secret.mint(
                seat.id.as_str(),
                self.allocations(seat.role),
                (now + self.lifetime).as_secs(),
            );
            IceServer { username: Some(minted.username), credential: Some(minted.password), ..server.clone() }
        };
        let built_in = self.built_in.iter().flat_map(|built_in| built_in.servers(reached));
        let all = self.named.iter().cloned().chain(built_in);
        let ice_servers =
            all.map(|server| if is_unnamed_turn(&server) { credentials(&server) } else { server });
        Ice { ice_servers: ice_servers.collect(), relay_only: self.relay_only }
    }

    /// How long a page may go without being told anew; `None` if nothing of it expires.
    pub(crate) fn renew_after(&self) -> Option<Duration> {
        (self.built_in.is_some() || self.named.iter().any(is_unnamed_turn)).then(|| self.lifetime / 2)
    }

    /// A browser asks for one over each transport and from each of its addresses, for every connection.
    fn allocations(&self, role: Role) -> u16 {
        let connections = match role {
            Role::Watcher => WATCHER_CONNECTIONS,
            Role::Broadcaster => self.watchers.saturating_add(WATCHER_CONNECTIONS),
        };
        u16::try_from(connections.saturating_mul(ALLOCATIONS_PER_CONNECTION)).unwrap_or(u16::MAX)
    }
}

impl BuiltIn {
    fn servers(&self, reached: &Reached) -> [IceServer; 2] {
        let host = self.host.as_deref().unwrap_or(&reached.host);
        let at = |port: u16| {
            if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
        };
        let mut turn = vec![format!("turn:{}?transport=udp", at(self.port))];
        match (self.on_page_port, reached.secure) {
            (true, true) => {
                turn.push(format!("turn:{}?transport=tcp", at(self.port)));
                turn.push(format!("turns:{}?transport=tcp", at(reached.port)));
            }
            (true, false) => turn.push(format!("turn:{}?transport=tcp", at(reached.port))),
            (false, _) => turn.push(format!("turn:{}?transport=tcp", at(self.port))),
        }
        let stun = format!("stun:{}", at(self.second_port.unwrap_or(self.port)));
        [stun, String::new()].map(|url| IceServer {
            urls: if url.is_empty() { std::mem::take(&mut turn) } else { vec![url] },
            username: None,
            credential: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_names_no_host_reached_this_machines_end_of_the_connection() {
        for (host, local, expected) in [
            (Some("vong.example:8443"), "192.0.2.1:4000", ("vong.example", 8443)),
            (Some("[2001:db8::1]"), "192.0.2.1:4000", ("2001:db8::1", 443)),
            (None, "192.0.2.1:4000", ("192.0.2.1", 4000)),
            (Some("?"), "[::ffff:192.0.2.1]:4000", ("192.0.2.1", 4000)),
        ] {
            let mut headers = HeaderMap::new();
            headers.extend(host.map(|host| (header::HOST, host.parse().unwrap())));
            let reached = Reached::new(&headers, local.parse().unwrap(), true);
            assert_eq!((reached.host.as_str(), reached.port), expected, "{host:?}");
        }
    }
}
