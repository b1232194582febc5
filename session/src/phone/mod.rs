//! A page that has a name: it can be called, and calls.
//!
//! Owns what this end of a call is at: calling, ringing, talking or none of these. The server decides what counts when both ends say
//! something at the same time; this follows it, and finds out again after every loss of the connection how things stand. Once a call is
//! answered, both ends meet in a room of its own, the caller as its broadcaster and the callee as its watcher; of that a phone knows only
//! whether they have met, and whether the other end has left.

mod api;
mod current;
mod heard;
mod registering;

use std::collections::VecDeque;

use fastrand::Rng;
use vong_protocol::calls::{ClientMessage, EndReason, Refused, Register};
use vong_protocol::channel::Name;
use vong_protocol::{CallId, ErrorCode, limits};

pub use self::api::{Line, Outcome, PhoneEvent, PhoneOutput, PhoneStatus, Side, Talk};
use self::current::{Current, Stage};

use crate::bounds::{BLOCKED, CALL_DOUBT, CALL_MEETS, CALLS_OVER};
use crate::link::{Change, Link};
use crate::time::Time;

/// A page's phone: hand it an event, then poll its outputs until there are none and carry them out in order.
#[derive(Debug)]
pub struct Phone {
    link: Link<Register>,
    rng: Rng,
    out: VecDeque<PhoneOutput>,
    name: Option<Name>,
    error: Option<ErrorCode>,
    current: Option<Current>,
    /// The server will not have this page; nothing is tried again.
    refused: bool,
    /// What is not to ring again here, and what is said of it; nothing, where others of this name may take it.
    over: VecDeque<(CallId, Option<Refused>)>,
    blocked: Vec<Name>,
    left: bool,
    told: PhoneStatus,
}

impl Phone {
    /// Starts to register, and goes on with the call that an earlier page of this window was in.
    pub fn new(register: Register, talk: Option<Talk>, now: Time, seed: u64) -> Self {
        let mut out = VecDeque::new();
        let link = Link::open(register, now, &mut out);
        let current = talk.map(|talk| {
            out.push_back(PhoneOutput::Begin(talk.clone()));
            let stage = Stage::Talking { until: Some(now + CALL_MEETS), asks: false };
            Current::new(talk, stage, now)
        });
        let mut phone = Self {
            link,
            rng: Rng::with_seed(seed),
            out,
            name: None,
            error: None,
            current,
            refused: false,
            over: VecDeque::new(),
            blocked: Vec::new(),
            left: false,
            told: PhoneStatus::default(),
        };
        phone.tell();
        phone
    }

    /// Takes one event at the current time.
    pub fn handle(&mut self, now: Time, event: PhoneEvent) {
        if self.left {
            return;
        }
        // Before anything is done about a call that is long dead.
        self.expire(now);
        match event.wire() {
            Ok(wire) => {
                let change = self.link.handle(now, wire, &mut self.rng, &mut self.out);
                self.link_changed(now, change);
            }
            Err(event) => self.intended(now, event),
        }
        self.expire(now);
        self.tell();
    }

    /// The next thing to do, until there is none.
    pub fn poll(&mut self) -> Option<PhoneOutput> {
        self.out.pop_front()
    }

    /// When to call [`Self::handle`] with [`PhoneEvent::Tick`] at the latest; `None` while nothing is due.
    pub fn deadline(&self) -> Option<Time> {
        if self.left {
            return None;
        }
        let call = self.current.as_ref().and_then(Current::deadline);
        [self.link.deadline(), call].into_iter().flatten().min()
    }

    /// What the person is doing.
    pub fn line(&self) -> Line {
        self.current.as_ref().map_or(Line::Free, |current| {
            let with = current.talk.with.clone();
            match current.stage {
                Stage::Calling { rings } => Line::Calling(with, rings),
                Stage::Ringing { taken } => Line::Ringing(with, taken),
                Stage::Talking { .. } => Line::Talking(with),
            }
        })
    }

    /// The call that this end is in, to be gone on with after a reload.
    pub fn talk(&self) -> Option<&Talk> {
        let talking = self.current.as_ref().filter(|current| matches!(current.stage, Stage::Talking { .. }));
        talking.map(|current| &current.talk)
    }

    fn link_changed(&mut self, now: Time, change: Change<Register>) {
        match change {
            Change::None | Change::Opened => {}
            Change::Full(code) => {
                self.error = Some(code);
                if let Some(current) = &mut self.current {
                    current.doubt(now);
                }
            }
            Change::Joined(name) => {
                self.name = Some(name);
                self.error = None;
                if let Some(current) = &mut self.current {
                    current.told.0 = false;
                }
                self.ask();
            }
            Change::Message(message) => self.heard(now, message),
            Change::Down => {
                if let Some(current) = &mut self.current {
                    current.doubt(now);
                }
            }
            Change::Refused(code) => {
                self.error = Some(code);
                self.name = None;
                self.refused = true;
                // Who talks goes on talking.
                if self.current.as_ref().is_some_and(|current| !current.talks()) {
                    self.finish(Outcome::Unasked);
                }
            }
        }
    }

    /// Asks how the call stands that this end made. How one stands that rings here is told unasked.
    fn ask(&mut self) {
        let Some(Current { talk, stage, .. }) = &self.current else { return };
        // A call that was answered, and of which the other end may not have heard yet, may be all news to a server that is new.
        let asks = matches!(stage, Stage::Calling { .. } | Stage::Talking { until: Some(_), asks: true });
        if asks && talk.side == Side::Caller {
            let message = ClientMessage::Call { call: talk.call, to: talk.with.clone() };
            self.link.send(message, &mut self.out);
        }
    }

