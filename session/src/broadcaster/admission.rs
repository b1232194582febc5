//! Who may watch: the broadcaster's word, which the server enforces.

use vong_protocol::{ClientMessage, PeerId};

use super::Broadcaster;
use crate::bounds;
use crate::talk::Admission;
use crate::time::Time;

impl Broadcaster {
    pub(super) fn admits(&mut self, admission: Admission) {
        if self.admission.as_ref() != Some(&admission) {
            self.admission = Some(admission);
            self.say_admission();
        }
    }

    /// A server that was started anew knows nothing of it, and hears of nothing while it is away.
    pub(super) fn say_who_may_watch(&mut self) {
        self.say_admission();
        for (id, bar) in std::mem::take(&mut self.owed) {
            self.send(ClientMessage::Remove { id, bar });
        }
    }

    fn say_admission(&mut self) {
        if let Some(Admission { locked, password, most }) = self.admission.clone() {
            self.send(ClientMessage::Admission { locked, password, most });
        }
    }

    /// Closes the connection at once; the server keeps the watcher from coming back.
    pub(super) fn remove(&mut self, now: Time, number: u32, bar: bool) {
        let Some(peer) = self.host.peer(number) else { return };
        self.close(peer);
        self.peers.entry(peer).barred = Some(now + bounds::FLOODED);
        if self.link.is_up() {
            self.send(ClientMessage::Remove { id: peer, bar });
        } else if self.owed.len() < bounds::REMOVALS {
            self.owed.push((peer, bar));
        }
    }

    pub(super) fn unbar(&mut self) {
        let barred = |(id, bar): &(PeerId, bool)| if *bar { None } else { Some((*id, false)) };
        self.owed = self.owed.iter().filter_map(barred).collect();
        for (_, peer) in self.peers.iter_mut() {
            peer.barred = None;
        }
        self.send(ClientMessage::Unbar {});
    }
}
