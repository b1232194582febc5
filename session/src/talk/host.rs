//! The broadcaster's side of the chat: numbers what is said, keeps the recent past, and keeps those who take part from
//! hurting the others.

use std::collections::VecDeque;

use vong_protocol::channel::{
    BroadcasterMessage, Name, Reaction, Said, Scene, Text, Unheard, VERSION, WatcherMessage,
};
use vong_protocol::{PeerId, RunId};

use super::audience::{Audience, Viewer};
use super::rate::Rate;
use super::{HostWishes, Intent, Past, Talk, To};
use crate::bounds;
use crate::time::Time;

/// The broadcaster's own number.
const SELF: u32 = 0;

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
    run: RunId,
    last: u32,
    said: VecDeque<Said>,
    unsaid: VecDeque<u32>,
    pub(crate) audience: Audience,
    words: Rate,
    reactions: Rate,
}

impl Host {
    pub(crate) fn new(past: Past, wishes: &mut HostWishes) -> Self {
        wishes.show.extend(past.said.iter().cloned().map(Talk::Said));
        Self {
            name: None,
            scene: None,
            run: past.run,
            last: past.last,
            said: past.said.into(),
            unsaid: past.unsaid.into(),
            audience: Audience::new(past.members, past.guests),
            words: Rate::default(),
            reactions: Rate::default(),
        }
    }

    /// What is to outlive the page.
    pub(crate) fn past(&self) -> Past {
        let (members, guests) = self.audience.known();
        Past {
            members,
            guests,
            run: self.run,
            last: self.last,
            said: self.said.iter().cloned().collect(),
            unsaid: self.unsaid.iter().copied().collect(),
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
        self.audience.came(peer, wishes);
        let viewer = self.audience.viewer(peer);
        if !viewer.messages.take(now, bounds::MESSAGES) {
            return Fate::Goes;
        }
        let Some(message) = WatcherMessage::parse(text) else { return Fate::Stays };
        if let WatcherMessage::Hello { version, name, run, seen } = message {
            // Once: the answer is much longer than the question.
            if version == VERSION && !viewer.here {
                self.greet(peer, name, seen.filter(|_| run == Some(self.run)).unwrap_or(0), wishes);
            }
            return Fate::Stays;
        }
        if !viewer.here {
            return Fate::Stays;
        }
        match message {
            WatcherMessage::Hello { .. } => {}
            WatcherMessage::Name { name } => {
                if viewer.changes.take(now, bounds::CHANGES) {
                    viewer.name = name;
                    wishes.show.push(Talk::Member(viewer.member()));
                }
            }
            WatcherMessage::Say { id, text } => self.say(now, date, peer, id, text, wishes),
            WatcherMessage::React { reaction } => {
                if !viewer.muted && viewer.reactions.take(now, bounds::REACTIONS) {
                    self.react(now, reaction, wishes);
                }
            }
            WatcherMessage::Hand { up } => {
                if viewer.hand != up && viewer.changes.take(now, bounds::CHANGES) {
                    viewer.hand = up;
                    wishes.show.push(Talk::Member(viewer.member()));
                }
                wishes.tell.push((To::One(peer), BroadcasterMessage::Hand { up: viewer.hand }));
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
                self.change(
                    number,
                    wishes,
                    |viewer| viewer.muted = muted,
                    BroadcasterMessage::Muted { muted },
                );
            }
            Intent::LowerHand(number) => {
                self.change(
                    number,
                    wishes,
                    |viewer| viewer.hand = false,
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
        let viewer = self.audience.viewer(peer);
        viewer.here = true;
        viewer.name = name;
        let (run, you) = (self.run, viewer.number);
        let (muted, hand) = (viewer.muted, viewer.hand);
        wishes.show.push(Talk::Member(viewer.member()));
        let welcome = BroadcasterMessage::Welcome { version: VERSION, run, you, muted, hand };
        let scene = self.scene.clone().map(BroadcasterMessage::Scene);
        let audience = BroadcasterMessage::Audience { count: self.audience.count() };
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
        let viewer = self.audience.viewer(peer);
        // Said again because the connection broke before its author had heard it.
        if id <= viewer.last_id {
            return;
        }
        let why = if viewer.muted {
            Some(Unheard::Muted)
        } else if viewer.words.take(now, bounds::WORDS) && self.words.take(now, bounds::WORDS_OF_ALL) {
            None
        } else {
            Some(Unheard::TooFast)
        };
        if let Some(why) = why {
            wishes.tell.push((To::One(peer), BroadcasterMessage::Unheard { id, why }));
            return;
        }
        viewer.last_id = id;
        let (from, name) = (viewer.number, viewer.name.clone());
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
        change: impl FnOnce(&mut Viewer),
        message: BroadcasterMessage,
    ) {
        if let Some((peer, viewer)) = self.audience.numbered(number) {
            change(viewer);
            if viewer.here {
                wishes.show.push(Talk::Member(viewer.member()));
                wishes.tell.push((To::One(peer), message));
            }
        }
    }
}

fn bounded<T>(list: &mut VecDeque<T>, item: T, most: usize) {
    if list.len() >= most {
        list.pop_front();
    }
    list.push_back(item);
}
