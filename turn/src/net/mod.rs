//! The server with its sockets. Packets are read in batches, each batch is decided on under one lock, and what it leads
//! to is sent in runs of equal packets, which the system takes as one.

mod addresses;
mod datagrams;
mod options;
mod ports;
mod runs;
mod stream;
#[cfg(test)]
mod tests;
mod thread;

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::warn;

use self::datagrams::{Datagrams, Scratch};
use self::ports::{RelaySocket, RelaySockets};
use self::runs::{Runs, Target};
use crate::bounds;
use crate::core::{AllocationId, Client, Core, Now, Outcome, Settings, Via, Wrap, data_indication};
use crate::credential::Secret;
use crate::frame;

/// A running STUN and TURN server. Clones are the same one.
#[derive(Clone, Debug)]
pub struct Turn(Arc<Shared>);

#[derive(Debug)]
pub(crate) struct Shared {
    core: Arc<Mutex<Core<Arc<RelaySocket>>>>,
    /// Where everything runs but streams.
    thread: Handle,
    datagrams: Vec<Datagrams>,
    streams: Mutex<HashMap<u64, mpsc::Sender<Vec<u8>>>>,
    next_stream: AtomicU64,
    /// Sockets are bound to all addresses, so that relays may have any of them.
    everywhere: bool,
    settings: Settings,
}

impl Turn {
    /// Serves on these datagram sockets, which are bound, until `shutdown`; further clients come by [`Turn::serve`].
    ///
    /// # Errors
    /// A socket could not be set up.
    pub fn start(
        sockets: Vec<UdpSocket>,
        settings: Settings,
        secret: Secret,
        shutdown: &CancellationToken,
        tasks: &TaskTracker,
    ) -> io::Result<Self> {
        let mut key = [0; 32];
        getrandom::fill(&mut key)?;
        let addresses = sockets.iter().map(UdpSocket::local_addr).collect::<io::Result<Vec<SocketAddr>>>()?;
        let everywhere = addresses.iter().any(|address| address.ip().is_unspecified());
        let core = Core::new(settings.clone(), secret, key, Instant::now());
        let core = Arc::new(Mutex::new(core));
        let ended = core.clone();
        // Relays' tasks hold the server, and it holds their sockets.
        let thread = thread::start(shutdown.clone(), tasks, move || lock(&ended).clear())?;
        let entered = thread.enter();
        let datagrams = sockets.into_iter().map(Datagrams::listening).collect::<io::Result<_>>()?;
        drop(entered);
        let shared = Arc::new(Shared {
            core,
            thread,
            datagrams,
            streams: Mutex::default(),
            next_stream: AtomicU64::new(0),
            everywhere,
            settings,
        });
        shared.look_up_own_addresses();
        for index in 0..shared.datagrams.len() {
            let listener = shared.clone();
            shared.thread.spawn(async move { listener.listen(index).await });
        }
        let keeper = shared.clone();
        shared.thread.spawn(async move { keeper.keep_time().await });
        Ok(Self(shared))
    }

    /// Serves one client over a stream, until either end closes it.
    pub async fn serve<S: tokio::io::AsyncRead + tokio::io::AsyncWrite>(
        &self,
        stream: S,
        client: SocketAddr,
        local: SocketAddr,
    ) {
        stream::serve(&self.0, stream, client, local).await;
    }

    /// Allocations at this moment.
    pub fn allocations(&self) -> usize {
        self.0.core().count()
    }
}

