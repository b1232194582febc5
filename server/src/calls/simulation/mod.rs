//! Both ends of calls and what is between them, in simulated time: real phones, the real switchboard, and a network that delays, breaks and
//! comes back. Whatever people do and whatever fails, once all is well both ends agree.

mod courses;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use proptest::prelude::*;
use vong_protocol::calls::{ClientMessage, Register, ServerMessage, VERSION};
use vong_protocol::channel::Name;
use vong_protocol::{CallId, NameSecret, SessionToken};
use vong_session::phone::{Line as At, Outcome, Phone, PhoneEvent, PhoneOutput, Talk};
use vong_session::{SocketId, Time as PageTime};

use super::tests::{bounds, home};
use super::{Effect, Line, Switchboard};
use crate::room::{ConnectionId, Time};

/// Who has how many pages.
const PEOPLE: [(&str, usize); 3] = [("an", 2), ("bo", 2), ("cy", 1)];
/// Between two pings.
const HEARTBEAT: u64 = 4_000;
/// When a side that is not told of it notices that a connection is dead.
const SILENCE: u64 = 9_000;
/// How long the other end of a call that is answered waits for one whose page is gone.
const PATIENCE: u64 = 30_000;
/// How long all is well at the end, with nobody doing anything.
const CALM: u64 = 120_000;

#[derive(Clone, Copy, Debug)]
enum Step {
    Call {
        who: usize,
        whom: usize,
    },
    Accept {
        who: usize,
    },
    Decline {
        who: usize,
    },
    HangUp {
        who: usize,
    },
    /// A connection breaks, of which each end is told or not.
    Cut {
        who: usize,
        page_knows: bool,
        server_knows: bool,
    },
    /// The server is killed, and is there again after a while.
    Restart {
        away: u64,
    },
    /// The browser is killed, and comes back after a while with what it has kept.
    Kill {
        who: usize,
        away: u64,
    },
    Wait {
        time: u64,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let who = || 0..PEOPLE.iter().map(|(_, pages)| pages).sum::<usize>();
    prop_oneof![
        6 => (who(), 0..PEOPLE.len()).prop_map(|(who, whom)| Step::Call { who, whom }),
        5 => who().prop_map(|who| Step::Accept { who }),
        2 => who().prop_map(|who| Step::Decline { who }),
        2 => who().prop_map(|who| Step::HangUp { who }),
        2 => (who(), any::<bool>(), any::<bool>())
            .prop_map(|(who, page_knows, server_knows)| Step::Cut { who, page_knows, server_knows }),
        1 => (0..20_000_u64).prop_map(|away| Step::Restart { away }),
        1 => (who(), 0..40_000_u64).prop_map(|(who, away)| Step::Kill { who, away }),
        8 => prop_oneof![0..60_u64, 0..3_000_u64, 0..40_000_u64].prop_map(|time| Step::Wait { time }),
    ]
}

/// What is on its way.
#[derive(Debug)]
enum Arrival {
    Opened(usize, SocketId),
    Closed(usize, SocketId),
    ToPage(usize, SocketId, ServerMessage),
    ToServer(ConnectionId, ClientMessage),
    /// The server notices that a connection is gone.
    Lost(ConnectionId),
    ServerIsBack,
    PageIsBack(usize),
    Met(usize, CallId),
    Parted(usize, CallId),
}

struct Page {
    register: Register,
    phone: Option<Phone>,
    /// Its connections, as long as they carry anything.
    sockets: BTreeMap<SocketId, ConnectionId>,
    /// The call that it is in.
    talk: Option<Talk>,
}

#[derive(Debug)]
struct Wire {
    page: usize,
    socket: SocketId,
    line: Option<Line>,
    /// Something still comes and goes.
    alive: bool,
}

struct World {
    now: u64,
    board: Option<Switchboard>,
    pages: Vec<Page>,
    wires: BTreeMap<ConnectionId, Wire>,
    /// What arrives when, in order.
    under_way: BTreeMap<(u64, u64), Arrival>,
    count: u64,
    /// How long one way takes.
    delay: u64,
    met: BTreeSet<CallId>,
    /// How the last call of each page ended, and who called it in vain.
    ended: Vec<Option<Outcome>>,
    missed: Vec<Vec<Name>>,
}

impl World {
    fn new(delay: u64) -> Self {
        let mut pages = Vec::new();
        for (number, (name, count)) in PEOPLE.iter().enumerate() {
            for _ in 0..*count {
                let page = SessionToken::parse(&format!("{:022}", pages.len())).unwrap();
                let secret = NameSecret::parse(&format!("{number:022}")).unwrap();
                let register = Register {
                    version: VERSION,
                    name: Name::parse(name).unwrap(),
                    secret,
                    page,
                    listed: true,
                };
                pages.push(Page { register, phone: None, sockets: BTreeMap::new(), talk: None });
            }
        }
        let (ended, missed) = (vec![None; pages.len()], vec![Vec::new(); pages.len()]);
        let mut world = Self {
            now: 0,
            board: Some(Switchboard::new(bounds())),
            pages,
            wires: BTreeMap::new(),
            under_way: BTreeMap::new(),
            count: 0,
            delay,
            met: BTreeSet::new(),
            ended,
            missed,
        };
        for who in 0..world.pages.len() {
            world.start(who);
        }
        world
    }

