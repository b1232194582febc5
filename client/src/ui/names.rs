//! Room names: made up so that people can say and remember them, and guessed from what somebody typed.
//!
//! Pure functions; where the randomness comes from is the caller's matter.

use vong_protocol::{RoomId, limits};

const ADJECTIVES: [&str; 32] = [
    "amber", "bold", "brave", "bright", "calm", "clear", "cosy", "early", "fair", "gentle", "glad", "golden",
    "green", "happy", "jolly", "kind", "lively", "lucky", "mellow", "merry", "mild", "noble", "quick",
    "quiet", "silver", "soft", "sunny", "swift", "tidy", "warm", "wild", "wise",
];

const NOUNS: [&str; 32] = [
    "apple", "beach", "bird", "boat", "brook", "cedar", "cloud", "comet", "drum", "falcon", "fern", "field",
    "fox", "garden", "harbor", "hill", "island", "lake", "lamp", "maple", "meadow", "moon", "otter", "owl",
    "pearl", "piano", "river", "robin", "star", "stone", "tiger", "valley",
];

/// A name such as `calm-river-482`, out of about nine hundred thousand. Equal numbers give equal names.
pub fn memorable(random: u32) -> String {
    // Each part is taken from the rest the one before it leaves, so no two depend on the same bits.
    let (adjective, rest) = (random % 32, random / 32);
    let (noun, rest) = (rest % 32, rest / 32);
    let number = 100 + rest % 900;
    [ADJECTIVES[adjective as usize], "-", NOUNS[noun as usize], "-", &number.to_string()].concat()
}

/// The room that a text probably means: that of a link, or the text folded, with one `-` for every run of what a name
/// cannot contain.
pub fn suggest(text: &str) -> Option<RoomId> {
    let link = ["/watch/", "/broadcast/"].into_iter().find_map(|page| text.split_once(page));
    let text = link.map_or(text, |(_, room)| room.split(['/', '?', '#']).next().unwrap_or(room));
    if let Ok(room) = RoomId::parse(text) {
        return Some(room);
    }
    let mut slug = String::new();
    for c in text.chars() {
        if matches!(c, 'đ' | 'Đ') {
            slug.push('d');
        } else if ('\u{300}'..='\u{36f}').contains(&c) {
            // A combining mark: its letter is there already.
        } else if c.is_ascii_alphanumeric() || c == '_' {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
        if slug.len() == limits::ROOM_ID {
            break;
        }
    }
    RoomId::parse(slug.trim_end_matches('-')).ok()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_made_up_name_is_a_room_name_that_needs_no_folding() {
        let samples = (0..200_000).chain(u32::MAX - 1000..=u32::MAX);
        for random in samples {
            let name = memorable(random);
            assert_eq!(RoomId::parse(&name).unwrap().as_str(), name);
        }
    }

    #[test]
    fn all_words_and_numbers_are_reachable_and_differ() {
        let names: HashSet<_> = (0..32 * 32 * 900).map(memorable).collect();
        assert_eq!(names.len(), 32 * 32 * 900);
    }

    #[test]
    fn a_suggestion_keeps_what_a_name_may_contain() {
        let cases = [
            ("Game Night!", "game-night"),
            ("../../etc/passwd", "etc-passwd"),
            ("  Chess_Club  ", "chess_club"),
            ("<b>demo</b>", "b-demo-b"),
            ("Vo\u{323}ng", "vong"),
            ("Đa\u{300} La\u{323}t", "da-lat"),
            ("a--b", "a--b"),
            ("-x-", "-x-"),
            ("https://school.example/watch/demo", "demo"),
            ("localhost:4000/broadcast/Game_Night/?x=1#y", "game_night"),
        ];
        for (text, room) in cases {
            assert_eq!(suggest(text).unwrap().as_str(), room);
        }
    }

    #[test]
    fn a_suggestion_for_a_long_text_is_cut_to_what_is_allowed() {
        let room = suggest(&"x y".repeat(500)).unwrap();
        assert!(room.as_str().len() <= limits::ROOM_ID);
    }

    #[test]
    fn there_is_no_suggestion_when_nothing_remains() {
        assert_eq!(suggest(""), None);
        assert_eq!(suggest("🎉 — …"), None);
    }
}
