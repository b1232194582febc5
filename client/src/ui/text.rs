//! Every word people read, in one place. A second language is a second module of this shape.
//!
//! Must not know components or signals: what is said depends on its arguments alone. Sentences are built here and never
//! in a view, since the order of words is a matter of the language.

use vong_protocol::{BadRoomId, ErrorCode};
use vong_session::diagnosis::{Figures, Finding, Nat, NoEcho, NoRelay, NoServer, Skip, Step, Verdict};
use vong_session::{Phase, Signaling, Status};

use crate::driver::{DeviceError, Devices};

/// A headline, and what it means or what to do; the second may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    /// What is the case.
    pub(super) title: String,
    /// More about it.
    pub(super) detail: &'static str,
}

fn said(title: impl Into<String>, detail: &'static str) -> Said {
    Said { title: title.into(), detail }
}

pub(super) const BRAND: &str = "Vọng";
pub(super) const HOME: &str = "Vọng: to the start page";
pub(super) const HOME_TITLE: &str = "Live video from your browser to many";
pub(super) const WHAT_THIS_IS: &str = "Go live with your camera and send people a link: it is all they need to watch. \
     The video goes from your browser to theirs, and the server only introduces them.";
pub(super) const ROOM_LABEL: &str = "Room";
pub(super) const ROOM_OPTIONAL: &str = "To broadcast you can leave this empty: a name is made up.";
pub(super) const BROADCAST: &str = "Start a broadcast";
pub(super) const WATCH: &str = "Watch";
pub(super) const WATCH_TITLE: &str = "Which room?";
pub(super) const WATCH_HOW: &str = "Type the name of the room, as whoever broadcasts told you.";
pub(super) const ROOM_NEEDED: &str = "Type the name of the room to watch.";
pub(super) const NOT_FOUND: &str = "There is nothing here";
pub(super) const NOT_FOUND_HOW: &str =
    "The address is not one of ours. Perhaps a letter got lost on the way.";
pub(super) const TO_START: &str = "To the start page";
pub(super) const NO_WEBRTC: &str = "This browser cannot send or play live video";
pub(super) const NO_WEBRTC_HOW: &str =
    "It has no WebRTC, or it is turned off. A current Firefox, Chrome, Edge or Safari has it.";

pub(super) const PREVIEW: &str = "Your picture, as a mirror shows it";
pub(super) const ASKING: &str = "Waiting for camera and microphone";
pub(super) const ASKING_HOW: &str = "Your browser asks whether this page may use them. Please allow it.";
pub(super) const TRY_AGAIN: &str = "Try again";
pub(super) const GO_LIVE: &str = "Go live";
pub(super) const GO_LIVE_AGAIN: &str = "Go live again";
pub(super) const END: &str = "End broadcast";
pub(super) const CANCEL: &str = "Cancel";
pub(super) const TAKE_BACK: &str = "Take it back here";
pub(super) const LIVE: &str = "Live";
pub(super) const LINK: &str = "Link for viewers";
pub(super) const COPY: &str = "Copy";
pub(super) const COPIED: &str = "Copied";
pub(super) const COPY_FAILED: &str =
    "The browser did not allow copying. Select the link and copy it yourself.";
pub(super) const SHARE: &str = "Share";
pub(super) const SOUND_ONLY: &str = "Sound only";

pub(super) const PICTURE: &str = "The broadcast";
pub(super) const TAP_FOR_SOUND: &str = "Tap for sound";
pub(super) const MUTE: &str = "Turn the sound off";
pub(super) const UNMUTE: &str = "Turn the sound on";
pub(super) const FULL_SCREEN: &str = "Full screen";
pub(super) const TRY_NOW: &str = "Try now";
pub(super) const RELOAD: &str = "Load the page again";
pub(super) const SERVER_AWAY: &str = "The server does not answer. The video goes on without it.";

pub(super) const HIDE_ADDRESS: &str = "Hide my address";
pub(super) const HIDE_ADDRESS_HOW: &str =
    "Only the server learns your network address: everything goes through its relay.";

