//! A small internet on one machine: a server with a public address, and homes behind routers whose kind of NAT a test
//! chooses. Linux and root only; [`unavailable`] says why not.
//!
//! It knows addresses, routes and packet filters. It must not know browsers, pages, or what Vọng does with a network.

mod available;
mod command;
mod coturn;
mod home;
mod internet;
mod namespace;
mod nat;

pub use available::unavailable;
pub use coturn::Coturn;
pub use home::{Home, Line};
pub use internet::{Internet, SERVER, SERVER_TOO};
pub use namespace::Namespace;
pub use nat::Nat;
