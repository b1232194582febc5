//! One `RTCPeerConnection`: what it is made of and what it reports. What is done with it is in [`operation`].
//!
//! A watcher's connection is made with everything that will ever be negotiated: sound, the camera's picture, the
//! screen's picture, and the data channel. Knows no signaling: descriptions and candidates come and go as values.

mod channel;
mod config;
mod details;
mod encoding;
mod incoming;
mod operation;
mod outgoing;
mod path;
mod sent;
mod stats;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures_channel::mpsc;
use futures_util::future::{AbortHandle, abortable};
use js_sys::Reflect;
use vong_protocol::{Attempt, Ice, IceCandidate};
use vong_session::budget::Sent;
use vong_session::diagnosis::Reading;
use vong_session::{ConnectionEvent, Time, Transport};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{
    RtcDataChannel, RtcIceGatheringState, RtcPeerConnection, RtcPeerConnectionIceEvent,
    RtcPeerConnectionState,
};

use self::channel::Channel;
pub use self::details::Details;
pub use self::encoding::{Encoding, Shape, codecs};
use self::incoming::Incoming;
pub use self::incoming::Received;
use self::operation::Operation;
use self::outgoing::{Senders, Sends};
use super::part::{self, Line};
use super::{DeviceError, Listener, Outgoing, clock, json, note};

/// Operations that wait for their turn on one connection. A negotiation takes three and brings at most some fifty
/// candidates; one that exceeds this has failed, and is reported so.
const OPERATIONS: usize = 128;

/// A connection. Dropping it closes it; nothing is reported from then on.
///
/// Operations are done strictly one after the other, each when the one before has settled.
pub struct Peer {
    core: Rc<Core>,
    incoming: Option<Incoming>,
    channel: Channel,
    files: RtcDataChannel,
    operations: RefCell<mpsc::Sender<Operation>>,
    worker: AbortHandle,
    measuring: Rc<Cell<bool>>,
    /// When it was made.
    since: Time,
    // The last fields: a listener is gone before what it listens to.
    listeners: Vec<Listener>,
}

/// What the operations and the listeners share.
struct Core {
    connection: RtcPeerConnection,
    report: Box<dyn Fn(ConnectionEvent)>,
    closed: Cell<bool>,
    /// The negotiation whose description was set last: gathered candidates belong to it.
    gathering: Cell<Option<Attempt>>,
    /// The offer created last, until it is set.
    offer: RefCell<Option<(Attempt, String)>>,
    senders: Option<Box<dyn Sends>>,
}

impl Core {
    fn report(&self, event: ConnectionEvent) {
        if !self.closed.get() {
            (self.report)(event);
        }
    }
}

impl Peer {
    /// A watcher's connection, which offers. `report` must only enqueue.
    pub fn watcher(report: impl Fn(ConnectionEvent) + 'static) -> Result<Self, DeviceError> {
        Self::make(Box::new(report), None)
    }

    /// A broadcaster's connection, which answers, and sends `outgoing` from the start. `report` must only enqueue.
    pub fn broadcaster(
        report: impl Fn(ConnectionEvent) + 'static,
        outgoing: Outgoing,
    ) -> Result<Self, DeviceError> {
        Self::make(Box::new(report), Some(Box::new(Senders::new(outgoing))))
    }

    fn make(
        report: Box<dyn Fn(ConnectionEvent)>,
        senders: Option<Box<dyn Sends>>,
    ) -> Result<Self, DeviceError> {
        let connection = RtcPeerConnection::new_with_configuration(&config::configuration(&Ice::default()))
            .map_err(|thrown| {
            note("RTCPeerConnection", &thrown);
            DeviceError::Unsupported
        })?;
        let watches = senders.is_none();
        let core = Rc::new(Core {
            connection,
            report,
            closed: Cell::new(false),
            gathering: Cell::new(None),
            offer: RefCell::new(None),
            senders,
        });
        // Its transceivers come first: their order is the order of the media descriptions.
        let incoming = if watches { Incoming::new(&core) } else { None };
        let files = config::data_channel(&core.connection, config::FILES);
        let (sender, receiver) = mpsc::channel(OPERATIONS);
        let (work, worker) = abortable(operation::work(Rc::clone(&core), receiver));
        spawn_local(async move {
            let _ = work.await;
        });
        Ok(Self {
            listeners: listen(&core, &files),
            channel: Channel::new(&core),
            files,
            core,
            incoming,
            operations: RefCell::new(sender),
            worker,
            measuring: Rc::default(),
            since: clock::now(),
        })
    }

    /// What a watcher's connection receives. Further tracks join the same streams.
    pub fn streams(&self) -> Received {
        self.incoming.as_ref().map(Incoming::streams).unwrap_or_default()
    }

    /// Sends a text over the data channel, if it is open. To a side that does not take what it is sent, the connection is
    /// reported as closed.
    pub fn tell(&self, text: &str) {
        if !self.channel.tell(text) {
            self.core.report(ConnectionEvent::ClosedByPeer);
        }
    }

    /// The connection as far as files go over it.
    pub fn line(&self) -> Line {
        Line { connection: self.core.connection.clone(), channel: self.files.clone() }
    }

    /// Creates an offer without setting it; `restart` asks for new ICE credentials.
    pub fn create_offer(&self, attempt: Attempt, restart: bool) {
        self.enqueue(Operation::CreateOffer { attempt, restart });
    }

