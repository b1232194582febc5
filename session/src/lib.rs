//! What a broadcaster or a watcher does next: pure state machines.
//!
//! Owns joining and resuming, negotiation, noticing an interruption and recovering from it, and what the test of a
//! connection means. Must not know clocks, sockets, browsers or how anything is shown: time and events come in, outputs
//! go out (see [`Session`]), so all of it runs natively in simulated time.
#![forbid(unsafe_code)]

mod api;
mod backoff;
pub mod bounds;
mod broadcaster;
pub mod budget;
mod candidates;
pub mod diagnosis;
pub mod files;
mod joining;
mod link;
mod peers;
pub mod phone;
mod talk;
mod time;
mod watcher;

pub use api::{
    ConnectionEvent, ConnectionId, Event, Output, Phase, Session, Signaling, SocketId, Status, Transport,
};
pub use broadcaster::Broadcaster;
pub use talk::{Admission, Intent, Known, Member, Past, Rate, Standing, Talk};
pub use time::{Millis, Time};
pub use watcher::{Reads, Watcher};
