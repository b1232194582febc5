//! What goes into a [`Phone`](super::Phone) and what comes out of it.

use vong_protocol::calls::{ClientMessage, EndReason, ServerMessage};
use vong_protocol::channel::Name;
use vong_protocol::{CallId, ErrorCode};

use crate::api::{Signaling, SocketId};
use crate::time::Millis;

/// Which end of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Called. In the room of the call it is the broadcaster.
    Caller,
    /// Was called. In the room of the call it is the watcher.
    Callee,
}

/// A call, as one end sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Talk {
    /// The call.
    pub call: CallId,
    /// Which end this is.
    pub side: Side,
    /// Who is at the other.
    pub with: Name,
}

/// How a call ended for this page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// As the server says, or the person here did.
    Ended(EndReason),
    /// The server could not be asked about it for too long.
    Unasked,
    /// It was answered, and the two ends did not find each other.
    Unconnected,
}

/// What the outside tells a phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PhoneEvent {
    /// The deadline has passed. Harmless at any other time.
    Tick,
    /// The WebSocket is open.
    SocketOpened(SocketId),
    /// The WebSocket closed, or never opened.
    SocketClosed(SocketId),
    /// A message came.
    Message(SocketId, ServerMessage),
    /// The page woke up.
    Wake,
    /// The browser has a network again, and perhaps another one.
    NetworkChanged,
    /// The person calls somebody, with a number that was never used before.
    Call(CallId, Name),
    /// The person takes the call that rings.
    Accept,
    /// The person does not want the call that rings.
    Decline,
    /// The person wants this call no more, whether it was answered or not.
    HangUp,
    /// The person wants no calls from these.
    Block(Vec<Name>),
    /// The person looks for names that begin so.
    Find(String),
    /// The two ends of this call have a connection.
    Met(CallId),
    /// The other end of this call has left its room for good.
    Parted(CallId),
    /// The person leaves, and perhaps gives up the name.
    Leave {
        /// The name is wanted no more.
        release: bool,
    },
}

/// What a phone wants done, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PhoneOutput {
    /// Open a WebSocket to the server and report under this number.
    OpenSocket(SocketId),
    /// Close it; nothing it still says matters.
    CloseSocket(SocketId),
    /// Send over it.
    Send(SocketId, ClientMessage),
    /// This call may be answered any moment: what can be made ready should be.
    Prepare(Talk),
    /// This call is answered: enter its room.
    Begin(Talk),
    /// This call is over: leave its room, and let go of what was made ready.
    Finish(Talk, Outcome),
    /// Names that begin with what was looked for.
    Found(String, Vec<Name>),
    /// Somebody called in vain, so long ago.
    Missed(Name, Millis),
    /// Tell the person. Said only when something changed.
    Status(PhoneStatus),
}

/// What the person is doing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Line {
    /// Nothing.
    #[default]
    Free,
    /// Calling somebody, and whether it rings there.
    Calling(Name, bool),
    /// Being called, and whether the person has taken the call.
    Ringing(Name, bool),
    /// Talking with somebody.
    Talking(Name),
}

/// What the page shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PhoneStatus {
    /// The name under which one can be called now or as soon as the server is back; as others see it.
    pub name: Option<Name>,
    /// Whether the server answers.
    pub signaling: Signaling,
    /// Why there is no name, and none will be had without another try.
    pub error: Option<ErrorCode>,
    /// What is going on.
    pub line: Line,
}
