//! How a page talks with the server about calls.

use vong_protocol::calls::{ClientMessage, Register, ServerMessage};
use vong_protocol::channel::Name;

use super::api::{PhoneEvent, PhoneOutput};
use crate::api::SocketId;
use crate::link::{Dialect, Heard, Wire};

impl Dialect for Register {
    type Say = ClientMessage;
    type Heard = ServerMessage;
    type Accepted = Name;
    type Output = PhoneOutput;

    fn first(&self) -> ClientMessage {
        ClientMessage::Register(self.clone())
    }

    fn pong() -> ClientMessage {
        ClientMessage::Pong {}
    }

    fn read(heard: ServerMessage) -> Heard<Self> {
        match heard {
            ServerMessage::Ping {} => Heard::Ping,
            ServerMessage::Registered { name, heartbeat_ms } => Heard::Accepted(name, heartbeat_ms),
            ServerMessage::Error { code, .. } => Heard::Error(code),
            other => Heard::Other(other),
        }
    }

    fn accepted(&mut self, _: &Name) {}

    fn open(socket: SocketId) -> PhoneOutput {
        PhoneOutput::OpenSocket(socket)
    }

    fn close(socket: SocketId) -> PhoneOutput {
        PhoneOutput::CloseSocket(socket)
    }

    fn send(socket: SocketId, message: ClientMessage) -> PhoneOutput {
        PhoneOutput::Send(socket, message)
    }
}

impl PhoneEvent {
    /// What it is to the connection; else what it was.
    pub(super) fn wire(self) -> Result<Wire<ServerMessage>, Self> {
        match self {
            Self::Tick => Ok(Wire::Tick),
            Self::SocketOpened(socket) => Ok(Wire::Opened(socket)),
            Self::SocketClosed(socket) => Ok(Wire::Closed(socket)),
            Self::Message(socket, message) => Ok(Wire::Message(socket, message)),
            Self::Wake => Ok(Wire::Wake),
            Self::NetworkChanged => Ok(Wire::NetworkChanged),
            other => Err(other),
        }
    }
}
