//! A connection of one page to the server: opening, joining, heartbeat, resuming and retrying.
//!
//! Owns which WebSocket is current and what is presented over it. Must not know what is talked about: that is the [`Dialect`]'s. It
//! tells an acceptance, a `ping` and an `error` apart, and hands on everything else.

use std::collections::VecDeque;

use fastrand::Rng;
use vong_protocol::ErrorCode;

use crate::api::{Signaling, SocketId};
use crate::backoff::{Backoff, jitter};
use crate::bounds;
use crate::time::{Millis, Time};

/// A way of talking with the server. What implements it is what is presented first, and learns from what is accepted.
pub(crate) trait Dialect: Sized {
    /// What the page says.
    type Say;
    /// What the server says.
    type Heard;
    /// What it says once it accepts the page.
    type Accepted;
    /// Where requests to the outside go.
    type Output;

    /// The first message.
    fn first(&self) -> Self::Say;
    /// The answer to a `ping`.
    fn pong() -> Self::Say;
    /// Tells apart what the server says.
    fn read(heard: Self::Heard) -> Heard<Self>;
    /// Takes up what is to be presented from now on.
    fn accepted(&mut self, accepted: &Self::Accepted);
    /// Asks to open a WebSocket.
    fn open(socket: SocketId) -> Self::Output;
    /// Asks to close it.
    fn close(socket: SocketId) -> Self::Output;
    /// Asks to send over it.
    fn send(socket: SocketId, message: Self::Say) -> Self::Output;
}

/// What the server says, as far as it matters to the connection.
pub(crate) enum Heard<D: Dialect> {
    /// It wants to hear a sign of life.
    Ping,
    /// It accepts the page, and sends a `ping` every so many milliseconds.
    Accepted(D::Accepted, u32),
    /// It says that something is wrong.
    Error(ErrorCode),
    /// Anything else.
    Other(D::Heard),
}

/// What happens to a connection.
pub(crate) enum Wire<Heard> {
    /// The deadline has passed.
    Tick,
    /// The WebSocket is open.
    Opened(SocketId),
    /// It closed, or never opened.
    Closed(SocketId),
    /// A message came.
    Message(SocketId, Heard),
    /// The page woke up.
    Wake,
    /// The browser has a network again, and perhaps another one.
    NetworkChanged,
}

/// What an event meant for the connection.
#[derive(Debug)]
pub(crate) enum Change<D: Dialect> {
    /// Nothing that the session has to act on.
    None,
    /// The first message is sent; what else is sent now arrives right behind it.
    Opened,
    /// The server accepted; everything it told before is void.
    Joined(D::Accepted),
    /// Another message.
    Message(D::Heard),
    /// The connection is gone and will be tried again.
    Down,
    /// The server has no place now; it will be asked again later.
    Full(ErrorCode),
    /// The server will not have this client; nothing is tried again.
    Refused(ErrorCode),
}

#[derive(Clone, Copy, Debug)]
enum State {
    Pausing { until: Time },
    Opening { socket: SocketId, until: Time },
    Joining { socket: SocketId, until: Time },
    Up { socket: SocketId, since: Time, heard: Time, silence: Millis },
    Stopped,
}

/// What is thought of a socket that is to be replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Old {
    /// It has been silent for too long.
    MayLive,
    /// Its network is gone. What still comes over it came before that.
    IsDead,
}

#[derive(Debug)]
pub(crate) struct Link<D> {
    join: D,
    state: State,
    next_socket: u32,
    backoff: Backoff,
    was_up: bool,
    replaced: Option<Replaced>,
}

/// The socket over which the server has accepted this client, while another is being opened in its place. It stays open
/// until that one has joined: the server must not take its end for the member's.
#[derive(Debug)]
struct Replaced {
    socket: SocketId,
    /// If it is only doubted. It is used again, with this bound, should it speak before the other one is open.
    silence: Option<Millis>,
}

impl<D: Dialect> Link<D> {
    /// Opens the first socket.
    pub(crate) fn open(join: D, now: Time, out: &mut VecDeque<D::Output>) -> Self {
        let mut link = Self {
            join,
            state: State::Stopped,
            next_socket: 0,
            backoff: Backoff::new(bounds::SOCKET_RETRY),
            was_up: false,
            replaced: None,
        };
        link.open_socket(now, out);
        link
    }

