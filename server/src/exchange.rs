//! Where callers' connections meet: names and calls under one lock, with the outboxes that their effects go to. Of rooms it knows
//! nothing, nor they of it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use vong_protocol::Refusal;
use vong_protocol::calls::{ClientMessage, Register, ServerMessage};

use crate::address::Address;
use crate::calls::{CallBounds, Effect, Line, Switchboard};
use crate::outbox::{Outbox, Outgoing};
use crate::outboxes::Outboxes;
use crate::room::ConnectionId;
use crate::timekeeper::Timekeeper;

/// The meeting point.
#[derive(Debug)]
pub(crate) struct Exchange {
    /// Between two pings.
    heartbeat: Duration,
    time: Timekeeper,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    board: Switchboard,
    outboxes: Outboxes,
}

impl Exchange {
    /// Without names.
    pub(crate) fn new(bounds: CallBounds, heartbeat: Duration) -> Self {
        let state = State { board: Switchboard::new(bounds), outboxes: Outboxes::default() };
        Self { heartbeat, time: Timekeeper::default(), state: Mutex::new(state) }
    }

    /// Gives a connection its name; `registered` is the first thing in its outbox.
    pub(crate) fn register(
        &self,
        address: Address,
        outbox: &Arc<Outbox>,
        register: Register,
    ) -> Result<(ConnectionId, Line), Refusal> {
        let mut state = self.state();
        let connection = state.outboxes.next();
        let (line, name, effects) = state.board.register(self.time.now(), connection, address, register)?;
        state.outboxes.add(connection, outbox.clone());
        let heartbeat_ms = u32::try_from(self.heartbeat.as_millis()).unwrap_or(u32::MAX);
        let registered = Effect::Send(connection, ServerMessage::Registered { name, heartbeat_ms });
        state.carry_out(std::iter::once(registered).chain(effects));
        drop(state);
        self.time.changed();
        Ok((connection, line))
    }

    /// Does what a page says.
    pub(crate) fn say(&self, connection: ConnectionId, line: &Line, message: ClientMessage) {
        let mut state = self.state();
        let before = state.board.deadline();
        let effects = state.board.say(self.time.now(), connection, line, message);
        state.carry_out(effects);
        if state.board.deadline() != before {
            self.time.changed();
        }
    }

    /// A page goes for good, and perhaps gives up its name.
    pub(crate) fn leave(&self, connection: ConnectionId, line: &Line, release: bool) {
        let mut state = self.state();
        state.outboxes.remove(connection);
        let effects = state.board.leave(self.time.now(), connection, line, release);
        state.carry_out(effects);
        drop(state);
        self.time.changed();
    }

    /// A page's connection is gone.
    pub(crate) fn lose(&self, connection: ConnectionId, line: &Line) {
        let mut state = self.state();
        state.outboxes.remove(connection);
        state.board.lose(self.time.now(), connection, line);
        drop(state);
        self.time.changed();
    }

    /// Does what time brings, for ever.
    pub(crate) async fn keep_time(&self) {
        let due = || self.state().board.deadline();
        let expire = |now| {
            let mut state = self.state();
            let effects = state.board.expire(now);
            state.carry_out(effects);
        };
        self.time.keep(due, expire).await;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn carry_out(&mut self, effects: impl IntoIterator<Item = Effect>) {
        for effect in effects {
            match effect {
                Effect::Send(to, message) => {
                    // Only the words of a member of a room can be refused.
                    let _ = self.outboxes.send(to, Outgoing::Shared(message.to_json().into()));
                }
                Effect::Close(connection, reason) => self.outboxes.close(connection, reason),
            }
        }
    }
}
