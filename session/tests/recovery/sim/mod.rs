//! Pages, a server and the network between them, in simulated time. Every run is decided by its seed.

mod browser;
mod faults;
mod media;
mod network;
mod room;

use std::collections::{BTreeMap, HashMap, HashSet};

use fastrand::Rng;
use vong_protocol::channel::{BroadcasterMessage, Said, Text};
use vong_protocol::{
    Attempt, BroadcasterKey, ClientMessage, Ice, PeerId, Presence, RoomId, RunId, SessionToken,
};
use vong_session::{
    Broadcaster, ConnectionEvent, ConnectionId, Event, Intent, Millis, Past, Phase, Session, SocketId,
    Status, Time, Transport, Watcher,
};

pub(crate) use faults::Faults;
use media::Media;
pub(crate) use media::{Page, Sources};
use room::{Room, Socket};

/// Bytes appear, transports change and the server's clock runs in steps of this.
const STEP: Millis = Millis(50);
/// How long a browser takes for one of its promises.
const BROWSER: Millis = Millis(20);
/// A browser gives a path up that has been broken for this long.
const FAILS_AFTER: Millis = Millis(30_000);
/// What a session may ask for in answer to one event. Far above what any one event needs.
const OUTPUTS_PER_EVENT: usize = 2_000;

/// Something that arrives later.
enum Arrival {
    ToPage(Page, Event),
    ToServer(Socket, ClientMessage),
    Opened(Socket, Page, SocketId),
    ClosedAtServer(Socket),
}

#[expect(clippy::struct_excessive_bools, reason = "each is true or not for itself")]
struct Client {
    session: Box<dyn Session>,
    broadcasts: bool,
    running: bool,
    /// Whether the page's route to the server works.
    online: bool,
    sockets: HashMap<SocketId, Socket>,
    /// How many it has asked for.
    opened: usize,
    /// Until when whatever it sends or is sent waits on the way, but for media.
    held: Time,
    shown: Option<ConnectionId>,
    status: Status,
    phases: Vec<Phase>,
    /// What it shows of the chat, and whether nothing more can be said.
    said: Vec<Said>,
    full: bool,
    past: Option<Past>,
    /// Whom it was told to have met, by number, in order.
    met: Vec<u32>,
    key: Option<BroadcasterKey>,
    ice: Ice,
}

