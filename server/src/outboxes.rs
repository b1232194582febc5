//! The outboxes of all connections that meet somewhere, by their numbers.

use std::collections::HashMap;
use std::sync::Arc;

use vong_protocol::ErrorCode;

use crate::outbox::{Outbox, Outgoing};
use crate::room::ConnectionId;

/// The outboxes.
#[derive(Debug, Default)]
pub(crate) struct Outboxes {
    open: HashMap<ConnectionId, Arc<Outbox>>,
    connections: u64,
}

impl Outboxes {
    /// The number that the next connection gets.
    pub(crate) fn next(&self) -> ConnectionId {
        ConnectionId(self.connections)
    }

    /// Takes in the connection that got the next number.
    pub(crate) fn add(&mut self, connection: ConnectionId, outbox: Arc<Outbox>) {
        self.connections = connection.0 + 1;
        self.open.insert(connection, outbox);
    }

    /// The connection is gone.
    pub(crate) fn remove(&mut self, connection: ConnectionId) {
        self.open.remove(&connection);
    }

    /// Puts a message in, if the connection is there.
    ///
    /// # Errors
    /// It is the words of a member who has said too much.
    pub(crate) fn send(&self, to: ConnectionId, message: Outgoing) -> Result<(), ErrorCode> {
        self.open.get(&to).map_or(Ok(()), |outbox| outbox.push(message))
    }

    /// Ends a connection for this reason.
    pub(crate) fn close(&self, connection: ConnectionId, reason: ErrorCode) {
        if let Some(outbox) = self.open.get(&connection) {
            outbox.close(reason.into());
        }
    }
}
