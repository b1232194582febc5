//! Every bound and interval of the STUN and TURN server that is not a setting.

use std::time::Duration;

/// How long an allocation lives without a refresh (RFC 8656 section 3.2 recommends it).
pub const LIFETIME: Duration = Duration::from_mins(10);
/// How long an allocation lives however often it is refreshed. Its credential may have expired long before.
pub const LONGEST: Duration = Duration::from_hours(24);
/// How long a permission lives (RFC 8656 section 9).
pub const PERMISSION: Duration = Duration::from_mins(5);
/// How long a channel stays bound (RFC 8656 section 12).
pub const CHANNEL: Duration = Duration::from_mins(10);
/// Hosts that one allocation may have permissions for, and peers that it may have channels to. A browser asks for one
/// for each candidate of the other side.
pub const PEERS: usize = 64;
/// How long a nonce is taken (RFC 8489 section 9.2.4 recommends less than an hour).
pub const NONCE: Duration = Duration::from_mins(10);
/// Bytes of a user name. The longest of RFC 8489 is 508; ours are 40.
pub const USERNAME: usize = 128;

/// Ports that are tried for a relay before the answer is that there is none.
pub const PORT_ATTEMPTS: u32 = 64;
/// How often what has expired is looked for.
pub const SWEEP: Duration = Duration::from_secs(1);
/// How often this machine's own addresses are looked up.
pub const OWN_ADDRESSES: Duration = Duration::from_secs(10);

/// Answers to one host before it has proved who it is: at once, and for each second after. A house of 200 watchers
/// behind one address that join at once takes some 1,000.
pub const UNPROVEN_BURST: u32 = 2_000;
/// See [`UNPROVEN_BURST`].
pub const UNPROVEN_PER_SECOND: u32 = 200;
/// Places of the table that keeps account of such answers. Hosts share them by chance; its size never changes.
pub const UNPROVEN_PLACES: usize = 16_384;

/// Bytes that the longest packet may have.
pub const PACKET: usize = 65_535;
/// Packets, or runs of equal packets, that are read with one call.
pub const BATCH: usize = 16;
/// Batches that one socket may have before the others get their turn.
pub const BATCHES: usize = 8;
/// Pause after a socket could not be read.
pub const READ_PAUSE: Duration = Duration::from_millis(10);
/// Bytes of a listening socket's receive queue and send queue, as far as the system allows.
pub const SOCKET_QUEUE: usize = 4 << 20;

/// Bytes of one message over a stream.
pub const STREAM_MESSAGE: usize = 16 * 1024;
/// Messages that wait for one stream. Beyond, media is dropped, as on any full link.
pub const STREAM_QUEUE: usize = 256;
/// How long a stream may be without an allocation.
pub const STREAM_IDLE: Duration = Duration::from_secs(20);
/// How long the other end of a stream may refuse to read before the stream is closed.
pub const STREAM_WRITE: Duration = Duration::from_secs(10);
