//! The contract between a session and the one loop that drives it: events in, outputs out.
//!
//! The caller hands over one event with the current time, then polls outputs until there are none and carries them out
//! in order, then waits for the next event or the deadline. A session never asks for the time, never blocks and never
//! fails: whatever comes late, twice or for something that is gone is dropped.

use std::rc::Rc;

use vong_protocol::{Attempt, BroadcasterKey, ClientMessage, ErrorCode, Ice, IceCandidate, ServerMessage};

use crate::talk::{Intent, Past, Talk};
use crate::time::Time;

/// One WebSocket, numbered so that what an older one still says is recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SocketId(pub u32);

/// One `RTCPeerConnection`, numbered likewise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(pub u32);

/// What the outside tells a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The deadline has passed. Harmless at any other time.
    Tick,
    /// The WebSocket is open.
    SocketOpened(SocketId),
    /// The WebSocket closed, or never opened.
    SocketClosed(SocketId),
    /// A message came.
    Message(SocketId, ServerMessage),
    /// Something happened to a connection.
    Connection(ConnectionId, ConnectionEvent),
    /// The page woke up: what was put off is tried at once.
    Wake,
    /// The browser has a network again, and perhaps another one: what was open over the old one may lead nowhere.
    NetworkChanged,
    /// The person does something in the chat, at this time of day in milliseconds since 1970.
    Intends(Intent, u64),
    /// The person leaves. The session says goodbye, closes everything and ends.
    Leave,
}

/// What the browser tells of one connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConnectionEvent {
    /// `createOffer` resolved; the description is not set yet.
    OfferCreated {
        /// As asked for.
        attempt: Attempt,
        /// The offer.
        sdp: String,
    },
    /// The watcher's offer is applied and the answer is set locally.
    AnswerCreated {
        /// As asked for.
        attempt: Attempt,
        /// The answer.
        sdp: String,
    },
    /// The broadcaster's answer is applied.
    AnswerApplied {
        /// As asked for.
        attempt: Attempt,
    },
    /// A step of this negotiation was refused by the browser.
    NegotiationFailed {
        /// As asked for.
        attempt: Attempt,
    },
    /// A local candidate was gathered.
    Candidate {
        /// The negotiation that was current when its description was set.
        attempt: Attempt,
        /// The candidate.
        candidate: IceCandidate,
    },
    /// `RTCPeerConnection.connectionState` changed.
    Transport(Transport),
    /// The first media arrived (`unmute` of a remote track).
    Media,
    /// What media was received so far, as asked for by [`Output::Measure`].
    Received {
        /// The sum over all incoming streams; it never falls.
        bytes: u64,
        /// Frames decoded, summed likewise.
        frames: u64,
    },
    /// The data channel is open.
    ChannelOpened,
    /// A message came over the data channel, at this time of day in milliseconds since 1970.
    Told(String, u64),
    /// The other side closed the connection on purpose (its data channel closed).
    ClosedByPeer,
}

/// `RTCPeerConnectionState`, as far as it matters here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transport {
    /// `new` or `connecting`.
    #[default]
    Connecting,
    /// `connected`.
    Connected,
    /// `disconnected`: it may come back by itself.
    Disconnected,
    /// `failed` or `closed`: it will not.
    Failed,
}