    /// Sends over the current socket, if `join` has gone out on it.
    pub(crate) fn send(&self, message: D::Say, out: &mut VecDeque<D::Output>) {
        if let State::Joining { socket, .. } | State::Up { socket, .. } = self.state {
            out.push_back(D::send(socket, message));
        }
    }

    /// Whether the server has accepted this client.
    pub(crate) fn is_up(&self) -> bool {
        matches!(self.state, State::Up { .. })
    }

    /// Whether the server has accepted this client, which may be about to say so over another socket.
    pub(crate) fn is_member(&self) -> bool {
        self.is_up() || self.replaced.is_some()
    }

    /// Whether `join` is sent and its answer awaited.
    pub(crate) fn is_joining(&self) -> bool {
        matches!(self.state, State::Joining { .. })
    }

    /// For people.
    pub(crate) fn signaling(&self) -> Signaling {
        if self.is_member() {
            Signaling::Up
        } else if self.was_up || self.backoff.failures() >= bounds::SOCKET_FAILURES_TOLD {
            Signaling::Down
        } else {
            Signaling::Connecting
        }
    }

    /// Closes the socket and tries nothing again.
    pub(crate) fn stop(&mut self, out: &mut VecDeque<D::Output>) {
        self.close_socket(out);
        self.state = State::Stopped;
    }

    /// Takes one event.
    pub(crate) fn handle(
        &mut self,
        now: Time,
        event: Wire<D::Heard>,
        rng: &mut Rng,
        out: &mut VecDeque<D::Output>,
    ) -> Change<D> {
        match event {
            Wire::Opened(id) => match self.state {
                State::Opening { socket, .. } if socket == id => {
                    self.state = State::Joining { socket, until: now + bounds::JOIN_ANSWER };
                    self.send(self.join.first(), out);
                    Change::Opened
                }
                _ => Change::None,
            },
            Wire::Closed(id) if self.socket() == Some(id) => self.lose(now, rng, out),
            Wire::Closed(id) if self.is_replaced(id) => {
                self.close_replaced(out);
                Change::None
            }
            Wire::Closed(_) => Change::None,
            Wire::Message(id, message) => {
                if self.is_replaced(id) && matches!(self.state, State::Opening { .. }) {
                    self.return_to_replaced(now, out);
                }
                if self.socket() == Some(id) { self.message(now, message, rng, out) } else { Change::None }
            }
            Wire::Wake => {
                if let State::Pausing { .. } = self.state {
                    self.open_socket(now, out);
                }
                self.tick(now, rng, out)
            }
            Wire::NetworkChanged => self.renew(now, Old::IsDead, out),
            Wire::Tick => self.tick(now, rng, out),
        }
    }

    /// Takes note that what was said at `asked` should have been answered by now. If nothing at all has come since, the
    /// socket is replaced, unless it is so young that the reason must be another.
    pub(crate) fn doubt(&mut self, now: Time, asked: Time, out: &mut VecDeque<D::Output>) -> Change<D> {
        match self.state {
            State::Up { since, heard, .. } if heard <= asked && now - since >= bounds::SOCKET_STABLE => {
                self.renew(now, Old::MayLive, out)
            }
            _ => Change::None,
        }
    }

    /// When the next tick is due.
    pub(crate) fn deadline(&self) -> Option<Time> {
        match self.state {
            State::Pausing { until } | State::Opening { until, .. } | State::Joining { until, .. } => {
                Some(until)
            }
            // A network on which sockets keep falling silent for a moment is none on which to replace them all the time.
            State::Up { since, heard, silence, .. } => {
                Some((heard + silence).max(since + bounds::SOCKET_STABLE))
            }
            State::Stopped => None,
        }
    }