    fn start(&mut self, who: usize) {
        let seed = u64::try_from(who).unwrap();
        let page = &mut self.pages[who];
        page.phone = Some(Phone::new(page.register.clone(), page.talk.clone(), PageTime(self.now), seed));
        self.carry_out(who);
    }

    fn time(&self) -> Time {
        Duration::from_millis(self.now)
    }

    fn send(&mut self, after: u64, arrival: Arrival) {
        self.count += 1;
        self.under_way.insert((self.now + after, self.count), arrival);
    }

    fn tell(&mut self, who: usize, event: PhoneEvent) {
        if let Some(phone) = &mut self.pages[who].phone {
            phone.handle(PageTime(self.now), event);
        }
        self.carry_out(who);
    }

    fn carry_out(&mut self, who: usize) {
        while let Some(output) = self.pages[who].phone.as_mut().and_then(Phone::poll) {
            match output {
                PhoneOutput::OpenSocket(socket) => {
                    if self.board.is_none() {
                        self.send(self.delay, Arrival::Closed(who, socket));
                        continue;
                    }
                    self.count += 1;
                    let connection = ConnectionId(self.count);
                    self.wires.insert(connection, Wire { page: who, socket, line: None, alive: true });
                    self.pages[who].sockets.insert(socket, connection);
                    self.send(2 * self.delay, Arrival::Opened(who, socket));
                }
                PhoneOutput::CloseSocket(socket) => {
                    if let Some(connection) = self.pages[who].sockets.remove(&socket) {
                        let alive = self.wires.get(&connection).is_some_and(|wire| wire.alive);
                        self.send(if alive { self.delay } else { SILENCE }, Arrival::Lost(connection));
                    }
                }
                PhoneOutput::Send(socket, message) => {
                    if let Some(connection) = self.pages[who].sockets.get(&socket).copied()
                        && self.wires.get(&connection).is_some_and(|wire| wire.alive)
                    {
                        self.send(self.delay, Arrival::ToServer(connection, message));
                    }
                }
                PhoneOutput::Begin(talk) => {
                    let call = talk.call;
                    self.pages[who].talk = Some(talk);
                    for other in self.others(who, call) {
                        self.met.insert(call);
                        self.send(self.delay, Arrival::Met(who, call));
                        self.send(self.delay, Arrival::Met(other, call));
                    }
                }
                PhoneOutput::Finish(talk, outcome) => {
                    self.ended[who] = Some(outcome);
                    if self.pages[who].talk.take().is_some() {
                        for other in self.others(who, talk.call) {
                            self.send(self.delay, Arrival::Parted(other, talk.call));
                        }
                    }
                }
                PhoneOutput::Missed(from, _) => self.missed[who].push(from),
                PhoneOutput::Prepare(_) | PhoneOutput::Found(..) | PhoneOutput::Status(_) => {}
            }
        }
    }

