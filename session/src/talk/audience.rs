//! The broadcaster's account of who watches: their numbers and names, who is muted, how fast each may speak. It must not know
//! what they say.

use vong_protocol::PeerId;
use vong_protocol::channel::{BroadcasterMessage, Name};

use super::past::Known;
use super::rate::Rate;
use super::{HostWishes, Member, Talk, To};
use crate::bounds;
use crate::peers::Peers;
use crate::time::Time;

#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is true or not for itself")]
pub(super) struct Viewer {
    /// From 1; 0 for one that has none yet.
    pub(super) number: u32,
    pub(super) name: Option<Name>,
    pub(super) hand: bool,
    pub(super) muted: bool,
    /// The broadcaster sees it among those who watch.
    pub(super) listed: bool,
    /// It has said hello over the connection that there is.
    pub(super) here: bool,
    /// Its own number for what it said last.
    pub(super) last_id: u32,
    pub(super) messages: Rate,
    pub(super) words: Rate,
    pub(super) reactions: Rate,
    pub(super) changes: Rate,
}

impl Viewer {
    /// As the broadcaster sees it.
    pub(super) fn member(&self) -> Member {
        Member { number: self.number, name: self.name.clone(), hand: self.hand, muted: self.muted }
    }
}

#[derive(Debug)]
pub(crate) struct Audience {
    viewers: Peers<Viewer>,
    /// The number that was given last.
    last: u32,
    /// How many they are, as all were told last, and when they may be told again.
    told: (u32, Time),
}

impl Audience {
    pub(super) fn new(last: u32, known: Vec<Known>) -> Self {
        let mut viewers = Peers::<Viewer>::new();
        for Known { id, number, last_id, muted } in known.into_iter().take(bounds::GUESTS) {
            *viewers.entry(id) = Viewer { number, muted, last_id, ..Viewer::default() };
        }
        Self { viewers, last, told: (0, Time(0)) }
    }

    /// The number that was given last, and those who are to be known again.
    pub(super) fn known(&self) -> (u32, Vec<Known>) {
        let known = |(id, viewer): &(PeerId, Viewer)| Known {
            id: *id,
            number: viewer.number,
            last_id: viewer.last_id,
            muted: viewer.muted,
        };
        let kept = |(_, viewer): &&(PeerId, Viewer)| viewer.number > 0 && (viewer.listed || viewer.muted);
        (self.last, self.viewers.iter().filter(kept).map(known).collect())
    }

    /// The one of this id.
    pub(super) fn viewer(&mut self, peer: PeerId) -> &mut Viewer {
        self.viewers.entry(peer)
    }

    /// The one of this number.
    pub(super) fn numbered(&mut self, number: u32) -> Option<(PeerId, &mut Viewer)> {
        let of_number = self.viewers.iter_mut().find(|(_, viewer)| viewer.number == number);
        of_number.map(|(id, viewer)| (*id, viewer))
    }

    /// Of how many it keeps account.
    #[cfg(test)]
    #[cfg(not(target_arch = "wasm32"))]
    pub(super) fn viewers(&self) -> usize {
        self.viewers.len()
    }

    /// Who has this number.
    pub(crate) fn peer(&self, number: u32) -> Option<PeerId> {
        self.viewers.iter().find(|(_, viewer)| viewer.number == number).map(|(id, _)| *id)
    }

    /// Who takes part now.
    pub(crate) fn here(&self) -> impl Iterator<Item = PeerId> {
        self.viewers.iter().filter(|(_, viewer)| viewer.here).map(|(id, _)| *id)
    }

    /// How many take part now.
    pub(super) fn count(&self) -> u32 {
        u32::try_from(self.here().count()).unwrap_or(u32::MAX)
    }

    /// When [`Self::tick`] has something to do.
    pub(crate) fn deadline(&self) -> Option<Time> {
        let (told, next) = self.told;
        (self.count() != told).then_some(next)
    }

    /// Tells all how many they are, if that has changed and they were not told just now.
    pub(crate) fn tick(&mut self, now: Time, wishes: &mut HostWishes) {
        if self.deadline().is_some_and(|due| now >= due) {
            let count = self.count();
            self.told = (count, now + bounds::AUDIENCE);
            wishes.tell.push((To::All, BroadcasterMessage::Audience { count }));
        }
    }

    /// Somebody watches, whether it takes part or not: the broadcaster has to see it, to be able to send it away. Its number.
    pub(crate) fn came(&mut self, peer: PeerId, wishes: &mut HostWishes) -> u32 {
        self.remember(peer);
        let viewer = self.viewers.entry(peer);
        if !std::mem::replace(&mut viewer.listed, true) {
            if viewer.number == 0 {
                self.last += 1;
                viewer.number = self.last;
            }
            wishes.show.push(Talk::Member(viewer.member()));
        }
        viewer.number
    }

    /// Somebody watches no more.
    pub(crate) fn went(&mut self, peer: PeerId, wishes: &mut HostWishes) {
        if let Some(viewer) = self.viewers.get_mut(peer)
            && std::mem::take(&mut viewer.listed)
        {
            wishes.show.push(Talk::Gone(viewer.number));
        }
    }

    /// Somebody has another connection, or none.
    pub(crate) fn closed(&mut self, peer: PeerId, wishes: &mut HostWishes) {
        if let Some(viewer) = self.viewers.get_mut(peer)
            && std::mem::take(&mut viewer.here)
            && std::mem::take(&mut viewer.hand)
        {
            wishes.show.push(Talk::Member(viewer.member()));
        }
    }

    /// Makes room for one more to keep account of: first those go who watch no more and were not muted.
    fn remember(&mut self, peer: PeerId) {
        if self.viewers.len() < bounds::GUESTS || self.viewers.get_mut(peer).is_some() {
            return;
        }
        let gone =
            |muted: bool| move |(_, viewer): &&(PeerId, Viewer)| !viewer.listed && viewer.muted == muted;
        let oldest = self.viewers.iter().find(gone(false)).or_else(|| self.viewers.iter().find(gone(true)));
        if let Some((id, _)) = oldest {
            let id = *id;
            self.viewers.remove(id);
        }
    }
}
