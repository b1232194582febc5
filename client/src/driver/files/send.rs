//! This page's own files: to whom they are offered, and how far each is with whom.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use futures_util::StreamExt;
use futures_util::future::{AbortHandle, abortable};
use vong_protocol::files::FileMessage;
use vong_session::files::{Progress, blocks};
use vong_session::{Time, bounds};
use wasm_bindgen_futures::spawn_local;

use super::desk::Desk;
use super::row::{Key, Row, State};
use super::turns::turn;
use crate::platform::clock;
use crate::platform::file::{OwnFile, Paced, Piece, Pieces, Pipe, digest};

/// One of them.
pub(super) struct Own {
    id: u32,
    file: OwnFile,
    to: Option<u32>,
    who: Option<(u32, Option<String>)>,
    given: BTreeMap<u32, Given>,
    progress: Progress,
    /// Bytes sent to all together, and when that was shown last.
    moved: u64,
    shown: Time,
}

/// How far it is with one.
enum Given {
    /// It is asked for.
    Goes(Going),
    /// All of it is there.
    Done,
    /// It is not wanted.
    Refused,
}

struct Going {
    /// The latest block that was asked for begins here.
    sent: u64,
    work: AbortHandle,
}

impl Drop for Going {
    fn drop(&mut self) {
        self.work.abort();
    }
}

impl Own {
    pub(super) fn new(id: u32, file: OwnFile, to: Option<u32>, who: Option<(u32, Option<String>)>) -> Self {
        let (given, progress) = (BTreeMap::new(), Progress::new());
        Self { id, file, to, who, given, progress, moved: 0, shown: Time(0) }
    }

    /// Numbers are given anew: whether it is for somebody all the same.
    pub(super) fn begin(&mut self) -> bool {
        self.given.clear();
        self.to.is_none()
    }

    pub(super) fn is_for(&self, number: u32) -> bool {
        self.to.is_none_or(|to| to == number)
    }

    pub(super) fn offer(&self) -> FileMessage {
        let (name, size, kind) = (self.file.name(), self.file.size(), self.file.kind());
        FileMessage::Offer { id: self.id, name, size, kind }
    }

    fn row(&self) -> Row {
        let count = |what: fn(&Given) -> bool| self.given.values().filter(|given| what(given)).count();
        let sent = self.given.values().filter_map(|given| match given {
            Given::Goes(going) => Some(going.sent),
            _ => None,
        });
        let state = State::Shared {
            done: count(|given| matches!(given, Given::Done)),
            going: count(|given| matches!(given, Given::Goes(_))),
            refused: count(|given| matches!(given, Given::Refused)),
            sent: sent.min().unwrap_or(0),
            speed: self.progress.speed(),
        };
        let (name, size, kind) = (self.file.name(), self.file.size(), self.file.kind());
        Row { key: Key::Own(self.id), name, size, kind, who: self.who.clone(), state }
    }
}

/// What is on offer to whoever has this number.
pub(super) fn offers(desk: &Desk, number: u32) -> Vec<FileMessage> {
    desk.held.borrow().own.values().filter(|own| own.is_for(number)).map(Own::offer).collect()
}

pub(super) fn show(desk: &Desk, id: u32) {
    let row = desk.held.borrow().own.get(&id).map(Own::row);
    if let Some(row) = row {
        desk.shelf.show(&row);
    }
}

/// Whoever has this number has no connection any more, or another one.
pub(super) fn interrupt(desk: &Rc<Desk>, number: u32) {
    let mut ended = Vec::new();
    for (id, own) in &mut desk.held.borrow_mut().own {
        if matches!(own.given.get(&number), Some(Given::Goes(_))) {
            ended.push((*id, own.given.remove(&number)));
        }
    }
    for (id, given) in ended {
        drop(given);
        show(desk, id);
    }
}

/// Whoever has this number has all of it, or does not want it.
pub(super) fn told(desk: &Rc<Desk>, number: u32, id: u32, done: bool) {
    let before = {
        let mut held = desk.held.borrow_mut();
        let Some(own) = held.own.get_mut(&id).filter(|own| own.is_for(number)) else { return };
        own.given.insert(number, if done { Given::Done } else { Given::Refused })
    };
    drop(before);
    show(desk, id);
}

/// Whoever has this number opened a channel for it.
pub(super) fn asked(desk: &Rc<Desk>, number: u32, id: u32, pipe: Pipe, pieces: Pieces) {
    let before = {
        let mut held = desk.held.borrow_mut();
        let Some(line) = held.peers.get(&number).map(|peer| peer.line.clone()) else { return };
        // What is not offered to it, or not any more, is not to be had: the channel closes.
        let Some(own) = held.own.get_mut(&id).filter(|own| own.is_for(number)) else { return };
        let pace = Paced::new(&line);
        let (work, handle) =
            abortable(serve(Rc::clone(desk), (number, id), own.file.clone(), (pipe, pieces), pace));
        spawn_local(async move {
            let _ = work.await;
        });
        own.given.insert(number, Given::Goes(Going { sent: 0, work: handle }))
    };
    drop(before);
    show(desk, id);
}

async fn serve(
    desk: Rc<Desk>,
    (number, id): (u32, u32),
    file: OwnFile,
    (pipe, mut pieces): (Pipe, Pieces),
    mut pace: Paced,
) {
    let pipe = Rc::new(pipe);
    let count = blocks(file.size());
    while let Some(piece) = pieces.next().await {
        let block = match piece {
            Piece::Word(FileMessage::Get { block }) if block < count => block,
            Piece::Word(FileMessage::Get { .. }) | Piece::Bytes(_) => break,
            // Of a later version.
            Piece::Open | Piece::Word(_) => continue,
        };
        let Some(_turn) = turn(&desk).await else { break };
        let Some(bytes) = file.read(block).await else { break };
        let Some(sha256) = digest(&bytes).await else { break };
        let start = u64::from(block) * vong_protocol::limits::BLOCK;
        let sent = RefCell::new(start);
        let counts = |more: u32| {
            *sent.borrow_mut() += u64::from(more);
            moved(&desk, number, id, *sent.borrow(), u64::from(more));
        };
        if !pipe.send(&bytes, &mut pace, counts).await || !pipe.say(&FileMessage::Sum { block, sha256 }) {
            break;
        }
    }
    // It is over, or interrupted. If all of it is there, that was said or will be.
    let going = {
        let mut held = desk.held.borrow_mut();
        held.own.get_mut(&id).and_then(|own| match own.given.get(&number) {
            Some(Given::Goes(_)) => own.given.remove(&number),
            _ => None,
        })
    };
    drop(going);
    show(&desk, id);
}

fn moved(desk: &Desk, number: u32, id: u32, sent: u64, more: u64) {
    let now = clock::now();
    let row = {
        let mut held = desk.held.borrow_mut();
        let Some(own) = held.own.get_mut(&id) else { return };
        if let Some(Given::Goes(going)) = own.given.get_mut(&number) {
            going.sent = sent;
        }
        own.moved += more;
        own.progress.at(now, own.moved);
        if now - own.shown < bounds::FILE_SHOWN {
            return;
        }
        own.shown = now;
        own.row()
    };
    desk.shelf.show(&row);
}
