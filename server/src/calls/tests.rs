//! Names and calls, rule by rule.

use std::net::IpAddr;
use std::time::Duration;

use vong_protocol::calls::{ClientMessage, EndReason, Refused, Register, ServerMessage, VERSION};
use vong_protocol::channel::Name;
use vong_protocol::{CallId, ErrorCode, NameSecret, SessionToken};

use super::{CallBounds, Directory, Effect, Effects, Line, Switchboard};
use crate::address::Address;
use crate::limits::{
    CALL_RATE, CALL_REMEMBERED, CALLS_PER_NAME, MISSED, PAGES_PER_NAME, RING, RING_RATE, RINGS_PER_NAME,
    SEARCHED,
};
use crate::room::{ConnectionId, Time};

const NAME_GRACE: Time = Duration::from_hours(1);
const PAGE_GRACE: Time = Duration::from_secs(15);
const START: Time = Duration::ZERO;

pub(super) fn bounds() -> CallBounds {
    CallBounds {
        names: 40,
        names_per_address: 30,
        name_grace: NAME_GRACE,
        page_grace: PAGE_GRACE,
        directory: Directory::List,
    }
}

pub(super) fn home() -> Address {
    IpAddr::from([192, 0, 2, 1]).into()
}

fn token(number: u64) -> String {
    format!("{number:022}")
}

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

fn register(text: &str, secret: u64, page: u64) -> Register {
    Register {
        version: VERSION,
        name: name(text),
        secret: NameSecret::parse(&token(secret)).unwrap(),
        page: SessionToken::parse(&token(page)).unwrap(),
        listed: true,
    }
}

/// A page: its connection and its line.
#[derive(Clone, Debug)]
struct Page(ConnectionId, Line);

struct Desk {
    board: Switchboard,
    now: Time,
    connections: u64,
}

impl Desk {
    fn new(bounds: CallBounds) -> Self {
        Self { board: Switchboard::new(bounds), now: START, connections: 0 }
    }

    fn try_in(&mut self, register: Register) -> Result<(Page, Effects), ErrorCode> {
        self.connections += 1;
        let connection = ConnectionId(self.connections);
        let outcome = self.board.register(self.now, connection, home(), register);
        self.board.check();
        let (line, _, effects) = outcome.map_err(|refusal| refusal.code)?;
        Ok((Page(connection, line), effects))
    }

    /// A page whose secret and number are those.
    fn page(&mut self, text: &str, secret: u64, page: u64) -> Page {
        self.try_in(register(text, secret, page)).unwrap().0
    }

    fn say(&mut self, page: &Page, message: ClientMessage) -> Effects {
        let effects = self.board.say(self.now, page.0, &page.1, message);
        self.board.check();
        effects
    }

    fn call(&mut self, page: &Page, call: u64, to: &str) -> Effects {
        self.say(page, ClientMessage::Call { call: id(call), to: name(to) })
    }

    fn wait(&mut self, time: Duration) -> Effects {
        self.now += time;
        let effects = self.board.expire(self.now);
        self.board.check();
        effects
    }

    fn lose(&mut self, page: &Page) {
        self.board.lose(self.now, page.0, &page.1);
        self.board.check();
    }

    fn leave(&mut self, page: &Page, release: bool) -> Effects {
        let effects = self.board.leave(self.now, page.0, &page.1, release);
        self.board.check();
        effects
    }
}

fn id(call: u64) -> CallId {
    CallId::parse(&token(call)).unwrap()
}

fn told(page: &Page, message: ServerMessage) -> Effect {
    Effect::Send(page.0, message)
}

fn ended(page: &Page, call: u64, reason: EndReason) -> Effect {
    told(page, ServerMessage::Ended { call: id(call), reason })
}

fn incoming(page: &Page, call: u64, from: &str) -> Effect {
    told(page, ServerMessage::Incoming { call: id(call), from: name(from) })
}

fn ringing(page: &Page, call: u64, pages: u32) -> Effect {
    told(page, ServerMessage::Ringing { call: id(call), pages })
}

fn answered(page: &Page, call: u64) -> Effect {
    told(page, ServerMessage::Answered { call: id(call) })
}

