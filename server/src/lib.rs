//! The signaling server: one program that serves the page and carries the messages by which browsers find each other.
//!
//! From the outside in: [`serve()`] accepts connections and ends them in order; `accept` tells by the first byte who comes, `arrival` takes off TLS, of which [`Tls`]
//! has the certificate; `http` answers requests and upgrades some to WebSocket connections; `connection` is one WebSocket; `hub` is where connections meet; `room` decides, without clock,
//! socket or async, who is in a room and who may say what to whom. `exchange` and `calls` are the same for people who call each other by name. `limits` holds every bound that is not a setting.
//!
//! `ice` and `turn` help browsers to find a way to each other.
//!
//! Media never comes here, except as sealed packets on their way through a relay; and nothing is persisted but keys and
//! certificates, in `state`.
#![forbid(unsafe_code)]

mod accept;
mod address;
mod announce;
mod arrival;
mod assets;
mod calls;
mod config;
mod connection;
mod exchange;
mod gate;
mod http;
mod hub;
mod ice;
mod limits;
mod machine;
mod origin;
mod outbox;
mod outboxes;
mod rate;
mod redirect;
mod room;
mod security;
mod serve;
mod share;
mod state;
mod stream;
mod timekeeper;
mod tls;
mod turn;

pub use announce::announcement;
pub use calls::Directory;
pub use config::{Config, LogFormat, NoConfig, TlsKind, TlsSettings};
pub use serve::{Sockets, serve};
pub use tls::Tls;
pub use turn::TurnSockets;

/// How many files a server with these settings may have open: each connection is one, and each relay, whose client may
/// have come over a stream of its own.
pub fn files_needed(config: &Config) -> u64 {
    let relays = if config.turn.is_built_in() { config.turn.turn_allocations } else { 0 };
    u64::from(config.max_connections) + 2 * u64::from(relays) + limits::SPARE_FILES
}
