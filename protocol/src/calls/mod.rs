//! What a page and the server say to each other about people who call each other by name, over a WebSocket of its own.
//!
//! Owns the messages, their JSON form and their bounds. Must not know who holds which name, or how a call is carried: once it is
//! answered, both pages meet in a room that is named after it, see [`CallId::room`]. `docs/calls.md` is this module in prose; a test
//! keeps the two in agreement.
//!
//! [`CallId::room`]: crate::CallId::room

mod client;
mod server;

use crate::named::named;

pub use client::{ClientMessage, Register};
pub use server::ServerMessage;

/// The version that both ends must name alike. Raised when an older page could misunderstand a message.
pub const VERSION: u16 = 1;

/// The path of the WebSocket on the server.
pub const PATH: &str = "/calls";

/// Why a page does not take a call that rings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refused {
    /// The person does not want it.
    Declined,
    /// The person is in another call.
    Busy,
    /// The person wants no calls from this name. The page says so by itself.
    Blocked,
}

named!(Refused { Declined = "declined", Busy = "busy", Blocked = "blocked" });

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EndReason {
    /// Whoever called did not want it any more before it was answered.
    Cancelled,
    /// Whoever was called did not want it.
    Declined,
    /// Whoever was called is in another call.
    Busy,
    /// Whoever was called wants no calls from this name.
    Blocked,
    /// It rang for as long as it may.
    NoAnswer,
    /// Nobody has this name now.
    Unreachable,
    /// One asked for oneself.
    Yourself,
    /// Too many calls in a short time.
    TooFast,
    /// The other side called at the same time, and that call is the one that goes on.
    Crossed,
    /// It was answered on another page of the same name.
    Elsewhere,
    /// Either hung up after it was answered.
    HungUp,
    /// The page that called is gone, or the server knows of no such call.
    Gone,
    /// A reason that this version does not know.
    Unknown,
}

named!(EndReason {
    Cancelled = "cancelled",
    Declined = "declined",
    Busy = "busy",
    Blocked = "blocked",
    NoAnswer = "no_answer",
    Unreachable = "unreachable",
    Yourself = "yourself",
    TooFast = "too_fast",
    Crossed = "crossed",
    Elsewhere = "elsewhere",
    HungUp = "hung_up",
    Gone = "gone",
} else Unknown);

impl EndReason {
    /// Every reason that goes over the wire.
    pub const ALL: [Self; 12] = [
        Self::Cancelled,
        Self::Declined,
        Self::Busy,
        Self::Blocked,
        Self::NoAnswer,
        Self::Unreachable,
        Self::Yourself,
        Self::TooFast,
        Self::Crossed,
        Self::Elsewhere,
        Self::HungUp,
        Self::Gone,
    ];
}

impl From<Refused> for EndReason {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Declined => Self::Declined,
            Refused::Busy => Self::Busy,
            Refused::Blocked => Self::Blocked,
        }
    }
}