#[test]
fn a_name_is_whose_secret_came_first_until_its_grace_has_ended() {
    let mut desk = Desk::new(bounds());
    let duy = desk.page("Duy", 1, 1);
    assert_eq!(desk.try_in(register("duy", 2, 2)).unwrap_err(), ErrorCode::NameTaken);
    // A letter that looks the same.
    assert_eq!(desk.try_in(register("du\u{443}", 2, 2)).unwrap_err(), ErrorCode::NameTaken);
    desk.lose(&duy);
    assert_eq!(desk.wait(PAGE_GRACE), []);
    assert_eq!(desk.try_in(register("duy", 2, 2)).unwrap_err(), ErrorCode::NameTaken);
    let duy = desk.page("DUY", 1, 3);
    desk.lose(&duy);
    desk.wait(PAGE_GRACE + NAME_GRACE);
    desk.page("duy", 2, 2);
}

#[test]
fn a_name_that_is_given_up_is_free_once_no_page_has_it() {
    let mut desk = Desk::new(bounds());
    let (one, other) = (desk.page("duy", 1, 1), desk.page("duy", 1, 2));
    desk.leave(&one, true);
    assert_eq!(desk.try_in(register("duy", 2, 3)).unwrap_err(), ErrorCode::NameTaken);
    desk.lose(&other);
    assert_eq!(desk.try_in(register("duy", 2, 3)).unwrap_err(), ErrorCode::NameTaken);
    desk.wait(PAGE_GRACE);
    desk.page("duy", 2, 3);
}

#[test]
fn a_name_stays_as_it_was_spelled_first() {
    let mut desk = Desk::new(bounds());
    let duy = desk.page("duy", 1, 1);
    desk.page("du\u{443}", 1, 2);
    let napo = desk.page("napo", 2, 3);
    assert_eq!(desk.call(&duy, 1, "napo")[0], incoming(&napo, 1, "duy"));
}

#[test]
fn whom_everybody_calls_at_once_is_busy_and_hears_no_more_than_they_can_answer() {
    let mut desk = Desk::new(bounds());
    let napo = desk.page("napo", 1, 1);
    let mut rang = 0;
    for caller in 0..u64::from(2 * RING_RATE.burst) {
        let page = desk.page(&format!("caller{caller}"), 10 + caller, 10 + caller);
        if desk.call(&page, caller, "napo") != [ended(&page, caller, EndReason::Busy)] {
            rang += 1;
            desk.say(&napo, ClientMessage::Refuse { call: id(caller), reason: Refused::Busy });
        }
        desk.leave(&page, true);
    }
    assert_eq!(rang, RING_RATE.burst);
}

#[test]
fn a_page_that_comes_again_takes_the_place_of_its_older_connection() {
    let mut desk = Desk::new(bounds());
    let old = desk.page("duy", 1, 1);
    let (new, effects) = desk.try_in(register("duy", 1, 1)).unwrap();
    assert_eq!(effects, [Effect::Close(old.0, ErrorCode::SessionReplaced)]);
    desk.page("napo", 2, 2);
    assert_eq!(desk.call(&old, 7, "napo"), [], "it can do nothing more");
    desk.lose(&old);
    assert_eq!(desk.call(&new, 7, "napo").len(), 2);
}

#[test]
fn names_and_pages_are_bounded() {
    let mut desk = Desk::new(CallBounds { names: 3, names_per_address: 2, ..bounds() });
    desk.page("an", 1, 1);
    desk.page("bo", 2, 2);
    assert_eq!(desk.try_in(register("cy", 3, 3)).unwrap_err(), ErrorCode::TooManyNames);
    for page in 0..u64::try_from(PAGES_PER_NAME).unwrap() - 1 {
        desk.page("an", 1, 10 + page);
    }
    assert_eq!(desk.try_in(register("an", 1, 99)).unwrap_err(), ErrorCode::TooManyNames);
}

