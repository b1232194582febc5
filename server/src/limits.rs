//! Every bound of the server that is not a setting, with what happens when it is reached.
//!
//! The bounds of a single message are [`vong_protocol::limits`]; those that an operator may want to change are in
//! [`crate::Config`].

use std::time::Duration;

/// A connection that has not joined a room, or taken a name, by then is told `join_timeout` and closed.
pub(crate) const JOIN_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest time between two pings to a broadcaster, of which there is one in a room. While its page does not know that
/// its connection is dead, as after a NAT rebinding, no watcher of it can recover.
pub(crate) const BROADCASTER_BEAT: Duration = Duration::from_millis(500);
/// Silence, in quarters of a heartbeat as the setting has it, after which a client is told `heartbeat_missed` and dropped: 9 s of 4 s beats.
pub(crate) const SILENCE_QUARTERS: u32 = 9;
/// One message must be handed to the kernel within this time, or its reader is dropped with `slow_reader`. It is less
/// where the reader's silence ends it sooner.
pub(crate) const WRITE_DEADLINE: Duration = Duration::from_secs(5);
/// The error and the close frame of a connection that ends get this long to be written.
pub(crate) const LAST_WORDS: Duration = Duration::from_secs(1);
/// How long the client may take to answer a close frame before its socket is closed under it.
pub(crate) const CLOSE_WAIT: Duration = Duration::from_millis(500);

/// What may wait for one reader. Beyond either bound the reader is dropped with `slow_reader`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct QueueBound {
    /// Messages.
    pub(crate) messages: usize,
    /// Bytes of session descriptions and candidates, approximately.
    pub(crate) bytes: usize,
}

/// A watcher hears of one negotiation at a time: an answer, some 15 candidates, presence, pings.
pub(crate) const WATCHER_QUEUE: QueueBound = QueueBound { messages: 256, bytes: 512 * 1024 };
/// A broadcaster may hear from a few hundred watchers at once: an offer and some 15 candidates each, and that they come and
/// go.
pub(crate) const BROADCASTER_QUEUE: QueueBound = QueueBound { messages: 10_000, bytes: 8 * 1024 * 1024 };
/// Of that, what may come from one watcher, which is told `rate_limited` and closed beyond it; the broadcaster stays. It
/// holds two offers and the candidates of both, and 200 watchers who all use it up, and have each come, gone and come again,
/// do not fill the queue.
pub(crate) const WATCHER_SHARE: QueueBound = QueueBound { messages: 40, bytes: 40 * 1024 };

/// How often a client may do something: a token bucket. Of messages beyond it the client is told `rate_limited` and closed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct RateBound {
    /// Messages at once.
    pub(crate) burst: u16,
    /// Messages per second in the long run.
    pub(crate) per_second: f32,
}

/// A watcher, or who has not joined yet: an offer, some 15 candidates, a pong every few seconds; times a few restarts.
pub(crate) const WATCHER_RATE: RateBound = RateBound { burst: 150, per_second: 30.0 };
/// Of these, offers: the large ones. A page that has trouble to connect makes one every few seconds.
pub(crate) const OFFER_RATE: RateBound = RateBound { burst: 10, per_second: 1.0 };
/// A broadcaster: an answer and some 15 candidates for each of several hundred watchers that arrive at once.
pub(crate) const BROADCASTER_RATE: RateBound = RateBound { burst: 8000, per_second: 800.0 };

/// Bytes of a WebSocket's read buffer. It grows for a larger message. The library's default is 128 KiB for each.
pub(crate) const SOCKET_READ_BUFFER: usize = 1024;
/// Bytes that may wait inside a WebSocket for the kernel: the largest single message, which is the snapshot of a room
/// with [`MAX_WATCHERS_PER_ROOM`]. One message is handed over at a time; all others wait in the outbox.
pub(crate) const SOCKET_WRITE_BUFFER: usize = 256 * 1024;
/// The most that the setting `watchers-per-room` allows.
pub(crate) const MAX_WATCHERS_PER_ROOM: i64 = 10_000;

/// Watchers that are barred from one room. Beyond it the oldest bar falls out.
pub(crate) const BARS: usize = 256;
/// Watchers of one room of whom it is known, once they have gone, where they came from: a bar that comes a moment later
/// holds for their address, too. Beyond it the earliest is forgotten, and its bar is for the session alone.
pub(crate) const LATELY_GONE: usize = 32;
/// Different wrong passwords that one address may present within [`GUESS_WINDOW`]. Beyond it newcomers from there who present one
/// are told `rate_limited`, even if it is the right one.
pub(crate) const WRONG_GUESSES: usize = 10;
/// For how long a wrong password counts.
pub(crate) const GUESS_WINDOW: Duration = Duration::from_mins(1);
/// Counts of wrong passwords, for all rooms. More addresses than that share some.
pub(crate) const GUESS_PLACES: usize = 4096;

