//! Why a text is no room name.

use vong_protocol::BadRoomId;

use super::{Said, said, t};

/// What is wrong with it, and what a room name is.
pub(in crate::ui) fn bad_room(why: BadRoomId) -> Said {
    match why {
        BadRoomId::Empty => said(t().room_nameless(), t().room_name_how()),
        BadRoomId::TooLong => said(t().room_name_long(), t().room_name_long_how()),
        BadRoomId::Character(c) => said(t().room_name_character(&shown(c)), t().room_name_how()),
    }
}

/// A character as people can tell it apart.
fn shown(c: char) -> String {
    if c.is_whitespace() { t().a_space().into() } else { ['“', c, '”'].iter().collect() }
}