    fn message(
        &mut self,
        now: Time,
        message: D::Heard,
        rng: &mut Rng,
        out: &mut VecDeque<D::Output>,
    ) -> Change<D> {
        if let State::Up { heard, .. } = &mut self.state {
            *heard = now;
        }
        match D::read(message) {
            Heard::Ping => {
                self.send(D::pong(), out);
                Change::None
            }
            Heard::Accepted(accepted, heartbeat_ms) => {
                let State::Joining { socket, .. } = self.state else { return Change::None };
                // Two heartbeats may be missed; the third is late by half.
                let heartbeat = u64::from(heartbeat_ms).clamp(bounds::HEARTBEAT.0.0, bounds::HEARTBEAT.1.0);
                let silence = Millis(heartbeat * 5 / 2);
                self.state = State::Up { socket, since: now, heard: now, silence };
                self.close_replaced(out);
                self.was_up = true;
                self.join.accepted(&accepted);
                Change::Joined(accepted)
            }
            Heard::Error(code) if code.is_final() => {
                self.stop(out);
                Change::Refused(code)
            }
            // What was accepted before still is.
            Heard::Error(code) if code.is_full() && self.return_to_replaced(now, out) => Change::None,
            Heard::Error(code) if code.is_full() => {
                self.close_socket(out);
                self.state = State::Pausing { until: now + jitter(bounds::FULL_RETRY, rng) };
                Change::Full(code)
            }
            Heard::Error(code) if code.closes() => self.lose(now, rng, out),
            Heard::Other(message) if self.is_up() => Change::Message(message),
            Heard::Error(_) | Heard::Other(_) => Change::None,
        }
    }

    fn tick(&mut self, now: Time, rng: &mut Rng, out: &mut VecDeque<D::Output>) -> Change<D> {
        if self.deadline().is_none_or(|due| now < due) {
            return Change::None;
        }
        match self.state {
            State::Pausing { .. } => {
                self.open_socket(now, out);
                Change::None
            }
            State::Up { .. } => self.renew(now, Old::MayLive, out),
            _ => self.lose(now, rng, out),
        }
    }

    fn lose(&mut self, now: Time, rng: &mut Rng, out: &mut VecDeque<D::Output>) -> Change<D> {
        if let State::Up { since, .. } = self.state
            && now - since >= bounds::SOCKET_STABLE
        {
            self.backoff.reset();
        }
        let pause = self.backoff.fail(rng);
        // A socket that closed by itself is released by the driver all the same.
        self.close_socket(out);
        self.state = State::Pausing { until: now + pause };
        Change::Down
    }

    /// Has a new socket in place of the present one, over which nothing may come any more. At once: no server failed, so
    /// there is none to spare.
    fn renew(&mut self, now: Time, old: Old, out: &mut VecDeque<D::Output>) -> Change<D> {
        match self.state {
            State::Stopped => return Change::None,
            State::Up { socket, since, silence, .. } => {
                if now - since >= bounds::SOCKET_STABLE {
                    self.backoff.reset();
                }
                self.replaced =
                    Some(Replaced { socket, silence: Some(silence).filter(|_| old == Old::MayLive) });
            }
            State::Opening { socket, .. } | State::Joining { socket, .. } => {
                out.push_back(D::close(socket));
                if let Some(replaced) = &mut self.replaced {
                    replaced.silence = replaced.silence.filter(|_| old == Old::MayLive);
                }
            }
            State::Pausing { .. } => {}
        }
        self.open_socket(now, out);
        Change::Down
    }

    /// Goes on with the socket that was to be replaced, if that can be. It is as good as a new one: it is not doubted
    /// again at once.
    fn return_to_replaced(&mut self, now: Time, out: &mut VecDeque<D::Output>) -> bool {
        let Some(Replaced { socket, silence: Some(silence) }) = self.replaced else { return false };
        self.replaced = None;
        self.close_socket(out);
        self.state = State::Up { socket, since: now, heard: now, silence };
        true
    }

    fn is_replaced(&self, id: SocketId) -> bool {
        self.replaced.as_ref().is_some_and(|replaced| replaced.socket == id)
    }

    fn close_replaced(&mut self, out: &mut VecDeque<D::Output>) {
        if let Some(replaced) = self.replaced.take() {
            out.push_back(D::close(replaced.socket));
        }
    }

    fn open_socket(&mut self, now: Time, out: &mut VecDeque<D::Output>) {
        let socket = SocketId(self.next_socket);
        self.next_socket = self.next_socket.wrapping_add(1);
        self.state = State::Opening { socket, until: now + bounds::SOCKET_OPEN };
        out.push_back(D::open(socket));
    }

    fn close_socket(&mut self, out: &mut VecDeque<D::Output>) {
        self.close_replaced(out);
        if let Some(socket) = self.socket() {
            out.push_back(D::close(socket));
            self.state = State::Stopped;
        }
    }

    fn socket(&self) -> Option<SocketId> {
        match self.state {
            State::Opening { socket, .. } | State::Joining { socket, .. } | State::Up { socket, .. } => {
                Some(socket)
            }
            State::Pausing { .. } | State::Stopped => None,
        }
    }
}
