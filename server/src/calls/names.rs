//! Names: whose they are, which pages have them, and what time does to them.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use subtle::ConstantTimeEq;
use vong_protocol::calls::{ClientMessage, EndReason, Register, ServerMessage};
use vong_protocol::channel::Name;
use vong_protocol::{CallId, ErrorCode, NameSecret, Refusal, SessionToken, limits as message_limits};

use super::key::{NameKey, fold, read};
use super::ringing::Call;
use super::{CallBounds, Directory, Effect, Effects, Line};
use crate::address::Address;
use crate::limits::{CALL_RATE, MISSED, PAGES_PER_NAME, RING_RATE, SEARCHED};
use crate::rate::Bucket;
use crate::room::{ConnectionId, Time};

/// How a page is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Link {
    /// Over this connection.
    Open(ConnectionId),
    /// Not now; its place is kept until then.
    Grace(Time),
}

/// Something that time brings. Each is listed exactly as long as the state that waits for it lasts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Due {
    /// A page's grace ends.
    Page(NameKey, SessionToken),
    /// A name without pages is free again.
    Name(NameKey),
    /// A call rang for long enough, or is remembered no longer.
    Call(CallId),
}

/// A name that somebody has.
#[derive(Debug)]
pub(super) struct Holder {
    pub(super) name: Name,
    secret: NameSecret,
    /// Who took it.
    opener: Address,
    listed: bool,
    pub(super) pages: BTreeMap<SessionToken, Link>,
    /// Calls from this name, and those to it; remembered ones among them.
    pub(super) made: BTreeSet<CallId>,
    pub(super) rings: BTreeSet<CallId>,
    /// Calls that no page was told of, the latest at the end: who called, and when it ended.
    missed: VecDeque<(Name, Time)>,
    /// How often it may still call, and be called.
    pub(super) calling: Bucket,
    pub(super) called: Bucket,
    /// It goes with its last page.
    released: bool,
    /// When it goes, while there is no page.
    free_at: Option<Time>,
}

impl Holder {
    /// The connections of its pages that can be reached now.
    pub(super) fn open(&self) -> impl Iterator<Item = (SessionToken, ConnectionId)> {
        self.pages.iter().filter_map(|(page, link)| match link {
            Link::Open(connection) => Some((*page, *connection)),
            Link::Grace(_) => None,
        })
    }

    /// Keeps in mind that somebody called in vain.
    pub(super) fn miss(&mut self, from: Name, now: Time) {
        if self.missed.len() >= MISSED {
            self.missed.pop_front();
        }
        self.missed.push_back((from, now));
    }
}

/// All names and calls.
#[derive(Debug)]
pub(crate) struct Switchboard {
    pub(super) bounds: CallBounds,
    pub(super) names: BTreeMap<NameKey, Holder>,
    by_address: HashMap<Address, usize>,
    /// Those that may be found, in the order of what they are shown as.
    found: BTreeSet<(Box<str>, NameKey)>,
    pub(super) calls: BTreeMap<CallId, Call>,
    pub(super) due: BTreeSet<(Time, Due)>,
}

impl Switchboard {
    /// Without names.
    pub(crate) fn new(bounds: CallBounds) -> Self {
        Self {
            bounds,
            names: BTreeMap::new(),
            by_address: HashMap::new(),
            found: BTreeSet::new(),
            calls: BTreeMap::new(),
            due: BTreeSet::new(),
        }
    }

    /// Gives a page its name, as it is shown, or says why not. How its calls stand follows in the effects. A refusal changes nothing.
    pub(crate) fn register(
        &mut self,
        now: Time,
        connection: ConnectionId,
        address: Address,
        register: Register,
    ) -> Result<(Line, Name, Effects), Refusal> {
        let Register { name, secret, page, listed, .. } = register;
        let (shown, key) = read(&name)?;
        match self.names.get(&key) {
            None => self.take(key.clone(), shown.clone(), secret, address, now)?,
            Some(holder) if !same_secret(&holder.secret, &secret) => return Err(ErrorCode::NameTaken.into()),
            Some(holder) if !holder.pages.contains_key(&page) && holder.pages.len() >= PAGES_PER_NAME => {
                let detail = format!("This one is on {PAGES_PER_NAME} pages already.");
                return Err(Refusal::new(ErrorCode::TooManyNames, detail));
            }
            Some(_) => {}
        }
        let line = Line { name: key, page };
        let mut effects = Vec::new();
        let Some(holder) = self.names.get_mut(&line.name) else {
            return Err(ErrorCode::TooManyNames.into());
        };
        // As it was spelled first, whatever looks like it.
        let shown = holder.name.clone();
        self.found.remove(&(shown.as_str().into(), line.name.clone()));
        (holder.listed, holder.released) = (listed, false);
        if listed {
            self.found.insert((shown.as_str().into(), line.name.clone()));
        }
        match holder.pages.insert(page, Link::Open(connection)) {
            Some(Link::Open(earlier)) => effects.push(Effect::Close(earlier, ErrorCode::SessionReplaced)),
            Some(Link::Grace(until)) => {
                self.due.remove(&(until, Due::Page(line.name.clone(), page)));
            }
            None => {}
        }
        if let Some(free_at) = holder.free_at.take() {
            self.due.remove(&(free_at, Due::Name(line.name.clone())));
        }
        for (from, ended) in std::mem::take(&mut holder.missed) {
            let ago = now.saturating_sub(ended).as_millis();
            let ago_ms = u32::try_from(ago).unwrap_or(u32::MAX);
            effects.push(Effect::Send(connection, ServerMessage::Missed { from, ago_ms }));
        }
        self.tell_calls(connection, &line, &mut effects);
        Ok((line, shown, effects))
    }

