//! Something that was said, as an element.

use vong_protocol::channel::{Name, Said};

use super::links::{Piece, pieces};
use crate::platform::{clock, dom::Made};
use crate::ui::text::t;

/// The broadcaster's own number.
const BROADCASTER: u32 = 0;

/// What somebody is called.
pub(in crate::ui) fn called(number: u32, name: Option<&str>) -> String {
    match name {
        Some(name) => name.to_owned(),
        None if number == BROADCASTER => t().the_broadcaster().to_owned(),
        None => t().viewer(&number.to_string()),
    }
}

/// Who said it, when, and what. The broadcaster may take it back.
pub(super) fn line(said: &Said, you: Option<u32>, moderates: bool) -> Option<Made> {
    let class = match said.from {
        BROADCASTER => "host",
        from if you == Some(from) => "own",
        _ => "",
    };
    let mut words = Made::new("span", "words", "")?.set("dir", "auto");
    for piece in pieces(said.text.as_str()) {
        words = words.with(match piece {
            Piece::Words(words) => Made::new("span", "", words),
            Piece::Address(address) => Made::new("a", "address", address).map(|link| {
                link.set("href", address).set("target", "_blank").set("rel", "noopener noreferrer nofollow")
            }),
        });
    }
    let is_host = said.from == BROADCASTER;
    // Names are free to choose; the mark is not.
    let (who, mark) = match &said.name {
        Some(_) if is_host => ("who", Made::new("span", "mark", t().the_broadcaster())),
        None if is_host => ("who mark", None),
        _ => ("who", None),
    };
    let name = called(said.from, said.name.as_ref().map(Name::as_str));
    let seq = said.seq.to_string();
    let unsay = |()| {
        let button =
            Made::new("button", "unsay", "×")?.set("aria-label", t().unsay()).set("title", t().unsay());
        Some(button.set("data-seq", &seq))
    };
    Some(
        Made::new("li", class, "")?
            .set("data-seq", &seq)
            .with(Made::new("span", who, &name).map(|who| who.set("dir", "auto")))
            .with(mark)
            .with(Made::new("time", "", &clock::time_of_day(said.at)))
            .with(Some(()).filter(|()| moderates).and_then(unsay))
            .with(Some(words)),
    )
}
