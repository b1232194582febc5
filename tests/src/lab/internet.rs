//! What lies between the homes: a router that knows public addresses only, and a server with two of them.

use std::net::Ipv4Addr;
use std::sync::Arc;

use anyhow::Result;

use super::namespace::Namespace;

/// The router's own address.
pub(super) const GATEWAY: Ipv4Addr = Ipv4Addr::new(20, 1, 1, 1);
/// Where the server is. Addresses that count as public here do so everywhere, unlike those kept for documentation, which a
/// relay with the usual settings does not talk to. Nothing leaves the namespaces, so nobody's packets are taken.
pub const SERVER: Ipv4Addr = Ipv4Addr::new(20, 1, 1, 10);
/// The server's other address, for whoever has to be seen from two places.
pub const SERVER_TOO: Ipv4Addr = Ipv4Addr::new(20, 1, 1, 11);

/// The internet, with the server on it.
#[derive(Debug)]
pub struct Internet {
    /// Where servers run.
    pub server: Arc<Namespace>,
    router: Namespace,
}

impl Internet {
    /// Makes one.
    pub fn new() -> Result<Self> {
        let router = Namespace::new("internet")?;
        forward(&router)?;
        router.ip("link add bridge type bridge")?;
        router.ip(&format!("addr add {GATEWAY}/24 dev bridge"))?;
        router.ip("link set bridge up")?;
        let internet = Self { server: Arc::new(Namespace::new("server")?), router };
        internet.join("server", &internet.server, SERVER)?;
        internet.server.ip(&format!("addr add {SERVER_TOO}/24 dev wan"))?;
        Ok(internet)
    }

    /// Connects a namespace by an interface `wan` with a public address.
    pub(super) fn join(&self, cable: &str, space: &Namespace, address: Ipv4Addr) -> Result<()> {
        space.connect("wan", &self.router, cable)?;
        self.router.ip(&format!("link set {cable} master bridge"))?;
        space.ip(&format!("addr add {address}/24 dev wan"))?;
        space.ip(&format!("route add default via {GATEWAY}")).map(drop)
    }

    /// Sends what is for a home's own public addresses to the home's router.
    pub(super) fn route(&self, network: &str, via: Ipv4Addr) -> Result<()> {
        self.router.ip(&format!("route replace {network} via {via}")).map(drop)
    }
}

/// Makes a namespace a router.
pub(super) fn forward(space: &Namespace) -> Result<()> {
    space.set("ipv4/ip_forward", "1")?;
    // All is on one bridge, and nobody is to find a shorter way.
    space.set("ipv4/conf/all/send_redirects", "0")?;
    space.set("ipv4/conf/default/send_redirects", "0")
}