    /// Does what a page says. What cannot be is told as the end of the call.
    pub(crate) fn say(
        &mut self,
        now: Time,
        connection: ConnectionId,
        line: &Line,
        message: ClientMessage,
    ) -> Effects {
        let mut effects = Vec::new();
        if !self.is_open(line, connection) {
            // Replaced a moment ago; its connection is being closed.
            return effects;
        }
        match message {
            ClientMessage::Call { call, to } => self.call(now, connection, line, call, &to, &mut effects),
            ClientMessage::Accept { call } => self.accept(now, connection, line, call, &mut effects),
            ClientMessage::Refuse { call, reason } => {
                self.refuse(now, connection, line, call, reason.into(), &mut effects);
            }
            ClientMessage::HangUp { call } => self.hang_up(now, connection, line, call, &mut effects),
            ClientMessage::Find { text } => {
                let names = self.find(line, &text);
                effects.push(Effect::Send(connection, ServerMessage::Found { text, names }));
            }
            ClientMessage::Register(_) | ClientMessage::Pong {} | ClientMessage::Leave { .. } => {}
        }
        effects
    }

    /// A page goes for good, and with `release` gives up the name.
    pub(crate) fn leave(
        &mut self,
        now: Time,
        connection: ConnectionId,
        line: &Line,
        release: bool,
    ) -> Effects {
        let mut effects = Vec::new();
        if self.is_open(line, connection) {
            if let Some(holder) = self.names.get_mut(&line.name) {
                holder.released |= release;
            }
            self.drop_page(now, line, EndReason::Cancelled, &mut effects);
        }
        effects
    }

    /// A page's connection is gone without a word: its place is kept for a while.
    pub(crate) fn lose(&mut self, now: Time, connection: ConnectionId, line: &Line) {
        if self.is_open(line, connection)
            && let Some(holder) = self.names.get_mut(&line.name)
        {
            let until = now + self.bounds.page_grace;
            holder.pages.insert(line.page, Link::Grace(until));
            self.due.insert((until, Due::Page(line.name.clone(), line.page)));
            if holder.open().next().is_none() {
                // Who knows whether anybody heard it.
                for call in &holder.rings {
                    if let Some(call) = self.calls.get_mut(call) {
                        call.unheard();
                    }
                }
            }
        }
    }

    /// When [`Self::expire`] has something to do.
    pub(crate) fn deadline(&self) -> Option<Time> {
        self.due.first().map(|(time, _)| *time)
    }

    /// Does what is due.
    pub(crate) fn expire(&mut self, now: Time) -> Effects {
        let mut effects = Vec::new();
        while self.deadline().is_some_and(|time| time <= now) {
            match self.due.pop_first() {
                Some((at, Due::Page(name, page))) => {
                    self.drop_page(at, &Line { name, page }, EndReason::Gone, &mut effects);
                }
                Some((_, Due::Name(name))) => self.free(&name),
                Some((_, Due::Call(call))) => self.call_is_due(now, call, &mut effects),
                None => {}
            }
        }
        effects
    }

    /// The connection over which this page speaks now.
    pub(super) fn reach(&self, name: &NameKey, page: &SessionToken) -> Option<ConnectionId> {
        match self.names.get(name)?.pages.get(page)? {
            Link::Open(connection) => Some(*connection),
            Link::Grace(_) => None,
        }
    }

    fn is_open(&self, line: &Line, connection: ConnectionId) -> bool {
        self.reach(&line.name, &line.page) == Some(connection)
    }

    fn take(
        &mut self,
        key: NameKey,
        name: Name,
        secret: NameSecret,
        opener: Address,
        now: Time,
    ) -> Result<(), Refusal> {
        let of_address = self.by_address.get(&opener).copied().unwrap_or(0);
        let refuse = |whose: &str| Err(Refusal::new(ErrorCode::TooManyNames, whose.to_owned()));
        if self.names.len() >= self.bounds.names {
            return refuse("All names of this server are in use.");
        }
        if of_address >= self.bounds.names_per_address {
            return refuse("This network has taken as many as it may.");
        }
        self.by_address.insert(opener, of_address + 1);
        let holder = Holder {
            name,
            secret,
            opener,
            listed: false,
            pages: BTreeMap::new(),
            made: BTreeSet::new(),
            rings: BTreeSet::new(),
            missed: VecDeque::new(),
            calling: Bucket::new(CALL_RATE, now),
            called: Bucket::new(RING_RATE, now),
            released: false,
            free_at: None,
        };
        self.names.insert(key, holder);
        Ok(())
    }