/// What a session wants done, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Open a WebSocket to the server and report under this number.
    OpenSocket(SocketId),
    /// Close it; nothing it still says matters.
    CloseSocket(SocketId),
    /// Send over it.
    Send(SocketId, ClientMessage),
    /// Watcher: make a connection under this number, unless it is a restart, and create an offer. Do not set it yet.
    CreateOffer {
        /// The connection to make, or to restart ICE on.
        connection: ConnectionId,
        /// The number of this negotiation.
        attempt: Attempt,
        /// `iceRestart` on a connection that is there.
        restart: bool,
    },
    /// Watcher: configure the ICE servers and set the created offer, which starts gathering.
    SetOffer {
        /// The connection.
        connection: ConnectionId,
        /// The negotiation.
        attempt: Attempt,
        /// The servers to use.
        ice: Ice,
    },
    /// Watcher: set the answer.
    ApplyAnswer {
        /// The connection.
        connection: ConnectionId,
        /// The negotiation.
        attempt: Attempt,
        /// The answer.
        sdp: String,
    },
    /// Broadcaster: make a connection under this number, unless it is a restart; set the offer, attach the local
    /// tracks, create an answer and set it.
    Accept {
        /// The connection to make, or the one that is there.
        connection: ConnectionId,
        /// The negotiation.
        attempt: Attempt,
        /// The offer is an ICE restart of a connection that is there.
        restart: bool,
        /// The offer.
        sdp: String,
        /// The servers to use.
        ice: Ice,
    },
    /// Add a candidate of the other side. The remote description is set.
    AddCandidate {
        /// The connection.
        connection: ConnectionId,
        /// The candidate.
        candidate: IceCandidate,
    },
    /// Send this over the connection's data channel, if it is open.
    Tell(ConnectionId, Rc<str>),
    /// The connection's data channels are open: whoever is at its other end has this number, 0 being the broadcaster's. What went to
    /// the same one before goes there from now on.
    Met(ConnectionId, u32),
    /// Show this of the chat.
    Talk(Talk),
    /// Broadcaster: keep this of the chat, in place of what was kept before.
    KeepPast(Past),
    /// Report [`ConnectionEvent::Received`] for this connection.
    Measure(ConnectionId),
    /// Watcher: show what this connection receives, from now on and before it receives anything.
    Show(ConnectionId),
    /// Close the connection and forget it.
    Close(ConnectionId),
    /// Broadcaster: keep this key for the room.
    KeepKey(BroadcasterKey),
    /// Tell the person. Said only when something changed.
    Status(Status),
}

/// Where a page is, in the words of the root element's `data-state`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Nothing was begun.
    #[default]
    Idle,
    /// On the way to the server, or to the broadcaster.
    Connecting,
    /// Joined; nobody is live.
    Waiting,
    /// Watcher: media arrives. Broadcaster: the room is served, or at least somebody sees it while the server is away.
    Live,
    /// It was live, and is being recovered.
    Interrupted,
    /// The broadcast, or this page's part in it, is over.
    Ended,
    /// It cannot work as it is; the reason says why.
    Failed,
}

impl Phase {
    /// The value of `data-state`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Connecting => "connecting",
            Self::Waiting => "waiting",
            Self::Live => "live",
            Self::Interrupted => "interrupted",
            Self::Ended => "ended",
            Self::Failed => "failed",
        }
    }
}

/// What the page shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Where it is.
    pub phase: Phase,
    /// The server's error that led here, for `Failed` and for `Ended` by another page.
    pub error: Option<ErrorCode>,
    /// The signaling server answers. Media may go on while it does not.
    pub signaling: Signaling,
    /// Watcher: pictures arrive, not sound alone.
    pub picture: bool,
    /// Broadcaster: watchers that are in the room.
    pub watchers: usize,
    /// Broadcaster: watchers that media is sent to.
    pub viewing: usize,
}

/// The signaling connection, for people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Signaling {
    /// The first attempts are under way.
    #[default]
    Connecting,
    /// Joined.
    Up,
    /// It was lost, or several attempts to reach it failed; it is being tried again.
    Down,
}

/// The contract itself.
pub trait Session {
    /// Takes one event at the current time.
    fn handle(&mut self, now: Time, event: Event);
    /// The next thing to do, until there is none.
    fn poll(&mut self) -> Option<Output>;
    /// When to call [`Session::handle`] with [`Event::Tick`] at the latest; `None` while nothing is due.
    fn deadline(&self) -> Option<Time>;
}