#[test]
fn a_call_rings_until_it_is_answered_declined_or_cancelled() {
    let mut desk = Desk::new(bounds());
    let (duy, napo, phone) = (desk.page("duy", 1, 1), desk.page("napo", 2, 2), desk.page("napo", 2, 3));
    assert_eq!(
        desk.call(&duy, 1, "Napo"),
        [incoming(&napo, 1, "duy"), incoming(&phone, 1, "duy"), ringing(&duy, 1, 2)]
    );
    assert_eq!(
        desk.say(&phone, ClientMessage::Accept { call: id(1) }),
        [answered(&duy, 1), answered(&phone, 1), ended(&napo, 1, EndReason::Elsewhere)]
    );
    // Too late, and said twice.
    assert_eq!(
        desk.say(&napo, ClientMessage::Accept { call: id(1) }),
        [ended(&napo, 1, EndReason::Elsewhere)]
    );
    assert_eq!(desk.say(&phone, ClientMessage::Accept { call: id(1) }), [answered(&phone, 1)]);
    assert_eq!(
        desk.say(&duy, ClientMessage::HangUp { call: id(1) }),
        [ended(&phone, 1, EndReason::HungUp), ended(&duy, 1, EndReason::HungUp)]
    );
    desk.call(&duy, 2, "napo");
    let all = |reason| [ended(&napo, 2, reason), ended(&phone, 2, reason), ended(&duy, 2, reason)];
    let declines = ClientMessage::Refuse { call: id(2), reason: Refused::Declined };
    assert_eq!(desk.say(&napo, declines), all(EndReason::Declined));
    desk.call(&duy, 3, "napo");
    let cancels = ClientMessage::HangUp { call: id(3) };
    assert_eq!(desk.say(&duy, cancels).len(), 3);
    desk.call(&duy, 4, "napo");
    assert_eq!(desk.wait(RING).len(), 3);
    assert_eq!(desk.call(&duy, 4, "napo"), [ended(&duy, 4, EndReason::NoAnswer)], "asked again");
    desk.wait(CALL_REMEMBERED);
    assert_eq!(desk.board.calls.len(), 0);
}

#[test]
fn what_cannot_be_called_is_told_to_the_caller_alone() {
    let mut desk = Desk::new(bounds());
    let duy = desk.page("duy", 1, 1);
    assert_eq!(desk.call(&duy, 1, "nobody"), [ended(&duy, 1, EndReason::Unreachable)]);
    assert_eq!(desk.call(&duy, 2, "<b>x</b>"), [ended(&duy, 2, EndReason::Unreachable)]);
    assert_eq!(desk.call(&duy, 3, "DUY"), [ended(&duy, 3, EndReason::Yourself)]);
    desk.page("napo", 2, 2);
    for call in 4..4 + u64::from(CALL_RATE.burst) {
        desk.call(&duy, call, "napo");
    }
    assert_eq!(desk.call(&duy, 99, "napo"), [ended(&duy, 99, EndReason::TooFast)]);
}

#[test]
fn nobody_has_a_say_in_a_call_of_others() {
    let mut desk = Desk::new(bounds());
    let (duy, napo, eve) = (desk.page("duy", 1, 1), desk.page("napo", 2, 2), desk.page("eve", 3, 3));
    desk.call(&duy, 1, "napo");
    let gone = [ended(&eve, 1, EndReason::Gone)];
    for message in [
        ClientMessage::Accept { call: id(1) },
        ClientMessage::Refuse { call: id(1), reason: Refused::Busy },
        ClientMessage::HangUp { call: id(1) },
        ClientMessage::Call { call: id(1), to: name("napo") },
    ] {
        assert_eq!(desk.say(&eve, message), gone, "as of a call that is not there");
    }
    assert_eq!(desk.say(&duy, ClientMessage::Accept { call: id(1) }), [ringing(&duy, 1, 1)]);
    assert_eq!(desk.say(&napo, ClientMessage::Accept { call: id(1) }).len(), 2);
}

#[test]
fn a_name_at_which_too_much_rings_is_busy() {
    let mut desk = Desk::new(bounds());
    let napo = desk.page("napo", 1, 1);
    for caller in 0..u64::try_from(RINGS_PER_NAME).unwrap() {
        let page = desk.page(&format!("caller{caller}"), 10 + caller, 10 + caller);
        assert_eq!(desk.call(&page, caller, "napo").len(), 2);
    }
    let late = desk.page("late", 9, 9);
    assert_eq!(desk.call(&late, 99, "napo"), [ended(&late, 99, EndReason::Busy)]);
    // What is over gives way.
    desk.say(&napo, ClientMessage::Refuse { call: id(3), reason: Refused::Declined });
    assert_eq!(desk.call(&late, 100, "napo").len(), 2);
}