impl Shared {
    fn core(&self) -> MutexGuard<'_, Core<Arc<RelaySocket>>> {
        lock(&self.core)
    }

    fn streams(&self) -> MutexGuard<'_, HashMap<u64, mpsc::Sender<Vec<u8>>>> {
        lock(&self.streams)
    }

    async fn keep_time(&self) {
        let mut sweep = interval(bounds::SWEEP);
        sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut looked_up = Instant::now();
        loop {
            sweep.tick().await;
            let now = Instant::now();
            self.core().expire(now);
            if now.duration_since(looked_up) >= bounds::OWN_ADDRESSES {
                looked_up = now;
                self.look_up_own_addresses();
            }
        }
    }

    fn look_up_own_addresses(&self) {
        match addresses::own() {
            Ok(own) => self.core().set_own(own),
            // The earlier ones stay.
            Err(error) => warn!(%error, "this machine's addresses could not be looked up"),
        }
    }

    /// Reads what clients send to a listening socket.
    async fn listen(self: &Arc<Self>, index: usize) {
        let Some(datagrams) = self.datagrams.get(index) else { return };
        loop {
            datagrams.drain(|scratch| self.take_from_clients(index, scratch)).await;
        }
    }

    fn take_from_clients(self: &Arc<Self>, index: usize, scratch: &mut Scratch) {
        let now = now();
        let mut ports = RelaySockets(self);
        let Scratch { received, runs } = scratch;
        {
            let mut core = self.core();
            for packet in received.packets() {
                let via = Via::Udp { socket: index, local: packet.local };
                let client = Client { via, address: packet.from };
                match core.take_from_client(now, &client, packet.bytes, &mut ports) {
                    Outcome::Drop => {}
                    Outcome::Reply(answer) => runs.push(&target(&client), client.address, &[], &answer),
                    outcome => pass_on(outcome, packet.bytes, runs),
                }
            }
        }
        runs.send(self);
    }

    /// Reads what peers send to a relay.
    async fn relay(self: &Arc<Self>, relay: &ports::Reader) {
        loop {
            relay.datagrams.drain(|scratch| self.take_from_peers(relay.id, scratch)).await;
        }
    }

    fn take_from_peers(&self, relay: AllocationId, scratch: &mut Scratch) {
        let now = Instant::now();
        let Scratch { received, runs } = scratch;
        {
            let mut core = self.core();
            for packet in received.packets() {
                if let Some((client, wrap)) = core.take_from_peer(now, relay, packet.from, packet.bytes.len())
                {
                    to_client(&client, wrap, packet.bytes, runs);
                }
            }
        }
        runs.send(self);
    }

    /// Puts a message into a stream's queue. What a full one cannot take is lost, as on any full link.
    fn to_stream(&self, id: u64, message: Vec<u8>) {
        if let Some(queue) = self.streams().get(&id) {
            let _ = queue.try_send(message);
        }
    }

    fn add_stream(&self) -> (u64, mpsc::Receiver<Vec<u8>>) {
        let id = self.next_stream.fetch_add(1, Ordering::Relaxed);
        let (sender, receiver) = mpsc::channel(bounds::STREAM_QUEUE);
        self.streams().insert(id, sender);
        (id, receiver)
    }

    /// The address that the world is told in place of this one.
    fn told(&self, bound: IpAddr) -> IpAddr {
        let public = self.settings.public.iter().find(|public| public.is_ipv4() == bound.is_ipv4());
        public.copied().unwrap_or(bound)
    }
}

/// Puts what comes of a packet on its way, unless it is an answer.
fn pass_on(outcome: Outcome<Arc<RelaySocket>>, packet: &[u8], runs: &mut Runs) {
    match outcome {
        Outcome::ToPeer { relay, peer, part } => {
            if let Some(bytes) = packet.get(part) {
                runs.push(&Target::Relay(relay), peer, &[], bytes);
            }
        }
        Outcome::ToClient { client, wrap, part } => {
            if let Some(bytes) = packet.get(part) {
                to_client(&client, wrap, bytes, runs);
            }
        }
        Outcome::Drop | Outcome::Reply(_) => {}
    }
}

fn to_client(client: &Client, wrap: Wrap, bytes: &[u8], runs: &mut Runs) {
    let target = target(client);
    match wrap {
        Wrap::Channel(number) => {
            let header = frame::channel_header(number, bytes.len());
            runs.push(&target, client.address, &header, bytes);
        }
        Wrap::Indication(peer) => runs.push(&target, client.address, &[], &data_indication(peer, bytes)),
    }
}

/// What leads to a client.
fn target(client: &Client) -> Target {
    match client.via {
        Via::Udp { socket, local } => Target::Listener { socket, local },
        Via::Stream { id, .. } => Target::Stream(id),
    }
}

/// Every change is complete before anything can panic, so a poisoned lock tells nothing.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn now() -> Now {
    let unix = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    Now { instant: Instant::now(), unix }
}
