//! A client that is a member of a room, or wants to be.

use axum::extract::ws::Utf8Bytes;
use std::time::Duration;
use tokio::time::Instant;
use tracing::info;
use vong_protocol::{ClientMessage, ErrorCode, Role, ServerMessage};

use super::{Base, End, Party, fraction};
use crate::limits::{self, RateBound};
use crate::rate::Bucket;
use crate::room::{ConnectionId, Seat};

/// The member.
pub(crate) struct Member {
    seat: Option<(ConnectionId, Seat)>,
    /// For its offers alone.
    offers: Bucket,
    /// When it needs new credentials.
    renew: Option<Instant>,
}

impl Default for Member {
    fn default() -> Self {
        Self { seat: None, offers: Bucket::new(limits::OFFER_RATE, Duration::ZERO), renew: None }
    }
}

impl Party for Member {
    const MESSAGE: usize = vong_protocol::limits::CLIENT_MESSAGE;

    fn is_in(&self) -> bool {
        self.seat.is_some()
    }

    fn rate(&self) -> RateBound {
        match &self.seat {
            Some((_, seat)) if seat.role == Role::Broadcaster => limits::BROADCASTER_RATE,
            _ => limits::WATCHER_RATE,
        }
    }

    fn beat(&self, base: &Base) -> Duration {
        base.app.hub.beat(self.seat.as_ref().map_or(Role::Watcher, |(_, seat)| seat.role))
    }

    fn phase(&self) -> f64 {
        // Its id is a hash.
        self.seat.as_ref().map_or(0.0, |(_, seat)| fraction(seat.id.as_str()))
    }

    fn hear(&mut self, base: &Base, text: &str) -> Result<(), End> {
        match (ClientMessage::parse(text).map_err(End::Told)?, &self.seat) {
            (ClientMessage::Join(_), Some(_)) => Err(ErrorCode::AlreadyJoined.into()),
            (ClientMessage::Join(join), None) => {
                let ice = |seat: &Seat| base.app.ice.of(seat, &base.reached);
                let member =
                    base.app.hub.join(base.permit.address(), &base.outbox, join, ice).map_err(End::Told)?;
                info!(room = %member.1.room, role = ?member.1.role, peer = %member.1.id, "joined");
                self.renew = base.app.ice.renew_after().map(|span| Instant::now() + span);
                self.seat = Some(member);
                Ok(())
            }
            (_, None) => Err(ErrorCode::NotJoined.into()),
            (ClientMessage::Leave {}, Some(_)) => Err(End::Left),
            (ClientMessage::Pong {}, Some(_)) => Ok(()),
            (ClientMessage::Offer { .. }, Some(_)) if !self.offers.take(limits::OFFER_RATE, base.age()) => {
                Err(ErrorCode::RateLimited.into())
            }
            (message, Some((connection, seat))) => {
                base.app.hub.route(*connection, seat, message).map_err(End::Told)
            }
        }
    }

    fn due(&self) -> Option<Instant> {
        self.renew
    }

    fn remind(&mut self, base: &Base) -> Option<Utf8Bytes> {
        let (_, seat) = self.seat.as_ref()?;
        let ice = base.app.ice.of(seat, &base.reached);
        self.renew = base.app.ice.renew_after().map(|span| Instant::now() + span);
        Some(ServerMessage::Ice(ice).to_json().into())
    }

    fn stand_up(&mut self, base: &Base, left: bool, reason: &'static str) {
        let Some((connection, seat)) = self.seat.take() else { return };
        if left {
            base.app.hub.leave(connection, &seat);
        } else {
            base.app.hub.lose(connection, &seat);
        }
        info!(room = %seat.room, role = ?seat.role, peer = %seat.id, reason, "ended");
    }
}