    /// Takes a page out. What it called with ends for this reason; what rang at it goes on, as long as there is another page.
    fn drop_page(&mut self, now: Time, line: &Line, reason: EndReason, effects: &mut Effects) {
        let Some(holder) = self.names.get_mut(&line.name) else { return };
        holder.pages.remove(&line.page);
        let is_last = holder.pages.is_empty();
        let (made, rings) = (holder.made.clone(), holder.rings.clone());
        for call in made {
            if self.calls.get(&call).is_some_and(|call| call.rings() && call.is_from(line)) {
                self.end(now, call, reason, effects);
            }
        }
        if !is_last {
            return;
        }
        for call in rings {
            if self.calls.get(&call).is_some_and(Call::rings) {
                self.end(now, call, EndReason::Unreachable, effects);
            }
        }
        if let Some(holder) = self.names.get_mut(&line.name) {
            self.found.remove(&(holder.name.as_str().into(), line.name.clone()));
            if holder.released {
                return self.free(&line.name);
            }
            let free_at = now + self.bounds.name_grace;
            holder.free_at = Some(free_at);
            self.due.insert((free_at, Due::Name(line.name.clone())));
        }
    }

    /// Nobody has this name any more.
    fn free(&mut self, name: &NameKey) {
        let Some(holder) = self.names.remove(name) else { return };
        if let Some(free_at) = holder.free_at {
            self.due.remove(&(free_at, Due::Name(name.clone())));
        }
        for call in holder.made.iter().chain(&holder.rings) {
            self.forget(*call);
        }
        if let Some(of_address) = self.by_address.get_mut(&holder.opener) {
            *of_address -= 1;
            if *of_address == 0 {
                self.by_address.remove(&holder.opener);
            }
        }
    }

    /// Names that begin with this, as far as they may be found.
    fn find(&self, line: &Line, text: &str) -> Vec<Name> {
        let begin = fold(text.trim_start());
        let enough = match self.bounds.directory {
            Directory::List => true,
            Directory::Search => begin.chars().count() >= SEARCHED,
            Directory::Hidden => false,
        };
        if !enough {
            return Vec::new();
        }
        let from = (begin.clone().into_boxed_str(), NameKey::least());
        self.found
            .range(from..)
            .take_while(|(shown, _)| shown.starts_with(&begin))
            .filter(|(_, key)| *key != line.name)
            .filter_map(|(_, key)| Some(self.names.get(key)?.name.clone()))
            .take(message_limits::FOUND)
            .collect()
    }

    #[cfg(test)]
    pub(super) fn check(&self) {
        use crate::limits::{CALLS_PER_NAME, RINGS_PER_NAME};
        let graces =
            |holder: &Holder| holder.pages.values().filter(|link| matches!(link, Link::Grace(_))).count();
        let waiting: usize =
            self.names.values().map(|holder| graces(holder) + usize::from(holder.free_at.is_some())).sum();
        assert_eq!(self.due.len(), waiting + self.calls.len(), "{self:#?}");
        assert!(self.names.len() <= self.bounds.names);
        assert_eq!(self.by_address.values().sum::<usize>(), self.names.len());
        assert!(self.by_address.values().all(|names| (1..=self.bounds.names_per_address).contains(names)));
        for (key, holder) in &self.names {
            assert_eq!(
                holder.pages.is_empty(),
                holder.free_at.is_some(),
                "exactly those without pages are about to go"
            );
            assert!(holder.pages.len() <= PAGES_PER_NAME);
            assert!(holder.made.len() <= CALLS_PER_NAME && holder.rings.len() <= RINGS_PER_NAME);
            assert!(holder.missed.len() <= MISSED);
            let entry = (holder.name.as_str().into(), key.clone());
            assert_eq!(self.found.contains(&entry), holder.listed && !holder.pages.is_empty());
        }
        assert!(self.found.len() <= self.names.len());
        let made: usize = self.names.values().map(|holder| holder.made.len()).sum();
        let rings: usize = self.names.values().map(|holder| holder.rings.len()).sum();
        assert_eq!((made, rings), (self.calls.len(), self.calls.len()), "each call is known at both ends");
    }
}

/// Compares in a time that does not depend on where the two differ.
fn same_secret(a: &NameSecret, b: &NameSecret) -> bool {
    a.as_str().as_bytes().ct_eq(b.as_str().as_bytes()).into()
}
