//! A file that comes: from the tap that accepts it to the file where the person wanted it.

use std::rc::Rc;

use futures_channel::oneshot;
use futures_util::StreamExt;
use futures_util::future::{AbortHandle, abortable};
use vong_protocol::files::{FileMessage, Sha256};
use vong_session::files::{Incoming, Misbehaved, Progress};
use vong_session::{Time, bounds};
use wasm_bindgen_futures::spawn_local;

use super::desk::{Desk, Theirs};
use super::row::{State, Why};
use crate::driver::run::wait_until;
use crate::platform::clock;
use crate::platform::file::{Assembly, Block, Piece, Pieces, Pipe, Place, Sink, digest};
use crate::platform::part::Line;

/// Whose file, and their number for it.
type Which = (u32, u32);

/// A file under way.
pub(super) struct Receiving {
    work: Option<AbortHandle>,
    /// Where it goes.
    sink: Rc<Sink>,
    /// Woken when there is a connection to go on over.
    wakes: Option<oneshot::Sender<()>>,
    incoming: Incoming,
    progress: Progress,
    shown: Time,
}

/// How it ends.
enum End {
    /// The connection did: it goes on over the next one.
    Interrupted,
    /// It is whole.
    Whole,
    /// It does not come.
    Failed(Why),
}

/// The person wants it: asks where to put it, then gets it.
pub(super) fn begin(desk: &Rc<Desk>, which: Which) {
    let (name, size, run) = {
        let mut held = desk.held.borrow_mut();
        let is_free = |file: &&mut Theirs| file.row.state == State::Offered && !file.choosing;
        let Some(file) = held.theirs.get_mut(&which).filter(is_free) else { return };
        file.choosing = true;
        (file.row.name.clone(), file.row.size, file.run)
    };
    let desk = Rc::clone(desk);
    // The choice has to begin within the tap, which it does: what is spawned begins before the browser goes on.
    let choosing = async move {
        let place = Place::choose(&name, size).await;
        // It may be another file by now, or gone.
        let is_same = {
            let mut held = desk.held.borrow_mut();
            let same =
                |file: &&mut Theirs| file.choosing && file.run == run && file.row.state == State::Offered;
            let file = held.theirs.get_mut(&which).filter(same);
            file.map(|file| file.choosing = false).is_some()
        };
        match place {
            Place::Sink(sink) if is_same => start(&desk, which, sink),
            Place::Sink(sink) => discard(Rc::new(sink)),
            Place::TooLarge if is_same => {
                desk.say(which.0, &FileMessage::Refuse { id: which.1 });
                end(&desk, which, State::Failed(Why::TooLarge));
            }
            Place::Declined | Place::TooLarge => {}
        }
    };
    spawn_local(choosing);
}

fn start(desk: &Rc<Desk>, which: Which, sink: Sink) {
    if let Some(file) = desk.held.borrow_mut().theirs.get_mut(&which) {
        file.receiving = Some(Receiving {
            work: None,
            sink: Rc::new(sink),
            wakes: None,
            incoming: Incoming::new(file.row.size),
            progress: Progress::new(),
            shown: Time(0),
        });
    }
    show(desk, which, true);
    work(desk, which);
}

/// Begins anew with what is missing.
fn work(desk: &Rc<Desk>, which: Which) {
    let Some(sink) = with(desk, which, |receiving| Rc::clone(&receiving.sink)) else { return };
    let (work, handle) = abortable(receive(Rc::clone(desk), which, sink));
    if let Some(Some(before)) = with(desk, which, |receiving| receiving.work.replace(handle)) {
        before.abort();
    }
    spawn_local(async move {
        let _ = work.await;
    });
}

fn discard(sink: Rc<Sink>) {
    spawn_local(async move { sink.discard().await });
}

/// It is over, this way. What was written of it goes, unless it is whole.
pub(super) fn end(desk: &Rc<Desk>, which: Which, state: State) {
    let (receiving, row) = {
        let mut held = desk.held.borrow_mut();
        let Some(file) = held.theirs.get_mut(&which) else { return };
        file.row.state = state;
        (file.receiving.take(), file.row.clone())
    };
    if let Some(Receiving { work, sink, .. }) = receiving {
        if let Some(work) = work {
            work.abort();
        }
        if row.state != State::Done {
            discard(sink);
        }
    }
    desk.shelf.show(&row);
}

/// The connection to whoever has this number is over, which nothing that waits for its bytes is told.
pub(super) fn interrupt(desk: &Rc<Desk>, number: u32) {
    for which in of(desk, number) {
        // What is whole is being handed over, and needs nobody for it.
        if with(desk, which, |receiving| receiving.incoming.is_whole()) == Some(false) {
            show(desk, which, false);
            work(desk, which);
        }
    }
}

/// There is one again, and they are the same as before.
pub(super) fn resume(desk: &Rc<Desk>, number: u32) {
    for which in of(desk, number) {
        let wakes = with(desk, which, |receiving| receiving.wakes.take()).flatten();
        drop(wakes);
    }
}

/// Whether something is under way from this one.
pub(super) fn has_from(desk: &Desk, number: u32) -> bool {
    !of(desk, number).is_empty()
}

/// What is under way from this one.
fn of(desk: &Desk, number: u32) -> Vec<Which> {
    let held = desk.held.borrow();
    held.theirs
        .iter()
        .filter(|((from, _), file)| *from == number && file.receiving.is_some())
        .map(|(w, _)| *w)
        .collect()
}

