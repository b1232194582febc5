//! What outlives a reload: the broadcaster keys of this browser, and whether this tab was live.
//!
//! Storage may be denied or full; then nothing is remembered, and nothing fails.

use vong_protocol::{BroadcasterKey, RoomId};
use web_sys::Storage;

use super::window;

/// Rooms whose key is kept, the one used last first. The oldest falls out.
pub const KEPT_KEYS: usize = 64;

const KEYS: &str = "vong.keys";
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
    let lines: Vec<String> = lines.map(|(room, key)| format!("{room} {}", key.as_str())).collect();
    if let Some(storage) = local() {
        let _ = storage.set_item(KEYS, &lines.join("\n"));
    }
}

/// Whether this tab was live in `room` when it was last heard of.
pub fn was_live(room: &RoomId) -> bool {
    session().and_then(|s| s.get_item(LIVE).ok()?).is_some_and(|live| live == room.as_str())
}

/// Remembers which room this tab is live in, over a reload.
pub fn set_live(room: Option<&RoomId>) {
    let Some(storage) = session() else { return };
    let _ = match room {
        Some(room) => storage.set_item(LIVE, room.as_str()),
        None => storage.remove_item(LIVE),
    };
}