    /// Sets the offer created for `attempt`, which starts gathering from these servers.
    pub fn set_offer(&self, attempt: Attempt, ice: Ice) {
        self.enqueue(Operation::SetOffer { attempt, ice });
    }

    /// Applies the other side's answer.
    pub fn apply_answer(&self, attempt: Attempt, sdp: String) {
        self.enqueue(Operation::ApplyAnswer { attempt, sdp });
    }

    /// Applies a watcher's offer and answers it.
    pub fn accept(&self, attempt: Attempt, sdp: String, ice: Ice) {
        self.enqueue(Operation::Accept { attempt, sdp, ice });
    }

    /// Adds a candidate of the other side.
    pub fn add_candidate(&self, candidate: IceCandidate) {
        self.enqueue(Operation::AddCandidate(candidate));
    }

    /// Sends something else from now on, or nothing, without negotiating.
    pub fn send(&self, outgoing: Outgoing) {
        self.enqueue(Operation::Send(outgoing));
    }

    /// Reports [`ConnectionEvent::Received`]. Asked again before it has, it reports once.
    pub fn measure(&self) {
        if self.measuring.replace(true) {
            return;
        }
        let (core, measuring) = (Rc::clone(&self.core), Rc::clone(&self.measuring));
        spawn_local(async move {
            let read = stats::read(&core.connection).await;
            measuring.set(false);
            match read {
                Ok(Reading { received: bytes, frames, .. }) => {
                    core.report(ConnectionEvent::Received { bytes, frames });
                }
                Err(thrown) => note("getStats", &thrown),
            }
        });
    }

    /// Its counters as they are now; `None` where the browser does not tell.
    pub fn reading(&self) -> impl Future<Output = Option<Reading>> + use<> {
        let core = Rc::clone(&self.core);
        async move { stats::read(&core.connection).await.ok() }
    }

    /// What it receives, for a person to read; `None` where the browser does not tell.
    pub fn details(&self) -> impl Future<Output = Option<Details>> + use<> {
        let core = Rc::clone(&self.core);
        async move { details::read(&core.connection).await.ok() }
    }

    /// What it has sent so far; `None` where the browser does not tell.
    pub fn sent(&self) -> impl Future<Output = Option<Sent>> + use<> {
        let (core, since) = (Rc::clone(&self.core), self.since);
        async move { sent::read(&core.connection, since).await.ok() }
    }

    /// Whether the browser has no further candidate to tell.
    pub fn is_gathered(&self) -> bool {
        self.core.connection.ice_gathering_state() == RtcIceGatheringState::Complete
    }

    /// Calls `failed` with the code whenever a STUN or TURN server refuses or is not reached (`icecandidateerror`), in
    /// browsers that tell. Must only enqueue.
    pub fn on_server_error(&self, failed: impl Fn(u16) + 'static) -> Listener {
        Listener::new(&self.core.connection, "icecandidateerror", move |event| {
            let code = Reflect::get(event, &"errorCode".into()).ok().and_then(|code| code.as_f64());
            if let Some(code) = code {
                failed(narrow(code));
            }
        })
    }

    fn enqueue(&self, operation: Operation) {
        let attempt = operation.attempt().or(self.core.gathering.get());
        if self.operations.borrow_mut().try_send(operation).is_err()
            && let Some(attempt) = attempt
        {
            self.core.report(ConnectionEvent::NegotiationFailed { attempt });
        }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.core.closed.set(true);
        self.worker.abort();
        self.listeners.clear();
        self.incoming = None;
        self.channel.stop();
        self.core.connection.close();
    }
}

fn listen(core: &Rc<Core>, files: &RtcDataChannel) -> Vec<Listener> {
    let connection = &core.connection;
    let (gathered, moved) = (Rc::clone(core), Rc::clone(core));
    vec![
        Listener::new(connection, "icecandidate", move |event| {
            if let Some(candidate) = event.dyn_ref::<RtcPeerConnectionIceEvent>().and_then(local_candidate)
                && let Some(attempt) = gathered.gathering.get()
            {
                gathered.report(ConnectionEvent::Candidate { attempt, candidate });
            }
        }),
        Listener::new(connection, "connectionstatechange", move |_| {
            let transport = transport(moved.connection.connection_state());
            moved.report(ConnectionEvent::Transport(transport));
        }),
        // Somebody there has to do with files. What is said is not for this program, and is said again once the one for it is here.
        Listener::new(files, "message", |_| part::load(|| ())),
    ]
}

/// The end of gathering is not passed on, neither as no candidate nor as an empty one: some browsers never say it,
/// and a session's own deadlines decide when a path will not come.
fn local_candidate(event: &RtcPeerConnectionIceEvent) -> Option<IceCandidate> {
    let candidate: IceCandidate = json::from_js(event.candidate()?.into())?;
    (!candidate.candidate.is_empty() && candidate.within_bounds()).then_some(candidate)
}

/// Out of range is as good as 0, which is no code.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it saturates")]
fn narrow(code: f64) -> u16 {
    code as u16
}

fn transport(state: RtcPeerConnectionState) -> Transport {
    match state {
        RtcPeerConnectionState::Connected => Transport::Connected,
        RtcPeerConnectionState::Disconnected => Transport::Disconnected,
        RtcPeerConnectionState::Failed | RtcPeerConnectionState::Closed => Transport::Failed,
        _ => Transport::Connecting,
    }
}
