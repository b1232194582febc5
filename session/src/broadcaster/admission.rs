//! Who may watch: the broadcaster's word, which the server enforces.

use vong_protocol::ClientMessage;

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
        if self.unbarred {
            self.send(ClientMessage::Unbar {});
        }
        let removals = self.removals.clone();
        // Who was only sent away is sent away once; who is kept out stays out.
        self.removals.retain(|(_, bar)| *bar);
        for (id, bar) in removals {
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
        let Some(peer) = self.host.audience.peer(number) else { return };
        self.close(peer);
        self.peers.entry(peer).barred = Some(now + bounds::FLOODED);
        if bar {
            self.unbarred = false;
        }
        if bar || !self.link.is_up() {
            self.removals.retain(|(id, _)| *id != peer);
            if self.removals.len() >= bounds::REMOVALS {
                self.removals.remove(0);
            }
            self.removals.push((peer, bar));
        }
        self.send(ClientMessage::Remove { id: peer, bar });
    }

    pub(super) fn unbar(&mut self) {
        self.unbarred = true;
        self.removals.retain(|(_, bar)| !*bar);
        for (_, peer) in self.peers.iter_mut() {
            peer.barred = None;
        }
        self.send(ClientMessage::Unbar {});
    }
}
