//! The server in simulated time, from a client's side and from a peer's.

mod access;
pub(crate) mod client;
mod noise;
mod peers;
mod quotas;
mod standard;