pub(super) const TEST: &str = "Test";
pub(super) const TEST_FIRST: &str = "Test camera and connection";
pub(super) const TEST_HERE: &str = "Test your connection";
pub(super) const GOES_OUT: &str = "What you send";
pub(super) const COMES_BACK: &str = "What comes back";
pub(super) const LEVEL: &str = "How loud the microphone is";
pub(super) const AGAIN: &str = "Run again";
pub(super) const COPY_REPORT: &str = "Copy report";
pub(super) const REPORT: &str = "The report: these results, and the names of your browser and the servers. No addresses of yours, no passwords.";
pub(super) const REPORT_COPY_FAILED: &str =
    "The browser did not allow copying. Open the report and copy it yourself.";

/// The title of a page that has a room.
pub(super) fn title(room: &str) -> String {
    [room, " · ", BRAND].concat()
}

/// How others get in where the page is open under an address that means this very computer.
pub(super) fn link_here_only(port: &str) -> String {
    let port = if port.is_empty() { "80" } else { port };
    let (before, after) = (
        "This link works on this computer only. For others, start the server with --listen 0.0.0.0:",
        " and give them the link with this computer’s network address. You go on from here.",
    );
    [before, port, after].concat()
}

/// How many watch.
pub(super) fn watching(count: usize) -> String {
    [&count.to_string(), " watching"].concat()
}

/// The button that leads to a room that is free.
pub(super) fn broadcast_in(room: &str) -> String {
    ["Broadcast in ", room].concat()
}

/// The link to what a wrong room name probably meant.
pub(super) fn go_to(room: &str) -> String {
    ["Go to ", room].concat()
}

/// Why a text is no room name.
pub(super) fn bad_room(why: BadRoomId) -> Said {
    match why {
        BadRoomId::Empty => said("The room has no name", ROOM_NAME),
        BadRoomId::TooLong => said("This room name is too long", "A room name has at most 64 characters."),
        BadRoomId::Character(c) => said(["A room name cannot contain ", &shown(c)].concat(), ROOM_NAME),
    }
}

const ROOM_NAME: &str = "It has 1 to 64 of the letters a to z, digits, hyphens and underscores.";

/// A character as people can tell it apart.
fn shown(c: char) -> String {
    if c.is_whitespace() { "a space".into() } else { ['“', c, '”'].iter().collect() }
}

const INSECURE: &str = "Browsers allow the camera only over https:// or on localhost: open the page there, or start the server with --tls self-signed.";

/// What is wrong with camera and microphone together.
pub(super) fn devices(error: DeviceError) -> Said {
    match error {
        DeviceError::InsecureOrigin => said("The camera cannot be used here", INSECURE),
        DeviceError::Unsupported => said(NO_WEBRTC, NO_WEBRTC_HOW),
        DeviceError::Denied => said(
            "Camera and microphone are blocked",
            "Allow both for this page: press the icon left of the address, or look in the browser’s settings. \
             Then try again.",
        ),
        DeviceError::NotFound => said(
            "No camera and no microphone found",
            "Plug one in or turn it on, then try again. One of them is enough.",
        ),
        DeviceError::Busy => said(
            "Camera and microphone are in use",
            "Another program has them. Close it, a video call perhaps, then try again.",
        ),
        DeviceError::Ended => said(
            "Camera and microphone are gone",
            "They were unplugged, or the system took them away. Bring one back, then try again.",
        ),
        DeviceError::Other => said(
            "Camera and microphone do not start",
            "The browser does not say why. Unplug and plug them, or restart the browser, then try again.",
        ),
    }
}

/// What is wrong with the camera, while the microphone works.
pub(super) fn camera(error: DeviceError) -> &'static str {
    match error {
        DeviceError::NotFound => "No camera found: you broadcast sound only.",
        DeviceError::Denied => "The camera is blocked for this page: you broadcast sound only.",
        DeviceError::Busy => "Another program uses the camera: you broadcast sound only.",
        DeviceError::Ended => "The camera is gone: you broadcast sound only.",
        _ => "The camera does not start: you broadcast sound only.",
    }
}

