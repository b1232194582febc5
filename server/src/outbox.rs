//! What waits to be written to one connection.
//!
//! Bounded in messages and bytes; whoever puts something in never waits. Used instead of a channel of the runtime's
//! because those set aside room for 32 messages each, which for thousands of idle watchers is most of what they cost.

use std::collections::VecDeque;
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::extract::ws::Utf8Bytes;
use tokio::sync::Notify;
use vong_protocol::{ErrorCode, PeerId, Refusal, ServerMessage};

use crate::limits::{QueueBound, WATCHER_QUEUE};
use crate::share::Shares;

/// One message on its way out.
#[derive(Debug)]
pub(crate) enum Outgoing {
    /// For this reader only; made into text by the reader's own task.
    One(Box<ServerMessage>),
    /// For several readers, made into text once.
    Shared(Utf8Bytes),
}

impl Outgoing {
    /// The JSON text.
    pub(crate) fn into_text(self) -> Utf8Bytes {
        match self {
            Self::One(message) => message.to_json().into(),
            Self::Shared(text) => text,
        }
    }

    /// Bytes that count, near enough: those that a client chose.
    fn weight(&self) -> usize {
        match self {
            Self::Shared(text) => text.len(),
            Self::One(message) => match message.as_ref() {
                ServerMessage::Offer { sdp, .. } | ServerMessage::Answer { sdp, .. } => sdp.len(),
                ServerMessage::Candidate { candidate, .. } => candidate.candidate.len(),
                _ => 0,
            },
        }
    }

    /// The member whose words they are.
    fn author(&self) -> Option<PeerId> {
        match self {
            Self::Shared(_) => None,
            Self::One(message) => match message.as_ref() {
                ServerMessage::Offer { from, .. }
                | ServerMessage::Answer { from, .. }
                | ServerMessage::Candidate { from, .. } => Some(*from),
                _ => None,
            },
        }
    }
}

/// The queue of one connection.
#[derive(Debug)]
pub(crate) struct Outbox {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug)]
struct State {
    queue: VecDeque<Outgoing>,
    bytes: usize,
    bound: QueueBound,
    /// A broadcaster's has them.
    shares: Option<Box<Shares>>,
    closed: Option<Refusal>,
}

impl Default for Outbox {
    fn default() -> Self {
        let state =
            State { queue: VecDeque::new(), bytes: 0, bound: WATCHER_QUEUE, shares: None, closed: None };
        Self { state: Mutex::new(state), changed: Notify::new() }
    }
}

impl Outbox {
    /// Sets what may wait from now on.
    pub(crate) fn set_bound(&self, bound: QueueBound) {
        self.state().bound = bound;
    }

    /// From now on each author has a share only.
    pub(crate) fn share_out(&self) {
        self.state().shares = Some(Box::default());
    }

    /// Puts a message in, unless its author has used up its share. A full outbox closes: its reader does not read.
    pub(crate) fn push(&self, message: Outgoing) -> Result<(), ErrorCode> {
        let mut state = self.state();
        if state.closed.is_some() {
            return Ok(());
        }
        if let Outgoing::One(one) = &message
            && let ServerMessage::WatcherLeft { id, .. } = one.as_ref()
        {
            state.forget(*id);
        }
        let weight = message.weight();
        if let (Some(shares), Some(author)) = (&mut state.shares, message.author())
            && !shares.take(author, weight)
        {
            return Err(ErrorCode::RateLimited);
        }
        let bytes = state.bytes + weight;
        if state.queue.len() >= state.bound.messages || bytes > state.bound.bytes {
            state.close(ErrorCode::SlowReader.into());
        } else {
            state.bytes = bytes;
            state.queue.push_back(message);
        }
        drop(state);
        self.changed.notify_one();
        Ok(())
    }

    /// Ends the connection with this reason. What still waits is dropped; the first reason counts.
    pub(crate) fn close(&self, reason: Refusal) {
        self.state().close(reason);
        self.changed.notify_one();
    }

    /// The next message, in order, or the reason for the end. Only one task may wait at a time; giving up is harmless.
    pub(crate) async fn next(&self) -> Result<Outgoing, Refusal> {
        loop {
            {
                let mut state = self.state();
                if let Some(reason) = &state.closed {
                    return Err(reason.clone());
                }
                if let Some(message) = state.queue.pop_front() {
                    state.bytes -= message.weight();
                    if let (Some(shares), Some(author)) = (&mut state.shares, message.author()) {
                        shares.give_back(author, message.weight());
                    }
                    if state.queue.is_empty() {
                        // An idle connection keeps no memory of its busy times.
                        state.queue = VecDeque::new();
                    }
                    return Ok(message);
                }
            }
            self.changed.notified().await;
        }
    }

