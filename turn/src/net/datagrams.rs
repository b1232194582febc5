//! One datagram socket, read and written in batches.

use std::cell::RefCell;
use std::io::{self, IoSliceMut};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};

use quinn_udp::{RecvMeta, Transmit, UdpSockRef, UdpSocketState};
use tokio::io::Interest;
use tracing::debug;

use super::options;
use super::runs::Runs;
use crate::bounds;

/// See the module.
#[derive(Debug)]
pub(crate) struct Datagrams {
    socket: tokio::net::UdpSocket,
    state: UdpSocketState,
    /// It takes IPv4 addresses in their IPv6 form.
    mapped: bool,
    /// It is bound to one, so that packets need not say which they leave from.
    one_address: bool,
}

/// What one read brought.
#[derive(Debug)]
pub(crate) struct Received {
    buffers: Vec<Vec<u8>>,
    about: Vec<RecvMeta>,
    count: usize,
}

/// One datagram.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Packet<'a> {
    pub(crate) from: SocketAddr,
    /// The address of this machine that it came to.
    pub(crate) local: Option<IpAddr>,
    pub(crate) bytes: &'a [u8],
}

/// What a thread needs to carry packets from one socket to others.
#[derive(Debug)]
pub(crate) struct Scratch {
    pub(crate) received: Received,
    pub(crate) runs: Runs,
}

thread_local! {
    /// One for each thread rather than for each socket, of which there are thousands.
    static SCRATCH: RefCell<Scratch> = RefCell::new(Scratch {
        received: Received {
            buffers: vec![vec![0; bounds::PACKET]; bounds::BATCH],
            about: vec![RecvMeta::default(); bounds::BATCH],
            count: 0,
        },
        runs: Runs::default(),
    });
}

/// Lends this thread's. Not across an await, and not twice at once.
pub(crate) fn with_scratch(act: impl FnOnce(&mut Scratch)) {
    SCRATCH.with_borrow_mut(act);
}

impl Received {
    pub(crate) fn packets(&self) -> impl Iterator<Item = Packet<'_>> {
        self.buffers.iter().zip(&self.about).take(self.count).flat_map(|(buffer, about)| {
            let from = SocketAddr::new(about.addr.ip().to_canonical(), about.addr.port());
            let local = about.dst_ip.map(|ip| ip.to_canonical());
            let bytes = buffer.get(..about.len).unwrap_or_default();
            bytes.chunks(about.stride.max(1)).map(move |bytes| Packet { from, local, bytes })
        })
    }
}

impl Datagrams {
    /// For clients: many of them share its queues.
    pub(crate) fn listening(socket: UdpSocket) -> io::Result<Self> {
        let queues = socket2::SockRef::from(&socket);
        // As far as the system allows; a short queue loses packets under load and is no reason not to serve.
        let _ = queues.set_recv_buffer_size(bounds::SOCKET_QUEUE);
        let _ = queues.set_send_buffer_size(bounds::SOCKET_QUEUE);
        let address = socket.local_addr()?;
        let mapped = address.is_ipv6() && !queues.only_v6().unwrap_or(true);
        Self::new(socket, mapped, !address.ip().is_unspecified())
    }

    /// For one relay.
    pub(crate) fn relaying(socket: UdpSocket) -> io::Result<Self> {
        let datagrams = Self::new(socket, false, true)?;
        options::tell_no_address(&datagrams.socket);
        Ok(datagrams)
    }

    fn new(socket: UdpSocket, mapped: bool, one_address: bool) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        let state = UdpSocketState::new(UdpSockRef::from(&socket))?;
        options::tell_less(&socket);
        Ok(Self { socket: tokio::net::UdpSocket::from_std(socket)?, state, mapped, one_address })
    }

    /// Waits for datagrams and has each batch dealt with, until there are none for now or it is the others' turn.
    pub(crate) async fn drain(&self, deal: impl Fn(&mut Scratch)) {
        // It fails only when the runtime ends.
        let _ = self.socket.readable().await;
        let mut outcome = Ok(true);
        with_scratch(|scratch| {
            for _ in 0..bounds::BATCHES {
                outcome = self.receive(&mut scratch.received);
                if scratch.received.count > 0 {
                    deal(scratch);
                }
                if !matches!(outcome, Ok(true)) {
                    return;
                }
            }
        });
        match outcome {
            Ok(true) => tokio::task::yield_now().await,
            Ok(false) => {}
            Err(error) => {
                debug!(%error, "a datagram socket could not be read");
                tokio::time::sleep(bounds::READ_PAUSE).await;
            }
        }
    }

    /// Reads a batch: whether there may be more.
    fn receive(&self, received: &mut Received) -> io::Result<bool> {
        received.count = 0;
        let outcome = self.socket.try_io(Interest::READABLE, || {
            let mut slices = received.buffers.iter_mut().map(|buffer| IoSliceMut::new(buffer));
            let mut slices: [IoSliceMut<'_>; bounds::BATCH] =
                std::array::from_fn(|_| slices.next().unwrap_or_else(|| IoSliceMut::new(&mut [])));
            received.count =
                self.state.recv(UdpSockRef::from(&self.socket), &mut slices, &mut received.about)?;
            // Fewer than asked for: there are no more, and the system need not be asked again to know.
            if received.count < bounds::BATCH { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(true) }
        });
        match outcome {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
            outcome => outcome,
        }
    }

    /// Sends datagrams of `segment` bytes each, the last of which may be shorter. What a full queue cannot take is lost.
    pub(crate) fn send(&self, to: SocketAddr, from: Option<IpAddr>, contents: &[u8], segment: usize) {
        let destination = match to.ip() {
            IpAddr::V4(v4) if self.mapped => SocketAddr::new(v4.to_ipv6_mapped().into(), to.port()),
            _ => to,
        };
        let src_ip = from.filter(|from| {
            !self.one_address && !from.is_unspecified() && *from != IpAddr::V4(Ipv4Addr::BROADCAST)
        });
        let at_once = segment.saturating_mul(self.state.max_gso_segments()).max(segment).max(1);
        for contents in contents.chunks(at_once) {
            let sent = if contents.len() <= segment && src_ip.is_none() {
                // Nothing to say about it: the plain call is cheaper.
                self.socket.try_send_to(contents, destination).map(|_| ())
            } else {
                let segment_size = (contents.len() > segment).then_some(segment);
                let transmit = Transmit { destination, ecn: None, contents, segment_size, src_ip };
                self.socket.try_io(Interest::WRITABLE, || {
                    self.state.try_send(UdpSockRef::from(&self.socket), &transmit)
                })
            };
            if let Err(error) = sent {
                debug!(%error, %to, "datagrams could not be sent");
            }
        }
    }
}
