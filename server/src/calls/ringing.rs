//! Calls, from the first ring to the end or to being answered. What follows is the room's in which both sides meet.

use std::collections::BTreeSet;

use vong_protocol::calls::{EndReason, ServerMessage};
use vong_protocol::channel::Name;
use vong_protocol::{CallId, SessionToken};

use super::key::{NameKey, read};
use super::names::{Due, Holder, Switchboard};
use super::{Effect, Effects, Line};
use crate::limits::{CALL_RATE, CALL_REMEMBERED, CALLS_PER_NAME, RING, RING_RATE, RINGS_PER_NAME};
use crate::room::{ConnectionId, Time};

/// Where a call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Ringing,
    /// This page has it.
    Answered(SessionToken),
    /// It is remembered for a while, so that a page whose connection broke hears of it.
    Ended(EndReason),
}

/// A call.
#[derive(Debug)]
pub(super) struct Call {
    from: (NameKey, SessionToken),
    to: NameKey,
    stage: Stage,
    /// Some page was told that it rings.
    is_heard: bool,
    /// When time has something to say.
    until: Time,
}

impl Call {
    /// Whether nobody answered or ended it yet.
    pub(super) fn rings(&self) -> bool {
        self.stage == Stage::Ringing
    }

    /// Whether this page made it.
    pub(super) fn is_from(&self, line: &Line) -> bool {
        self.from.0 == line.name && self.from.1 == line.page
    }

    /// It may be that no page was told.
    pub(super) fn unheard(&mut self) {
        self.is_heard = false;
    }

    /// What this page is told of it, which rings on so many; `None` if the page has nothing to do with it.
    fn told(&self, call: CallId, line: &Line, from: Option<&Name>, pages: u32) -> Option<ServerMessage> {
        let is_to = self.to == line.name;
        match self.stage {
            Stage::Ringing if self.is_from(line) => Some(ServerMessage::Ringing { call, pages }),
            Stage::Ringing if is_to => Some(ServerMessage::Incoming { call, from: from?.clone() }),
            Stage::Answered(page) if self.is_from(line) || (is_to && page == line.page) => {
                Some(ServerMessage::Answered { call })
            }
            Stage::Answered(_) if is_to => Some(ServerMessage::Ended { call, reason: EndReason::Elsewhere }),
            Stage::Ended(reason) if self.is_from(line) || is_to => {
                Some(ServerMessage::Ended { call, reason })
            }
            Stage::Ringing | Stage::Answered(_) | Stage::Ended(_) => None,
        }
    }
}

impl Switchboard {
    /// Rings at a name, or tells how a call stands that this page made before.
    pub(super) fn call(
        &mut self,
        now: Time,
        connection: ConnectionId,
        line: &Line,
        id: CallId,
        to: &Name,
        effects: &mut Effects,
    ) {
        let mut refuse =
            |reason| effects.push(Effect::Send(connection, ServerMessage::Ended { call: id, reason }));
        if let Some(call) = self.calls.get(&id) {
            return if call.is_from(line) {
                self.tell(connection, line, id, effects);
            } else {
                refuse(EndReason::Gone);
            };
        }
        let Ok((_, to)) = read(to) else { return refuse(EndReason::Unreachable) };
        if to == line.name {
            return refuse(EndReason::Yourself);
        }
        if !self.may_call(now, &line.name) {
            return refuse(EndReason::TooFast);
        }
        let crossing = self.names.get(&line.name).and_then(|holder| {
            let crosses =
                |call: &&CallId| self.calls.get(call).is_some_and(|call| call.rings() && call.from.0 == to);
            holder.rings.iter().find(crosses).copied()
        });
        if let Some(theirs) = crossing {
            // Both want the same: the call that came first is the one.
            refuse(EndReason::Crossed);
            return self.accept(now, connection, line, theirs, effects);
        }
        let from = self.names.get(&line.name).map(|holder| holder.name.clone());
        let (Some(from), Some(callee)) = (from, self.names.get_mut(&to)) else {
            return refuse(EndReason::Unreachable);
        };
        if callee.pages.is_empty() {
            callee.miss(from, now);
            return refuse(EndReason::Unreachable);
        }
        // Each call that rings has a page say something, which may not say too much either.
        if !callee.called.take(RING_RATE, now) || !self.has_room(&to, RINGS_PER_NAME, |holder| &holder.rings)
        {
            return refuse(EndReason::Busy);
        }
        let until = now + RING;
        let call = Call {
            from: (line.name.clone(), line.page),
            to: to.clone(),
            stage: Stage::Ringing,
            is_heard: false,
            until,
        };
        self.calls.insert(id, call);
        self.due.insert((until, Due::Call(id)));
        if let Some(caller) = self.names.get_mut(&line.name) {
            caller.made.insert(id);
        }
        let Some(callee) = self.names.get_mut(&to) else { return };
        callee.rings.insert(id);
        let told: Vec<ConnectionId> = callee.open().map(|(_, connection)| connection).collect();
        for &page in &told {
            effects.push(Effect::Send(page, ServerMessage::Incoming { call: id, from: from.clone() }));
        }
        if let Some(call) = self.calls.get_mut(&id) {
            call.is_heard = !told.is_empty();
        }
        self.tell(connection, line, id, effects);
    }

