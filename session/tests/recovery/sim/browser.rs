//! What a page asks of its browser: sockets, connections, and promises that resolve a little later.

use vong_protocol::{Attempt, ClientMessage};
use vong_session::{ConnectionEvent, ConnectionId, Event, Millis, Output, Talk};

use super::media::End;
use super::{Arrival, BROWSER, Client, Page, World};

/// Ways between page and server until a socket is open: TCP's and HTTP's.
const HANDSHAKES: u64 = 4;

impl World {
    pub(super) fn output(&mut self, page: Page, output: Output) {
        match output {
            Output::OpenSocket(id) => {
                self.clients[page].opened += 1;
                if self.server.is_some() && self.clients[page].online {
                    self.next += 1;
                    let handshakes = Millis(self.way(page, None).0 + self.latency.0 * (HANDSHAKES - 1));
                    self.later(handshakes, Arrival::Opened(self.next, page, id));
                } else {
                    self.later(self.latency, Arrival::ToPage(page, Event::SocketClosed(id)));
                }
            }
            Output::CloseSocket(id) => {
                if let Some(socket) = self.clients[page].sockets.remove(&id) {
                    self.later(self.way(page, Some(socket)), Arrival::ClosedAtServer(socket));
                }
            }
            Output::Send(id, message) => {
                assert!(ClientMessage::parse(&message.to_json()).is_ok(), "a page sent {message:?}");
                if let Some(socket) =
                    self.clients[page].sockets.get(&id).copied().filter(|s| !self.mute.contains(s))
                {
                    for delay in self.delays(page, socket) {
                        self.later(delay, Arrival::ToServer(socket, message.clone()));
                    }
                }
            }
            Output::CreateOffer { connection, attempt, restart } => {
                let end = self.connect(page, connection, restart);
                if self.refuses(end, attempt) {
                    return;
                }
                let sdp = self.media.describe(end, attempt);
                self.promise(page, connection, ConnectionEvent::OfferCreated { attempt, sdp });
            }
            Output::SetOffer { connection, attempt, ice } => {
                self.clients[page].ice = ice;
                self.gather((page, connection), attempt);
            }
            Output::ApplyAnswer { connection, attempt, sdp } => {
                if self.refuses((page, connection), attempt) {
                    return;
                }
                self.media.set_remote((page, connection), &sdp);
                self.promise(page, connection, ConnectionEvent::AnswerApplied { attempt });
            }
            Output::Accept { connection, attempt, restart, sdp, ice } => {
                self.clients[page].ice = ice;
                let end = self.connect(page, connection, restart);
                if self.refuses(end, attempt) {
                    return;
                }
                self.media.set_remote(end, &sdp);
                let answer = self.media.describe(end, attempt);
                self.promise(page, connection, ConnectionEvent::AnswerCreated { attempt, sdp: answer });
                self.gather(end, attempt);
            }
            Output::AddCandidate { connection, .. } => self.media.add_candidate((page, connection)),
            Output::Measure(connection) => {
                let peer = &self.media.peers[&(page, connection)];
                let (bytes, frames) = (peer.bytes, peer.frames);
                self.promise(page, connection, ConnectionEvent::Received { bytes, frames });
            }
            Output::Show(connection) => {
                assert!(self.media.peers.contains_key(&(page, connection)), "what is shown is there");
                self.clients[page].shown = Some(connection);
            }
            Output::Close(connection) => {
                let was_connected = self.media.is_connected((page, connection));
                let closed = self.media.peers.remove(&(page, connection)).expect("what is closed is there");
                if let Some(((other, its), _)) = closed.remote.filter(|_| was_connected) {
                    let told = Event::Connection(its, ConnectionEvent::ClosedByPeer);
                    self.later(self.latency, Arrival::ToPage(other, told));
                }
            }
            Output::Tell(connection, text) => {
                let peer = self.media.peers.get_mut(&(page, connection));
                let peer = peer.expect("what is told goes over a connection that is there");
                assert!(peer.has_channel, "what is told goes over a channel that is open");
                peer.unsent.push(text.to_string());
            }
            Output::Met(connection, number) => {
                assert!(self.media.peers[&(page, connection)].has_channel, "who is met can be spoken to");
                assert_eq!(number == 0, !self.clients[page].broadcasts, "0 is the broadcaster");
                self.clients[page].met.push(number);
            }
            Output::Talk(talk) => {
                let Client { said, full, .. } = &mut self.clients[page];
                match talk {
                    Talk::Standing(standing) => *full = standing.full,
                    Talk::Begun => said.clear(),
                    Talk::Said(line) => {
                        assert!(said.last().is_none_or(|last| last.seq < line.seq), "numbers rise: {line:?}");
                        said.push(line);
                    }
                    Talk::Unsaid(seq) => said.retain(|line| line.seq != seq),
                    _ => {}
                }
            }
            Output::KeepPast(past) => self.clients[page].past = Some(past),
            Output::KeepKey(key) => self.clients[page].key = Some(key),
            Output::Status(status) => {
                assert_ne!(status, self.clients[page].status, "a status is told when it changes");
                if status.phase != self.clients[page].status.phase {
                    self.clients[page].phases.push(status.phase);
                }
                self.clients[page].status = status;
            }
        }
    }

    /// Makes the connection, or finds the one to restart.
    fn connect(&mut self, page: Page, connection: ConnectionId, restart: bool) -> End {
        let end = (page, connection);
        assert_eq!(restart, self.media.peers.contains_key(&end), "a restart is of a connection there is");
        self.media.peers.entry(end).or_default();
        end
    }

    /// Sets the description made last as the local one; candidates follow it one by one.
    fn gather(&mut self, (page, connection): End, attempt: Attempt) {
        let candidate = self.media.set_local((page, connection), attempt);
        for _ in 0..self.candidates {
            let candidate = candidate.clone();
            self.promise(page, connection, ConnectionEvent::Candidate { attempt, candidate });
        }
    }

    /// Whether the browser refuses this step, which it says.
    fn refuses(&mut self, (page, connection): End, attempt: Attempt) -> bool {
        let refuses = self.rng.u32(0..100) < self.faults.refusal;
        if refuses {
            self.promise(page, connection, ConnectionEvent::NegotiationFailed { attempt });
        }
        refuses
    }

    fn promise(&mut self, page: Page, connection: ConnectionId, event: ConnectionEvent) {
        self.later(BROWSER, Arrival::ToPage(page, Event::Connection(connection, event)));
    }
}
