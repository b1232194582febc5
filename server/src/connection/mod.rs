//! One WebSocket, from its first message to its last: a single task.
//!
//! It reads, checks and passes on what the client says, writes what waits in the outbox, keeps the heartbeat, and ends
//! with a reason that the client is told. It knows nothing of other connections; rooms are the hub's.

use std::pin::Pin;
use std::sync::Arc;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, close_code};
use tokio::time::{Instant, Sleep, sleep, sleep_until, timeout, timeout_at};
use tracing::{debug, info};
use vong_protocol::{ClientMessage, ErrorCode, Refusal, Role, ServerMessage};

use crate::gate::Permit;
use crate::ice::Reached;
use crate::limits::{self, RateBound};
use crate::outbox::Outbox;
use crate::rate::Bucket;
use crate::room::{ConnectionId, Seat};
use crate::serve::App;

/// Why a connection ends.
enum End {
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

struct Connection {
    socket: WebSocket,
    app: Arc<App>,
    outbox: Arc<Outbox>,
    permit: Permit,
    member: Option<(ConnectionId, Seat)>,
    bucket: Bucket,
    /// For its offers alone.
    offers: Bucket,
    heard: Instant,
    next_ping: Instant,
    /// How the client reached the server, which is how it reaches TURN.
    reached: Reached,
    /// When it needs new credentials.
    renew: Option<Instant>,
    /// The client's last message is still on its way and must not be waited for: nothing more can be read.
    unreadable: bool,
}

/// Serves one WebSocket to its end.
pub(crate) async fn run(socket: WebSocket, app: Arc<App>, permit: Permit, reached: Reached) {
    let now = Instant::now();
    let mut connection = Connection {
        socket,
        outbox: Arc::default(),
        permit,
        member: None,
        bucket: Bucket::new(limits::WATCHER_RATE, now.into_std()),
        offers: Bucket::new(limits::OFFER_RATE, now.into_std()),
        heard: now,
        next_ping: now + limits::JOIN_TIMEOUT,
        reached,
        renew: None,
        unreadable: false,
        app,
    };
    let end = connection.talk().await;
    connection.stand_up(&end);
    let Connection { mut socket, unreadable, permit, .. } = connection;
    if let End::Told(reason) = end {
        say_goodbye(&mut socket, &reason, unreadable).await;
    } else {
        close(&mut socket, close_code::NORMAL, "", false).await;
    }
    drop(permit);
}

/// Tells a client that was not let in why.
pub(crate) async fn turn_away(mut socket: WebSocket, reason: Refusal) {
    say_goodbye(&mut socket, &reason, false).await;
}

impl Connection {
    async fn talk(&mut self) -> End {
        let mut timer = std::pin::pin!(sleep_until(self.wake_time()));
        loop {
            let step = tokio::select! {
                // What has arrived is heard before silence is judged, and the clock has its say before more is written.
                // Neither keeps the outbox waiting: a client has its rate, the clock rings once a beat.
                biased;
                () = self.app.shutdown.cancelled() => Err(ErrorCode::ShuttingDown.into()),
                incoming = self.socket.recv() => self.hear(incoming).await,
                () = &mut timer => self.keep_time().await,
                next = self.outbox.next() => match next {
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

    /// When the clock has the next say: the next ping, the end of the client's silence, or the next credentials.
    fn wake_time(&self) -> Instant {
        let others = [self.silence_ends(), self.renew];
        others.into_iter().flatten().fold(self.next_ping, Instant::min)
    }

    /// Only ever moves the timer when it would ring too late or has rung; ringing early is harmless.
    fn rearm(&self, timer: Pin<&mut Sleep>) {
        let wake = self.wake_time();
        if timer.is_elapsed() || wake < timer.deadline() {
            timer.reset(wake);
        }
    }

    /// When a member that is not heard until then counts as gone.
    fn silence_ends(&self) -> Option<Instant> {
        self.member.as_ref().map(|_| self.heard + self.app.config.heartbeat * limits::SILENCE_QUARTERS / 4)
    }

    async fn keep_time(&mut self) -> Result<(), End> {
        let now = Instant::now();
        let (Some(silence_ends), Some((_, seat))) = (self.silence_ends(), &self.member) else {
            return if now >= self.next_ping { Err(ErrorCode::JoinTimeout.into()) } else { Ok(()) };
        };
        if now >= silence_ends {
            return Err(ErrorCode::HeartbeatMissed.into());
        }
        if now >= self.next_ping {
            self.next_ping = now + self.app.hub.beat(seat.role);
            return self.write(self.app.ping.clone()).await;
        }
        if self.renew.is_some_and(|renew| now >= renew) {
            let ice = self.app.ice.of(seat, &self.reached);
            self.renew = self.app.ice.renew_after().map(|span| now + span);
            return self.write(ServerMessage::Ice(ice).to_json().into()).await;
        }
        Ok(())
    }

    async fn hear(&mut self, incoming: Option<Result<Message, axum::Error>>) -> Result<(), End> {
        let message = match incoming {
            None | Some(Ok(Message::Close(_))) => return Err(End::Gone),
            Some(Err(error)) => return Err(self.unreadable(error)),
            Some(Ok(message)) => message,
        };
        self.heard = Instant::now();
        if !self.bucket.take(self.rate(), self.heard.into_std()) {
            return Err(ErrorCode::RateLimited.into());
        }
        let outcome = match message {
            Message::Text(text) => ClientMessage::parse(&text).map_err(End::Told),
            Message::Binary(_) => Err(malformed("Messages are JSON text, not binary.")),
            // Answered by the library.
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) => return Ok(()),
        };
        match outcome.and_then(|message| self.act(message)) {
            Err(End::Told(refusal)) if !refusal.code.closes() => {
                debug!(address = %self.permit.address(), code = ?refusal.code, "a message was refused");
                self.write(error_text(&refusal)).await
            }
            other => other,
        }
    }

    fn act(&mut self, message: ClientMessage) -> Result<(), End> {
        match (message, &self.member) {
            (ClientMessage::Join(_), Some(_)) => Err(ErrorCode::AlreadyJoined.into()),
            (ClientMessage::Join(join), None) => {
                let ice = |seat: &Seat| self.app.ice.of(seat, &self.reached);
                let member =
                    self.app.hub.join(self.permit.address(), &self.outbox, join, ice).map_err(End::Told)?;
                info!(room = %member.1.room, role = ?member.1.role, peer = %member.1.id, "joined");
                let now = Instant::now();
                if member.1.role == Role::Broadcaster {
                    self.bucket = Bucket::new(limits::BROADCASTER_RATE, now.into_std());
                }
                // The first ping comes somewhere within the first beat, so that thousands that come back together
                // after a restart do not go on beating together.
                self.next_ping = now + self.app.hub.beat(member.1.role).mul_f64(phase(&member.1));
                self.renew = self.app.ice.renew_after().map(|span| now + span);
                self.member = Some(member);
                Ok(())
            }
            (_, None) => Err(ErrorCode::NotJoined.into()),
            (ClientMessage::Leave {}, Some(_)) => Err(End::Left),
            (ClientMessage::Pong {}, Some(_)) => Ok(()),
            (ClientMessage::Offer { .. }, Some(_))
                if !self.offers.take(limits::OFFER_RATE, self.heard.into_std()) =>
            {
                Err(ErrorCode::RateLimited.into())
            }
            (message, Some((connection, seat))) => {
                self.app.hub.route(*connection, seat, message).map_err(End::Told)
            }
        }
    }

    fn rate(&self) -> RateBound {
        match &self.member {
            Some((_, seat)) if seat.role == Role::Broadcaster => limits::BROADCASTER_RATE,
            _ => limits::WATCHER_RATE,
        }
    }

    fn unreadable(&mut self, error: axum::Error) -> End {
        let error = error.into_inner();
        match error.downcast_ref::<tungstenite::Error>() {
            Some(tungstenite::Error::Capacity(_)) => {
                self.unreadable = true;
                let detail =
                    format!("A message has at most {} bytes.", vong_protocol::limits::CLIENT_MESSAGE);
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
            reason = self.outbox.closed() => Err(End::Told(reason)),
            () = self.app.shutdown.cancelled() => Err(ErrorCode::ShuttingDown.into()),
        }
    }

    /// Gives up the seat at once: saying goodbye may take a while, and others need not wait for it.
    fn stand_up(&mut self, end: &End) {
        let reason = match end {
            End::Gone => "connection gone",
            End::Left => "left",
            End::Told(refusal) => refusal.code.text(),
        };
        let Some((connection, seat)) = self.member.take() else {
            debug!(address = %self.permit.address(), reason, "ended without a room");
            return;
        };
        match end {
            End::Left => self.app.hub.leave(connection, &seat),
            End::Gone | End::Told(_) => self.app.hub.lose(connection, &seat),
        }
        info!(room = %seat.room, role = ?seat.role, peer = %seat.id, reason, "ended");
    }
}

/// A number from 0 to 1 that is a member's own: its id is a hash.
fn phase(seat: &Seat) -> f64 {
    let sum: u32 = seat.id.as_str().bytes().map(u32::from).sum();
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
