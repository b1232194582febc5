//! Every word people read, in one place. A second language is a second module of this shape.
//!
//! Must not know components or signals: what is said depends on its arguments alone. Sentences are built here and never
//! in a view, since the order of words is a matter of the language.

use vong_protocol::{BadRoomId, ErrorCode};
use vong_session::{Phase, Signaling, Status};

use crate::driver::DeviceError;

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
