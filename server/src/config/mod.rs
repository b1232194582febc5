//! The settings, and where they come from: a flag, else the environment, else a file, else the default.
//!
//! Each setting is defined once, here.

mod source;
pub(crate) mod tls;
mod turn;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Parser, ValueEnum, value_parser};
use tracing_subscriber::filter::{LevelFilter, Targets};

pub use source::NoConfig;
pub use tls::{TlsKind, TlsSettings};
pub(crate) use turn::TurnSettings;

use crate::calls::Directory;
use crate::limits::MAX_WATCHERS_PER_ROOM;
use crate::origin::Origin;
use crate::security;

/// Live video from one browser to many: serves the page and introduces the browsers to each other.
///
/// Every setting can be given as a flag, in the environment, or in the file named by --config, where its name is that
/// of the flag: `listen = "0.0.0.0:4000"`, `allow-origin = ["https://school.example"]`. Flags come before the
/// environment, the environment before the file. In the environment, several values are separated by spaces.
#[derive(Clone, Debug, Parser)]
#[command(name = "vong", version)]
pub struct Config {
    /// A TOML file with settings.
    #[arg(long = "config", env = "VONG_CONFIG", value_name = "FILE")]
    file: Option<PathBuf>,

    /// Where to listen. Port 0 takes a free one, which is printed.
    #[arg(long, env = "VONG_LISTEN", value_name = "ADDR:PORT", default_value = "127.0.0.1:4000")]
    pub listen: SocketAddr,

    /// Another origin whose pages may connect, as `https://school.example`; repeatable. Vọng's own always may.
    #[arg(long, env = "VONG_ALLOW_ORIGIN", value_name = "ORIGIN", value_delimiter = ' ')]
    pub allow_origin: Vec<Origin>,

    /// How browsers find a way to each other.
    #[command(flatten)]
    pub(crate) turn: TurnSettings,

    /// A site that may embed the pages below /watch, as `https://school.example`, `self` or `none`; repeatable.
    #[arg(
        long,
        env = "VONG_FRAME_ANCESTORS",
        value_name = "SOURCE",
        value_delimiter = ' ',
        default_value = "self",
        value_parser = security::parse_frame_ancestor
    )]
    pub frame_ancestors: Vec<String>,

    /// Count clients by the last address in X-Forwarded-For. Only behind a proxy that sets it.
    #[arg(
        long,
        env = "VONG_TRUST_PROXY",
        value_name = "BOOL",
        action = ArgAction::Set,
        num_args = 0..=1,
        require_equals = true,
        default_value = "false",
        default_missing_value = "true"
    )]
    pub trust_proxy: bool,

    /// What to log, on standard error: a level, or levels by module as `info,vong_server=debug`.
    #[arg(long, env = "VONG_LOG", value_name = "LEVELS", default_value = "info", value_parser = parse_levels)]
    pub log: Targets,

    /// How to log.
    #[arg(long, env = "VONG_LOG_FORMAT", value_name = "FORMAT", default_value = "text")]
    pub log_format: LogFormat,

    /// WebSocket connections at one time.
    #[arg(long, env = "VONG_MAX_CONNECTIONS", value_name = "N", default_value = "10000", value_parser = count())]
    pub max_connections: u32,

    /// WebSocket connections at one time from one IPv4 address or IPv6 /56.
    #[arg(
        long,
        env = "VONG_MAX_CONNECTIONS_PER_ADDRESS",
        value_name = "N",
        default_value = "500",
        value_parser = count()
    )]
    pub max_connections_per_address: u32,

    /// Rooms at one time.
    #[arg(long, env = "VONG_MAX_ROOMS", value_name = "N", default_value = "1000", value_parser = count())]
    pub max_rooms: u32,

    /// Rooms at one time that were opened from one IPv4 address or IPv6 /56.
    #[arg(
        long,
        env = "VONG_MAX_ROOMS_PER_ADDRESS",
        value_name = "N",
        default_value = "50",
        value_parser = count()
    )]
    pub max_rooms_per_address: u32,

    /// Watchers in one room. Each takes its own upload from the broadcaster.
    #[arg(
        long,
        env = "VONG_WATCHERS_PER_ROOM",
        value_name = "N",
        default_value = "200",
        value_parser = value_parser!(u32).range(1..=MAX_WATCHERS_PER_ROOM)
    )]
    pub watchers_per_room: u32,

    /// How long an empty room stays its broadcaster's.
    #[arg(long, env = "VONG_ROOM_GRACE", value_name = "TIME", default_value = "60s", value_parser = grace)]
    pub room_grace: Duration,

    /// How long a member whose connection broke keeps its place.
    #[arg(long, env = "VONG_SESSION_GRACE", value_name = "TIME", default_value = "15s", value_parser = grace)]
    pub session_grace: Duration,

    /// Names under which people can be called, at one time.
    #[arg(long, env = "VONG_MAX_NAMES", value_name = "N", default_value = "10000", value_parser = count())]
    pub max_names: u32,

    /// Names at one time that were taken from one IPv4 address or IPv6 /56.
    #[arg(
        long,
        env = "VONG_MAX_NAMES_PER_ADDRESS",
        value_name = "N",
        default_value = "50",
        value_parser = count()
    )]
    pub max_names_per_address: u32,

    /// How long a name stays its owner's who has no page open.
    #[arg(long, env = "VONG_NAME_GRACE", value_name = "TIME", default_value = "1day", value_parser = name_grace)]
    pub name_grace: Duration,

    /// Whom people may find who may be found: all (list), those whose names begin with what they type (search), nobody (hidden).
    #[arg(long, env = "VONG_DIRECTORY", value_name = "WHOM", default_value = "list")]
    pub directory: Directory,

    /// The time between two heartbeats. A client that is silent for two and a quarter of it is dropped.
    #[arg(long, env = "VONG_HEARTBEAT", value_name = "TIME", default_value = "4s", value_parser = heartbeat)]
    pub heartbeat: Duration,

    // Last, since its heading is that of what follows, too.
    /// HTTPS.
    #[command(flatten)]
    pub tls: TlsSettings,
}

/// A word without `=` is a level. The library would take any other for the name of a module, and log nothing else.
fn parse_levels(text: &str) -> Result<Targets, String> {
    let expected =
        "expected off, error, warn, info, debug or trace, or levels by module as info,vong_server=debug";
    let is_level =
        |part: &str| part.contains('=') || (!part.is_empty() && part.parse::<LevelFilter>().is_ok());
    if !text.split(',').all(|part| is_level(part.trim())) {
        return Err(expected.to_owned());
    }
    text.parse().map_err(|_| expected.to_owned())
}

/// The form of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

fn count() -> clap::builder::RangedI64ValueParser<u32> {
    value_parser!(u32).range(1..)
}

fn grace(text: &str) -> Result<Duration, String> {
    time(text, Duration::ZERO, Duration::from_hours(24))
}

fn name_grace(text: &str) -> Result<Duration, String> {
    time(text, Duration::ZERO, Duration::from_hours(30 * 24))
}

fn heartbeat(text: &str) -> Result<Duration, String> {
    time(text, Duration::from_millis(50), Duration::from_mins(1))
}

fn time(text: &str, least: Duration, most: Duration) -> Result<Duration, String> {
    let time =
        humantime::parse_duration(text).map_err(|_| "expected a time as 500ms, 15s or 2m".to_owned())?;
    if (least..=most).contains(&time) {
        return Ok(time);
    }
    let [least, most] = [least, most].map(humantime::format_duration);
    Err(format!("must be from {least} to {most}"))
}