/// Pages under one name. Beyond it a further one is told `too_many_names`.
pub(crate) const PAGES_PER_NAME: usize = 8;
/// Calls from one name, those that are over and remembered included, which give way to new ones. Beyond it: `too_fast`.
pub(crate) const CALLS_PER_NAME: usize = 16;
/// The same to one name. Beyond it: `busy`.
pub(crate) const RINGS_PER_NAME: usize = 16;
/// Calls from one name. Beyond it: `too_fast`.
pub(crate) const CALL_RATE: RateBound = RateBound { burst: 6, per_second: 0.2 };
/// Calls to one name, from whomever. Beyond it: `busy`. Well below what its pages may say, which answer each.
pub(crate) const RING_RATE: RateBound = RateBound { burst: 20, per_second: 1.0 };
/// A page that is called by name, or calls: a few messages for each call, a question for names with each key.
pub(crate) const CALLER_RATE: RateBound = RateBound { burst: 60, per_second: 10.0 };
/// How long a call rings, after which it ends with `no_answer`.
pub(crate) const RING: Duration = Duration::from_secs(30);
/// How long it is known how a call ended or who answered it, for a page whose connection broke meanwhile.
pub(crate) const CALL_REMEMBERED: Duration = Duration::from_secs(30);
/// Calls in vain that a name is told of with its next page. Beyond it the earliest is forgotten.
pub(crate) const MISSED: usize = 20;
/// Characters that a name has to be looked for by, where the operator lets names be searched and not listed.
pub(crate) const SEARCHED: usize = 3;

/// TURN allocations for one connection between two browsers: each asks over UDP, TCP and TLS, from up to four addresses.
pub(crate) const ALLOCATIONS_PER_CONNECTION: u32 = 12;
/// Connections of a watcher at one time: the one shown, the one to replace it, and one that its server has not forgotten.
pub(crate) const WATCHER_CONNECTIONS: u32 = 3;
/// Streams of TURN clients beside those that have an allocation, in all and from one address.
pub(crate) const SPARE_TURN_STREAMS: u32 = 256;
/// Ports that are tried where any free one will do that is free for UDP and TCP, and so is the next.
pub(crate) const FREE_PORT_ATTEMPTS: usize = 32;

/// Connections in their HTTP phase, before they upgrade. Beyond it new ones wait in the kernel's backlog.
pub(crate) const HTTP_CONNECTIONS: usize = 4096;
/// The same on each of the other listeners, TURN's own and that of `http-redirect`, where they pass through quickly.
pub(crate) const SIDE_CONNECTIONS: usize = 2048;
/// The same on one listener from one address, which may be a school's: 200 browsers that open six each. Beyond it new ones are closed
/// at once.
pub(crate) const HTTP_CONNECTIONS_PER_ADDRESS: u32 = 1280;
/// A request's head must arrive within this time, and a kept-alive connection is closed after as much idleness.
pub(crate) const HTTP_HEAD_TIMEOUT: Duration = Duration::from_secs(15);
/// After this time a connection in its HTTP phase takes no further request.
pub(crate) const HTTP_LIFETIME: Duration = Duration::from_mins(1);
/// What is still being answered then, or at shutdown, gets this long.
pub(crate) const HTTP_LAST_RESPONSE: Duration = Duration::from_secs(30);
/// Bytes of a request's head. Beyond it: 431.
pub(crate) const HTTP_HEAD: usize = 16 * 1024;
/// Connections over their bound that are told so over a WebSocket at one time. Beyond it: 503 without an upgrade.
pub(crate) const REFUSALS: usize = 64;
/// On a port that speaks TLS the first byte must arrive within this time, or the connection is closed.
pub(crate) const FIRST_BYTE: Duration = HTTP_HEAD_TIMEOUT;
/// A TLS handshake must be over within this time, or the connection is closed. Handshakes are among the connections in
/// their HTTP phase, and bounded with them.
pub(crate) const TLS_HANDSHAKE: Duration = Duration::from_secs(10);
/// Pause after the kernel could not hand over a connection (too many open files).
pub(crate) const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Everything must have ended by then once shutdown was asked for; what has not is abandoned.
pub(crate) const SHUTDOWN_DEADLINE: Duration = Duration::from_secs(3);

/// File descriptors needed beside one for each connection.
pub(crate) const SPARE_FILES: u64 =
    HTTP_CONNECTIONS as u64 + 2 * SIDE_CONNECTIONS as u64 + REFUSALS as u64 + 64;

/// Bytes of a file with certificates, a key or an account. A larger one is an error.
pub(crate) const STATE_FILE: u64 = 1024 * 1024;
/// How often it is looked whether the files of `tls-cert` and `tls-key` have changed.
pub(crate) const CERTIFICATE_POLL: Duration = Duration::from_secs(2);
/// How often, at least, it is looked whether a certificate that the server makes or gets has to be renewed.
pub(crate) const CERTIFICATE_CHECK: Duration = Duration::from_hours(1);
/// For how long a self-signed certificate is good. Browsers refuse those that are good for more than 398 days.
pub(crate) const SELF_SIGNED_LIFE: Duration = Duration::from_hours(397 * 24);
/// How much of that lies in the past when it is made: clocks differ.
pub(crate) const SELF_SIGNED_BACKDATED: Duration = Duration::from_hours(24);
/// It is made again when so much is left.
pub(crate) const SELF_SIGNED_RENEWAL: Duration = Duration::from_hours(30 * 24);
/// Getting a certificate from an ACME directory, from the first question to the last answer, or it counts as failed.
pub(crate) const ACME_ORDER: Duration = Duration::from_mins(5);
/// Within that, how long the directory may look for the proofs, and how long it may take to sign.
pub(crate) const ACME_STEP: Duration = Duration::from_mins(2);
/// Pause after a failure. It doubles with each, since directories count failures by the hour.
pub(crate) const ACME_FIRST_PAUSE: Duration = Duration::from_mins(5);
/// The longest pause.
pub(crate) const ACME_LONGEST_PAUSE: Duration = Duration::from_hours(6);
/// How long a browser that came by a trusted certificate on port 443 asks for HTTPS only.
pub(crate) const HSTS: Duration = Duration::from_hours(30 * 24);
