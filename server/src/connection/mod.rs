//! One WebSocket, from its first message to its last: a single task.
//!
//! It reads what the client says, writes what waits in the outbox, keeps the heartbeat, and ends with a reason that the client is told. What
//! the client says is its [`Party`]'s: a member of a room, or a caller. It knows nothing of other connections.

mod caller;
mod member;

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, close_code};
use tokio::time::{Instant, Sleep, sleep, sleep_until, timeout, timeout_at};
use tracing::debug;
use vong_protocol::{ErrorCode, Refusal, ServerMessage};

pub(crate) use self::caller::Caller;
pub(crate) use self::member::Member;
use crate::gate::Permit;
use crate::ice::Reached;
use crate::limits::{self, RateBound};
use crate::outbox::Outbox;
use crate::rate::Bucket;
use crate::serve::App;

/// Why a connection ends.
#[derive(Debug)]
pub(crate) enum End {
    /// The client closed it, or it broke.
    Gone,
    /// The client said that it leaves.
    Left,
    /// For this reason, of which the client is told.
    Told(Refusal),
}

impl From<ErrorCode> for End {
    fn from(code: ErrorCode) -> Self {
        Self::Told(code.into())
    }
}

/// What a party needs of its connection.
pub(crate) struct Base {
    app: Arc<App>,
    outbox: Arc<Outbox>,
    permit: Permit,
    /// How the client reached the server, which is how it reaches TURN.
    reached: Reached,
    began: Instant,
    /// When something was last heard.
    heard: Instant,
}

impl Base {
    /// For its buckets.
    fn age(&self) -> Duration {
        self.heard - self.began
    }
}

/// What a client is to the server, once it was let in, and what it says.
pub(crate) trait Party: Send {
    /// Bytes of one message of its own.
    const MESSAGE: usize;

    /// Whether it was let in.
    fn is_in(&self) -> bool;
    /// How often it may say something, by what it is now.
    fn rate(&self) -> RateBound;
    /// The time between two pings to it.
    fn beat(&self, base: &Base) -> Duration;
    /// A number from 0 to 1 that is its own. The first ping comes as far into the first beat, so that thousands that come back
    /// together after a restart do not go on beating together.
    fn phase(&self) -> f64;
    /// Does what it says.
    fn hear(&mut self, base: &Base, text: &str) -> Result<(), End>;
    /// When it has to be told something, whatever else happens.
    fn due(&self) -> Option<Instant> {
        None
    }
    /// What that is.
    fn remind(&mut self, _: &Base) -> Option<Utf8Bytes> {
        None
    }
    /// Gives up its place, for a reason that is told in the log.
    fn stand_up(&mut self, base: &Base, left: bool, reason: &'static str);
}

struct Connection<P> {
    socket: WebSocket,
    base: Base,
    party: P,
    bucket: Bucket,
    next_ping: Instant,
    /// The client's last message is still on its way and must not be waited for: nothing more can be read.
    unreadable: bool,
}

/// Serves one WebSocket to its end.
pub(crate) async fn run(
    socket: WebSocket,
    app: Arc<App>,
    permit: Permit,
    reached: Reached,
    party: impl Party,
) {
    let now = Instant::now();
    let mut connection = Connection {
        socket,
        bucket: Bucket::new(party.rate(), Duration::ZERO),
        base: Base { app, outbox: Arc::default(), permit, reached, began: now, heard: now },
        party,
        next_ping: now + limits::JOIN_TIMEOUT,
        unreadable: false,
    };
    let end = connection.talk().await;
    connection.stand_up(&end);
    let Connection { mut socket, unreadable, base, .. } = connection;
    if let End::Told(reason) = end {
        say_goodbye(&mut socket, &reason, unreadable).await;
    } else {
        close(&mut socket, close_code::NORMAL, "", false).await;
    }
    drop(base.permit);
}

/// Tells a client that was not let in why.
pub(crate) async fn turn_away(mut socket: WebSocket, reason: Refusal) {
    say_goodbye(&mut socket, &reason, false).await;
}

impl<P: Party> Connection<P> {
    async fn talk(&mut self) -> End {
        let mut timer = std::pin::pin!(sleep_until(self.wake_time()));
        loop {
            let step = tokio::select! {
                // What has arrived is heard before silence is judged, and the clock has its say before more is written.
                // Neither keeps the outbox waiting: a client has its rate, the clock rings once a beat.
                biased;
                () = self.base.app.shutdown.cancelled() => Err(ErrorCode::ShuttingDown.into()),
                incoming = self.socket.recv() => self.hear(incoming).await,
                () = &mut timer => self.keep_time().await,
                next = self.base.outbox.next() => match next {
                    Ok(message) => self.write(message.into_text()).await,
                    Err(reason) => Err(End::Told(reason)),
                },
            };
            if let Err(end) = step {
                return end;
            }
            self.rearm(timer.as_mut());
        }
    }

