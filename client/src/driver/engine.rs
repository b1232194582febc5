//! A session with what it has opened: feeds it one event and carries out what it wants done.

use vong_protocol::{Attempt, BroadcasterKey, ClientMessage, Ice, ServerMessage};
use vong_session::budget::Sent;
use vong_session::{
    ConnectionEvent, ConnectionId, Event, Millis, Output, Past, Session, SocketId, Status, Talk, Time,
};

use super::queue::Queue;
use super::table::Table;
use crate::platform::part::{self, Word};
use crate::platform::{DeviceError, Outgoing, Peer, Received, Socket, SocketEvent, clock, json, storage};

/// Where an engine tells what came of it.
pub(super) trait Page {
    /// The status changed.
    fn status(&self, status: Status);
    /// What connections are made with from now on; and how long the server took, if this is its answer to `join`.
    fn ice(&self, ice: Ice, answered: Option<Millis>);
    /// Show this, or nothing.
    fn show(&self, received: Received);
    /// Keep the room's key.
    fn keep_key(&self, _key: &BroadcasterKey) {}
    /// Show this of the chat.
    fn talk(&self, _talk: Talk) {}
    /// Keep this of the chat.
    fn keep_past(&self, _past: &Past) {}
}

/// How a page that broadcasts makes a connection: with where it reports to and what it sends. A page that only watches has no
/// way, and so need not carry it.
pub(super) type Answers = fn(Box<dyn Fn(ConnectionEvent)>, Outgoing) -> Result<Peer, DeviceError>;

/// The sockets and connections of one session. Dropping it closes them without a word.
pub(super) struct Engine {
    session: Box<dyn Session>,
    page: Box<dyn Page>,
    queue: Queue,
    sockets: Table<SocketId, Socket>,
    peers: Table<ConnectionId, Peer>,
    /// To whom the connections lead whose channels are open, by number.
    met: Table<ConnectionId, u32>,
    /// Whose stream is wanted, and whose is shown until that one's first media.
    wanted: Option<ConnectionId>,
    shown: Option<ConnectionId>,
    outgoing: Outgoing,
    answers: Option<Answers>,
    /// The person's choice: their address is not told, whatever the server's policy.
    hides: bool,
    /// When `join` was sent last.
    asked: Time,
}

impl Engine {
    pub(super) fn new(
        session: Box<dyn Session>,
        page: Box<dyn Page>,
        queue: Queue,
        outgoing: Outgoing,
        answers: Option<Answers>,
    ) -> Self {
        part::tell(Word::Begun);
        let (sockets, peers) = (Table::new(), Table::new());
        let (hides, asked) = (storage::hides_address(), clock::now());
        Self {
            session,
            page,
            queue,
            sockets,
            peers,
            met: Table::new(),
            wanted: None,
            shown: None,
            outgoing,
            answers,
            hides,
            asked,
        }
    }

    /// When the session wants its next tick.
    pub(super) fn deadline(&self) -> Option<Time> {
        self.session.deadline()
    }

    /// Takes one event, and carries out everything that follows from it before it returns.
    pub(super) fn take(&mut self, event: Event) {
        let media = matches!(event, Event::Connection(_, ConnectionEvent::Media));
        match &event {
            Event::Message(_, ServerMessage::Joined(joined)) => {
                let took = clock::now() - self.asked;
                self.page.ice(self.policy(joined.ice.clone()), Some(took));
            }
            Event::Message(_, ServerMessage::Ice(ice)) => self.page.ice(self.policy(ice.clone()), None),
            _ => {}
        }
        self.session.handle(clock::now(), event);
        self.drain();
        if media {
            self.show_wanted();
        }
    }

    /// The connection whose media are shown.
    pub(super) fn shown(&self) -> Option<&Peer> {
        self.peers.get(&self.shown?)
    }

    /// What the connections have sent so far whose channels are open, each with the number of whom it leads to.
    pub(super) fn sent(&self) -> Vec<(ConnectionId, u32, impl Future<Output = Option<Sent>> + use<>)> {
        let sent = |(id, number): (&ConnectionId, &u32)| Some((*id, *number, self.peers.get(id)?.sent()));
        self.met.iter().filter_map(sent).collect()
    }

    /// Carries out what the session wants done.
    pub(super) fn drain(&mut self) {
        while let Some(output) = self.session.poll() {
            self.carry_out(output);
        }
    }

    /// Sends this to all watchers, now and later.
    pub(super) fn send(&mut self, outgoing: &Outgoing) {
        self.outgoing = outgoing.clone();
        self.peers.values().for_each(|peer| peer.send(outgoing.clone()));
    }

