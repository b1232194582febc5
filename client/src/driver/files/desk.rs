//! All files of this page and of those it is connected to.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use vong_protocol::RunId;
use vong_protocol::channel::Name;
use vong_protocol::files::FileMessage;
use vong_session::bounds;
use wasm_bindgen_futures::spawn_local;

use super::meeting::Peer;
use super::receive::{self, Receiving};
use super::row::{Key, Row, State, Why};
use super::send::{self, Own};
use super::turns::Turns;
use crate::platform::file::{self, OwnFile, Pieces, Pipe};
use crate::platform::part::{self, Word};

/// Where files are shown.
pub trait Shelf {
    /// Show it, or how it is now.
    fn show(&self, row: &Row);
    /// Take it away.
    fn take(&self, key: Key);
    /// These may be sent something, by number and name.
    fn recipients(&self, all: &[(u32, Option<String>)]);
    /// For whom the person wants the next files; `None` for everyone.
    fn chosen(&self) -> Option<u32>;
    /// Come into view: the person wants to do something here.
    fn open(&self);
    /// More was to be offered than may be.
    fn too_many(&self);
}

/// A file of somebody else's.
pub(super) struct Theirs {
    pub(super) run: RunId,
    pub(super) row: Row,
    /// The person is being asked where it should go.
    pub(super) choosing: bool,
    pub(super) receiving: Option<Receiving>,
}

#[derive(Default)]
pub(super) struct Held {
    pub(super) peers: BTreeMap<u32, Peer>,
    names: BTreeMap<u32, Option<Name>>,
    muted: Vec<u32>,
    pub(super) own: BTreeMap<u32, Own>,
    last: u32,
    pub(super) turns: Turns,
    pub(super) theirs: BTreeMap<(u32, u32), Theirs>,
}

impl Held {
    /// Makes room: something that is over goes, of somebody who is not there.
    fn forget(&mut self) -> Option<(u32, u32)> {
        let is_over = |file: &Theirs| matches!(file.row.state, State::Done | State::Failed(_));
        let over =
            self.theirs.iter().find(|((from, _), file)| is_over(file) && !self.peers.contains_key(from));
        let key = *over?.0;
        self.theirs.remove(&key);
        Some(key)
    }
}

/// The files. It lives as long as the page.
pub struct Desk {
    pub(super) run: RunId,
    /// It is the broadcaster's: whoever watches and has nothing to do with files is not to be bothered.
    pub(super) host: bool,
    pub(super) held: RefCell<Held>,
    pub(super) shelf: Box<dyn Shelf>,
}

impl Desk {
    /// An empty one, in a run of this name, of the broadcaster's or a watcher's page.
    pub fn new(run: RunId, host: bool, shelf: Box<dyn Shelf>) -> Rc<Self> {
        spawn_local(file::sweep());
        Rc::new(Self { run, host, held: RefCell::default(), shelf })
    }

    /// Takes up what the page says.
    pub fn heard(self: &Rc<Self>, word: Word) {
        match word {
            Word::Attached(number, line) => self.attach(number, line),
            Word::Detached(number) => self.detach(number),
            Word::Named(number, name, muted) => {
                let mut held = self.held.borrow_mut();
                held.muted.retain(|of| *of != number);
                if muted {
                    held.muted.push(number);
                }
                held.names.insert(number, name);
                drop(held);
                self.tell_recipients();
            }
            Word::Dropped(picked) => {
                self.shelf.open();
                self.offer(OwnFile::all(&picked), self.shelf.chosen());
            }
            Word::Opened => self.shelf.open(),
            Word::Gone(number) => {
                let mut held = self.held.borrow_mut();
                held.names.remove(&number);
                held.muted.retain(|of| *of != number);
            }
            Word::Begun => self.begin(),
        }
    }

    /// Numbers are given anew from now on. What is for everyone stays on offer; what is for one, and whatever came from others, is over.
    fn begin(self: &Rc<Self>) {
        let numbers: Vec<u32> = self.held.borrow().peers.keys().copied().collect();
        for number in numbers {
            self.detach(number);
        }
        let theirs: Vec<(u32, u32)> = self.held.borrow().theirs.keys().copied().collect();
        for (number, id) in theirs {
            receive::end(self, (number, id), State::Failed(Why::Gone));
            self.held.borrow_mut().theirs.remove(&(number, id));
            self.shelf.take(Key::Theirs(number, id));
        }
        let own: Vec<(u32, bool)> = {
            let mut held = self.held.borrow_mut();
            held.names.clear();
            held.muted.clear();
            held.own.iter_mut().map(|(id, own)| (*id, own.begin())).collect()
        };
        for (id, stays) in own {
            if stays {
                send::show(self, id);
            } else {
                self.held.borrow_mut().own.remove(&id);
                self.shelf.take(Key::Own(id));
            }
        }
    }

