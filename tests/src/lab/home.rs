//! A home: one host, behind a router of a kind that can be changed, and two cables between them.

use std::cell::Cell;
use std::net::Ipv4Addr;
use std::process::Command;
use std::sync::Arc;

use anyhow::{Result, ensure};

use super::internet::{GATEWAY, Internet, forward};
use super::namespace::Namespace;
use super::nat::Nat;

/// Public addresses that a router can have, one after the other.
const MOVES: u8 = 10;

/// One of the two cables between host and router, each with a private network of its own: what changes when somebody
/// goes from one network to another at home.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// Interface `lan0`.
    First,
    /// Interface `lan1`.
    Second,
}

/// A home.
#[derive(Debug)]
pub struct Home {
    /// Where the browser runs.
    pub host: Arc<Namespace>,
    router: Namespace,
    number: u8,
    /// How often the router was given another public address.
    moves: Cell<u8>,
    nat: Cell<Nat>,
    line: Cell<Line>,
}

impl Home {
    /// Makes the home with this number, from 1 to 5, connected but closed until [`Home::set`] says of what kind it is.
    pub fn new(internet: &Internet, number: u8) -> Result<Self> {
        let home = Self {
            host: Arc::new(Namespace::new(&format!("host{number}"))?),
            router: Namespace::new(&format!("home{number}"))?,
            number,
            moves: Cell::new(0),
            nat: Cell::new(Nat::UdpBlocked),
            line: Cell::new(Line::First),
        };
        forward(&home.router)?;
        // A packet may come by another way than its answer goes, while things change.
        home.router.set("ipv4/conf/all/rp_filter", "0")?;
        home.router.set("ipv4/conf/default/rp_filter", "0")?;
        internet.join(&format!("home{number}"), &home.router, home.public())?;
        internet.route(&home.network(), home.public())?;
        for line in [Line::First, Line::Second] {
            home.host.connect(line.interface(), &home.router, line.interface())?;
            let gateway = home.private(line, 1);
            home.router.ip(&format!("addr add {gateway}/24 dev {}", line.interface()))?;
        }
        home.router.ip(&format!("addr add {}/28 dev lan0", home.own(1)))?;
        home.host.ip("link set lan1 down")?;
        home.address_host()?;
        home.set(Nat::UdpBlocked)?;
        Ok(home)
    }

    /// Makes the router one of this kind, which has seen no UDP packet yet.
    pub fn set(&self, nat: Nat) -> Result<()> {
        let before = self.nat.replace(nat);
        if (before == Nat::Open) != (nat == Nat::Open) {
            self.address_host()?;
        }
        self.load()?;
        self.forget()
    }

    /// The router's public address.
    pub fn public(&self) -> Ipv4Addr {
        Ipv4Addr::new(20, 1, 1, 20 * self.number + self.moves.get())
    }

    /// The host's address.
    pub fn address(&self) -> Ipv4Addr {
        if self.nat.get() == Nat::Open { self.own(2) } else { self.private(self.line.get(), 10) }
    }

    /// The host's cable is pulled and the other one plugged in: its address goes, and it gets one of another network.
    pub fn change_line(&self) -> Result<()> {
        let old = self.line.get();
        self.line.set(if old == Line::First { Line::Second } else { Line::First });
        self.host.ip(&format!("link set {} down", old.interface()))?;
        self.host.ip(&format!("link set {} up", self.line.get().interface()))?;
        self.address_host()?;
        self.load()
    }

    /// The router forgets what it mapped. One that maps at random then maps to other ports.
    pub fn forget(&self) -> Result<()> {
        // It fails when there was nothing to forget, which is told apart from nothing else.
        let _ = self.router.run(Command::new("conntrack").args(["-D", "-p", "udp"]), "");
        Ok(())
    }

    /// The router gets another public address, and forgets what it mapped, connections of all kinds included.
    pub fn move_public(&self) -> Result<()> {
        ensure!(self.nat.get() != Nat::Open, "without NAT the host has the public address");
        let old = self.public();
        self.moves.set((self.moves.get() + 1) % MOVES);
        // In this order: the kernel takes later addresses of a network away together with its first. The route goes with
        // them.
        self.router.ip(&format!("addr del {old}/24 dev wan"))?;
        self.router.ip(&format!("addr add {}/24 dev wan", self.public()))?;
        self.router.ip(&format!("route replace default via {GATEWAY}"))?;
        self.load()?;
        self.router.run(Command::new("conntrack").arg("-F"), "").map(drop)
    }

    /// Pulls the host's cable, or plugs it in again.
    pub fn plug(&self, plugged: bool) -> Result<()> {
        let interface = self.line.get().interface();
        // At the router's end: the host sees what a person's computer sees, a cable without a signal.
        self.router.ip(&format!("link set {interface} {}", if plugged { "up" } else { "down" })).map(drop)
    }

    /// Lets no more than so many kilobits a second out of the home, or as many as there are.
    pub fn narrow(&self, kilobits: Option<u32>) -> Result<()> {
        let arguments = match kilobits {
            // A router's buffer: what it cannot send for so long, it drops.
            Some(kilobits) => format!("replace dev wan root tbf rate {kilobits}kbit burst 8kb latency 200ms"),
            None => "delete dev wan root".to_owned(),
        };
        let arguments = format!("qdisc {arguments}");
        self.router.run(Command::new("tc").args(arguments.split(' ')), "").map(drop)
    }

    fn address_host(&self) -> Result<()> {
        let interface = self.line.get().interface();
        for line in [Line::First, Line::Second] {
            self.host.ip(&format!("addr flush dev {}", line.interface()))?;
        }
        let (length, gateway) = if self.nat.get() == Nat::Open {
            (28, self.own(1))
        } else {
            (24, self.private(self.line.get(), 1))
        };
        self.host.ip(&format!("addr add {}/{length} dev {interface}", self.address()))?;
        self.host.ip(&format!("route replace default via {gateway}")).map(drop)
    }

    fn load(&self) -> Result<()> {
        self.router.filter(&self.nat.get().rules(self.public(), self.address()))
    }

    /// The home's own public network, for a host without NAT.
    fn network(&self) -> String {
        format!("{}/28", self.own(0))
    }

    fn own(&self, host: u8) -> Ipv4Addr {
        Ipv4Addr::new(20, 2, 2, 16 * self.number + host)
    }

    fn private(&self, line: Line, host: u8) -> Ipv4Addr {
        let network = 10 * self.number + u8::from(line == Line::Second);
        Ipv4Addr::new(192, 168, network, host)
    }
}

impl Line {
    fn interface(self) -> &'static str {
        match self {
            Self::First => "lan0",
            Self::Second => "lan1",
        }
    }
}