/// What is wrong with the microphone, while the camera works.
pub(super) fn microphone(error: DeviceError) -> &'static str {
    match error {
        DeviceError::NotFound => "No microphone found: you broadcast without sound.",
        DeviceError::Denied => "The microphone is blocked for this page: you broadcast without sound.",
        DeviceError::Busy => "Another program uses the microphone: you broadcast without sound.",
        DeviceError::Ended => "The microphone is gone: you broadcast without sound.",
        _ => "The microphone does not start: you broadcast without sound.",
    }
}

const YOU_ARE_LIVE: &str = "You are live";
const UNREACHABLE: &str = "The server cannot be reached";
const TRYING: &str = "Trying again…";

/// What a watcher is told over the picture; `None` while the picture speaks for itself.
pub(super) fn watcher(status: &Status, room: &str) -> Option<Said> {
    if let (Some(code), false) = (status.error, status.phase == Phase::Live) {
        return Some(error(code));
    }
    let down = status.signaling == Signaling::Down;
    Some(match status.phase {
        Phase::Idle | Phase::Connecting if down => said(UNREACHABLE, TRYING),
        Phase::Idle | Phase::Connecting => said("Connecting…", ""),
        Phase::Waiting => said(
            ["Waiting for the broadcast in ", room].concat(),
            if down { "The server does not answer. Trying again…" } else { "It starts here by itself." },
        ),
        Phase::Interrupted => said("Interrupted", "Connecting again…"),
        Phase::Ended => said("The broadcast is over", "Should it start again, you see it here."),
        Phase::Failed => said("This did not work", SOMETHING),
        Phase::Live => return None,
    })
}

/// What a broadcaster is told beside the preview; `None` while there is nothing to say.
pub(super) fn broadcaster(status: &Status) -> Option<Said> {
    if let (Some(code), false) = (status.error, status.phase == Phase::Live) {
        return Some(error(code));
    }
    let down = status.signaling == Signaling::Down;
    Some(match status.phase {
        Phase::Connecting | Phase::Waiting if down => said(UNREACHABLE, TRYING),
        Phase::Connecting | Phase::Waiting => said("Connecting…", ""),
        Phase::Live if down => {
            said(YOU_ARE_LIVE, "The server does not answer. Whoever watches goes on watching.")
        }
        Phase::Live => said(YOU_ARE_LIVE, "Whoever has the link sees you."),
        Phase::Idle => return None,
        Phase::Interrupted => said("Interrupted", "Connecting again. Whoever watches goes on watching."),
        Phase::Ended => said("The broadcast is over", "You can go live again with the same link."),
        Phase::Failed => said("This did not work", SOMETHING),
    })
}

const SOMETHING: &str = "Page and server misunderstood each other. Load the page again.";

/// What each error of the server means for the person it happens to.
fn error(code: ErrorCode) -> Said {
    match code {
        ErrorCode::RoomFull => said("The room is full", "A place may become free; trying again."),
        ErrorCode::TooManyRooms => {
            said("No further room can be opened now", "One may become free; trying again.")
        }
        ErrorCode::TooManyConnections => said(
            "The server is full",
            "It takes no further connection now, or none from your network; trying again.",
        ),
        ErrorCode::RateLimited => said("Too many attempts in a short time", "Trying again a little later."),
        ErrorCode::ShuttingDown => said("The server restarts", TRYING),
        ErrorCode::HeartbeatMissed | ErrorCode::SlowReader | ErrorCode::JoinTimeout => {
            said("The connection is too slow or was asleep", TRYING)
        }
        ErrorCode::RoomTaken => said(
            "Somebody else broadcasts in this room",
            "Choose another room, or try again when it is free.",
        ),
        ErrorCode::TakenOver => {
            said("The broadcast goes on from another page", "This page sends nothing any more.")
        }
        ErrorCode::SessionReplaced => {
            said("This goes on in another tab", "The same page was opened a second time, and took over.")
        }
        ErrorCode::UnsupportedVersion => said(
            "This page is out of date",
            "The server was updated. Load the page again to get the new one.",
        ),
        ErrorCode::BadRoomId => said("This is not a room name", ROOM_NAME),
        ErrorCode::Malformed
        | ErrorCode::TooLarge
        | ErrorCode::NotJoined
        | ErrorCode::AlreadyJoined
        | ErrorCode::UnknownPeer
        | ErrorCode::WrongRole
        | ErrorCode::Unknown => said("This did not work", SOMETHING),
    }
}