    /// A page takes the call. The first one has it.
    pub(super) fn accept(
        &mut self,
        now: Time,
        connection: ConnectionId,
        line: &Line,
        id: CallId,
        effects: &mut Effects,
    ) {
        let Some(call) = self.calls.get_mut(&id).filter(|call| call.rings() && call.to == line.name) else {
            return self.tell(connection, line, id, effects);
        };
        call.stage = Stage::Answered(line.page);
        let from = call.from.clone();
        self.remember(now, id);
        let mut send = |to: Option<ConnectionId>, message| {
            effects.extend(to.map(|to| Effect::Send(to, message)));
        };
        send(self.reach(&from.0, &from.1), ServerMessage::Answered { call: id });
        send(Some(connection), ServerMessage::Answered { call: id });
        let others = self.names.get(&line.name).into_iter().flat_map(Holder::open);
        for (_, other) in others.filter(|(page, _)| *page != line.page) {
            send(Some(other), ServerMessage::Ended { call: id, reason: EndReason::Elsewhere });
        }
    }

    /// A page does not take the call, and so no page of its name does; or the one that took it does not want it after all.
    pub(super) fn refuse(
        &mut self,
        now: Time,
        connection: ConnectionId,
        line: &Line,
        id: CallId,
        reason: EndReason,
        effects: &mut Effects,
    ) {
        match self.calls.get(&id).filter(|call| call.to == line.name).map(|call| call.stage) {
            Some(Stage::Ringing) => self.end(now, id, reason, effects),
            Some(Stage::Answered(page)) if page == line.page => {
                self.end(now, id, EndReason::HungUp, effects);
            }
            _ => self.tell(connection, line, id, effects),
        }
    }

    /// Either side wants the call no more.
    pub(super) fn hang_up(
        &mut self,
        now: Time,
        connection: ConnectionId,
        line: &Line,
        id: CallId,
        effects: &mut Effects,
    ) {
        let Some(call) = self.calls.get(&id) else { return self.tell(connection, line, id, effects) };
        match call.stage {
            Stage::Ringing if call.is_from(line) => self.end(now, id, EndReason::Cancelled, effects),
            Stage::Ringing if call.to == line.name => self.end(now, id, EndReason::Declined, effects),
            Stage::Answered(page) if call.is_from(line) || (call.to == line.name && page == line.page) => {
                self.end(now, id, EndReason::HungUp, effects);
            }
            _ => self.tell(connection, line, id, effects),
        }
    }

    /// Tells a page of all calls that it has to do with. Some of those that ring had nobody to ring at before.
    pub(super) fn tell_calls(&mut self, connection: ConnectionId, line: &Line, effects: &mut Effects) {
        let Some(holder) = self.names.get(&line.name) else { return };
        let all: Vec<CallId> = holder.made.iter().chain(&holder.rings).copied().collect();
        for id in all {
            let Some(call) = self.calls.get(&id) else { continue };
            let from = self.names.get(&call.from.0).map(|holder| &holder.name);
            let Some(message) = call.told(id, line, from, self.rings_on(call)) else { continue };
            let rings_here = matches!(message, ServerMessage::Incoming { .. });
            effects.push(Effect::Send(connection, message));
            if rings_here {
                self.rings_at_one_more(id, effects);
            }
        }
    }

