//! Asking STUN and TURN servers, each by itself: what the network is like, and which relay lends an address.

use std::cell::RefCell;
use std::rc::Rc;

use futures_channel::mpsc;
use futures_util::StreamExt;
use futures_util::future::{Either, join4, select};
use vong_protocol::{Attempt, Ice, IceServer};
use vong_session::diagnosis::{self, Diagnosis, Finding, Gathered, Nat, NoRelay, RelayTransport, Skip, Step};
use vong_session::{ConnectionEvent, ConnectionId, Event, Millis, Time, bounds};

use super::queue::Queue;
use super::run::wait_until;
use crate::platform::{Peer, clock};

/// How often the browser is asked whether it is done, which is nothing that it tells by itself everywhere.
const LOOK: Millis = Millis(50);

/// The quick look: the network, and whether any relay helps, which is noted in the place of the first.
pub(super) async fn quick(ice: &Ice) -> Diagnosis {
    let mut diagnosis = Diagnosis::default();
    diagnosis.relay_only = ice.relay_only;
    diagnosis.found(Step::Stun, network(ice).await);
    let servers = if diagnosis::has_relay(ice) { ice.ice_servers.clone() } else { Vec::new() };
    diagnosis.found(Step::TurnUdp, relay(servers).await);
    diagnosis
}

/// Asks all servers at once, each by itself, and tells what each step found.
pub(super) async fn each(ice: &Ice, skips: impl Fn(Step) -> bool, tell: impl Fn(Step, Finding)) {
    let probe = async |step, transport: Option<RelayTransport>| {
        if skips(step) {
            return;
        }
        tell(step, Finding::Running);
        let found = match transport {
            None => network(ice).await,
            Some(transport) => relay(diagnosis::relay(ice, transport).into_iter().collect()).await,
        };
        tell(step, found);
    };
    join4(
        probe(Step::Stun, None),
        probe(Step::TurnUdp, Some(RelayTransport::Udp)),
        probe(Step::TurnTcp, Some(RelayTransport::Tcp)),
        probe(Step::TurnTls, Some(RelayTransport::Tls)),
    )
    .await;
}

/// What the network is like.
async fn network(ice: &Ice) -> Finding {
    let urls = diagnosis::stun(ice);
    let asked = urls.len();
    if asked == 0 || ice.relay_only {
        return Finding::Skipped(if asked == 0 { Skip::NotTold } else { Skip::RelayOnly });
    }
    let is_local = diagnosis::is_local(&urls);
    let mut server = IceServer { urls, username: None, credential: None };
    let mut nat = gather(vec![server.clone()], false).await.0.nat(asked);
    if nat == Nat::Blocked && asked > 1 {
        // Where the one answers and the other does not, an address without NAT looks as if neither did.
        server.urls.truncate(1);
        nat = gather(vec![server], false).await.0.nat(1);
    }
    Finding::Stun(if is_local && nat != Nat::Blocked { Nat::Local } else { nat })
}

/// Whether one of these relays lends an address.
async fn relay(servers: Vec<IceServer>) -> Finding {
    if servers.is_empty() {
        return Finding::Skipped(Skip::NotTold);
    }
    let (gathered, took) = gather(servers, true).await;
    Finding::Relay(match gathered.refusal() {
        _ if gathered.has_relay() => Ok(took),
        Some(code) => Err(NoRelay::Refused(code)),
        None => Err(NoRelay::Unreachable),
    })
}

/// Lets the browser gather: all that there is, or the first address that a relay lends.
async fn gather(ice_servers: Vec<IceServer>, relay_only: bool) -> (Gathered, Millis) {
    let began = clock::now();
    let until = began + bounds::PROBE_GATHERING;
    let gathered = Rc::new(RefCell::new(Gathered::default()));
    let (queue, mut events) = Queue::new();
    let id = ConnectionId(0);
    let Ok(peer) = Peer::watcher(move |event| queue.push(Event::Connection(id, event))) else {
        return (gathered.take(), Millis(0));
    };
    let failed = Rc::clone(&gathered);
    let _errors = peer.on_server_error(move |code| failed.borrow_mut().error(code));
    peer.create_offer(Attempt(0), false);
    while clock::now() < until {
        match next(&mut events, until.min(clock::now() + LOOK)).await {
            Event::Connection(_, ConnectionEvent::OfferCreated { attempt, .. }) => {
                peer.set_offer(attempt, Ice { ice_servers: ice_servers.clone(), relay_only });
            }
            Event::Connection(_, ConnectionEvent::Candidate { candidate, .. }) => {
                gathered.borrow_mut().candidate(&candidate.candidate);
            }
            Event::Connection(_, ConnectionEvent::NegotiationFailed { .. }) => break,
            // Only now are all candidates taken that were told before.
            Event::Tick => gathered.borrow_mut().complete = peer.is_gathered(),
            _ => {}
        }
        let gathered = gathered.borrow();
        if gathered.complete || (relay_only && (gathered.has_relay() || gathered.refusal().is_some())) {
            break;
        }
    }
    (gathered.take(), clock::now() - began)
}

/// The next event, or a tick once it is `until`.
pub(super) async fn next(events: &mut mpsc::Receiver<Event>, until: Time) -> Event {
    match select(events.next(), wait_until(until)).await {
        Either::Left((Some(event), _)) => event,
        Either::Left((None, rest)) => {
            rest.await;
            Event::Tick
        }
        Either::Right(((), _)) => Event::Tick,
    }
}