    fn intended(&mut self, now: Time, event: PhoneEvent) {
        let current = self.current.as_ref().map(|current| (current.talk.clone(), current.stage.clone()));
        match (event, current) {
            (PhoneEvent::Call(call, to), None) => self.call(now, call, to),
            // Whoever calls the one who is calling wants to talk.
            (PhoneEvent::Call(_, to), Some((talk, Stage::Ringing { .. }))) if to == talk.with => {
                self.accept();
            }
            (PhoneEvent::Accept, Some((_, Stage::Ringing { .. }))) => self.accept(),
            (PhoneEvent::Decline, Some((talk, Stage::Ringing { .. }))) => {
                self.say(ClientMessage::Refuse { call: talk.call, reason: Refused::Declined });
                self.remember(talk.call, Some(Refused::Declined));
                self.finish(Outcome::Ended(EndReason::Declined));
            }
            (PhoneEvent::HangUp, Some((talk, stage))) => {
                self.say(ClientMessage::HangUp { call: talk.call });
                if talk.side == Side::Callee {
                    self.remember(talk.call, Some(Refused::Declined));
                }
                let reason = match stage {
                    Stage::Calling { .. } => EndReason::Cancelled,
                    Stage::Ringing { .. } => EndReason::Declined,
                    Stage::Talking { .. } => EndReason::HungUp,
                };
                self.finish(Outcome::Ended(reason));
            }
            (PhoneEvent::Met(call), Some(_)) => {
                if let Some(Current { talk, stage: Stage::Talking { until, .. }, .. }) = &mut self.current
                    && talk.call == call
                {
                    *until = None;
                }
            }
            (PhoneEvent::Parted(call), Some((talk, Stage::Talking { .. }))) if talk.call == call => {
                self.say(ClientMessage::HangUp { call });
                self.finish(Outcome::Ended(EndReason::HungUp));
            }
            (PhoneEvent::Block(mut names), _) => {
                // The oldest fall out.
                names.drain(..names.len().saturating_sub(BLOCKED));
                self.blocked = names;
            }
            (PhoneEvent::Find(text), _) => {
                let text = text.chars().take(limits::NAME).collect();
                self.say(ClientMessage::Find { text });
            }
            (PhoneEvent::Leave { release }, current) => {
                if let Some((talk, _)) = current {
                    self.say(ClientMessage::HangUp { call: talk.call });
                    self.finish(Outcome::Ended(EndReason::HungUp));
                }
                self.link.send(ClientMessage::Leave { release }, &mut self.out);
                self.link.stop(&mut self.out);
                self.left = true;
            }
            _ => {}
        }
    }

    fn call(&mut self, now: Time, call: CallId, to: Name) {
        let talk = Talk { call, side: Side::Caller, with: to };
        if self.refused {
            return self.out.push_back(PhoneOutput::Finish(talk, Outcome::Unasked));
        }
        self.out.push_back(PhoneOutput::Prepare(talk.clone()));
        let stage = Stage::Calling { rings: false };
        self.current = Some(Current { doubt: Some(now + CALL_DOUBT), ..Current::new(talk, stage, now) });
        if self.link.is_up() {
            self.ask();
        }
    }

    fn accept(&mut self) {
        if let Some(Current { talk, stage: Stage::Ringing { taken }, .. }) = &mut self.current {
            *taken = true;
            let call = talk.call;
            self.say(ClientMessage::Accept { call });
        }
    }

    fn expire(&mut self, now: Time) {
        let Some(current) = &mut self.current else { return };
        if current.again.is_some_and(|again| now >= again) {
            current.again = None;
            return self.ask();
        }
        let Some(current) =
            self.current.as_ref().filter(|current| current.ends().is_some_and(|due| now >= due))
        else {
            return;
        };
        let call = current.talk.call;
        let outcome = match &current.stage {
            Stage::Talking { .. } => Outcome::Unconnected,
            _ if current.is_missing => Outcome::Ended(EndReason::Unreachable),
            _ => Outcome::Unasked,
        };
        self.say(ClientMessage::HangUp { call });
        self.finish(outcome);
    }

    /// This page will have nothing more to do with the call.
    fn finish(&mut self, outcome: Outcome) {
        let Some(current) = self.current.take() else { return };
        // One that could only not be asked about may ring again.
        if current.talk.side == Side::Callee && outcome != Outcome::Unasked {
            self.remember(current.talk.call, None);
        }
        if let Some((call, from)) = current.crossing {
            self.busy(call, from);
        }
        self.out.push_back(PhoneOutput::Finish(current.talk, outcome));
    }

    fn refuse(&mut self, call: CallId, reason: Refused) {
        self.say(ClientMessage::Refuse { call, reason });
        self.remember(call, Some(reason));
    }

    /// The first word on it counts.
    fn remember(&mut self, call: CallId, reason: Option<Refused>) {
        if self.over.iter().any(|(over, _)| *over == call) {
            return;
        }
        if self.over.len() >= CALLS_OVER {
            self.over.pop_front();
        }
        self.over.push_back((call, reason));
    }

    /// What cannot be said now is found out or said again once it can.
    fn say(&mut self, message: ClientMessage) {
        if self.link.is_up() {
            self.link.send(message, &mut self.out);
        }
    }

    fn tell(&mut self) {
        let status = PhoneStatus {
            name: self.name.clone(),
            signaling: self.link.signaling(),
            error: self.error,
            line: self.line(),
        };
        if status != self.told {
            self.told = status.clone();
            self.out.push_back(PhoneOutput::Status(status));
        }
    }
}
