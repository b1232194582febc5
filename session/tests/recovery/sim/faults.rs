//! What goes wrong with pages, with the network between them and with the server.

use vong_protocol::{ErrorCode, ServerMessage};
use vong_session::{Event, Millis};

use super::media::Page;
use super::{Arrival, World};

/// What the network does to messages beyond delaying them.
#[derive(Clone, Copy, Default)]
pub(crate) struct Faults {
    /// Percent of messages that are lost, and with them the socket, as with TCP.
    pub(crate) loss: u32,
    /// Percent delivered twice.
    pub(crate) duplication: u32,
    /// Percent that arrive late, behind their successors.
    pub(crate) reorder: u32,
    /// Percent of the steps of a negotiation that the browser refuses.
    pub(crate) refusal: u32,
}

impl World {
    /// The page says goodbye and goes.
    pub(crate) fn leave(&mut self, page: Page) {
        self.event(page, Event::Leave);
        self.run(Millis(self.latency.0 * 2));
        self.kill(page);
    }

    /// The page is gone without a word, as when its browser crashes or reloads.
    pub(crate) fn kill(&mut self, page: Page) {
        self.clients[page].running = false;
        self.media.peers.retain(|(p, _), _| *p != page);
        for (_, socket) in std::mem::take(&mut self.clients[page].sockets) {
            // Its last words do not outlive it, or a reload could lose its room to the page it replaced.
            self.arrivals.retain(|_, a| !matches!(a, Arrival::ToServer(s, _) if *s == socket));
            self.later(self.latency, Arrival::ClosedAtServer(socket));
        }
    }

    /// Breaks the page's socket; its route may work for the next.
    pub(crate) fn cut_socket(&mut self, page: Page) {
        for (id, socket) in std::mem::take(&mut self.clients[page].sockets) {
            self.later(self.way(page, Some(socket)), Arrival::ClosedAtServer(socket));
            self.later(self.latency, Arrival::ToPage(page, Event::SocketClosed(id)));
        }
    }

    /// Nothing comes over the page's socket any more, and neither end is told.
    pub(crate) fn mute_socket(&mut self, page: Page) {
        self.mute.extend(self.clients[page].sockets.values());
    }

    /// What is sent over the page's sockets from now on waits this long, as after a loss. Not what is sent over a new one.
    pub(crate) fn stall_socket(&mut self, page: Page, span: Millis) {
        let until = self.now + span;
        self.held.extend(self.clients[page].sockets.values().map(|socket| (*socket, until)));
    }

    /// Nothing but media passes between the page and the server for this long.
    pub(crate) fn stall_network(&mut self, page: Page, span: Millis) {
        self.clients[page].held = self.now + span;
    }

    /// The page's router maps to other ports: nothing comes over what was open before, and nobody is told.
    pub(crate) fn map_anew(&mut self, page: Page) {
        self.mute_socket(page);
        self.move_path();
    }

    /// The page's address is another: nothing comes over what was open before, and the browser says that it has a network.
    pub(crate) fn change_network(&mut self, page: Page) {
        self.map_anew(page);
        self.announce_network(page);
    }

    /// The browser says that it has a network, whatever became of it.
    pub(crate) fn announce_network(&mut self, page: Page) {
        self.event(page, Event::NetworkChanged);
    }

    pub(crate) fn set_online(&mut self, page: Page, online: bool) {
        self.clients[page].online = online;
        if online {
            self.event(page, Event::Wake);
        } else {
            self.cut_socket(page);
        }
    }

    pub(crate) fn kill_server(&mut self) {
        self.server = None;
        for page in 0..self.clients.len() {
            self.cut_socket(page);
        }
        self.arrivals.retain(|_, a| !matches!(a, Arrival::ToServer(..) | Arrival::ClosedAtServer(_)));
    }

    /// The server says that it stops, and does.
    pub(crate) fn shut_down_server(&mut self) {
        let sockets: Vec<_> = self.clients.iter().flat_map(|c| c.sockets.values().copied()).collect();
        let code = ErrorCode::ShuttingDown;
        for socket in sockets {
            self.tell_page(socket, &ServerMessage::Error { code, message: String::new() });
        }
        self.run(Millis(self.latency.0 * 4));
        self.kill_server();
    }

    /// Whoever joins is turned away with this.
    pub(crate) fn turn_away(&mut self, code: Option<ErrorCode>) {
        if let Some(server) = &mut self.server {
            server.turns_away = code;
        }
    }

    /// Media packets stop (`true`) or pass again over the same path.
    pub(crate) fn cut_media(&mut self, cut: bool) {
        self.media.cut = cut;
    }

    /// Every address changes: what was negotiated before leads nowhere.
    pub(crate) fn move_path(&mut self) {
        self.media.path += 1;
    }
}
