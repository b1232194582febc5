//! Every bound and interval of a session, in one place.

pub use crate::talk::Pace;
use crate::time::Millis;

/// How long a WebSocket may take to open before it is given up. Longer than a slow TLS handshake over a bad network.
pub const SOCKET_OPEN: Millis = Millis(10_000);
/// How long the server may take to answer `join`.
pub const JOIN_ANSWER: Millis = Millis(10_000);
/// First and longest pause between two attempts to reach the server, before jitter.
pub const SOCKET_RETRY: (Millis, Millis) = (Millis(250), Millis(5_000));
/// Pause before asking again for a place where there was none, before jitter.
pub const FULL_RETRY: Millis = Millis(10_000);
/// A connection to the server that lasted this long makes the next pause a first one again, and is replaced when it falls
/// silent. A younger one is not.
pub const SOCKET_STABLE: Millis = Millis(10_000);
/// The shortest and longest heartbeat that is believed, whatever the server says.
pub const HEARTBEAT: (Millis, Millis) = (Millis(500), Millis(60_000));
/// Failed attempts to reach the server before a person is told.
pub const SOCKET_FAILURES_TOLD: u32 = 2;

/// How long the browser may take to create an offer.
pub const OFFER_CREATION: Millis = Millis(5_000);
/// How long an answer may take: four trips between two pages and one negotiation in the other browser.
pub const ANSWER: Millis = Millis(5_000);
/// An offer that is unanswered for this long, while nothing else comes from the server either, makes the socket doubtful.
/// Longer than an answer takes on all but the slowest networks, where the price is a socket that is opened in vain.
pub const DOUBT: Millis = Millis(1_000);
/// How long a connection may take from the answer to the first media, relays included.
pub const ESTABLISH: Millis = Millis(10_000);
/// How long an ICE restart may take, from the decision until media arrives again, before a new connection is made.
pub const RESTART: Millis = Millis(4_000);
/// A new connection that is connected for this long counts as up, even if the broadcaster sends nothing.
pub const SILENT_CONNECTION: Millis = Millis(3_000);
/// First and longest pause between two attempts to connect to the broadcaster, before jitter.
pub const CONNECTION_RETRY: (Millis, Millis) = (Millis(500), Millis(8_000));

/// How often received bytes are read. A stall is noticed later than it could be by up to this.
pub const MEASURE: Millis = Millis(250);
/// Without new bytes for this long, media is interrupted.
pub const STALL: Millis = Millis(1_000);
/// The same when the browser itself reports the path as disconnected.
pub const STALL_DISCONNECTED: Millis = Millis(750);
/// Fruitless readings, at least, before media is interrupted: a page that slept reads late, not in vain.
pub const STALL_READINGS: u32 = 2;

/// Without a new frame for this long, while bytes still come, there is sound and no picture. Longer than a hiccup, so
/// that a picture is not taken away that is about to go on.
pub const STILL: Millis = Millis(3_000);

/// Candidates of the other side that wait for their description, per connection. Browsers gather some twenty.
pub const EARLY_CANDIDATES: usize = 64;
/// Watchers that a broadcaster keeps account of. Above what any page can serve and what the server lets in.
pub const PEERS: usize = 10_000;
/// How long the broadcaster keeps a connection that is not connected: the watcher may yet restart ICE on it.
pub const DEAD_CONNECTION: Millis = Millis(20_000);

/// How long something has to be in the way before a page finds out what: longer than almost any connection takes.
pub const TROUBLE: Millis = Millis(8_000);
/// How long a test waits for the person to answer the browser's question for camera and microphone.
pub const PROBE_DEVICES: Millis = Millis(60_000);
/// How long the server may take to be reached and to answer `join`, in a test.
pub const PROBE_SIGNALING: Millis = Millis(8_000);
/// How long STUN and TURN servers may take: a slow TLS handshake and two trips more. Browsers themselves give up after some
/// 10 s, so gathering that completes earlier had all its answers.
pub const PROBE_GATHERING: Millis = Millis(6_000);
/// How long the echo's two ends may take to find each other.
pub const PROBE_ECHO: Millis = Millis(10_000);
/// How long the echo is watched before it is judged: the browser raises its bitrate step by step.
pub const ECHO_JUDGED: Millis = Millis(6_000);
/// When the echo ends by itself: it costs the relay bandwidth.
pub const ECHO_LONGEST: Millis = Millis(60_000);
/// How often the echo is measured.
pub const ECHO_MEASURE: Millis = Millis(1_000);
/// Candidates and errors of one gathering that are looked at. A browser with many interfaces has some thirty.
pub const GATHERED: usize = 64;
/// More lost packets of a thousand than this show as blocks and gaps.
pub const LOSS: u32 = 100;
/// Kilobits per second; a line with room for less carries no picture that one wants to watch.
pub const UPLOAD: u32 = 100;
/// Bytes of a report.
pub const REPORT: usize = 4_096;