    /// Those in the room of a call, but for one.
    fn others(&self, who: usize, call: CallId) -> Vec<usize> {
        let is_in = |page: &Page| page.talk.as_ref().is_some_and(|talk| talk.call == call);
        (0..self.pages.len()).filter(|&other| other != who && is_in(&self.pages[other])).collect()
    }

    fn perform(&mut self, effects: super::Effects) {
        for effect in effects {
            match effect {
                Effect::Send(to, message) => self.reach_page(to, message),
                Effect::Close(connection, _) => self.hang(connection),
            }
        }
        if let Some(board) = &self.board {
            board.check();
        }
    }

    fn reach_page(&mut self, to: ConnectionId, message: ServerMessage) {
        if let Some(wire) = self.wires.get(&to).filter(|wire| wire.alive) {
            self.send(self.delay, Arrival::ToPage(wire.page, wire.socket, message));
        }
    }

    /// The server closes a connection.
    fn hang(&mut self, connection: ConnectionId) {
        if let Some(wire) = self.wires.remove(&connection)
            && wire.alive
        {
            self.send(self.delay, Arrival::Closed(wire.page, wire.socket));
        }
    }

    fn arrive(&mut self, arrival: Arrival) {
        let now = self.time();
        match arrival {
            Arrival::Opened(who, socket) => {
                if self.pages[who].sockets.contains_key(&socket) {
                    self.tell(who, PhoneEvent::SocketOpened(socket));
                }
            }
            Arrival::Closed(who, socket) => {
                self.pages[who].sockets.remove(&socket);
                self.tell(who, PhoneEvent::SocketClosed(socket));
            }
            Arrival::ToPage(who, socket, message) => {
                if self.pages[who].sockets.contains_key(&socket) {
                    self.tell(who, PhoneEvent::Message(socket, message));
                }
            }
            Arrival::ToServer(connection, message) => self.hear(connection, message),
            Arrival::Lost(connection) => {
                if let Some(wire) = self.wires.remove(&connection)
                    && let (Some(line), Some(board)) = (wire.line, &mut self.board)
                {
                    board.lose(now, connection, &line);
                }
            }
            Arrival::ServerIsBack => self.board = Some(Switchboard::new(bounds())),
            Arrival::PageIsBack(who) => {
                if self.pages[who].phone.is_none() {
                    self.start(who);
                }
            }
            Arrival::Met(who, call) => self.tell(who, PhoneEvent::Met(call)),
            Arrival::Parted(who, call) => {
                // Whoever was gone may be back.
                if self.others(who, call).iter().all(|&other| self.pages[other].phone.is_none()) {
                    self.tell(who, PhoneEvent::Parted(call));
                }
            }
        }
    }

    fn hear(&mut self, connection: ConnectionId, message: ClientMessage) {
        let now = self.time();
        let (Some(wire), Some(board)) = (self.wires.get_mut(&connection), &mut self.board) else { return };
        let effects = match (message, &wire.line) {
            (ClientMessage::Register(register), None) => {
                let (line, name, effects) = board.register(now, connection, home(), register).unwrap();
                wire.line = Some(line);
                let heartbeat_ms = u32::try_from(HEARTBEAT).unwrap();
                self.reach_page(connection, ServerMessage::Registered { name, heartbeat_ms });
                effects
            }
            (message, Some(line)) => board.say(now, connection, line, message),
            (_, None) => return,
        };
        self.perform(effects);
    }

    fn cut(&mut self, who: usize, page_knows: bool, server_knows: bool) {
        for (socket, connection) in self.pages[who].sockets.clone() {
            if let Some(wire) = self.wires.get_mut(&connection) {
                wire.alive = false;
            }
            self.send(if server_knows { self.delay } else { SILENCE }, Arrival::Lost(connection));
            if page_knows {
                self.send(self.delay, Arrival::Closed(who, socket));
            }
        }
    }