    /// On how many pages it rings, or would.
    fn rings_on(&self, call: &Call) -> u32 {
        let count = self.names.get(&call.to).map_or(0, |callee| callee.open().count());
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// It rang for long enough, or is remembered no longer.
    pub(super) fn call_is_due(&mut self, now: Time, id: CallId, effects: &mut Effects) {
        if self.calls.get(&id).is_some_and(Call::rings) {
            self.end(now, id, EndReason::NoAnswer, effects);
        } else {
            self.forget(id);
        }
    }

    /// The call is over, for everyone who has to do with it.
    pub(super) fn end(&mut self, now: Time, id: CallId, reason: EndReason, effects: &mut Effects) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let before = std::mem::replace(&mut call.stage, Stage::Ended(reason));
        let (from, to, is_heard) = (call.from.clone(), call.to.clone(), call.is_heard);
        self.remember(now, id);
        let name = self.names.get(&from.0).map(|holder| holder.name.clone());
        let callee = self.names.get_mut(&to);
        let mut readers: Vec<ConnectionId> = match (before, callee) {
            (Stage::Ringing, Some(callee)) => {
                if !is_heard && let Some(name) = name {
                    callee.miss(name, now);
                }
                callee.open().map(|(_, connection)| connection).collect()
            }
            (Stage::Answered(page), Some(_)) => self.reach(&to, &page).into_iter().collect(),
            (Stage::Ended(_), _) | (_, None) => Vec::new(),
        };
        readers.extend(self.reach(&from.0, &from.1));
        effects.extend(
            readers.into_iter().map(|to| Effect::Send(to, ServerMessage::Ended { call: id, reason })),
        );
    }

    /// Forgets a call and its place at both ends.
    pub(super) fn forget(&mut self, id: CallId) {
        let Some(call) = self.calls.remove(&id) else { return };
        self.due.remove(&(call.until, Due::Call(id)));
        if let Some(caller) = self.names.get_mut(&call.from.0) {
            caller.made.remove(&id);
        }
        if let Some(callee) = self.names.get_mut(&call.to) {
            callee.rings.remove(&id);
        }
    }

    /// What this page is told that asked for something which cannot be: how the call stands.
    fn tell(&self, connection: ConnectionId, line: &Line, id: CallId, effects: &mut Effects) {
        let gone = ServerMessage::Ended { call: id, reason: EndReason::Gone };
        let message = self.calls.get(&id).map_or(Some(gone.clone()), |call| {
            let concerns = call.is_from(line) || call.to == line.name;
            if concerns { call.told(id, line, None, self.rings_on(call)) } else { Some(gone) }
        });
        effects.extend(message.map(|message| Effect::Send(connection, message)));
    }

    /// Whoever called hears that there is another page at which it rings.
    fn rings_at_one_more(&mut self, id: CallId, effects: &mut Effects) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        call.is_heard = true;
        let (name, page) = call.from.clone();
        let pages = self.calls.get(&id).map_or(0, |call| self.rings_on(call));
        let caller = self.reach(&name, &page);
        effects.extend(caller.map(|to| Effect::Send(to, ServerMessage::Ringing { call: id, pages })));
    }

    /// From now on the call is only kept in mind.
    fn remember(&mut self, now: Time, id: CallId) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        self.due.remove(&(call.until, Due::Call(id)));
        call.until = now + CALL_REMEMBERED;
        self.due.insert((call.until, Due::Call(id)));
    }

    /// Whether this name has called few enough times lately.
    fn may_call(&mut self, now: Time, name: &NameKey) -> bool {
        self.has_room(name, CALLS_PER_NAME, |holder| &holder.made)
            && self.names.get_mut(name).is_some_and(|holder| holder.calling.take(CALL_RATE, now))
    }

    /// Whether there is room for one more call at this end, if need be in place of one that is only remembered.
    fn has_room(&mut self, name: &NameKey, most: usize, end: impl Fn(&Holder) -> &BTreeSet<CallId>) -> bool {
        let Some(all) = self.names.get(name).map(end) else { return false };
        if all.len() < most {
            return true;
        }
        let over = all.iter().filter_map(|id| Some((self.calls.get(id)?, *id)));
        let oldest = over.filter(|(call, _)| !call.rings()).min_by_key(|(call, _)| call.until);
        let oldest = oldest.map(|(_, id)| id);
        if let Some(id) = oldest {
            self.forget(id);
        }
        oldest.is_some()
    }
}
