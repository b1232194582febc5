//! What outlives a reload: the broadcaster keys of this browser, whether it hides the person's address, its language, what the
//! person is called, which devices they chose, and whether this tab was live and what was said there.
//!
//! Storage may be denied or full; then nothing is remembered, and nothing fails.

use vong_protocol::channel::{Name, Said};
use vong_protocol::{BroadcasterKey, Password, PeerId, RoomId, RunId};
use vong_session::{Admission, Known, Past};
use web_sys::Storage;

use super::{Quality, address, clock, media::Kind, video::Fit, window};

/// Rooms whose key is kept, the one used last first. The oldest falls out.
pub const KEPT_KEYS: usize = 64;

/// How long after it went a page may go live again by itself, in milliseconds. A reload takes seconds; who comes back
/// to a tab later than this does not expect the camera to be on.
pub const RESUME_WITHIN: u64 = 60_000;

const KEYS: &str = "vong.keys";
const HIDES: &str = "vong.relay";
const LIVE: &str = "vong.live";
const PASSWORD: &str = "vong.password";
const ADMISSION: &str = "vong.admission";
const OFF: &str = "vong.off";
const LANGUAGE: &str = "vong.language";
const NAME: &str = "vong.name";
const UNMIRRORED: &str = "vong.unmirrored";
const VOLUME: &str = "vong.volume";
const FILLS: &str = "vong.fills";
const LETTERLESS: &str = "vong.letterless";
const CAMERA: &str = "vong.camera";
const MICROPHONE: &str = "vong.microphone";
const SPEAKER: &str = "vong.speaker";
const QUALITY: &str = "vong.quality";
const PAUSED: &str = "vong.paused";
const PAST: &str = "vong.chat";
const CHAT: &str = "vong.chat.shown";

fn local() -> Option<Storage> {
    window()?.local_storage().ok()?
}

/// Whether the person chose what is kept under this name.
fn chosen(name: &str) -> bool {
    local().is_some_and(|s| matches!(s.get_item(name), Ok(Some(_))))
}

fn choose(name: &str, chosen: bool) {
    if let Some(storage) = local() {
        let _ = if chosen { storage.set_item(name, "1") } else { storage.remove_item(name) };
    }
}

fn session() -> Option<Storage> {
    window()?.session_storage().ok()?
}

fn keys() -> Vec<(RoomId, BroadcasterKey)> {
    let text = local().and_then(|s| s.get_item(KEYS).ok()?).unwrap_or_default();
    let entry = |line: &str| {
        let (room, key) = line.split_once(' ')?;
        Some((RoomId::parse(room).ok()?, BroadcasterKey::parse(key).ok()?))
    };
    text.lines().filter_map(entry).take(KEPT_KEYS).collect()
}

/// The key to a room that this browser broadcast in.
pub fn key(room: &RoomId) -> Option<BroadcasterKey> {
    keys().into_iter().find(|(kept, _)| kept == room).map(|(_, key)| key)
}

/// Keeps the key to a room.
pub fn keep_key(room: &RoomId, key: &BroadcasterKey) {
    let others = keys().into_iter().filter(|(kept, _)| kept != room);
    let mut kept: Vec<_> = std::iter::once((room.clone(), *key)).chain(others).collect();
    for (forgotten, _) in kept.split_off(kept.len().min(KEPT_KEYS)) {
        keep_admission(&forgotten, &Admission::default());
    }
    let lines: Vec<String> =
        kept.iter().map(|(room, key)| [room.as_str(), " ", key.as_str()].concat()).collect();
    if let Some(storage) = local() {
        let _ = storage.set_item(KEYS, &lines.join("\n"));
    }
}

/// Whether the person wants nothing but relays used, so that nobody but the server learns their address: as they chose
/// here earlier, or as the page's address says.
pub fn hides_address() -> bool {
    address::parameter(address::RELAY).is_some() || chosen(HIDES)
}

/// Keeps what the person chose. It holds for connections made from now on.
pub fn hide_address(hide: bool) {
    choose(HIDES, hide);
    if !hide {
        address::forget(address::RELAY);
    }
}

/// The tag of the language that the person chose.
pub fn language() -> Option<String> {
    local()?.get_item(LANGUAGE).ok()?
}