    /// When the clock has the next say: the next ping, the end of the client's silence, or what the party has to be told.
    fn wake_time(&self) -> Instant {
        let others = [self.silence_ends(), self.party.due()];
        others.into_iter().flatten().fold(self.next_ping, Instant::min)
    }

    /// Only ever moves the timer when it would ring too late or has rung; ringing early is harmless.
    fn rearm(&self, timer: Pin<&mut Sleep>) {
        let wake = self.wake_time();
        if timer.is_elapsed() || wake < timer.deadline() {
            timer.reset(wake);
        }
    }

    /// When a client that was let in and is not heard until then counts as gone.
    fn silence_ends(&self) -> Option<Instant> {
        self.party
            .is_in()
            .then(|| self.base.heard + self.base.app.config.heartbeat * limits::SILENCE_QUARTERS / 4)
    }

    async fn keep_time(&mut self) -> Result<(), End> {
        let now = Instant::now();
        let Some(silence_ends) = self.silence_ends() else {
            return if now >= self.next_ping { Err(ErrorCode::JoinTimeout.into()) } else { Ok(()) };
        };
        if now >= silence_ends {
            return Err(ErrorCode::HeartbeatMissed.into());
        }
        if now >= self.next_ping {
            self.next_ping = now + self.party.beat(&self.base);
            return self.write(self.base.app.ping.clone()).await;
        }
        if self.party.due().is_some_and(|due| now >= due)
            && let Some(text) = self.party.remind(&self.base)
        {
            return self.write(text).await;
        }
        Ok(())
    }

    async fn hear(&mut self, incoming: Option<Result<Message, axum::Error>>) -> Result<(), End> {
        let message = match incoming {
            None | Some(Ok(Message::Close(_))) => return Err(End::Gone),
            Some(Err(error)) => return Err(self.unreadable(error)),
            Some(Ok(message)) => message,
        };
        self.base.heard = Instant::now();
        if !self.bucket.take(self.party.rate(), self.base.age()) {
            return Err(ErrorCode::RateLimited.into());
        }
        let outcome = match message {
            Message::Text(text) => self.act(&text),
            Message::Binary(_) => Err(malformed("Messages are JSON text, not binary.")),
            // Answered by the library.
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) => return Ok(()),
        };
        match outcome {
            Err(End::Told(refusal)) if !refusal.code.closes() => {
                debug!(address = %self.base.permit.address(), code = ?refusal.code, "a message was refused");
                self.write(error_text(&refusal)).await
            }
            other => other,
        }
    }

    fn act(&mut self, text: &str) -> Result<(), End> {
        let (was_in, rate) = (self.party.is_in(), self.party.rate());
        self.party.hear(&self.base, text)?;
        if !was_in && self.party.is_in() {
            if self.party.rate() != rate {
                self.bucket = Bucket::new(self.party.rate(), self.base.age());
            }
            self.next_ping = Instant::now() + self.party.beat(&self.base).mul_f64(self.party.phase());
        }
        Ok(())
    }

