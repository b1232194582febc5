//! A client that has a name under which it can be called, or wants one.

use std::time::Duration;

use tracing::debug;
use vong_protocol::ErrorCode;
use vong_protocol::calls::ClientMessage;

use super::{Base, End, Party, fraction};
use crate::calls::Line;
use crate::limits::{self, RateBound};
use crate::room::ConnectionId;

/// The caller.
#[derive(Default)]
pub(crate) struct Caller {
    line: Option<(ConnectionId, Line)>,
    /// It wants its name no more.
    releases: bool,
}

impl Party for Caller {
    const MESSAGE: usize = vong_protocol::limits::CALL_MESSAGE;

    fn is_in(&self) -> bool {
        self.line.is_some()
    }

    fn rate(&self) -> RateBound {
        limits::CALLER_RATE
    }

    fn beat(&self, base: &Base) -> Duration {
        base.app.config.heartbeat
    }

    fn phase(&self) -> f64 {
        self.line.as_ref().map_or(0.0, |(_, line)| fraction(line.page()))
    }

    fn hear(&mut self, base: &Base, text: &str) -> Result<(), End> {
        match (ClientMessage::parse(text).map_err(End::Told)?, &self.line) {
            (ClientMessage::Register(_), Some(_)) => Err(ErrorCode::AlreadyJoined.into()),
            (ClientMessage::Register(register), None) => {
                let line = base
                    .app
                    .exchange
                    .register(base.permit.address(), &base.outbox, register)
                    .map_err(End::Told)?;
                // Names are people's; the log of a busy server is not where they belong.
                debug!("registered");
                self.line = Some(line);
                Ok(())
            }
            (_, None) => Err(ErrorCode::NotJoined.into()),
            (ClientMessage::Leave { release }, Some(_)) => {
                self.releases = release;
                Err(End::Left)
            }
            (ClientMessage::Pong {}, Some(_)) => Ok(()),
            (message, Some((connection, line))) => {
                base.app.exchange.say(*connection, line, message);
                Ok(())
            }
        }
    }

    fn stand_up(&mut self, base: &Base, left: bool, reason: &'static str) {
        let Some((connection, line)) = self.line.take() else { return };
        if left {
            base.app.exchange.leave(connection, &line, self.releases);
        } else {
            base.app.exchange.lose(connection, &line);
        }
        debug!(reason, "a caller's connection ended");
    }
}
