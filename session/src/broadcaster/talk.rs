//! The chat, over the connections to all watchers.

use std::rc::Rc;

use vong_protocol::PeerId;

use super::Broadcaster;
use crate::api::{ConnectionId, Output};
use crate::bounds;
use crate::talk::{Fate, HostWishes, Intent, Talk, To, Wishes};
use crate::time::Time;

impl Broadcaster {
    pub(super) fn met(&mut self, id: ConnectionId, peer: PeerId) {
        let mut wishes = Wishes::default();
        let number = self.host.audience.came(peer, &mut wishes);
        self.carry_out(wishes);
        self.out.push_back(Output::Met(id, number));
    }

    pub(super) fn told_by_watcher(&mut self, now: Time, date: u64, peer: PeerId, text: &str) {
        let mut wishes = Wishes::default();
        let fate = self.host.told(now, date, peer, text, &mut wishes);
        self.carry_out(wishes);
        if fate == Fate::Goes {
            self.close(peer);
            self.peers.entry(peer).barred = Some(now + bounds::FLOODED);
        }
    }

    pub(super) fn intends(&mut self, now: Time, date: u64, intent: Intent) {
        let mut wishes = Wishes::default();
        match intent {
            Intent::Remove(number, bar) => self.remove(now, number, bar),
            Intent::Unbar => self.unbar(),
            Intent::Admission(admission) => self.admits(admission),
            intent => self.host.intends(now, date, intent, &mut wishes),
        }
        self.carry_out(wishes);
    }

    pub(super) fn count_audience(&mut self, now: Time) {
        let mut wishes = Wishes::default();
        self.host.audience.tick(now, &mut wishes);
        self.carry_out(wishes);
    }

    /// The watcher has no connection any more.
    pub(super) fn talks_no_more(&mut self, peer: PeerId) {
        let mut wishes = Wishes::default();
        self.host.audience.closed(peer, &mut wishes);
        self.carry_out(wishes);
    }

    pub(super) fn carry_out(&mut self, wishes: HostWishes) {
        let changed = wishes.show.iter().any(|talk| matches!(talk, Talk::Said(_) | Talk::Unsaid(_)));
        self.out.extend(wishes.show.into_iter().map(Output::Talk));
        for (to, message) in wishes.tell {
            // Written once, however many read it.
            let text: Rc<str> = message.to_json().into();
            let ways: Vec<ConnectionId> = match to {
                To::One(peer) => self.way(peer).into_iter().collect(),
                To::All => self.host.audience.here().filter_map(|peer| self.way(peer)).collect(),
            };
            self.out.extend(ways.into_iter().map(|way| Output::Tell(way, Rc::clone(&text))));
        }
        if changed {
            self.out.push_back(Output::KeepPast(self.host.past()));
        }
    }

    fn way(&self, peer: PeerId) -> Option<ConnectionId> {
        self.peers.get(peer)?.connection.as_ref().map(|connection| connection.id)
    }
}
