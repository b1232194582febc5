//! How a page talks with the server about a room.

use vong_protocol::{ClientMessage, Join, Joined, ServerMessage};

use crate::api::{Event, Output, SocketId};
use crate::link::{Dialect, Heard, Wire};

/// The connection of a page that joins a room.
pub(crate) type Link = crate::link::Link<Join>;
/// What an event meant for it.
pub(crate) type Change = crate::link::Change<Join>;

impl Dialect for Join {
    type Say = ClientMessage;
    type Heard = ServerMessage;
    type Accepted = Box<Joined>;
    type Output = Output;

    fn first(&self) -> ClientMessage {
        ClientMessage::Join(self.clone())
    }

    fn pong() -> ClientMessage {
        ClientMessage::Pong {}
    }

    fn read(heard: ServerMessage) -> Heard<Self> {
        match heard {
            ServerMessage::Ping {} => Heard::Ping,
            ServerMessage::Joined(joined) => {
                let heartbeat_ms = joined.heartbeat_ms;
                Heard::Accepted(joined, heartbeat_ms)
            }
            ServerMessage::Error { code, .. } => Heard::Error(code),
            other => Heard::Other(other),
        }
    }

    fn accepted(&mut self, joined: &Box<Joined>) {
        self.session = Some(joined.session);
        self.key = joined.key.or(self.key);
    }

    fn open(socket: SocketId) -> Output {
        Output::OpenSocket(socket)
    }

    fn close(socket: SocketId) -> Output {
        Output::CloseSocket(socket)
    }

    fn send(socket: SocketId, message: ClientMessage) -> Output {
        Output::Send(socket, message)
    }
}

impl Event {
    /// What it is to the connection; `None` if nothing.
    pub(crate) fn wire(self) -> Option<Wire<ServerMessage>> {
        match self {
            Self::Tick => Some(Wire::Tick),
            Self::SocketOpened(socket) => Some(Wire::Opened(socket)),
            Self::SocketClosed(socket) => Some(Wire::Closed(socket)),
            Self::Message(socket, message) => Some(Wire::Message(socket, message)),
            Self::Wake => Some(Wire::Wake),
            Self::NetworkChanged => Some(Wire::NetworkChanged),
            Self::Connection(..) | Self::Intends(..) | Self::Leave => None,
        }
    }
}
