//! What the server says of calls, and what follows from it. It decides; this end follows.

use vong_protocol::CallId;
use vong_protocol::calls::{ClientMessage, EndReason, Refused, ServerMessage};
use vong_protocol::channel::Name;

use super::current::{Current, Stage};
use super::{Outcome, Phone, PhoneOutput, Side, Talk};
use crate::bounds::{CALL_AGAIN, CALL_MEETS};
use crate::time::{Millis, Time};

impl Phone {
    pub(super) fn heard(&mut self, now: Time, message: ServerMessage) {
        match message {
            ServerMessage::Incoming { call, from } => self.incoming(now, call, from),
            ServerMessage::Ringing { call, pages } => match &mut self.current {
                Some(current) if current.talk.call == call => {
                    current.is_told();
                    if let Stage::Calling { rings } = &mut current.stage {
                        *rings = pages > 0;
                    }
                    self.let_crossing_go();
                }
                _ => self.say(ClientMessage::HangUp { call }),
            },
            ServerMessage::Answered { call } => self.answered(now, call),
            ServerMessage::Ended { call, reason } => self.ended(now, call, reason),
            ServerMessage::Missed { from, ago_ms } => {
                if !self.blocked.contains(&from) {
                    self.out.push_back(PhoneOutput::Missed(from, Millis(ago_ms.into())));
                }
            }
            ServerMessage::Found { text, names } => self.out.push_back(PhoneOutput::Found(text, names)),
            ServerMessage::Registered { .. } | ServerMessage::Ping {} | ServerMessage::Error { .. } => {}
        }
    }

    fn incoming(&mut self, now: Time, call: CallId, from: Name) {
        if let Some((_, reason)) = self.over.iter().find(|(over, _)| *over == call) {
            if let Some(reason) = *reason {
                self.say(ClientMessage::Refuse { call, reason });
            }
            return;
        }
        if self.blocked.contains(&from) {
            return self.refuse(call, Refused::Blocked);
        }
        match &mut self.current {
            None => self.ring(now, call, from),
            Some(current) if current.talk.call == call => {
                current.is_told();
                // Told again: the server does not know yet that the person has taken it, or does not know it any more.
                if matches!(current.stage, Stage::Ringing { taken: true } | Stage::Talking { .. }) {
                    self.say(ClientMessage::Accept { call });
                }
            }
            // Of two calls that cross, the server lets one go on.
            Some(current) if !current.told.0 && !current.talks() && current.crossing.is_none() => {
                current.crossing = Some((call, from));
            }
            Some(_) => self.busy(call, from),
        }
    }

    pub(super) fn busy(&mut self, call: CallId, from: Name) {
        self.out.push_back(PhoneOutput::Missed(from, Millis(0)));
        self.refuse(call, Refused::Busy);
    }

    /// The call here goes on, and so another one cannot.
    fn let_crossing_go(&mut self) {
        if let Some((call, from)) = self.current.as_mut().and_then(|current| current.crossing.take()) {
            self.busy(call, from);
        }
    }

    fn ring(&mut self, now: Time, call: CallId, from: Name) {
        let talk = Talk { call, side: Side::Callee, with: from };
        self.out.push_back(PhoneOutput::Prepare(talk.clone()));
        let stage = Stage::Ringing { taken: false };
        self.current = Some(Current { told: (true, true), ..Current::new(talk, stage, now) });
    }

    fn answered(&mut self, now: Time, call: CallId) {
        match &mut self.current {
            Some(current) if current.talk.call == call => {
                current.is_told();
                if !current.talks() {
                    current.stage = Stage::Talking { until: Some(now + CALL_MEETS), asks: true };
                    self.out.push_back(PhoneOutput::Begin(current.talk.clone()));
                }
                self.let_crossing_go();
            }
            _ => self.say(ClientMessage::HangUp { call }),
        }
    }

    fn ended(&mut self, now: Time, call: CallId, reason: EndReason) {
        match &mut self.current {
            // Of a call that rang before, a server that is new says so until the other end has found it, too.
            Some(current)
                if current.talk.call == call
                    && current.told == (false, true)
                    && reason == EndReason::Unreachable =>
            {
                current.again = Some(now + CALL_AGAIN);
                current.is_missing = true;
                current.doubt(now);
            }
            Some(current) if current.crossing.as_ref().is_some_and(|(crossing, _)| *crossing == call) => {
                current.crossing = None;
            }
            // What is said to others of this name, or by a server that knows nothing, is no end of a call that was answered here.
            Some(current)
                if current.talk.call == call
                    && current.talks()
                    && !matches!(reason, EndReason::HungUp | EndReason::Elsewhere) => {}
            Some(current) if current.talk.call == call => {
                let crossing = current.crossing.take();
                self.finish(Outcome::Ended(reason));
                if let Some((crossing, from)) = crossing {
                    self.ring(now, crossing, from);
                }
            }
            _ => {}
        }
    }
}