    /// Waits for the end only, whatever else is put in.
    pub(crate) async fn closed(&self) -> Refusal {
        loop {
            if let Some(reason) = &self.state().closed {
                return reason.clone();
            }
            self.changed.notified().await;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Drops what waits of a watcher that has left: it is of no use any more, and those who come and go would fill the
    /// queue with it.
    fn forget(&mut self, watcher: PeerId) {
        if self.shares.as_mut().is_some_and(|shares| shares.forget(watcher)) {
            self.queue.retain(|message| message.author() != Some(watcher));
            self.bytes = self.queue.iter().map(Outgoing::weight).sum();
        }
    }

    fn close(&mut self, reason: Refusal) {
        drop(mem::take(&mut self.queue));
        self.bytes = 0;
        self.closed.get_or_insert(reason);
    }
}

#[cfg(test)]
mod tests {
    use vong_protocol::{Attempt, Departure};

    use super::*;
    use crate::limits::{BROADCASTER_QUEUE, WATCHER_SHARE};

    fn ping() -> Outgoing {
        Outgoing::Shared(Utf8Bytes::from_static("ping"))
    }

    fn watcher(number: usize) -> PeerId {
        PeerId::parse(&format!("{number:016}")).unwrap()
    }

    fn offer(from: PeerId, bytes: usize) -> Outgoing {
        let (attempt, sdp) = (Attempt(1), "x".repeat(bytes));
        Outgoing::One(Box::new(ServerMessage::Offer { from, attempt, restart: false, sdp }))
    }

    fn broadcasters() -> Outbox {
        let outbox = Outbox::default();
        outbox.set_bound(BROADCASTER_QUEUE);
        outbox.share_out();
        outbox
    }

    #[tokio::test]
    async fn messages_come_out_in_order() {
        let outbox = Outbox::default();
        outbox.push(Outgoing::Shared("a".into())).unwrap();
        outbox.push(Outgoing::Shared("b".into())).unwrap();
        assert_eq!(outbox.next().await.unwrap().into_text().as_str(), "a");
        assert_eq!(outbox.next().await.unwrap().into_text().as_str(), "b");
    }

    #[tokio::test]
    async fn too_many_messages_or_bytes_close_it() {
        for bound in [QueueBound { messages: 3, bytes: 1000 }, QueueBound { messages: 1000, bytes: 12 }] {
            let outbox = Outbox::default();
            outbox.set_bound(bound);
            (0..3).for_each(|_| outbox.push(ping()).unwrap());
            assert!(outbox.state().closed.is_none());
            outbox.push(ping()).unwrap();
            assert_eq!(outbox.next().await.unwrap_err().code, ErrorCode::SlowReader);
            assert!(outbox.state().queue.is_empty());
        }
    }

    #[tokio::test]
    async fn one_watcher_has_its_share_of_a_broadcasters_outbox_and_no_more() {
        let outbox = broadcasters();
        outbox.push(offer(watcher(1), WATCHER_SHARE.bytes)).unwrap();
        assert_eq!(outbox.push(offer(watcher(1), 1)), Err(ErrorCode::RateLimited));
        outbox.push(offer(watcher(2), 1)).unwrap();
        outbox.next().await.unwrap();
        outbox.push(offer(watcher(1), 1)).unwrap();
    }

    #[test]
    fn two_hundred_watchers_who_use_up_their_shares_do_not_fill_it() {
        let each = WATCHER_SHARE.bytes / WATCHER_SHARE.messages;
        let outbox = broadcasters();
        for number in 0..200 {
            let id = watcher(number);
            let notices = [
                ServerMessage::WatcherJoined { id },
                ServerMessage::WatcherLeft { id, departure: Departure::Lost },
                ServerMessage::WatcherJoined { id },
            ];
            for notice in notices {
                outbox.push(Outgoing::One(Box::new(notice))).unwrap();
            }
            (0..WATCHER_SHARE.messages).for_each(|_| outbox.push(offer(id, each)).unwrap());
            assert_eq!(outbox.push(offer(id, each)), Err(ErrorCode::RateLimited));
        }
        assert!(outbox.state().closed.is_none());
    }

    #[tokio::test]
    async fn what_a_watcher_said_before_it_left_waits_no_longer() {
        let outbox = broadcasters();
        outbox.push(offer(watcher(2), 1)).unwrap();
        // More often than would fit.
        for _ in 0..1_000 {
            outbox.push(offer(watcher(1), WATCHER_SHARE.bytes)).unwrap();
            let left = ServerMessage::WatcherLeft { id: watcher(1), departure: Departure::Lost };
            outbox.push(Outgoing::One(Box::new(left))).unwrap();
        }
        assert_eq!(outbox.state().bytes, 1);
        assert_eq!(outbox.next().await.unwrap().author(), Some(watcher(2)), "the other one's is there");
    }

    #[tokio::test]
    async fn a_message_that_comes_while_the_end_is_awaited_is_not_lost() {
        let outbox = Outbox::default();
        {
            let end = outbox.closed();
            tokio::pin!(end);
            tokio::select! { biased; _ = &mut end => unreachable!(), () = std::future::ready(()) => {} }
            outbox.push(ping()).unwrap();
            tokio::select! { biased; _ = &mut end => unreachable!(), () = std::future::ready(()) => {} }
        }
        assert_eq!(outbox.next().await.unwrap().into_text().as_str(), "ping");
    }

    #[tokio::test]
    async fn the_first_reason_counts() {
        let outbox = Outbox::default();
        outbox.close(ErrorCode::TakenOver.into());
        outbox.close(ErrorCode::SlowReader.into());
        outbox.push(ping()).unwrap();
        assert_eq!(outbox.closed().await.code, ErrorCode::TakenOver);
    }
}
