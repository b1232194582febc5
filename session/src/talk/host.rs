//! The broadcaster's side of the chat: numbers what is said, keeps the recent past, and keeps those who take part from
//! hurting the others.

use std::collections::VecDeque;

use vong_protocol::channel::{
    BroadcasterMessage, Name, Reaction, Said, Scene, Text, Unheard, VERSION, WatcherMessage,
};
use vong_protocol::{PeerId, RunId};

use super::rate::Rate;
use super::{HostWishes, Intent, Member, Talk, To};
use crate::bounds;
use crate::peers::Peers;
use crate::time::Time;

/// The broadcaster's own number.
const SELF: u32 = 0;

/// What of the chat outlives the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past {
    /// The run.
    pub run: RunId,
    /// The number of what was said last.
    pub last: u32,
    /// The number that was given to a watcher last.
    pub members: u32,
    /// What was said lately, in order.
    pub said: Vec<Said>,
    /// What was taken back lately.
    pub unsaid: Vec<u32>,
    /// The watchers that were there.
    pub guests: Vec<Known>,
}

impl Past {
    /// None yet.
    pub fn new(run: RunId) -> Self {
        Self { run, last: 0, members: 0, said: Vec::new(), unsaid: Vec::new(), guests: Vec::new() }
    }
}

/// What outlives the page of a watcher: as much as keeps a mute in force, and words from being passed on twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// Who it is.
    pub id: PeerId,
    /// Its number.
    pub number: u32,
    /// Its own number for what it said last.
    pub last_id: u32,
    /// It is not heard.
    pub muted: bool,
}

#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is true or not for itself")]
pub(super) struct Guest {
    /// From 1; 0 for one that has none yet.
    number: u32,
    name: Option<Name>,
    pub(super) hand: bool,
    muted: bool,
    /// The broadcaster sees it among those who watch.
    listed: bool,
    /// It has said hello over the connection that there is.
    here: bool,
    /// Its own number for what it said last.
    last_id: u32,
    messages: Rate,
    words: Rate,
    reactions: Rate,
    changes: Rate,
}

impl Guest {
    fn member(&self) -> Member {
        Member { number: self.number, name: self.name.clone(), hand: self.hand, muted: self.muted }
    }
}

/// What becomes of whoever sent a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Stays,
    /// It floods: it has to go, so that nobody else is hurt.
    Goes,
}

#[derive(Debug)]
pub(crate) struct Host {
    name: Option<Name>,
    /// Not known before the page has said.
    scene: Option<Scene>,
    /// How many watch, as all were told last, and when they may be told again.
    audience: (u32, Time),
    run: RunId,
    last: u32,
    said: VecDeque<Said>,
    unsaid: VecDeque<u32>,
    pub(super) guests: Peers<Guest>,
    members: u32,
    words: Rate,
    reactions: Rate,
}

impl Host {
    pub(crate) fn new(past: Past, wishes: &mut HostWishes) -> Self {
        wishes.show.extend(past.said.iter().cloned().map(Talk::Said));
        let mut guests = Peers::<Guest>::new();
        for Known { id, number, last_id, muted } in past.guests.into_iter().take(bounds::GUESTS) {
            *guests.entry(id) = Guest { number, muted, last_id, ..Guest::default() };
        }
        Self {
            name: None,
            scene: None,
            audience: (0, Time(0)),
            run: past.run,
            last: past.last,
            said: past.said.into(),
            unsaid: past.unsaid.into(),
            guests,
            members: past.members,
            words: Rate::default(),
            reactions: Rate::default(),
        }
    }

    /// What is to outlive the page.
    pub(crate) fn past(&self) -> Past {
        let known = |(id, guest): &(PeerId, Guest)| Known {
            id: *id,
            number: guest.number,
            last_id: guest.last_id,
            muted: guest.muted,
        };
        let kept = |(_, guest): &&(PeerId, Guest)| guest.number > 0 && (guest.listed || guest.muted);
        Past {
            guests: self.guests.iter().filter(kept).map(known).collect(),
            run: self.run,
            last: self.last,
            members: self.members,
            said: self.said.iter().cloned().collect(),
            unsaid: self.unsaid.iter().copied().collect(),
        }
    }

