//! A watcher's side of the chat: what it said and has not heard yet, and what it has heard.

use std::collections::VecDeque;

use vong_protocol::RunId;
use vong_protocol::channel::{BroadcasterMessage, Name, Text, VERSION, WatcherMessage};

use super::{Intent, Standing, Talk, Wishes};
use crate::bounds;

type GuestWishes = Wishes<WatcherMessage>;

#[derive(Debug, Default)]
pub(crate) struct Guest {
    name: Option<Name>,
    next_id: u32,
    /// Said, and not heard back. Said again over the next connection.
    pending: VecDeque<(u32, Text)>,
    run: Option<RunId>,
    /// The number of what was heard last in this run.
    seen: u32,
    standing: Standing,
    told: Standing,
}

impl Guest {
    /// A connection to the broadcaster is open: who this is.
    pub(crate) fn opened(&self, wishes: &mut GuestWishes) {
        let (name, run) = (self.name.clone(), self.run);
        let seen = run.map(|_| self.seen);
        wishes.tell.push(WatcherMessage::Hello { version: VERSION, name, run, seen });
    }

    /// There is no connection now.
    pub(crate) fn closed(&mut self, wishes: &mut GuestWishes) {
        self.standing.open = false;
        self.tell_standing(wishes);
    }

    pub(crate) fn told(&mut self, message: BroadcasterMessage, wishes: &mut GuestWishes) {
        match message {
            // The page of another version is told so by the server; what it says here might be misunderstood.
            BroadcasterMessage::Welcome { version, .. } if version != VERSION => {}
            BroadcasterMessage::Welcome { run, you, muted, hand, .. } => {
                if self.run != Some(run) {
                    self.run = Some(run);
                    self.seen = 0;
                    wishes.show.push(Talk::Begun);
                }
                self.standing =
                    Standing { open: true, you: Some(you), muted, hand, full: self.standing.full };
                let again =
                    self.pending.iter().map(|(id, text)| WatcherMessage::Say { id: *id, text: text.clone() });
                wishes.tell.extend(again);
            }
            // Anything else comes after a welcome.
            _ if !self.standing.open => {}
            BroadcasterMessage::Said(said) => {
                if Some(said.from) == self.standing.you {
                    self.heard(said.id);
                }
                if said.seq > self.seen {
                    self.seen = said.seq;
                    wishes.show.push(Talk::Said(said));
                }
            }
            BroadcasterMessage::Scene(scene) => wishes.show.push(Talk::Scene(scene)),
            BroadcasterMessage::Audience { count } => wishes.show.push(Talk::Audience(count)),
            BroadcasterMessage::Unsaid { seq } => wishes.show.push(Talk::Unsaid(seq)),
            BroadcasterMessage::Reacted { reaction } => wishes.show.push(Talk::Reacted(reaction)),
            BroadcasterMessage::Muted { muted } => self.standing.muted = muted,
            BroadcasterMessage::Hand { up } => self.standing.hand = up,
            BroadcasterMessage::Unheard { id, why } => {
                if let Some(place) = self.pending.iter().position(|(pending, _)| *pending == id)
                    && let Some((_, text)) = self.pending.remove(place)
                {
                    wishes.show.push(Talk::Unheard(text, why));
                }
            }
        }
        self.tell_standing(wishes);
    }

    pub(crate) fn intends(&mut self, intent: Intent, wishes: &mut GuestWishes) {
        match intent {
            Intent::Name(name) => {
                self.name.clone_from(&name);
                if self.standing.open {
                    wishes.tell.push(WatcherMessage::Name { name });
                }
            }
            Intent::Say(text) if self.pending.len() < bounds::PENDING => {
                self.next_id += 1;
                self.pending.push_back((self.next_id, text.clone()));
                if self.standing.open {
                    wishes.tell.push(WatcherMessage::Say { id: self.next_id, text });
                }
            }
            Intent::React(reaction) if self.standing.open => {
                wishes.tell.push(WatcherMessage::React { reaction });
            }
            Intent::Hand(up) if self.standing.open => wishes.tell.push(WatcherMessage::Hand { up }),
            _ => {}
        }
        self.tell_standing(wishes);
    }

    /// This and what was said before it is passed on: the channel keeps the order.
    fn heard(&mut self, id: u32) {
        while self.pending.front().is_some_and(|(pending, _)| *pending <= id) {
            self.pending.pop_front();
        }
    }

    fn tell_standing(&mut self, wishes: &mut GuestWishes) {
        self.standing.full = self.pending.len() >= bounds::PENDING;
        if self.standing != self.told {
            self.told = self.standing;
            wishes.show.push(Talk::Standing(self.standing));
        }
    }
}