/// Keeps the language that the person chose.
pub fn keep_language(tag: &str) {
    if let Some(storage) = local() {
        let _ = storage.set_item(LANGUAGE, tag);
    }
}

/// The id of the device that the person chose last.
pub fn device(kind: Kind) -> Option<String> {
    local()?.get_item(of_kind(kind)).ok()?
}

/// Keeps the id of the device that the person chose.
pub fn keep_device(kind: Kind, id: &str) {
    if let Some(storage) = local() {
        let _ = storage.set_item(of_kind(kind), id);
    }
}

/// The id of the speaker that the person chose last.
pub fn speaker() -> Option<String> {
    local()?.get_item(SPEAKER).ok()?
}

/// Keeps the id of the speaker that the person chose.
pub fn keep_speaker(id: &str) {
    if let Some(storage) = local() {
        let _ = storage.set_item(SPEAKER, id);
    }
}

fn of_kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Camera => CAMERA,
        Kind::Microphone => MICROPHONE,
    }
}

/// Since when, in milliseconds since 1970, this tab had been live in `room` when its page went, at most [`RESUME_WITHIN`] ago.
/// Tells it once.
pub fn take_live(room: &RoomId) -> Option<u64> {
    let storage = session()?;
    let text = storage.get_item(LIVE).ok().flatten()?;
    let _ = storage.remove_item(LIVE);
    let mut words = text.split(' ');
    let (live, went, since) =
        (words.next()?, words.next()?.parse::<u64>().ok()?, words.next()?.parse().ok()?);
    let age = clock::date().saturating_sub(went);
    (live == room.as_str() && age <= RESUME_WITHIN).then_some(since)
}

/// Remembers that this tab is live in `room` since then, and that its page goes now.
pub fn keep_live(room: &RoomId, since: u64) {
    if let Some(storage) = session() {
        let now = clock::date().to_string();
        let _ = storage.set_item(LIVE, &[room.as_str(), " ", &now, " ", &since.to_string()].concat());
    }
}

/// The password that the person typed for `room` in this tab.
pub fn password(room: &RoomId) -> Option<Password> {
    Password::parse(&session()?.get_item(&of_room(PASSWORD, room)).ok()??).ok()
}

/// Keeps the password that the person typed for `room`.
pub fn keep_password(room: &RoomId, password: &Password) {
    if let Some(storage) = session() {
        let _ = storage.set_item(&of_room(PASSWORD, room), password.as_str());
    }
}

fn of_room(what: &str, room: &RoomId) -> String {
    [what, ".", room.as_str()].concat()
}

/// Who may watch in `room`, as this browser said last: locked, how many, the password. It is kept where the room's key is, so that
/// whichever tab broadcasts says the same.
pub fn admission(room: &RoomId) -> Option<Admission> {
    let text = local()?.get_item(&of_room(ADMISSION, room)).ok()??;
    let mut lines = text.split('\n');
    let (locked, most, password) = (lines.next()?, lines.next()?, lines.next()?);
    let (most, password) = (most.parse().ok(), Password::parse(password).ok());
    Some(Admission { locked: !locked.is_empty(), most, password })
}

/// Keeps who may watch in `room`.
pub fn keep_admission(room: &RoomId, admission: &Admission) {
    if let Some(storage) = local() {
        if *admission == Admission::default() {
            let _ = storage.remove_item(&of_room(ADMISSION, room));
            return;
        }
        let locked = if admission.locked { "locked" } else { "" };
        let most = admission.most.map_or_else(String::new, |most| most.to_string());
        let password = admission.password.as_ref().map_or("", Password::as_str);
        let _ = storage.set_item(&of_room(ADMISSION, room), &[locked, &most, password].join("\n"));
    }
}

/// What a broadcaster has turned off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Off {
    /// The camera.
    pub camera: bool,
    /// The microphone.
    pub microphone: bool,
    /// Everything, for a while.
    pub paused: bool,
}

/// What this tab has turned off in `room`: a reload must not turn it on.
pub fn turned_off(room: &RoomId) -> Off {
    let text = session().and_then(|s| s.get_item(OFF).ok()?).unwrap_or_default();
    match text.split_once(' ') {
        Some((of, what)) if of == room.as_str() => {
            let [camera, microphone, paused] = [CAMERA, MICROPHONE, PAUSED].map(|it| what.contains(it));
            Off { camera, microphone, paused }
        }
        _ => Off::default(),
    }
}