    /// What somebody is called.
    pub(super) fn called(&self, number: u32) -> (u32, Option<String>) {
        let name = self.held.borrow().names.get(&number).cloned().flatten();
        (number, name.map(|name| name.as_str().to_owned()))
    }

    pub(super) fn offered(self: &Rc<Self>, number: u32, id: u32, mut row: Row) {
        row.who = Some(self.called(number));
        let mut forgotten = None;
        let refused = {
            let mut held = self.held.borrow_mut();
            let Some(run) = held.peers.get(&number).and_then(|peer| peer.run) else { return };
            if let Some(known) = held.theirs.get(&(number, id)) {
                // What was said of it may have been lost with the connection.
                let again = match known.row.state {
                    State::Done => FileMessage::Done { id },
                    State::Failed(_) => FileMessage::Refuse { id },
                    _ => return,
                };
                drop(held);
                return self.say(number, &again);
            }
            let of_one = held.theirs.keys().filter(|(from, _)| *from == number).count();
            if held.theirs.len() >= bounds::FILES_OF_ALL {
                forgotten = held.forget();
            }
            let is_full = of_one >= bounds::FILES || held.theirs.len() >= bounds::FILES_OF_ALL;
            if !is_full && !held.muted.contains(&number) {
                held.theirs
                    .insert((number, id), Theirs { run, row: row.clone(), choosing: false, receiving: None });
            }
            is_full || held.muted.contains(&number)
        };
        if let Some((from, id)) = forgotten {
            self.shelf.take(Key::Theirs(from, id));
        }
        if refused {
            return self.say(number, &FileMessage::Refuse { id });
        }
        // Another one of this number may still be in sight.
        self.shelf.take(row.key);
        self.shelf.show(&row);
        part::announce();
    }

    pub(super) fn withdrawn(self: &Rc<Self>, number: u32, id: u32) {
        let key = (number, id);
        let state = self.held.borrow().theirs.get(&key).map(|file| file.row.state.clone());
        match state {
            Some(State::Offered) => {
                self.held.borrow_mut().theirs.remove(&key);
                self.shelf.take(Key::Theirs(number, id));
            }
            Some(State::Going { .. }) => receive::end(self, key, State::Failed(Why::Gone)),
            Some(_) => {
                // Its number may be given anew; what came of it stays in sight.
                self.held.borrow_mut().theirs.remove(&key);
            }
            None => {}
        }
    }

    /// Offers these to whoever has this number, or to everyone.
    pub fn offer(self: &Rc<Self>, files: Vec<OwnFile>, to: Option<u32>) {
        // A watcher has nobody but the broadcaster.
        let to = if self.host { to } else { Some(0) };
        for file in files {
            let id = {
                let mut held = self.held.borrow_mut();
                if held.own.len() >= bounds::FILES {
                    self.shelf.too_many();
                    break;
                }
                held.last += 1;
                held.last
            };
            let who = to.map(|number| self.called(number));
            let own = Own::new(id, file, to, who);
            let offer = own.offer();
            self.held.borrow_mut().own.insert(id, own);
            send::show(self, id);
            let peers: Vec<(u32, bool)> =
                self.held.borrow().peers.iter().map(|(number, peer)| (*number, peer.run.is_some())).collect();
            for (number, is_met) in peers.into_iter().filter(|(number, _)| to.is_none_or(|to| to == *number))
            {
                if is_met {
                    self.say(number, &offer);
                } else {
                    // It is offered in answer to the answer.
                    self.greet(number);
                }
            }
        }
    }

    /// The person wants this file. To be called within a tap.
    pub fn accept(self: &Rc<Self>, key: Key) {
        if let Key::Theirs(number, id) = key {
            receive::begin(self, (number, id));
        }
    }

    /// The person does not want this file any more, whether it is theirs to give or to get.
    pub fn dismiss(self: &Rc<Self>, key: Key) {
        match key {
            Key::Own(id) => {
                let own = self.held.borrow_mut().own.remove(&id);
                if let Some(own) = own {
                    let numbers: Vec<u32> = self.held.borrow().peers.keys().copied().collect();
                    for number in numbers.into_iter().filter(|number| own.is_for(*number)) {
                        self.say(number, &FileMessage::Withdraw { id });
                    }
                }
            }
            Key::Theirs(number, id) => {
                let state = self.held.borrow().theirs.get(&(number, id)).map(|file| file.row.state.clone());
                if matches!(state, Some(State::Offered | State::Going { .. })) {
                    // It is kept in mind, so that it is not shown again with the next connection.
                    receive::end(self, (number, id), State::Failed(Why::Gone));
                    self.say(number, &FileMessage::Refuse { id });
                }
            }
        }
        self.shelf.take(key);
    }

    pub(super) fn asked(self: &Rc<Self>, number: u32, id: u32, pipe: Pipe, pieces: Pieces) {
        send::asked(self, number, id, pipe, pieces);
    }
}