pub(crate) struct World {
    pub(crate) now: Time,
    pub(crate) faults: Faults,
    pub(crate) latency: Millis,
    /// How many each description gathers.
    pub(crate) candidates: usize,
    rng: Rng,
    server: Option<Room>,
    clients: Vec<Client>,
    /// Sockets over which nothing comes any more, though neither end knows.
    mute: HashSet<Socket>,
    /// Until when what is sent over a socket waits on the way.
    held: HashMap<Socket, Time>,
    media: Media,
    arrivals: BTreeMap<(Time, u64), Arrival>,
    next: u64,
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            now: Time(0),
            faults: Faults::default(),
            latency: Millis(25),
            candidates: 3,
            rng: Rng::with_seed(seed),
            server: Some(Room::new(0)),
            clients: Vec::new(),
            mute: HashSet::new(),
            held: HashMap::new(),
            media: Media::default(),
            arrivals: BTreeMap::new(),
            next: 0,
        }
    }

    pub(crate) fn watcher(&mut self) -> Page {
        let session = Watcher::new(room_id(), None, BroadcasterMessage::parse, self.now, self.rng.u64(..));
        self.open(Box::new(session), false)
    }

    pub(crate) fn broadcaster(&mut self, key: Option<BroadcasterKey>) -> Page {
        self.broadcaster_after(key, None)
    }

    /// A broadcaster's page that remembers the chat of an earlier one.
    pub(crate) fn broadcaster_after(&mut self, key: Option<BroadcasterKey>, past: Option<Past>) -> Page {
        let past = past.unwrap_or_else(|| Past::new(self.run_id()));
        // Unlike any that the server makes up.
        let token = SessionToken::parse(&format!("{:021}b", self.clients.len())).expect("of its length");
        let session = Broadcaster::new(room_id(), key, token, past, self.now, self.rng.u64(..));
        self.open(Box::new(session), true)
    }

    /// The person says something. Whether they can: a page in which too much waits takes no more.
    pub(crate) fn say(&mut self, page: Page, words: &str) -> bool {
        let text = Text::parse(words).expect("words");
        let can = !self.clients[page].full;
        self.event(page, Event::Intends(Intent::Say(text), self.now.0));
        can
    }

    /// The person does this.
    pub(crate) fn intends(&mut self, page: Page, intent: Intent) {
        self.event(page, Event::Intends(intent, self.now.0));
    }

    /// The page sends this over its data channel, whatever its session thinks of it.
    pub(crate) fn tell(&mut self, page: Page, text: &str) {
        for ((of, _), peer) in &mut self.media.peers {
            if *of == page && peer.has_channel {
                peer.unsent.push(text.to_owned());
            }
        }
    }

    /// What the page shows of the chat, as the words alone.
    pub(crate) fn chat(&self, page: Page) -> Vec<String> {
        self.clients[page].said.iter().map(|said| said.text.as_str().to_owned()).collect()
    }

    /// The numbers of those whom the page was told to have met, in order.
    pub(crate) fn met(&self, page: Page) -> &[u32] {
        &self.clients[page].met
    }

    /// What the page's browser keeps of the chat.
    pub(crate) fn past(&self, page: Page) -> Option<Past> {
        self.clients[page].past.clone()
    }

    fn run_id(&mut self) -> RunId {
        RunId::parse(&format!("{:016}", self.rng.u64(0..1_000_000))).expect("an id")
    }

    pub(crate) fn key(&self, page: Page) -> Option<BroadcasterKey> {
        self.clients[page].key
    }

    pub(crate) fn phase(&self, page: Page) -> Phase {
        self.clients[page].status.phase
    }

    pub(crate) fn status(&self, page: Page) -> &Status {
        &self.clients[page].status
    }

    /// Every phase the page went through since the last call.
    pub(crate) fn phases(&mut self, page: Page) -> Vec<Phase> {
        std::mem::take(&mut self.clients[page].phases)
    }

    /// Whether what the page shows is what a running broadcaster sends, now.
    pub(crate) fn sees_video(&self, page: Page) -> bool {
        self.clients[page].shown.is_some_and(|id| self.media.is_connected((page, id)))
    }

    pub(crate) fn connections(&self, page: Page) -> Vec<ConnectionId> {
        self.media.peers.keys().filter(|(p, _)| *p == page).map(|(_, id)| *id).collect()
    }

    /// The negotiation that the page's newest connection has come to.
    pub(crate) fn attempt(&self, page: Page) -> Attempt {
        let of_page = self.media.peers.iter().filter(|((p, _), _)| *p == page);
        of_page.map(|(_, peer)| peer.attempt).max().unwrap_or_default()
    }

    /// Connections of the page over which nothing can come any more.
    pub(crate) fn dead_connections(&self, page: Page) -> usize {
        let ends = self.connections(page).into_iter().map(|id| (page, id));
        ends.filter(|end| {
            self.media.peers[end].remote.is_some_and(|(other, _)| !self.media.peers.contains_key(&other))
        })
        .count()
    }

    /// How many sockets the page has asked for.
    pub(crate) fn sockets_opened(&self, page: Page) -> usize {
        self.clients[page].opened
    }

    /// Every presence that watchers were told of since the last call.
    pub(crate) fn presences_told(&mut self) -> Vec<Presence> {
        self.server.as_mut().map(|server| std::mem::take(&mut server.told)).unwrap_or_default()
    }

    /// The watchers, as the server names them.
    pub(crate) fn watcher_ids(&self) -> Vec<PeerId> {
        self.server.as_ref().map(Room::watchers).unwrap_or_default()
    }

    /// Whether the server keeps anybody out.
    pub(crate) fn is_barred(&self) -> bool {
        self.server.as_ref().is_some_and(|server| !server.barred.is_empty())
    }

    /// What broadcasters send from now on.
    pub(crate) fn send(&mut self, sources: Sources) {
        self.media.sources = sources;
    }

    /// The server's STUN and TURN servers from now on, told to everyone.
    pub(crate) fn renew_ice(&mut self, ice: Ice) {
        if let Some(server) = &mut self.server {
            server.renew_ice(ice);
        }
    }

    /// The STUN and TURN servers that a page gave its browser last.
    pub(crate) fn ice(&self, page: Page) -> &Ice {
        &self.clients[page].ice
    }

    pub(crate) fn start_server(&mut self) {
        let salt = self.rng.u64(1_000_000..1_000_000_000) * 1_000;
        self.server.get_or_insert_with(|| Room::new(salt));
    }

    pub(crate) fn run(&mut self, span: Millis) {
        let end = self.now + span;
        while self.now < end {
            self.now = self.now + STEP;
            self.arrive();
            self.serve();
            self.flow();
            for page in 0..self.clients.len() {
                let Client { session, running, .. } = &self.clients[page];
                if *running && session.deadline().is_some_and(|at| self.now >= at) {
                    self.event(page, Event::Tick);
                    let next = self.clients[page].session.deadline();
                    assert!(
                        next.is_none_or(|at| at > self.now),
                        "page {page} would tick without end: {}",
                        self.describe()
                    );
                }
            }
        }
    }

    /// Runs until `done`, at most `limit`; how long it took.
    pub(crate) fn run_until(&mut self, what: &str, limit: Millis, done: impl Fn(&Self) -> bool) -> Millis {
        let start = self.now;
        while !done(self) {
            assert!(self.now - start < limit, "not within {limit:?}: {what}; {}", self.describe());
            self.run(STEP);
        }
        self.now - start
    }

    pub(crate) fn describe(&self) -> String {
        let client = |(page, c): (usize, &Client)| {
            format!("\n  page {page}: {:?}, connections {:?}", c.status, self.connections(page))
        };
        self.clients.iter().enumerate().filter(|(_, c)| c.running).map(client).collect()
    }

    fn open(&mut self, session: Box<dyn Session>, broadcasts: bool) -> Page {
        self.clients.push(Client {
            session,
            broadcasts,
            running: true,
            online: true,
            sockets: HashMap::new(),
            opened: 0,
            held: Time(0),
            shown: None,
            status: Status::default(),
            phases: Vec::new(),
            said: Vec::new(),
            full: false,
            met: Vec::new(),
            past: None,
            key: None,
            ice: Ice::default(),
        });
        let page = self.clients.len() - 1;
        self.carry_out(page);
        page
    }

    fn event(&mut self, page: Page, event: Event) {
        if self.clients[page].running {
            self.clients[page].session.handle(self.now, event);
            self.carry_out(page);
        }
    }

    fn carry_out(&mut self, page: Page) {
        for _ in 0..OUTPUTS_PER_EVENT {
            let Some(output) = self.clients[page].session.poll() else { return };
            self.output(page, output);
        }
        panic!("page {page} does not come to an end");
    }

    /// One step of the media plane: transports follow the paths, bytes follow the transports.
    fn flow(&mut self) {
        let ends: Vec<_> = self.media.peers.keys().copied().collect();
        let mut reports = Vec::new();
        for end in ends {
            let connected = self.media.is_connected(end);
            let receives = !self.clients[end.0].broadcasts;
            let Some(peer) = self.media.peers.get_mut(&end) else { continue };
            let transport = match (connected, peer.transport) {
                (true, _) => Transport::Connected,
                (false, Transport::Connected) => Transport::Disconnected,
                (false, Transport::Disconnected)
                    if peer.broke.is_some_and(|at| self.now - at >= FAILS_AFTER) =>
                {
                    Transport::Failed
                }
                (false, before) => before,
            };
            peer.broke = if connected { None } else { peer.broke.or(Some(self.now)) };
            if transport != peer.transport {
                peer.transport = transport;
                reports.push((end, ConnectionEvent::Transport(transport)));
            }
            if connected && !std::mem::replace(&mut peer.has_channel, true) {
                reports.push((end, ConnectionEvent::ChannelOpened));
            }
            if connected && receives && self.media.sources != Sources::Nothing {
                peer.bytes += 5_000;
                peer.frames += u64::from(self.media.sources == Sources::Both);
                if !std::mem::replace(&mut peer.unmuted, true) {
                    reports.push((end, ConnectionEvent::Media));
                }
            }
        }
        for ((page, connection), event) in reports {
            self.event(page, Event::Connection(connection, event));
        }
        for (end, text) in self.media.take_sendable() {
            if let Some(((other, its), _)) = self.media.peers[&end].remote {
                let told = ConnectionEvent::Told(text, self.now.0);
                self.later(self.latency, Arrival::ToPage(other, Event::Connection(its, told)));
            }
        }
    }
}

fn room_id() -> RoomId {
    RoomId::parse("demo").expect("a room name")
}