    fn call(&mut self, who: usize, whom: &str) {
        self.count += 1;
        let call = CallId::parse(&format!("{:022}", self.count)).unwrap();
        self.tell(who, PhoneEvent::Call(call, Name::parse(whom).unwrap()));
    }

    fn act(&mut self, step: Step) {
        match step {
            Step::Call { who, whom } => self.call(who, PEOPLE[whom].0),
            Step::Accept { who } => self.tell(who, PhoneEvent::Accept),
            Step::Decline { who } => self.tell(who, PhoneEvent::Decline),
            Step::HangUp { who } => self.tell(who, PhoneEvent::HangUp),
            Step::Cut { who, page_knows, server_knows } => self.cut(who, page_knows, server_knows),
            Step::Restart { away } => {
                if self.board.take().is_some() {
                    let all: Vec<ConnectionId> = self.wires.keys().copied().collect();
                    for connection in all {
                        self.hang(connection);
                    }
                    self.send(away, Arrival::ServerIsBack);
                }
            }
            Step::Kill { who, away } => {
                if self.pages[who].phone.take().is_some() {
                    self.cut(who, false, true);
                    self.pages[who].sockets.clear();
                    if let Some(talk) = self.pages[who].talk.clone() {
                        for other in self.others(who, talk.call) {
                            self.send(PATIENCE, Arrival::Parted(other, talk.call));
                        }
                    }
                    self.send(away, Arrival::PageIsBack(who));
                }
            }
            Step::Wait { time } => self.run_until(self.now + time),
        }
    }

    fn run_until(&mut self, end: u64) {
        loop {
            let arrival = self.under_way.first_key_value().map(|((time, _), _)| *time);
            let deadline = |page: &Page| page.phone.as_ref()?.deadline().map(|time| time.0);
            let due = self.pages.iter().filter_map(deadline).min();
            let board = self.board.as_ref().and_then(Switchboard::deadline);
            let board = board.map(|time| u64::try_from(time.as_millis()).unwrap());
            let beat = (self.now / HEARTBEAT + 1) * HEARTBEAT;
            let next = [arrival, due, board, Some(beat)].into_iter().flatten().min().unwrap();
            if next > end {
                break;
            }
            self.now = self.now.max(next);
            if arrival == Some(next) {
                let (_, arrival) = self.under_way.pop_first().unwrap();
                self.arrive(arrival);
            } else if board == Some(next) {
                let effects = self.board.as_mut().map(|board| board.expire(Duration::from_millis(self.now)));
                self.perform(effects.unwrap_or_default());
            } else if due == Some(next) {
                for who in 0..self.pages.len() {
                    self.tell(who, PhoneEvent::Tick);
                }
            } else {
                let all: Vec<ConnectionId> = self.wires.keys().copied().collect();
                for connection in all {
                    self.reach_page(connection, ServerMessage::Ping {});
                }
            }
        }
        self.now = self.now.max(end);
    }

    /// Everyone is free, or talks with exactly one other who talks with them.
    fn check_agreement(&self) {
        for (who, page) in self.pages.iter().enumerate() {
            let phone = page.phone.as_ref().expect("all pages are back");
            let Some(talk) = phone.talk() else {
                assert_eq!(phone.line(), At::Free, "page {who} is left hanging");
                continue;
            };
            assert!(self.met.contains(&talk.call));
            let others = self.others(who, talk.call);
            let [other] = others[..] else { panic!("page {who} talks with {others:?}: {talk:?}") };
            let theirs = self.pages[other].phone.as_ref().and_then(Phone::talk).expect("it talks");
            assert_ne!(theirs.side, talk.side);
            assert_eq!(theirs.with, page.register.name);
            assert_eq!(talk.with, self.pages[other].register.name);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_both_ends_agree_in_the_end(
        delay in prop_oneof![Just(1_u64), 20..300_u64],
        steps in proptest::collection::vec(step(), 1..40),
    ) {
        let mut world = World::new(delay);
        world.run_until(2_000);
        for step in steps {
            world.act(step);
        }
        world.run_until(world.now + CALM);
        world.check_agreement();
    }
}