/// Keeps what this tab has turned off in `room`.
pub fn turn_off(room: &RoomId, off: Off) {
    if let Some(storage) = session() {
        let camera = if off.camera { CAMERA } else { "" };
        let microphone = if off.microphone { MICROPHONE } else { "" };
        let paused = if off.paused { PAUSED } else { "" };
        let _ = storage.set_item(OFF, &[room.as_str(), camera, microphone, paused].join(" "));
    }
}

/// Whether a watcher wants to see the chat.
pub fn shows_chat() -> bool {
    chosen(CHAT)
}

/// Keeps whether a watcher wants to see the chat.
pub fn show_chat(show: bool) {
    choose(CHAT, show);
}

/// Whether the person wants to see themselves as in a mirror.
pub fn mirrors() -> bool {
    !chosen(UNMIRRORED)
}

/// Keeps whether the person wants to see themselves as in a mirror.
pub fn mirror(mirrored: bool) {
    choose(UNMIRRORED, !mirrored);
}

/// How loud the person wants it, in percent.
pub fn volume() -> u8 {
    let kept = local().and_then(|s| s.get_item(VOLUME).ok()?);
    kept.and_then(|text| text.parse().ok()).filter(|percent| *percent <= 100).unwrap_or(100)
}

/// Keeps how loud the person wants it.
pub fn keep_volume(percent: u8) {
    if let Some(storage) = local() {
        let _ = storage.set_item(VOLUME, &percent.to_string());
    }
}

/// Whether letters alone are keys for something, which whoever speaks to their computer does not want (WCAG 2.2, 2.1.4).
pub fn letter_keys() -> bool {
    !chosen(LETTERLESS)
}

/// Keeps whether letters alone are keys for something.
pub fn use_letter_keys(used: bool) {
    choose(LETTERLESS, !used);
}

/// How the person wants pictures to fit.
pub fn fit() -> Fit {
    if chosen(FILLS) { Fit::Cover } else { Fit::Contain }
}

/// Keeps how the person wants pictures to fit.
pub fn keep_fit(fit: Fit) {
    choose(FILLS, fit == Fit::Cover);
}

/// What the person wants of the picture that they send.
pub fn quality() -> Quality {
    Quality::parse(&local().and_then(|s| s.get_item(QUALITY).ok()?).unwrap_or_default())
}

/// Keeps what the person wants of the picture that they send.
pub fn keep_quality(quality: &Quality) {
    if let Some(storage) = local() {
        let _ = storage.set_item(QUALITY, &quality.text());
    }
}

/// What the person is called.
pub fn name() -> Option<Name> {
    Name::parse(&local()?.get_item(NAME).ok()??).ok()
}

/// Keeps what the person is called.
pub fn keep_name(name: Option<&Name>) {
    if let Some(storage) = local() {
        let _ = match name {
            Some(name) => storage.set_item(NAME, name.as_str()),
            None => storage.remove_item(NAME),
        };
    }
}

/// What was said in a room that this tab broadcast in.
type Kept = (RoomId, RunId, u32, u32, Vec<Said>, Vec<u32>, Vec<(PeerId, u32, u32, bool)>);

/// What this tab keeps of the chat in `room`.
pub fn past(room: &RoomId) -> Option<Past> {
    let text = session()?.get_item(PAST).ok()??;
    let (of, run, last, members, said, unsaid, guests): Kept = serde_json::from_str(&text).ok()?;
    let known = |(id, number, last_id, muted)| Known { id, number, last_id, muted };
    let guests = guests.into_iter().map(known).collect();
    (of == *room).then_some(Past { run, last, members, said, unsaid, guests })
}

/// Keeps the chat in `room`, and forgets that of another.
pub fn keep_past(room: &RoomId, past: &Past) {
    let guests: Vec<_> =
        past.guests.iter().map(|known| (known.id, known.number, known.last_id, known.muted)).collect();
    let kept = (room, past.run, past.last, past.members, &past.said, &past.unsaid, guests);
    if let (Some(storage), Ok(text)) = (session(), serde_json::to_string(&kept)) {
        let _ = storage.set_item(PAST, &text);
    }
}
