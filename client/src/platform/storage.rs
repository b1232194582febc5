//! What outlives a reload: the broadcaster keys of this browser, whether it hides the person's address, and whether this
//! tab was live.
//!
//! Storage may be denied or full; then nothing is remembered, and nothing fails.

use vong_protocol::{BroadcasterKey, RoomId};
use web_sys::Storage;

use super::{address, clock, window};

/// Rooms whose key is kept, the one used last first. The oldest falls out.
pub const KEPT_KEYS: usize = 64;

/// How long after it went a page may go live again by itself, in milliseconds. A reload takes seconds; who comes back
/// to a tab later than this does not expect the camera to be on.
pub const RESUME_WITHIN: u64 = 60_000;

const KEYS: &str = "vong.keys";
const HIDES: &str = "vong.relay";
const LIVE: &str = "vong.live";

fn local() -> Option<Storage> {
    window()?.local_storage().ok()?
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
    let lines = std::iter::once((room.clone(), *key)).chain(others).take(KEPT_KEYS);
    let lines: Vec<String> = lines.map(|(room, key)| [room.as_str(), " ", key.as_str()].concat()).collect();
    if let Some(storage) = local() {
        let _ = storage.set_item(KEYS, &lines.join("\n"));
    }
}

/// Whether the person wants nothing but relays used, so that nobody but the server learns their address: as they chose
/// here earlier, or as the page's address says.
pub fn hides_address() -> bool {
    address::hides() || local().is_some_and(|s| matches!(s.get_item(HIDES), Ok(Some(_))))
}

/// Keeps what the person chose. It holds for connections made from now on.
pub fn hide_address(hide: bool) {
    if let Some(storage) = local() {
        let _ = if hide { storage.set_item(HIDES, "1") } else { storage.remove_item(HIDES) };
    }
    if !hide {
        address::hide_no_more();
    }
}

/// Whether this tab was live in `room` when its page went, at most [`RESUME_WITHIN`] ago. Tells it once.
pub fn take_live(room: &RoomId) -> bool {
    let Some(storage) = session() else { return false };
    let text = storage.get_item(LIVE).ok().flatten().unwrap_or_default();
    let _ = storage.remove_item(LIVE);
    text.split_once(' ').is_some_and(|(live, at)| {
        let age = at.parse().map_or(u64::MAX, |at: u64| clock::date().saturating_sub(at));
        live == room.as_str() && age <= RESUME_WITHIN
    })
}

/// Remembers that this tab is live in `room`, and that its page goes now.
pub fn keep_live(room: &RoomId) {
    if let Some(storage) = session() {
        let _ = storage.set_item(LIVE, &[room.as_str(), " ", &clock::date().to_string()].concat());
    }
}