/// How far the test is, by the number of the step under way.
pub(super) fn progress(step: usize) -> Said {
    let (now, all) = ((step + 1).to_string(), Step::ALL.len().to_string());
    said(["Testing: step ", &now, " of ", &all, "…"].concat(), "")
}

/// The name of a step.
pub(super) fn step(step: Step) -> &'static str {
    match step {
        Step::SecureOrigin => "Secure address",
        Step::Browser => "Browser",
        Step::Devices => "Camera and microphone",
        Step::Signaling => "Server",
        Step::Stun => "Your network",
        Step::TurnUdp => "Relay over UDP",
        Step::TurnTcp => "Relay over TCP",
        Step::TurnTls => "Relay over TLS",
        Step::Echo => "Echo through the relay",
    }
}

/// What a step found, and what to do about it.
pub(super) fn finding(step: Step, finding: Finding, devices: &Devices) -> Said {
    match finding {
        Finding::Waiting => Said::default(),
        Finding::Running if step == Step::Devices => said("", ASKING_HOW),
        Finding::Running => said("Under way…", ""),
        Finding::Skipped(Skip::NotTold) => said("This server names none.", ""),
        Finding::Skipped(Skip::RelayOnly) => said("Not used: only relays are.", ""),
        Finding::Skipped(Skip::Needs(Step::TurnUdp)) => said("Not tried: no relay can be used.", ""),
        Finding::Skipped(Skip::Needs(needed)) => {
            said(["Not tried: it needs “", self::step(needed), "”."].concat(), "")
        }
        Finding::SecureOrigin(true) => said("The browser trusts this page with a camera.", ""),
        Finding::SecureOrigin(false) => said("The browser does not trust this address.", INSECURE),
        Finding::Browser(has) if has.connections && has.media => said("It has all that is needed.", ""),
        Finding::Browser(_) => said(NO_WEBRTC, NO_WEBRTC_HOW),
        Finding::Devices { .. } => match *devices {
            Devices::Ready { camera: Err(error), .. } => said(camera(error), ""),
            Devices::Ready { microphone: Err(error), .. } => said(microphone(error), ""),
            Devices::Failed(error) => self::devices(error),
            Devices::Ready { .. } => said("Both work.", ""),
            Devices::Asking | Devices::Closed => said("Nobody answered the browser’s question.", ASKING_HOW),
        },
        Finding::Signaling(Ok(took)) => {
            said(["It answers within ", &took.0.to_string(), " ms."].concat(), "")
        }
        Finding::Signaling(Err(why)) => no_server(why),
        Finding::Stun(nat) => match nat {
            Nat::Open => said("Open: others reach you directly.", ""),
            Nat::Independent => said("An ordinary router: direct connections mostly work.", ""),
            Nat::Symmetric => said("Strict: direct connections mostly fail, and the relay has to help.", ""),
            Nat::Unknown => said("It lets video out. Of what kind it is cannot be told.", ""),
            Nat::Blocked => said(
                "It lets no video out directly.",
                "Try another network, or ask whoever runs this one to allow UDP.",
            ),
        },
        Finding::Relay(Ok(took)) => said(["It works, within ", &took.0.to_string(), " ms."].concat(), ""),
        Finding::Relay(Err(NoRelay::Unreachable)) => said(
            "It cannot be reached.",
            "A firewall on the way may forbid it. One way that works is enough.",
        ),
        Finding::Relay(Err(NoRelay::Refused(code))) => {
            said(["It refuses (code ", &code.to_string(), ")."].concat(), "Tell whoever runs the server.")
        }
        Finding::Echo(Ok(echo)) => said(figures(&echo), ""),
        Finding::Echo(Err(NoEcho::NotConnected)) => {
            said("The call through the relay does not come about.", "Tell whoever runs the server.")
        }
        Finding::Echo(Err(NoEcho::NoMedia)) => {
            said("The call comes about, and nothing comes back.", "Tell whoever runs the server.")
        }
    }
}

