//! The server with real sockets. Peers that are not relays need another machine, and are the network lab's matter.

mod ends;
mod machine;
mod relaying;
mod remote;
mod server;
