//! The built-in STUN and TURN server as a part of this program: its sockets, and what comes of its settings.

use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};
use vong_turn::{Secret, Settings, Turn};

use crate::config::{Config, TurnSettings};
use crate::ice::BuiltIn;
use crate::limits::FREE_PORT_ATTEMPTS;

/// Sockets of one address and port.
#[derive(Debug)]
pub struct TurnSockets {
    pub(crate) udp: Vec<UdpSocket>,
    pub(crate) tcp: TcpListener,
}

impl TurnSockets {
    /// Binds them, if the settings want the server. Port 0 takes a port that is free for all of them.
    ///
    /// # Errors
    /// The address that could not be had, and why.
    pub async fn bind(config: &Config) -> Result<Option<Self>, (SocketAddr, io::Error)> {
        let settings = &config.turn;
        if !settings.is_built_in() {
            return Ok(None);
        }
        let wanted = SocketAddr::new(config.listen.ip(), settings.turn_port);
        if wanted.port() != 0 {
            let mut sockets = Self::at(wanted).await.map_err(|error| (wanted, error))?;
            match sockets.add_second() {
                Ok(()) => {}
                Err(error) => {
                    warn!(%error, "the next port cannot be had: pages cannot tell the kind of a NAT");
                }
            }
            return Ok(Some(sockets));
        }
        let mut last = io::Error::from(io::ErrorKind::AddrInUse);
        for _ in 0..FREE_PORT_ATTEMPTS {
            let free = UdpSocket::bind(wanted).and_then(|socket| socket.local_addr());
            let free = free.map_err(|error| (wanted, error))?;
            match Self::at(free).await.and_then(|mut sockets| sockets.add_second().map(|()| sockets)) {
                Ok(sockets) => return Ok(Some(sockets)),
                Err(error) => last = error,
            }
        }
        Err((wanted, last))
    }

    async fn at(address: SocketAddr) -> io::Result<Self> {
        Ok(Self { udp: vec![UdpSocket::bind(address)?], tcp: TcpListener::bind(address).await? })
    }

    fn add_second(&mut self) -> io::Result<()> {
        let first = self.tcp.local_addr()?;
        let next = first.port().checked_add(1).ok_or(io::ErrorKind::AddrNotAvailable)?;
        self.udp.push(UdpSocket::bind(SocketAddr::new(first.ip(), next))?);
        Ok(())
    }

    /// What pages are told of them.
    pub(crate) fn told(&self, config: &Config) -> BuiltIn {
        let port = |address: io::Result<SocketAddr>| address.ok().map(|address| address.port());
        BuiltIn {
            host: config.turn.turn_host.clone(),
            port: port(self.tcp.local_addr()).unwrap_or(config.turn.turn_port),
            second_port: self.udp.get(1).and_then(|udp| port(udp.local_addr())),
            // A proxy passes on HTTP alone.
            on_page_port: !config.trust_proxy,
        }
    }
}

/// What TURN passwords are made with.
pub(crate) fn secret(config: &TurnSettings) -> io::Result<Secret> {
    if let Some(secret) = &config.turn_secret {
        return Ok(Secret::new(secret.as_bytes()));
    }
    let mut random = [0; 32];
    getrandom::fill(&mut random)?;
    Ok(Secret::new(random))
}

/// Serves on these sockets, and says what is advertised.
pub(crate) fn start(
    udp: Vec<UdpSocket>,
    config: &TurnSettings,
    secret: Secret,
    shutdown: &CancellationToken,
    tasks: &TaskTracker,
) -> io::Result<Turn> {
    let addresses: Vec<SocketAddr> = udp.iter().map(UdpSocket::local_addr).collect::<io::Result<_>>()?;
    let turn = Turn::start(udp, settings(config), secret, shutdown, tasks)?;
    let ports = format!("{}-{}", config.turn_relay_ports.start(), config.turn_relay_ports.end());
    let public = config.turn_public.iter().map(IpAddr::to_string).collect::<Vec<_>>().join(" and ");
    let advertised = if public.is_empty() { "this machine's own addresses".to_owned() } else { public };
    info!(?addresses, %advertised, relay_ports = ports, "STUN and TURN are served");
    Ok(turn)
}

fn settings(config: &TurnSettings) -> Settings {
    let usize = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
    Settings {
        allow_private: config.turn_allow_private,
        public: config.turn_public.clone(),
        ports: config.turn_relay_ports.clone(),
        allocations: usize(config.turn_allocations),
        allocations_per_address: usize(config.turn_allocations_per_address),
        // Kilobits to bytes.
        bandwidth: config.turn_bandwidth.saturating_mul(125),
    }
}
