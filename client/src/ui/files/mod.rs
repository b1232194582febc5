//! Files as people see them: what is on offer, what comes and what goes, and a way to offer some.
//!
//! A program of its own beside the page's. It fills the place that the page has left for it.

mod figures;
mod line;
mod shelf;

use std::rc::Rc;

use vong_protocol::RunId;
use vong_protocol::limits::PEER_ID;

use super::language::speak;
use crate::driver::Desk;
use crate::platform::{part, secret};
use shelf::Place;

/// Begins in the page's place for files, if it has one.
pub fn begin() {
    speak();
    let run = secret::text(PEER_ID).and_then(|text| RunId::parse(&text).ok());
    let (Some(run), Some(place)) = (run, Place::take().map(Rc::new)) else { return };
    let desk = Desk::new(run, place.is_host(), Box::new(Rc::clone(&place)));
    place.listen(&desk);
    let heard = Rc::clone(&desk);
    // Both are there for as long as the page.
    std::mem::forget(part::listen(move |word| heard.heard(word)));
    std::mem::forget(place);
}
