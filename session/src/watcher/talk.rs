//! The chat, over whichever connection leads to the broadcaster now.

use super::Watcher;
use crate::api::{ConnectionId, Output};
use crate::talk::{Intent, Wishes};

impl Watcher {
    pub(super) fn channel_opened(&mut self, id: ConnectionId) {
        if let Some(connection) = self.connection(id) {
            connection.has_channel = true;
        }
    }

    pub(super) fn told_by_broadcaster(&mut self, id: ConnectionId, text: &str) {
        if self.talks_over == Some(id)
            && let Some(message) = (self.reads)(text)
        {
            let mut wishes = Wishes::default();
            self.guest.told(message, &mut wishes);
            self.carry_out(wishes);
        }
    }

    pub(super) fn intends(&mut self, intent: Intent) {
        let mut wishes = Wishes::default();
        self.guest.intends(intent, &mut wishes);
        self.carry_out(wishes);
    }

    /// Goes on with the chat over the newest connection that can carry it. An older one is closed at the other end as soon
    /// as there is a newer.
    pub(super) fn follow_channel(&mut self) {
        let over = [&self.trying, &self.shown].into_iter().flatten().find(|c| c.has_channel).map(|c| c.id);
        if over == self.talks_over {
            return;
        }
        self.talks_over = over;
        let mut wishes = Wishes::default();
        self.guest.closed(&mut wishes);
        if let Some(over) = over {
            self.out.push_back(Output::Met(over, 0));
            self.guest.opened(&mut wishes);
        }
        self.carry_out(wishes);
    }

    fn carry_out(&mut self, wishes: Wishes<vong_protocol::channel::WatcherMessage>) {
        self.out.extend(wishes.show.into_iter().map(Output::Talk));
        if let Some(over) = self.talks_over {
            self.out.extend(wishes.tell.iter().map(|message| Output::Tell(over, message.to_json().into())));
        }
    }
}