fn with<T>(desk: &Desk, which: Which, act: impl FnOnce(&mut Receiving) -> T) -> Option<T> {
    desk.held.borrow_mut().theirs.get_mut(&which)?.receiving.as_mut().map(act)
}

/// Shows how far it is.
fn show(desk: &Desk, which: Which, connected: bool) {
    let row = {
        let mut held = desk.held.borrow_mut();
        let Some(file) = held.theirs.get_mut(&which) else { return };
        let Some(receiving) = &mut file.receiving else { return };
        let received = receiving.incoming.received();
        receiving.shown = clock::now();
        receiving.progress.at(receiving.shown, received);
        let speed = receiving.progress.speed().filter(|_| connected);
        let left = receiving.progress.left(file.row.size - received).filter(|_| connected);
        file.row.state = State::Going { received, speed, left, connected };
        file.row.clone()
    };
    desk.shelf.show(&row);
}

/// The connection to go on over: at once, or as soon as there is one.
async fn line(desk: &Desk, which: Which) -> Line {
    loop {
        let found = {
            let held = desk.held.borrow();
            let run = held.theirs.get(&which).map(|file| file.run);
            held.peers
                .get(&which.0)
                .filter(|peer| peer.run.is_some() && peer.run == run)
                .map(|peer| peer.line.clone())
        };
        if let Some(line) = found {
            return line;
        }
        let (sender, woken) = oneshot::channel();
        with(desk, which, |receiving| receiving.wakes = Some(sender));
        // Woken by its end.
        let _ = woken.await;
    }
}

async fn receive(desk: Rc<Desk>, which: Which, sink: Rc<Sink>) {
    let (mut most, mut fruitless) = (0, 0);
    let state = loop {
        let line = line(&desk, which).await;
        show(&desk, which, true);
        let ended = match line.open(which.1) {
            Some((pipe, pieces)) => over(&desk, which, &sink, pipe, pieces).await,
            None => End::Interrupted,
        };
        match ended {
            End::Whole => break State::Done,
            End::Failed(why) => break State::Failed(why),
            End::Interrupted => {}
        }
        let received = with(&desk, which, |receiving| receiving.incoming.received()).unwrap_or(0);
        fruitless = if received > most { 0 } else { fruitless + 1 };
        most = most.max(received);
        if fruitless >= bounds::FILE_TRIES {
            break State::Failed(Why::Gone);
        }
        show(&desk, which, false);
        wait_until(clock::now() + bounds::FILE_RETRY).await;
    };
    let state = if state == State::Done && !sink.finish().await { State::Failed(Why::Disk) } else { state };
    let id = which.1;
    desk.say(
        which.0,
        &if state == State::Done { FileMessage::Done { id } } else { FileMessage::Refuse { id } },
    );
    end(&desk, which, state);
}

/// Gets what is missing over one channel.
async fn over(desk: &Desk, which: Which, sink: &Sink, pipe: Pipe, mut pieces: Pieces) -> End {
    let mut parts = Assembly::default();
    with(desk, which, |receiving| receiving.incoming.restart());
    if with(desk, which, |receiving| receiving.incoming.is_whole()) == Some(true) {
        return End::Whole;
    }
    while let Some(piece) = pieces.next().await {
        let taken = match piece {
            Piece::Bytes(bytes) => {
                let count = u64::from(bytes.len());
                let taken = with(desk, which, |receiving| receiving.incoming.bytes(count));
                let current = taken.unwrap_or(Err(Misbehaved));
                if current.is_ok() {
                    parts.add(&bytes);
                }
                current.map(|()| None)
            }
            Piece::Word(FileMessage::Sum { block, sha256 }) => {
                let taken =
                    with(desk, which, |receiving| receiving.incoming.sum(block)).unwrap_or(Err(Misbehaved));
                taken.map(|()| Some((block, sha256)))
            }
            Piece::Open | Piece::Word(_) => Ok(None),
        };
        match taken {
            Err(Misbehaved) => return End::Failed(Why::Spoiled),
            Ok(None) => {}
            Ok(Some((block, sha256))) => {
                match keep(sink, block, &parts.take(), sha256).await {
                    Kept::Yes => with(desk, which, |receiving| receiving.incoming.kept()),
                    Kept::Wrong => {
                        let spoiled = with(desk, which, |receiving| receiving.incoming.spoiled());
                        return if spoiled == Some(Ok(())) {
                            End::Interrupted
                        } else {
                            End::Failed(Why::Spoiled)
                        };
                    }
                    Kept::NoRoom => return End::Failed(Why::Disk),
                };
            }
        }
        while let Some(block) = with(desk, which, |receiving| receiving.incoming.ask()).flatten() {
            if !pipe.say(&FileMessage::Get { block }) {
                return End::Interrupted;
            }
        }
        if with(desk, which, |receiving| receiving.incoming.is_whole()) == Some(true) {
            return End::Whole;
        }
        let due = |receiving: &mut Receiving| clock::now() - receiving.shown >= bounds::FILE_SHOWN;
        if with(desk, which, due) == Some(true) {
            show(desk, which, true);
        }
    }
    End::Interrupted
}

enum Kept {
    Yes,
    Wrong,
    NoRoom,
}

/// Checks a block and writes it.
async fn keep(sink: &Sink, place: u32, block: &Block, sha256: Sha256) -> Kept {
    match digest(block).await {
        Some(sum) if sum == sha256 => {}
        _ => return Kept::Wrong,
    }
    if sink.write(place, block).await { Kept::Yes } else { Kept::NoRoom }
}
