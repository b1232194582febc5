//! The broadcaster's side by itself.

mod audience;
mod words;

use vong_protocol::channel::{
    BroadcasterMessage, Name, Reaction, Said, Scene, Text, Unheard, VERSION, WatcherMessage,
};
use vong_protocol::{PeerId, RunId};

use super::{Fate, Host, HostWishes, Intent, Member, Past, Talk, To, Wishes};
use crate::bounds;
use crate::time::Time;

fn peer(n: u32) -> PeerId {
    PeerId::parse(&format!("{n:0>16}")).unwrap()
}

fn run() -> RunId {
    RunId::parse("cnVuLW51bWJlci1v").unwrap()
}

fn text(words: &str) -> Text {
    Text::parse(words).unwrap()
}

fn name(text: &str) -> Option<Name> {
    Name::parse(text).ok()
}

/// A host, and the time, which passes from one message to the next.
struct Chat {
    host: Host,
    now: Time,
}

impl Chat {
    fn new() -> Self {
        Self { host: Host::new(Past::new(run()), &mut Wishes::default()), now: Time(1_000) }
    }

    fn pass(&mut self, ms: u64) {
        self.now = Time(self.now.0 + ms);
    }

    fn raw(&mut self, from: u32, text: &str) -> (Fate, HostWishes) {
        let mut wishes = Wishes::default();
        let fate = self.host.told(self.now, 7, peer(from), text, &mut wishes);
        (fate, wishes)
    }

    fn told(&mut self, from: u32, message: &WatcherMessage) -> HostWishes {
        let (fate, wishes) = self.raw(from, &message.to_json());
        assert_eq!(fate, Fate::Stays);
        wishes
    }

    fn hello(&mut self, from: u32, called: &str) -> HostWishes {
        let hello = WatcherMessage::Hello { version: VERSION, name: name(called), run: None, seen: None };
        self.told(from, &hello)
    }

    fn says(&mut self, from: u32, id: u32, words: &str) -> HostWishes {
        self.told(from, &WatcherMessage::Say { id, text: text(words) })
    }

    /// Its connection ends, and its place in the room.
    fn goes(&mut self, from: u32) -> HostWishes {
        let mut wishes = Wishes::default();
        self.host.audience.closed(peer(from), &mut wishes);
        self.host.audience.went(peer(from), &mut wishes);
        wishes
    }

    fn intends(&mut self, intent: Intent) -> HostWishes {
        let mut wishes = Wishes::default();
        self.host.intends(self.now, 7, intent, &mut wishes);
        wishes
    }
}

/// What is told to one peer, of this kind.
fn unheard(wishes: &HostWishes) -> Option<(To, Unheard)> {
    wishes.tell.iter().find_map(|(to, message)| match message {
        BroadcasterMessage::Unheard { why, .. } => Some((*to, *why)),
        _ => None,
    })
}

fn said(wishes: &HostWishes) -> Option<&Said> {
    wishes.tell.iter().find_map(|(to, message)| match message {
        BroadcasterMessage::Said(said) if *to == To::All => Some(said),
        _ => None,
    })
}