/// What was said lately that a newcomer is told, and what was taken back lately.
pub const PAST: usize = 200;
/// What a watcher said that was not heard back yet. More cannot be said meanwhile. All of it is said at once over the next
/// connection, so it is no more than [`WORDS`] lets through.
pub const PENDING: usize = 5;
/// Messages of any kind from one watcher. Whoever sends more floods, and has to go.
pub const MESSAGES: Pace = Pace { interval: Millis(50), burst: 100 };
/// How long whoever flooded stays out.
pub const FLOODED: Millis = Millis(60_000);
/// What one watcher may say. The author of more is told that it is too fast.
pub const WORDS: Pace = Pace { interval: Millis(1_000), burst: 5 };
/// What all watchers together may say: it goes out to each of them.
pub const WORDS_OF_ALL: Pace = Pace { interval: Millis(100), burst: 30 };
/// What one watcher may send up over the picture. More is not passed on.
pub const REACTIONS: Pace = Pace { interval: Millis(300), burst: 8 };
/// What all may send up together.
pub const REACTIONS_OF_ALL: Pace = Pace { interval: Millis(50), burst: 20 };
/// What one watcher may change about itself: its name, its hand. More is not taken up.
pub const CHANGES: Pace = Pace { interval: Millis(1_000), burst: 5 };
/// Watchers who are to be kept out, as the page says again to a server that was started anew. The oldest is forgotten.
pub const REMOVALS: usize = 256;
/// How often all are told how many they are, at most.
pub const AUDIENCE: Millis = Millis(1_000);
/// Watchers, past ones included, whose number, name and muting the chat keeps.
pub const GUESTS: usize = 2_000;

/// Blocks of a file that are asked for before the first of them is kept: enough that the sender never waits for the next
/// question, few enough that a slow disk does not fill memory.
pub const BLOCKS_AHEAD: u32 = 3;
/// Wrong sums of one block before the file is given up. Behind what an encrypted channel delivers, one is a fault of either page.
pub const WRONG_SUMS: u32 = 2;
/// Files that one page has on offer.
pub const FILES: usize = 20;
/// Blocks that one page is reading and sending at one time. Others wait their turn.
pub const FILES_SENT: usize = 4;
/// Files of others that one page shows. It declines more by itself.
pub const FILES_OF_ALL: usize = 200;
/// How long a page waits before it asks again for a file over a connection that is there, and how often in vain.
pub const FILE_RETRY: Millis = Millis(500);
/// See [`FILE_RETRY`].
pub const FILE_TRIES: u32 = 10;
/// How long a page waits for an answer to its hello about files before it says it again, twice as long each time.
pub const FILE_HELLO: Millis = Millis(1_000);
/// How often it says it.
pub const FILE_HELLOS: u32 = 6;
/// Messages about files from one page, apart from the bytes. More are dropped.
pub const FILE_MESSAGES: Pace = Pace { interval: Millis(100), burst: 100 };
/// How often a page that sends a file beside a picture looks whether packets queue.
pub const COURTESY_LOOK: Millis = Millis(1_000);
/// How much longer than at its best the round trip may be before the file gives way.
pub const COURTESY_RISE: Millis = Millis(100);
/// Bytes a second that a file goes at least.
pub const COURTESY_LEAST: u64 = 32_000;
/// How often a page shows how far a file is.
pub const FILE_SHOWN: Millis = Millis(250);
/// How fast a file goes is told of this time, and not before it went for [`SPEED_AFTER`].
pub const SPEED_OF: Millis = Millis(5_000);
/// See [`SPEED_OF`].
pub const SPEED_AFTER: Millis = Millis(1_000);
/// Bytes of a file that may be kept in memory, where a browser can write to no disk.
pub const FILE_IN_MEMORY: u64 = 500_000_000;
/// How long a page keeps what it wrote for the browser to take over, if it was closed meanwhile.
pub const FILE_LEFT: Millis = Millis(24 * 60 * 60 * 1_000);

/// How often the budget of a broadcast is looked at.
pub const BUDGET_LOOK: Millis = Millis(2_000);
/// How long a change of what is sent takes to show in what is measured.
pub const BUDGET_SETTLED: Millis = Millis(5_000);
/// How old a connection has to be before its path is judged: browsers find out step by step what a path carries.
pub const BUDGET_GROWN: Millis = Millis(15_000);
/// Percent of all cores that encoding may take: up to the first more is sent, above the second less. The rest is for the camera, the
/// page, packets, and whatever else the person does.
pub const BUDGET_ENCODING: (u32, u32) = (35, 50);
/// Percent of all cores that encoding with one more watcher may take before others are let in again.
pub const BUDGET_ROOM: u32 = 45;
/// Percent of all cores below which encoding is not what holds pictures up.
pub const BUDGET_BUSY: u32 = 15;
/// Percent of the pictures that come in which have to go out.
pub const BUDGET_FLUENT: u32 = 93;
/// Pictures a second below which that is not judged.
pub const BUDGET_JUDGED: u32 = 15;
/// Lost packets of a thousand above which a path is too narrow.
pub const BUDGET_LOSS: u32 = 100;
/// Kilobits a second of each watcher below which nobody else is let in.
pub const BUDGET_LINE: u32 = 150;
/// Kilobits a second that each picture may take however little the line carries.
pub const BUDGET_LEAST: u32 = 40;
/// How long there has to be enough of everything before more is sent; at most, after it was in vain again and again.
pub const BUDGET_PATIENCE: (Millis, Millis) = (Millis(10_000), Millis(160_000));
/// How long there has to be enough before others are let in again.
pub const BUDGET_CALM: Millis = Millis(8_000);

/// How long a call may ring or be rung, as far as a page is concerned. The server ends it sooner.
pub const CALL_RINGS: Millis = Millis(45_000);
/// How long a call that rings, here or at the other end, is kept up while the server cannot be asked about it.
pub const CALL_DOUBT: Millis = Millis(15_000);
/// How often a page asks a server that was started anew whether the other end of a call that rang has found it, too.
pub const CALL_AGAIN: Millis = Millis(3_000);
/// How long the two sides of an answered call may take to meet: as long as any connection, after both were lost.
pub const CALL_MEETS: Millis = Millis(25_000);
/// Calls that were refused or ended here lately, and are not to ring again. The oldest is forgotten.
pub const CALLS_OVER: usize = 16;
/// Names from which a person wants no calls. The oldest is forgotten.
pub const BLOCKED: usize = 200;
