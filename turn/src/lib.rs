//! A STUN and TURN server (RFC 8489, RFC 8656) as a part of another program, which gives it sockets and a secret.
//!
//! From the inside out: `address`, `policy`, `credential`, `nonce` and `throttle` each decide one thing; `core` is the
//! server without sockets or clock; `net` moves packets between sockets and the core. `bounds` holds every bound that is
//! not a setting. Nothing here knows of rooms, pages or sessions.
//!
//! Messages and their attributes are `stun-types` and `turn-types`; the state machine is not `turn-server-proto`, their
//! author's, because that keeps a nonce for every address that ever asked, finds clients and peers by walking lists
//! for every packet, and leaves no place for expiry, quotas and a policy on peers.
#![forbid(unsafe_code)]

mod address;
pub mod bounds;
mod core;
mod credential;
mod frame;
mod net;
mod nonce;
mod policy;
mod throttle;

pub use crate::address::Address;
pub use crate::core::Settings;
pub use crate::credential::{Credential, Secret};
pub use crate::frame::is_stun;
pub use crate::net::Turn;