/// What the echo achieves.
pub(super) fn figures(figures: &Figures) -> String {
    let round_trip = figures.round_trip.map_or_else(|| "?".to_owned(), |ms| ms.0.to_string());
    let (whole, tenth) = ((figures.loss / 10).to_string(), (figures.loss % 10).to_string());
    let (up, down) = (figures.up.to_string(), figures.down.to_string());
    [
        "Round trip ",
        &round_trip,
        " ms, ",
        &whole,
        ".",
        &tenth,
        " % lost, ",
        &up,
        " kbit/s up, ",
        &down,
        " down.",
    ]
    .concat()
}

fn no_server(why: NoServer) -> Said {
    match why {
        NoServer::Refused(code) => error(code),
        NoServer::Unreachable => {
            said(UNREACHABLE, "Check that you are online. If you are, tell whoever runs the server.")
        }
        NoServer::Lost => said("The server went away during the test", "Run it again in a while."),
    }
}

const NO_TURN: &str = "Ask whoever runs the server to turn on its relay (TURN).";
const NOT_EVERYONE: &str = "You can go live, but not for everyone";

/// What follows from the test for somebody about to go live.
pub(super) fn verdict(verdict: Verdict) -> Said {
    match verdict {
        Verdict::NoWebrtc => said(NO_WEBRTC, NO_WEBRTC_HOW),
        Verdict::NoServer(why) => no_server(why),
        Verdict::Blocked => said(
            "Nobody outside would see you",
            "Your network lets no video out, and no relay helps. Try another network, such as your phone’s.",
        ),
        Verdict::NoRelay => said("Only relays may be used, and this server has none", HIDES_IN_VAIN),
        Verdict::RelayUnreachable { direct: true } => said(
            NOT_EVERYONE,
            "The server’s relay cannot be reached: viewers behind strict firewalls would see nothing. Tell whoever runs it.",
        ),
        Verdict::RelayUnreachable { direct: false } => said(
            "Nobody would see you",
            "The server’s relay cannot be reached, and there is no other way. Try another network, or tell whoever runs it.",
        ),
        Verdict::InsecureOrigin => said("From this address you can watch, but not go live", INSECURE),
        Verdict::NoDevices => said(
            "There is nothing to send yet",
            "Neither camera nor microphone can be used: see the step below. One of them is enough.",
        ),
        Verdict::EchoFailed => said(
            NOT_EVERYONE,
            "The relay answers, but passes no video on: viewers who need it would see nothing. Tell whoever runs it.",
        ),
        Verdict::Weak => said(
            "You can go live, but the picture will be poor",
            "Your line is slow or loses much. Move closer to the router, or use a cable.",
        ),
        Verdict::Ready => said("You can go live", "Viewers behind strict firewalls will be relayed."),
        Verdict::Relayed => said("You can go live", "All your viewers will be relayed, which works as well."),
        Verdict::DirectOnly => said(NOT_EVERYONE, NO_TURN),
        Verdict::Strict => said("Many would not see you", NO_TURN),
        Verdict::LocalOnly => said("You can go live within your own network", NO_TURN),
    }
}

const HIDES_IN_VAIN: &str = "This server has no relay to hide your address behind. Do without, or ask whoever runs it to turn on TURN.";

/// What is in the way between a broadcaster and a watcher, for whoever `watches` or broadcasts.
pub(super) fn trouble(verdict: Verdict, watches: bool) -> &'static str {
    match verdict {
        Verdict::Blocked => "Your network lets no video through. Try another one, such as your phone’s.",
        Verdict::NoRelay => HIDES_IN_VAIN,
        Verdict::RelayUnreachable { .. } => {
            "The server’s relay cannot be reached from here. Try another network, or tell whoever runs the server."
        }
        Verdict::DirectOnly | Verdict::Strict | Verdict::LocalOnly => {
            "There is no direct way between the two networks, and this server has no relay. Ask whoever runs it to turn on TURN."
        }
        _ if watches => "Your side works. Ask the broadcaster to open the test page, too.",
        _ => "Your side works. Ask your viewers to open the test page.",
    }
}