    fn unreadable(&mut self, error: axum::Error) -> End {
        let error = error.into_inner();
        match error.downcast_ref::<tungstenite::Error>() {
            Some(tungstenite::Error::Capacity(_)) => {
                self.unreadable = true;
                let detail = format!("A message has at most {} bytes.", P::MESSAGE);
                End::Told(Refusal::new(ErrorCode::TooLarge, detail))
            }
            Some(tungstenite::Error::Utf8(_)) => {
                self.unreadable = true;
                malformed("The message is not UTF-8.")
            }
            _ => End::Gone,
        }
    }

    async fn write(&mut self, text: Utf8Bytes) -> Result<(), End> {
        // Nothing is heard while this waits, so the silence that counts for the clock counts here too.
        let patience_ends = (Instant::now() + limits::WRITE_DEADLINE, ErrorCode::SlowReader);
        let (deadline, late) = match self.silence_ends() {
            Some(end) if end < patience_ends.0 => (end, ErrorCode::HeartbeatMissed),
            _ => patience_ends,
        };
        let sending = timeout_at(deadline, self.socket.send(Message::Text(text)));
        tokio::select! {
            sent = sending => match sent {
                Ok(Ok(())) => Ok(()),
                Ok(Err(_)) => Err(End::Gone),
                Err(_) => Err(late.into()),
            },
            reason = self.base.outbox.closed() => Err(End::Told(reason)),
            () = self.base.app.shutdown.cancelled() => Err(ErrorCode::ShuttingDown.into()),
        }
    }

    /// Gives up the place at once: saying goodbye may take a while, and others need not wait for it.
    fn stand_up(&mut self, end: &End) {
        let reason = match end {
            End::Gone => "connection gone",
            End::Left => "left",
            End::Told(refusal) => refusal.code.text(),
        };
        if self.party.is_in() {
            self.party.stand_up(&self.base, matches!(end, End::Left), reason);
        } else {
            debug!(address = %self.base.permit.address(), reason, "ended without a place");
        }
    }
}

/// A number from 0 to 1 that goes by a text.
fn fraction(text: &str) -> f64 {
    let sum: u32 = text.bytes().map(u32::from).sum();
    f64::from(sum % 64) / 64.0
}

fn malformed(detail: &str) -> End {
    End::Told(Refusal::new(ErrorCode::Malformed, detail.to_owned()))
}

fn error_text(refusal: &Refusal) -> Utf8Bytes {
    ServerMessage::Error { code: refusal.code, message: refusal.message.clone() }.to_json().into()
}

/// Writes the reason and closes, as far as the client lets us in a short time.
async fn say_goodbye(socket: &mut WebSocket, reason: &Refusal, unreadable: bool) {
    let code = match reason.code {
        ErrorCode::ShuttingDown => close_code::AWAY,
        ErrorCode::TooLarge => close_code::SIZE,
        code if code.is_full() => close_code::AGAIN,
        _ => close_code::POLICY,
    };
    let told = timeout(limits::LAST_WORDS, socket.send(Message::Text(error_text(reason)))).await;
    if matches!(told, Ok(Ok(()))) {
        close(socket, code, reason.code.text(), unreadable).await;
    }
}

/// The closing handshake. The client's half is awaited because a socket that is closed over unread bytes is reset, and
/// a reset can overtake the reason.
async fn close(socket: &mut WebSocket, code: u16, reason: &'static str, unreadable: bool) {
    let frame = CloseFrame { code, reason: Utf8Bytes::from_static(reason) };
    if !matches!(timeout(limits::LAST_WORDS, socket.send(Message::Close(Some(frame)))).await, Ok(Ok(()))) {
        return;
    }
    if unreadable {
        // The library would go on to read the oversized message if asked for more.
        sleep(limits::CLOSE_WAIT).await;
    } else {
        let end = async { while let Some(Ok(_)) = socket.recv().await {} };
        let _ = timeout(limits::CLOSE_WAIT, end).await;
    }
}
