//! The settings of STUN and TURN.

use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::time::Duration;

use clap::{ArgAction, Args, ValueEnum, value_parser};
use vong_protocol::IceServer;

use super::{count, time};
use crate::ice;

/// How browsers find a way to each other.
#[derive(Args, Clone, Debug)]
pub(crate) struct TurnSettings {
    /// Whether to be a STUN and TURN server, too. `auto`: unless --ice-server names a TURN server.
    #[arg(long, env = "VONG_TURN", value_name = "WHEN", default_value = "auto")]
    pub(crate) turn: TurnMode,

    /// The port of STUN and TURN, UDP and TCP, on the address of --listen. STUN is on the next port, too, for telling the
    /// kind of a NAT. 0 takes a free one.
    #[arg(long, env = "VONG_TURN_PORT", value_name = "PORT", default_value = "3478")]
    pub(crate) turn_port: u16,

    /// The name or address at which browsers reach STUN and TURN. Otherwise the one they reached the page at.
    #[arg(long, env = "VONG_TURN_HOST", value_name = "HOST", value_parser = host)]
    pub(crate) turn_host: Option<String>,

    /// The address under which the world reaches this machine, where it is not the machine's own: behind a 1:1 NAT, or in
    /// a container. One IPv4 and one IPv6 address.
    #[arg(long, env = "VONG_TURN_PUBLIC", value_name = "ADDRESS", value_delimiter = ' ')]
    pub(crate) turn_public: Vec<IpAddr>,

    /// The UDP ports of relays.
    #[arg(
        long,
        env = "VONG_TURN_RELAY_PORTS",
        value_name = "FIRST-LAST",
        default_value = "49152-65535",
        value_parser = ports
    )]
    pub(crate) turn_relay_ports: RangeInclusive<u16>,

    /// Relay to private networks, too. For a server within one; never to the machine itself, nor to link-local addresses.
    #[arg(
        long,
        env = "VONG_TURN_ALLOW_PRIVATE",
        value_name = "BOOL",
        action = ArgAction::Set,
        num_args = 0..=1,
        require_equals = true,
        default_value = "false",
        default_missing_value = "true"
    )]
    pub(crate) turn_allow_private: bool,

    /// Relays at one time.
    #[arg(long, env = "VONG_TURN_ALLOCATIONS", value_name = "N", default_value = "8000", value_parser = count())]
    pub(crate) turn_allocations: u32,

    /// Relays at one time for one IPv4 address or IPv6 /56.
    #[arg(
        long,
        env = "VONG_TURN_ALLOCATIONS_PER_ADDRESS",
        value_name = "N",
        default_value = "2500",
        value_parser = count()
    )]
    pub(crate) turn_allocations_per_address: u32,

    /// What one relay may carry in each direction, in kilobits a second.
    #[arg(
        long,
        env = "VONG_TURN_BANDWIDTH",
        value_name = "KBIT/S",
        default_value = "20000",
        value_parser = value_parser!(u32).range(100..=10_000_000)
    )]
    pub(crate) turn_bandwidth: u32,

    /// How long a page may use a credential for new relays before it needs the next one.
    #[arg(long, env = "VONG_TURN_LIFETIME", value_name = "TIME", default_value = "2h", value_parser = lifetime)]
    pub(crate) turn_lifetime: Duration,

    /// What credentials are made with: that of coturn's `static-auth-secret`, for TURN servers of --ice-server without
    /// a user name. By default a new one with every start.
    #[arg(long, env = "VONG_TURN_SECRET", value_name = "SECRET", hide_env_values = true, value_parser = secret)]
    pub(crate) turn_secret: Option<String>,

    /// A STUN or TURN server for the browsers to use; repeatable. `stun:HOST[:PORT]`, or
    /// `turn:HOST[:PORT][?transport=udp|tcp][,USERNAME,CREDENTIAL]`, where without a user name --turn-secret makes the
    /// credentials. Other users of the machine can read flags: put secrets into the environment or the file.
    #[arg(
        long,
        env = "VONG_ICE_SERVER",
        value_name = "URL[,USERNAME,CREDENTIAL]",
        value_delimiter = ' ',
        hide_env_values = true,
        value_parser = ice::parse
    )]
    pub(crate) ice_server: Vec<IceServer>,

    /// Connect browsers through TURN alone, so that nobody learns anybody's address.
    #[arg(
        long,
        env = "VONG_RELAY_ONLY",
        value_name = "BOOL",
        action = ArgAction::Set,
        num_args = 0..=1,
        require_equals = true,
        default_value = "false",
        default_missing_value = "true"
    )]
    pub(crate) relay_only: bool,
}

/// Whether the built-in server runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TurnMode {
    /// Unless another TURN server is named.
    Auto,
    /// In any case.
    On,
    /// Never.
    Off,
}

impl TurnSettings {
    /// Whether the built-in STUN and TURN server is to run.
    pub(crate) fn is_built_in(&self) -> bool {
        match self.turn {
            TurnMode::Auto => !self.ice_server.iter().any(ice::is_turn),
            TurnMode::On => true,
            TurnMode::Off => false,
        }
    }

    /// What one setting alone cannot tell.
    pub(super) fn check(&self) -> Result<(), String> {
        if self.turn_secret.is_none() && self.ice_server.iter().any(ice::is_unnamed_turn) {
            return Err("error: a TURN server of --ice-server needs a user name and a credential \
                (URL,USERNAME,CREDENTIAL), or --turn-secret to make them"
                .to_owned());
        }
        let of_family = |v4: bool| self.turn_public.iter().filter(|address| address.is_ipv4() == v4).count();
        if of_family(true) > 1 || of_family(false) > 1 {
            return Err("error: --turn-public takes one IPv4 and one IPv6 address".to_owned());
        }
        if self.relay_only && !self.is_built_in() && !self.ice_server.iter().any(ice::is_turn) {
            return Err("error: --relay-only needs a TURN server: the built-in one, or one of --ice-server"
                .to_owned());
        }
        Ok(())
    }
}

fn lifetime(text: &str) -> Result<Duration, String> {
    time(text, Duration::from_secs(1), Duration::from_hours(24))
}

fn secret(text: &str) -> Result<String, String> {
    if text.is_empty() { Err("the secret must not be empty".to_owned()) } else { Ok(text.to_owned()) }
}

fn host(text: &str) -> Result<String, String> {
    match ice::parse(&format!("stun:{text}")) {
        Ok(_) if text.parse::<IpAddr>().is_ok() || !text.contains(':') => Ok(text.to_owned()),
        _ => Err("expected a host name or an address, without a port".to_owned()),
    }
}

fn ports(text: &str) -> Result<RangeInclusive<u16>, String> {
    let range = text.split_once('-').and_then(|(first, last)| Some(first.parse().ok()?..=last.parse().ok()?));
    range
        .filter(|range: &RangeInclusive<u16>| *range.start() >= 1024 && !range.is_empty())
        .ok_or_else(|| "expected two ports from 1024 to 65535 as 49152-65535".to_owned())
}