#[test]
fn a_page_that_lost_the_server_hears_how_its_calls_stand() {
    let mut desk = Desk::new(bounds());
    let (duy, napo) = (desk.page("duy", 1, 1), desk.page("napo", 2, 2));
    desk.lose(&napo);
    assert_eq!(desk.call(&duy, 1, "napo"), [ringing(&duy, 1, 0)], "it may come back");
    let (napo, effects) = desk.try_in(register("napo", 2, 2)).unwrap();
    assert_eq!(effects, [incoming(&napo, 1, "duy"), ringing(&duy, 1, 1)]);
    desk.lose(&duy);
    desk.say(&napo, ClientMessage::Accept { call: id(1) });
    let (duy, effects) = desk.try_in(register("duy", 1, 1)).unwrap();
    assert_eq!(effects, [answered(&duy, 1)]);
}

#[test]
fn a_caller_who_is_gone_does_not_go_on_ringing() {
    let mut desk = Desk::new(bounds());
    let (duy, napo) = (desk.page("duy", 1, 1), desk.page("napo", 2, 2));
    desk.call(&duy, 1, "napo");
    desk.lose(&duy);
    assert_eq!(desk.wait(PAGE_GRACE), [ended(&napo, 1, EndReason::Gone)]);
    let duy = desk.page("duy", 1, 1);
    desk.call(&duy, 2, "napo");
    assert_eq!(desk.leave(&duy, false), [ended(&napo, 2, EndReason::Cancelled)]);
    // And whoever is called and goes.
    let duy = desk.page("duy", 1, 1);
    desk.call(&duy, 3, "napo");
    assert_eq!(desk.leave(&napo, false), [ended(&duy, 3, EndReason::Unreachable)]);
}

#[test]
fn calls_in_vain_are_told_with_the_next_page() {
    let mut desk = Desk::new(bounds());
    let (duy, napo) = (desk.page("duy", 1, 1), desk.page("napo", 2, 2));
    desk.leave(&napo, false);
    for call in 0..3 + u64::try_from(MISSED).unwrap() {
        assert_eq!(desk.call(&duy, call, "napo"), [ended(&duy, call, EndReason::Unreachable)]);
        desk.wait(Duration::from_secs(5));
    }
    let (napo, effects) = desk.try_in(register("napo", 2, 4)).unwrap();
    assert_eq!(effects.len(), MISSED);
    let latest = ServerMessage::Missed { from: name("duy"), ago_ms: 5_000 };
    assert_eq!(effects.last(), Some(&told(&napo, latest)));
    assert_eq!(desk.try_in(register("napo", 2, 5)).unwrap().1, [], "once");
}

#[test]
fn who_may_be_found_is_the_operators_and_the_persons_choice() {
    let names = |effects: Effects| match effects.into_iter().next() {
        Some(Effect::Send(_, ServerMessage::Found { names, .. })) => {
            names.iter().map(|name| name.as_str().to_owned()).collect::<Vec<_>>()
        }
        other => panic!("{other:?}"),
    };
    let found = |directory, text: &str| {
        let mut desk = Desk::new(CallBounds { directory, ..bounds() });
        let duy = desk.page("duy", 1, 1);
        desk.page("Napo", 2, 2);
        desk.page("nam", 3, 3);
        desk.try_in(Register { listed: false, ..register("nadia", 4, 4) }).unwrap();
        let gone = desk.page("naomi", 5, 5);
        desk.leave(&gone, false);
        names(desk.say(&duy, ClientMessage::Find { text: text.to_owned() }))
    };
    assert_eq!(found(Directory::List, ""), ["nam", "napo"]);
    assert_eq!(found(Directory::List, "NAP"), ["napo"]);
    assert_eq!(found(Directory::Search, "na"), <[&str; 0]>::default());
    assert_eq!(found(Directory::Search, "nap"), ["napo"]);
    assert_eq!(found(Directory::Hidden, "napo"), <[&str; 0]>::default());
}

#[test]
fn the_numbers_in_the_document_are_the_constants() {
    const DOCUMENT: &str = include_str!("../../../docs/calls.md");
    let every = (1.0 / CALL_RATE.per_second).round();
    for said in [
        format!("| pages of one name | {PAGES_PER_NAME} |"),
        format!("those of the last {} s included | {RINGS_PER_NAME} |", CALL_REMEMBERED.as_secs()),
        format!("| calls from one name | {} at once, then one every {every} s |", CALL_RATE.burst),
        format!("it rang for {} seconds", RING.as_secs()),
        format!("the last {MISSED}."),
        format!("by at least {SEARCHED} characters"),
    ] {
        assert!(DOCUMENT.contains(&said), "{said}");
    }
    assert_eq!(RINGS_PER_NAME, CALLS_PER_NAME, "said as one");
}
