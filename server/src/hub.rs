//! Where connections meet: the rooms under one lock, with the outboxes that their effects go to.
//!
//! What is done under the lock is map operations, moves of pointers, the few hashes of a join (its id, a password, the
//! credentials of TURN), a broadcaster's list of its watchers, and the text of what all watchers of a room are told, once.
//! All other text is made by each reader's own task. Effects are handed out under the lock too, so that every member hears
//! things in the order in which they happened.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use vong_protocol::{
    BroadcasterKey, ClientMessage, ErrorCode, Ice, Join, Joined, Refusal, Role, ServerMessage, SessionToken,
};

use crate::address::Address;
use crate::limits::{BROADCASTER_BEAT, BROADCASTER_QUEUE};
use crate::outbox::{Outbox, Outgoing};
use crate::outboxes::Outboxes;
use crate::room::{ConnectionId, Effect, Fresh, Newcomer, RoomBounds, Rooms, Seat, Time};
use crate::timekeeper::Timekeeper;

/// What every member is told on joining, whatever its room.
#[derive(Debug)]
pub(crate) struct Greeting {
    /// The time between two pings.
    pub(crate) heartbeat: Duration,
}

impl Greeting {
    /// The time between two pings to a member of this role.
    fn beat(&self, role: Role) -> Duration {
        match role {
            Role::Broadcaster => self.heartbeat.min(BROADCASTER_BEAT),
            Role::Watcher => self.heartbeat,
        }
    }
}

/// The meeting point.
#[derive(Debug)]
pub(crate) struct Hub {
    greeting: Greeting,
    time: Timekeeper,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    rooms: Rooms,
    outboxes: Outboxes,
}

impl Hub {
    /// Without members.
    pub(crate) fn new(bounds: RoomBounds, greeting: Greeting) -> Self {
        let state = State { rooms: Rooms::new(bounds), outboxes: Outboxes::default() };
        Self { greeting, time: Timekeeper::default(), state: Mutex::new(state) }
    }

    /// The time between two pings to a member of this role.
    pub(crate) fn beat(&self, role: Role) -> Duration {
        self.greeting.beat(role)
    }

    /// Seats a connection; `joined` is the first thing in its outbox, with the STUN and TURN servers that `ice` gives it.
    pub(crate) fn join(
        &self,
        address: Address,
        outbox: &Arc<Outbox>,
        join: Join,
        ice: impl FnOnce(&Seat) -> Ice,
    ) -> Result<(ConnectionId, Seat), Refusal> {
        let fresh = Fresh { session: fresh_session()?, key: fresh_key()? };
        let now = self.time.now();
        let mut state = self.state();
        let connection = state.outboxes.next();
        let (admission, effects) = state.rooms.join(now, &Newcomer { connection, address, fresh }, join)?;
        state.outboxes.add(connection, outbox.clone());
        if admission.seat.role == Role::Broadcaster {
            outbox.set_bound(BROADCASTER_QUEUE);
            outbox.share_out();
        }
        let beat = self.beat(admission.seat.role);
        let joined = ServerMessage::Joined(Box::new(Joined {
            you: admission.seat.id,
            session: admission.session,
            key: admission.key,
            heartbeat_ms: u32::try_from(beat.as_millis()).unwrap_or(u32::MAX),
            ice: ice(&admission.seat),
            room: admission.snapshot,
        }));
        state.carry_out(std::iter::once(Effect::Send(connection, Box::new(joined))).chain(effects));
        Ok((connection, admission.seat))
    }

    /// Passes on what a member says, or does what it decides.
    pub(crate) fn route(
        &self,
        connection: ConnectionId,
        seat: &Seat,
        message: ClientMessage,
    ) -> Result<(), Refusal> {
        let now = self.time.now();
        let mut state = self.state();
        match message {
            ClientMessage::Admission { .. } | ClientMessage::Remove { .. } | ClientMessage::Unbar {} => {
                let effects = state.rooms.govern(now, connection, seat, message)?;
                state.carry_out(effects);
                Ok(())
            }
            _ => match state.rooms.route(connection, seat, message)? {
                Some(effect) => Ok(state.perform(effect)?),
                None => Ok(()),
            },
        }
    }

    /// A member goes for good.
    pub(crate) fn leave(&self, connection: ConnectionId, seat: &Seat) {
        self.part(connection, |rooms, now| rooms.leave(now, connection, seat));
    }

    /// A member's connection is gone.
    pub(crate) fn lose(&self, connection: ConnectionId, seat: &Seat) {
        self.part(connection, |rooms, now| rooms.lose(now, connection, seat));
    }

    fn part(&self, connection: ConnectionId, how: impl FnOnce(&mut Rooms, Time) -> Vec<Effect>) {
        let now = self.time.now();
        let mut state = self.state();
        state.outboxes.remove(connection);
        let effects = how(&mut state.rooms, now);
        state.carry_out(effects);
        drop(state);
        self.time.changed();
    }

    /// Does what time brings, for ever.
    pub(crate) async fn keep_time(&self) {
        let due = || self.state().rooms.deadline();
        let expire = |now| {
            let mut state = self.state();
            let effects = state.rooms.expire(now);
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
            // Only what a member says can be refused; these are the server's own words.
            let _ = self.perform(effect);
        }
    }

    /// Fails if the effect is the words of a member who has said too much.
    fn perform(&mut self, effect: Effect) -> Result<(), ErrorCode> {
        match effect {
            Effect::Send(to, message) => self.outboxes.send(to, Outgoing::One(message))?,
            Effect::SendAll(readers, message) => {
                let text = axum::extract::ws::Utf8Bytes::from(message.to_json());
                for to in readers {
                    self.outboxes.send(to, Outgoing::Shared(text.clone()))?;
                }
            }
            Effect::Close(connection, reason) => self.outboxes.close(connection, reason),
        }
        Ok(())
    }
}

fn fresh_session() -> Result<SessionToken, Refusal> {
    SessionToken::parse(&random_text()?).map_err(|_| no_randomness())
}

fn fresh_key() -> Result<BroadcasterKey, Refusal> {
    BroadcasterKey::parse(&random_text()?).map_err(|_| no_randomness())
}

/// 128 random bits in 22 characters.
fn random_text() -> Result<String, Refusal> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| no_randomness())?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// The kernel gives no random bytes: nobody can be let in. The client may come back later.
fn no_randomness() -> Refusal {
    Refusal::new(ErrorCode::TooManyConnections, "The server has no random numbers.".to_owned())
}