    fn carry_out(&mut self, output: Output) {
        match output {
            Output::OpenSocket(id) => {
                let queue = self.queue.clone();
                let socket = Socket::open(move |event| {
                    if let Some(event) = translate(id, event) {
                        queue.push(event);
                    }
                });
                self.sockets.insert(id, socket);
            }
            Output::CloseSocket(id) => drop(self.sockets.remove(&id)),
            Output::Send(id, message) => {
                if let ClientMessage::Join(_) = message {
                    self.asked = clock::now();
                }
                if let Some(socket) = self.sockets.get(&id) {
                    socket.send(&message.to_json());
                }
            }
            Output::CreateOffer { connection, attempt, restart } => {
                if !restart {
                    let report = self.reports(connection);
                    self.connect(connection, attempt, Peer::watcher(report));
                }
                self.with(connection, |peer| peer.create_offer(attempt, restart));
            }
            Output::SetOffer { connection, attempt, ice } => {
                let ice = self.policy(ice);
                self.with(connection, |peer| peer.set_offer(attempt, ice));
            }
            Output::ApplyAnswer { connection, attempt, sdp } => {
                self.with(connection, |peer| peer.apply_answer(attempt, sdp));
            }
            Output::Accept { connection, attempt, restart, sdp, ice } => {
                if let Some(answers) = self.answers.filter(|_| !restart) {
                    let report = Box::new(self.reports(connection));
                    self.connect(connection, attempt, answers(report, self.outgoing.clone()));
                }
                let ice = self.policy(ice);
                self.with(connection, |peer| peer.accept(attempt, sdp, ice));
            }
            Output::AddCandidate { connection, candidate } => {
                self.with(connection, |peer| peer.add_candidate(candidate));
            }
            Output::Tell(connection, text) => self.with(connection, |peer| peer.tell(&text)),
            Output::Met(connection, number) => {
                if let Some(peer) = self.peers.get(&connection) {
                    part::tell(Word::Attached(number, peer.line()));
                    self.met.insert(connection, number);
                }
            }
            Output::Talk(talk) => {
                match &talk {
                    Talk::Member(member) => {
                        part::tell(Word::Named(member.number, member.name.clone(), member.muted));
                    }
                    Talk::Gone(number) => part::tell(Word::Gone(*number)),
                    _ => {}
                }
                self.page.talk(talk);
            }
            Output::KeepPast(past) => self.page.keep_past(&past),
            Output::Measure(connection) => self.with(connection, Peer::measure),
            Output::Show(connection) => {
                self.wanted = Some(connection);
                self.show_wanted();
            }
            Output::Close(connection) => {
                if self.shown.take_if(|shown| *shown == connection).is_some() {
                    self.page.show(Received::default());
                }
                self.peers.remove(&connection);
                let number = self.met.remove(&connection);
                // Another one may lead to the same by now.
                if let Some(number) = number.filter(|number| self.met.values().all(|other| other != number)) {
                    part::tell(Word::Detached(number));
                }
            }
            Output::KeepKey(key) => self.page.keep_key(&key),
            Output::Status(status) => self.page.status(status),
        }
    }

    /// What the server said, or stricter.
    fn policy(&self, mut ice: Ice) -> Ice {
        ice.relay_only |= self.hides;
        ice
    }

    fn show_wanted(&mut self) {
        let received = self.wanted.and_then(|id| self.peers.get(&id)).map(Peer::streams).unwrap_or_default();
        if received.main.is_some() || received.screen.is_some() {
            self.shown = self.wanted;
            self.page.show(received);
        }
    }

    fn reports(&self, id: ConnectionId) -> impl Fn(ConnectionEvent) + 'static {
        let queue = self.queue.clone();
        move |event| queue.push(Event::Connection(id, event))
    }

    fn connect(&mut self, id: ConnectionId, attempt: Attempt, peer: Result<Peer, DeviceError>) {
        match peer {
            Ok(peer) => self.peers.insert(id, peer),
            Err(_) => self.reports(id)(ConnectionEvent::NegotiationFailed { attempt }),
        }
    }

    fn with(&self, id: ConnectionId, operate: impl FnOnce(&Peer)) {
        if let Some(peer) = self.peers.get(&id) {
            operate(peer);
        }
    }
}

/// What does not parse is of a later version, which a client ignores.
fn translate(id: SocketId, event: SocketEvent) -> Option<Event> {
    match event {
        SocketEvent::Opened => Some(Event::SocketOpened(id)),
        SocketEvent::Closed => Some(Event::SocketClosed(id)),
        SocketEvent::Text(text) => {
            json::read::<ServerMessage>(&text).map(|message| Event::Message(id, message))
        }
    }
}
