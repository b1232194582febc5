//! Messages on their way between pages and server: when they arrive, if they do.

use vong_protocol::ServerMessage;
use vong_session::{Event, Millis, SocketId};

use super::room::Socket;
use super::{Arrival, Page, World};

impl World {
    /// How long it takes between the page and the server.
    pub(super) fn way(&self, page: Page, socket: Option<Socket>) -> Millis {
        let of_socket = socket.and_then(|socket| self.held.get(&socket)).copied();
        let held = of_socket.unwrap_or_default().max(self.clients[page].held);
        Millis(self.latency.0 + (held - self.now).0)
    }

    /// When copies of a message from or to this page arrive. None: it is lost, and the socket with it.
    pub(super) fn delays(&mut self, page: Page, socket: Socket) -> Vec<Millis> {
        let mut hit = |percent: u32| self.rng.u32(0..100) < percent;
        let (lost, twice, late) =
            (hit(self.faults.loss), hit(self.faults.duplication), hit(self.faults.reorder));
        if lost {
            self.cut_socket(page);
            return Vec::new();
        }
        let way = self.way(page, Some(socket));
        let first = if late { Millis(way.0 * 4) } else { way };
        if twice { vec![first, Millis(first.0 * 2)] } else { vec![first] }
    }

    pub(super) fn later(&mut self, delay: Millis, arrival: Arrival) {
        self.next += 1;
        self.arrivals.insert((self.now + delay, self.next), arrival);
    }

    pub(super) fn arrive(&mut self) {
        while let Some(entry) = self.arrivals.first_entry() {
            if entry.key().0 > self.now {
                return;
            }
            match entry.remove() {
                Arrival::ToPage(page, event) => {
                    let message_of_closed = match &event {
                        Event::Message(id, _) => !self.clients[page].sockets.contains_key(id),
                        Event::Connection(id, _) => !self.media.peers.contains_key(&(page, *id)),
                        _ => false,
                    };
                    if !message_of_closed {
                        self.event(page, event);
                    }
                }
                Arrival::ToServer(socket, message) => {
                    if let Some(server) = &mut self.server {
                        server.received(self.now, socket, message);
                    }
                }
                Arrival::Opened(socket, page, id) => {
                    if self.server.is_some() && self.clients[page].online && self.clients[page].running {
                        self.clients[page].sockets.insert(id, socket);
                        self.event(page, Event::SocketOpened(id));
                    } else {
                        self.event(page, Event::SocketClosed(id));
                    }
                }
                Arrival::ClosedAtServer(socket) => {
                    // Whatever the reordering, nothing comes over a socket after its end.
                    self.arrivals.retain(|_, a| !matches!(a, Arrival::ToServer(s, _) if *s == socket));
                    if let Some(server) = self.server.as_mut().filter(|_| !self.mute.contains(&socket)) {
                        server.socket_closed(self.now, socket);
                    }
                }
            }
        }
    }

    pub(super) fn serve(&mut self) {
        let Some(server) = &mut self.server else { return };
        server.tick(self.now);
        let (out, close) = (std::mem::take(&mut server.out), std::mem::take(&mut server.close));
        for (socket, message) in out {
            self.tell_page(socket, &message);
        }
        for socket in close {
            if let Some((page, id)) = self.owner(socket).filter(|_| !self.mute.contains(&socket)) {
                // Behind the last message, as a close is.
                self.later(Millis(self.latency.0 * 8), Arrival::ToPage(page, Event::SocketClosed(id)));
            }
        }
    }

    pub(super) fn tell_page(&mut self, socket: Socket, message: &ServerMessage) {
        if let Some((page, id)) = self.owner(socket).filter(|_| !self.mute.contains(&socket)) {
            for delay in self.delays(page, socket) {
                self.later(delay, Arrival::ToPage(page, Event::Message(id, message.clone())));
            }
        }
    }

    pub(super) fn owner(&self, socket: Socket) -> Option<(Page, SocketId)> {
        let sockets =
            self.clients.iter().enumerate().flat_map(|(p, c)| c.sockets.iter().map(move |s| (p, s)));
        sockets.into_iter().find(|(_, (_, s))| **s == socket).map(|(page, (id, _))| (page, *id))
    }
}
