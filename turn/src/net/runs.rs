//! Packets on their way out, put together where they go the same way and have the same length: the system then takes
//! many with one call.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use super::Shared;
use super::ports::RelaySocket;

/// The most that the system takes at once.
const RUN: usize = 64_000;

/// What a packet leaves by.
#[derive(Clone, Debug)]
pub(crate) enum Target {
    /// A listening socket, from this address of the machine.
    Listener { socket: usize, local: Option<IpAddr> },
    /// A relay's socket.
    Relay(Arc<RelaySocket>),
    /// A stream.
    Stream(u64),
}

impl Target {
    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Listener { socket, local }, Self::Listener { socket: s, local: l }) => {
                socket == s && local == l
            }
            (Self::Relay(relay), Self::Relay(other)) => Arc::ptr_eq(relay, other),
            (Self::Stream(id), Self::Stream(other)) => id == other,
            _ => false,
        }
    }
}

#[derive(Debug)]
struct Run {
    target: Target,
    to: SocketAddr,
    /// Bytes of each packet but the last.
    segment: usize,
    bytes: Vec<u8>,
    /// The last packet is shorter than the others, so none can follow.
    closed: bool,
}

/// See the module. Kept between batches for its buffers.
#[derive(Debug, Default)]
pub(crate) struct Runs {
    runs: Vec<Run>,
    spare: Vec<Vec<u8>>,
}

impl Runs {
    /// Adds a packet, in two parts. Packets that go the same way keep their order.
    pub(crate) fn push(&mut self, target: &Target, to: SocketAddr, head: &[u8], bytes: &[u8]) {
        let length = head.len() + bytes.len();
        let run = self.runs.iter_mut().rev().find(|run| run.to == to && run.target.is(target));
        if let Some(run) = run
            && !run.closed
            && length <= run.segment
            && run.bytes.len() + length <= RUN
            && !matches!(target, Target::Stream(_))
        {
            run.closed = length < run.segment;
            run.bytes.extend_from_slice(head);
            run.bytes.extend_from_slice(bytes);
            return;
        }
        let mut buffer = self.spare.pop().unwrap_or_default();
        buffer.extend_from_slice(head);
        buffer.extend_from_slice(bytes);
        // An empty datagram is one, too, and cannot be part of a longer run.
        let closed = length == 0;
        self.runs.push(Run { target: target.clone(), to, segment: length, bytes: buffer, closed });
    }

    /// Sends everything.
    pub(crate) fn send(&mut self, shared: &Shared) {
        for Run { target, to, segment, mut bytes, .. } in self.runs.drain(..) {
            match target {
                Target::Listener { socket, local } => {
                    if let Some(datagrams) = shared.datagrams.get(socket) {
                        datagrams.send(to, local, &bytes, segment);
                    }
                }
                Target::Relay(relay) => relay.datagrams.send(to, None, &bytes, segment),
                Target::Stream(id) => {
                    shared.to_stream(id, bytes);
                    continue;
                }
            }
            bytes.clear();
            self.spare.push(bytes);
        }
    }
}
