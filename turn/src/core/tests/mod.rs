//! The server in simulated time, from a client's side and from a peer's.

mod access;
mod client;
mod peers;
mod quotas;
mod standard;
