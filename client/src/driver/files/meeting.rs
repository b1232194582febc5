//! Whom this page is connected to, as far as files go: each is greeted, heard, and let go.

use std::rc::Rc;

use vong_protocol::RunId;
use vong_protocol::files::{FileMessage, VERSION};
use vong_session::{Millis, Rate, bounds};
use wasm_bindgen_futures::spawn_local;

use super::desk::{Desk, Theirs};
use super::row::{Key, Row, State};
use super::{receive, send};
use crate::driver::run::wait_until;
use crate::platform::part::Line;
use crate::platform::{Listener, clock};

/// The other end of a connection.
pub(super) struct Peer {
    pub(super) line: Line,
    /// Which run it is in, once it said so.
    pub(super) run: Option<RunId>,
    /// It is being greeted.
    greeted: bool,
    words: Rate,
    _listeners: [Listener; 2],
}

impl Desk {
    pub(super) fn attach(self: &Rc<Self>, number: u32, line: Line) {
        self.interrupt(number);
        let (heard, opened) = (Rc::downgrade(self), Rc::downgrade(self));
        let listeners = line.listen(
            move |message| {
                if let Some(desk) = heard.upgrade() {
                    desk.told(number, message);
                }
            },
            move |id, pipe, pieces| {
                if let Some(desk) = opened.upgrade() {
                    desk.asked(number, id, pipe, pieces);
                }
            },
        );
        let peer = Peer { line, run: None, greeted: false, words: Rate::default(), _listeners: listeners };
        let before = self.held.borrow_mut().peers.insert(number, peer);
        drop(before);
        self.tell_recipients();
        if !self.host || !send::offers(self, number).is_empty() || receive::has_from(self, number) {
            self.greet(number);
        }
    }

    /// Says hello until there is an answer: what came before the other side has loaded its part is lost.
    pub(super) fn greet(self: &Rc<Self>, number: u32) {
        let desk = Rc::clone(self);
        let greeting = async move {
            let silent = |desk: &Self| {
                let held = desk.held.borrow();
                held.peers.get(&number).filter(|peer| peer.run.is_none()).map(|peer| peer.line.clone())
            };
            let Some(line) = silent(&desk) else { return };
            let first = |peer: &mut Peer| !std::mem::replace(&mut peer.greeted, true);
            if desk.held.borrow_mut().peers.get_mut(&number).is_none_or(|peer| !first(peer)) {
                return;
            }
            for doubled in 0..bounds::FILE_HELLOS {
                if doubled > 0 {
                    wait_until(clock::now() + Millis(bounds::FILE_HELLO.0 << (doubled - 1))).await;
                }
                if silent(&desk).as_ref() != Some(&line) {
                    return;
                }
                line.say(&desk.hello(false));
            }
            // From the next offer on it is tried again.
            if let Some(peer) = desk.held.borrow_mut().peers.get_mut(&number).filter(|peer| peer.line == line)
            {
                peer.greeted = false;
            }
        };
        spawn_local(greeting);
    }

    pub(super) fn detach(self: &Rc<Self>, number: u32) {
        let gone = self.held.borrow_mut().peers.remove(&number);
        drop(gone);
        self.interrupt(number);
        // What was only on offer is offered again over the next connection.
        let offered: Vec<Key> = {
            let mut held = self.held.borrow_mut();
            let of =
                |(from, _): &(u32, u32), file: &Theirs| *from == number && file.row.state == State::Offered;
            let keys = held
                .theirs
                .iter()
                .filter(|(key, file)| of(key, file))
                .map(|(key, _)| *key)
                .collect::<Vec<_>>();
            held.theirs.retain(|key, _| !keys.contains(key));
            keys.into_iter().map(|(from, id)| Key::Theirs(from, id)).collect()
        };
        for key in offered {
            self.shelf.take(key);
        }
        self.tell_recipients();
    }

    /// Whatever goes over the connection to this one ends.
    fn interrupt(self: &Rc<Self>, number: u32) {
        send::interrupt(self, number);
        receive::interrupt(self, number);
    }

    pub(super) fn tell_recipients(&self) {
        let numbers: Vec<u32> = self.held.borrow().peers.keys().copied().collect();
        let all: Vec<_> = numbers.into_iter().map(|number| self.called(number)).collect();
        self.shelf.recipients(&all);
    }

    fn hello(&self, heard: bool) -> FileMessage {
        FileMessage::Hello { version: VERSION, run: self.run, heard }
    }

    pub(super) fn say(&self, number: u32, message: &FileMessage) {
        if let Some(peer) = self.held.borrow().peers.get(&number) {
            peer.line.say(message);
        }
    }

    fn told(self: &Rc<Self>, number: u32, message: FileMessage) {
        {
            let mut held = self.held.borrow_mut();
            let Some(peer) = held.peers.get_mut(&number) else { return };
            if !peer.words.take(clock::now(), bounds::FILE_MESSAGES) {
                return;
            }
        }
        match message {
            FileMessage::Hello { version, run, heard } if version == VERSION => {
                self.greeted(number, run, heard);
            }
            FileMessage::Offer { id, name, size, kind } => {
                let row =
                    Row { key: Key::Theirs(number, id), name, size, kind, who: None, state: State::Offered };
                self.offered(number, id, row);
            }
            FileMessage::Withdraw { id } => self.withdrawn(number, id),
            FileMessage::Refuse { id } => send::told(self, number, id, false),
            FileMessage::Done { id } => send::told(self, number, id, true),
            // Of another version, or of a file's own channel.
            FileMessage::Hello { .. } | FileMessage::Get { .. } | FileMessage::Sum { .. } => {}
        }
    }

    fn greeted(self: &Rc<Self>, number: u32, run: RunId, heard: bool) {
        {
            let mut held = self.held.borrow_mut();
            let Some(peer) = held.peers.get_mut(&number) else { return };
            peer.run = Some(run);
        }
        // Its page is another one, and what it offered before is gone with that.
        let gone: Vec<u32> = {
            let held = self.held.borrow();
            let of = |((from, _), file): &(&(u32, u32), &Theirs)| *from == number && file.run != run;
            held.theirs.iter().filter(of).map(|((_, id), _)| *id).collect()
        };
        for id in gone {
            self.withdrawn(number, id);
            // Its number is another file's from now on.
            self.held.borrow_mut().theirs.remove(&(number, id));
        }
        if !heard {
            self.say(number, &self.hello(true));
        }
        for offer in send::offers(self, number) {
            self.say(number, &offer);
        }
        receive::resume(self, number);
    }
}