    /// Of how many it keeps account.
    #[cfg(test)]
    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) fn guests(&self) -> usize {
        self.guests.len()
    }

    /// Who has this number.
    pub(crate) fn peer(&self, number: u32) -> Option<PeerId> {
        self.guests.iter().find(|(_, guest)| guest.number == number).map(|(id, _)| *id)
    }

    /// Who takes part now.
    pub(crate) fn here(&self) -> impl Iterator<Item = PeerId> {
        self.guests.iter().filter(|(_, guest)| guest.here).map(|(id, _)| *id)
    }

    fn count(&self) -> u32 {
        u32::try_from(self.here().count()).unwrap_or(u32::MAX)
    }

    /// When [`Self::tick`] has something to do.
    pub(crate) fn deadline(&self) -> Option<Time> {
        let (told, next) = self.audience;
        (self.count() != told).then_some(next)
    }

    /// Tells all how many they are, if that has changed and they were not told just now.
    pub(crate) fn tick(&mut self, now: Time, wishes: &mut HostWishes) {
        if self.deadline().is_some_and(|due| now >= due) {
            let count = self.count();
            self.audience = (count, now + bounds::AUDIENCE);
            wishes.tell.push((To::All, BroadcasterMessage::Audience { count }));
        }
    }

    /// Somebody watches, whether it takes part or not: the broadcaster has to see it, to be able to send it away.
    pub(crate) fn came(&mut self, peer: PeerId, wishes: &mut HostWishes) {
        self.remember(peer);
        let guest = self.guests.entry(peer);
        if !std::mem::replace(&mut guest.listed, true) {
            if guest.number == 0 {
                self.members += 1;
                guest.number = self.members;
            }
            wishes.show.push(Talk::Member(guest.member()));
        }
    }

    /// Somebody watches no more.
    pub(crate) fn went(&mut self, peer: PeerId, wishes: &mut HostWishes) {
        if let Some(guest) = self.guests.get_mut(peer)
            && std::mem::take(&mut guest.listed)
        {
            wishes.show.push(Talk::Gone(guest.number));
        }
    }

    /// Somebody has another connection, or none.
    pub(crate) fn closed(&mut self, peer: PeerId, wishes: &mut HostWishes) {
        if let Some(guest) = self.guests.get_mut(peer)
            && std::mem::take(&mut guest.here)
            && std::mem::take(&mut guest.hand)
        {
            wishes.show.push(Talk::Member(guest.member()));
        }
    }

    /// A message came, which may be none. `date` is the time of day in milliseconds since 1970.
    pub(crate) fn told(
        &mut self,
        now: Time,
        date: u64,
        peer: PeerId,
        text: &str,
        wishes: &mut HostWishes,
    ) -> Fate {
        self.came(peer, wishes);
        let guest = self.guests.entry(peer);
        if !guest.messages.take(now, bounds::MESSAGES) {
            return Fate::Goes;
        }
        let Some(message) = WatcherMessage::parse(text) else { return Fate::Stays };
        if let WatcherMessage::Hello { version, name, run, seen } = message {
            // Once: the answer is much longer than the question.
            if version == VERSION && !guest.here {
                self.greet(peer, name, seen.filter(|_| run == Some(self.run)).unwrap_or(0), wishes);
            }
            return Fate::Stays;
        }
        if !guest.here {
            return Fate::Stays;
        }
        match message {
            WatcherMessage::Hello { .. } => {}
            WatcherMessage::Name { name } => {
                if guest.changes.take(now, bounds::CHANGES) {
                    guest.name = name;
                    wishes.show.push(Talk::Member(guest.member()));
                }
            }
            WatcherMessage::Say { id, text } => self.say(now, date, peer, id, text, wishes),
            WatcherMessage::React { reaction } => {
                if !guest.muted && guest.reactions.take(now, bounds::REACTIONS) {
                    self.react(now, reaction, wishes);
                }
            }
            WatcherMessage::Hand { up } => {
                if guest.hand != up && guest.changes.take(now, bounds::CHANGES) {
                    guest.hand = up;
                    wishes.show.push(Talk::Member(guest.member()));
                }
                wishes.tell.push((To::One(peer), BroadcasterMessage::Hand { up: guest.hand }));
            }
        }
        Fate::Stays
    }

    pub(crate) fn intends(&mut self, now: Time, date: u64, intent: Intent, wishes: &mut HostWishes) {
        match intent {
            Intent::Name(name) => {
                self.name = name;
                if let Some(scene) = self.scene.clone() {
                    self.present(scene, wishes);
                }
            }
            Intent::Scene(scene) => self.present(scene, wishes),
            Intent::Say(text) => {
                let name = self.name.clone();
                self.publish(Said { seq: 0, from: SELF, id: 0, name, text, at: date }, wishes);
            }
            Intent::React(reaction) => self.react(now, reaction, wishes),
            Intent::Unsay(seq) => {
                if let Some(place) = self.said.iter().position(|said| said.seq == seq) {
                    self.said.remove(place);
                    bounded(&mut self.unsaid, seq, bounds::PAST);
                    wishes.show.push(Talk::Unsaid(seq));
                    wishes.tell.push((To::All, BroadcasterMessage::Unsaid { seq }));
                }
            }
            Intent::Mute(number, muted) => {
                self.change(number, wishes, |guest| guest.muted = muted, BroadcasterMessage::Muted { muted });
            }
            Intent::LowerHand(number) => {
                self.change(
                    number,
                    wishes,
                    |guest| guest.hand = false,
                    BroadcasterMessage::Hand { up: false },
                );
            }
            // Not matters of the chat.
            Intent::Hand(_) | Intent::Remove(..) | Intent::Unbar | Intent::Admission(_) => {}
        }
    }

    fn present(&mut self, mut scene: Scene, wishes: &mut HostWishes) {
        scene.name.clone_from(&self.name);
        if self.scene.as_ref() != Some(&scene) {
            wishes.tell.push((To::All, BroadcasterMessage::Scene(scene.clone())));
            self.scene = Some(scene);
        }
    }

    fn greet(&mut self, peer: PeerId, name: Option<Name>, seen: u32, wishes: &mut HostWishes) {
        let guest = self.guests.entry(peer);
        guest.here = true;
        guest.name = name;
        let (run, you) = (self.run, guest.number);
        let (muted, hand) = (guest.muted, guest.hand);
        wishes.show.push(Talk::Member(guest.member()));
        let welcome = BroadcasterMessage::Welcome { version: VERSION, run, you, muted, hand };
        let scene = self.scene.clone().map(BroadcasterMessage::Scene);
        let audience = BroadcasterMessage::Audience { count: self.count() };
        let said = self.said.iter().filter(|said| said.seq > seen).cloned().map(BroadcasterMessage::Said);
        let unsaid = self
            .unsaid
            .iter()
            .filter(|seq| **seq <= seen)
            .map(|seq| BroadcasterMessage::Unsaid { seq: *seq });
        let lacked = [welcome, audience].into_iter().chain(scene).chain(unsaid).chain(said);
        wishes.tell.extend(lacked.map(|message| (To::One(peer), message)));
    }

    fn say(&mut self, now: Time, date: u64, peer: PeerId, id: u32, text: Text, wishes: &mut HostWishes) {
        let guest = self.guests.entry(peer);
        // Said again because the connection broke before its author had heard it.
        if id <= guest.last_id {
            return;
        }
        let why = if guest.muted {
            Some(Unheard::Muted)
        } else if guest.words.take(now, bounds::WORDS) && self.words.take(now, bounds::WORDS_OF_ALL) {
            None
        } else {
            Some(Unheard::TooFast)
        };
        if let Some(why) = why {
            wishes.tell.push((To::One(peer), BroadcasterMessage::Unheard { id, why }));
            return;
        }
        guest.last_id = id;
        let (from, name) = (guest.number, guest.name.clone());
        self.publish(Said { seq: 0, from, id, name, text, at: date }, wishes);
    }

    fn publish(&mut self, mut said: Said, wishes: &mut HostWishes) {
        self.last += 1;
        said.seq = self.last;
        bounded(&mut self.said, said.clone(), bounds::PAST);
        wishes.show.push(Talk::Said(said.clone()));
        wishes.tell.push((To::All, BroadcasterMessage::Said(said)));
    }

    fn react(&mut self, now: Time, reaction: Reaction, wishes: &mut HostWishes) {
        if self.reactions.take(now, bounds::REACTIONS_OF_ALL) {
            wishes.show.push(Talk::Reacted(reaction));
            wishes.tell.push((To::All, BroadcasterMessage::Reacted { reaction }));
        }
    }

    fn change(
        &mut self,
        number: u32,
        wishes: &mut HostWishes,
        change: impl FnOnce(&mut Guest),
        message: BroadcasterMessage,
    ) {
        if let Some((peer, guest)) = self.guests.iter_mut().find(|(_, guest)| guest.number == number) {
            change(guest);
            if guest.here {
                wishes.show.push(Talk::Member(guest.member()));
                wishes.tell.push((To::One(*peer), message));
            }
        }
    }

    /// Makes room for one more to keep account of: first those go who watch no more and were not muted.
    fn remember(&mut self, peer: PeerId) {
        if self.guests.len() < bounds::GUESTS || self.guests.get_mut(peer).is_some() {
            return;
        }
        let gone = |muted: bool| move |(_, guest): &&(PeerId, Guest)| !guest.listed && guest.muted == muted;
        let oldest = self.guests.iter().find(gone(false)).or_else(|| self.guests.iter().find(gone(true)));
        if let Some((id, _)) = oldest {
            let id = *id;
            self.guests.remove(id);
        }
    }
}

fn bounded<T>(list: &mut VecDeque<T>, item: T, most: usize) {
    if list.len() >= most {
        list.pop_front();
    }
    list.push_back(item);
}
