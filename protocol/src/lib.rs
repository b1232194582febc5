//! The wire: every message that a browser and the signaling server exchange, in rooms and for calls by name ([`calls`]), those that
//! two browsers exchange without it ([`channel`], [`files`]), and nothing else.
//!
//! Owns the types, their JSON form, the bounds that a single message must keep, and the stable error codes. Must not
//! know sockets, clocks, rooms in memory or browsers. `docs/protocol.md` is this crate in prose; a test keeps the two in
//! agreement.
#![forbid(unsafe_code)]

pub mod calls;
pub mod channel;
mod client;
mod diagnosis;
mod error;
pub mod files;
mod ice;
mod id;
pub mod limits;
mod named;
mod password;
mod room;
mod server;

pub use client::{ClientMessage, Join, Role};
pub use error::{ErrorCode, Refusal};
pub use ice::{Ice, IceCandidate, IceServer};
pub use id::{
    Attempt, BadId, BadRoomId, BroadcasterKey, CallId, NameSecret, PeerId, RoomId, RunId, SessionToken,
};
pub use password::{BadPassword, Password};
pub use room::{Presence, RoomSnapshot};
pub use server::{Departure, Joined, RefuseReason, ServerMessage};

/// The protocol version both ends must name alike. Raised when an older peer could misunderstand a message.
pub const VERSION: u16 = 1;

/// The path of the signaling WebSocket on the server.
pub const SIGNAL_PATH: &str = "/signal";
