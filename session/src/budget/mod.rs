//! What one page can send to all who watch: how large a picture everyone gets, and when nobody else fits.
//!
//! Every watcher has an encoder and a share of the line of their own, and the page has one processor and one line. Left alone, browsers
//! cut each connection for itself, the last ones hardest, until all of them stutter. This looks at all of them together. It is told what was
//! counted and says what to do; it must not know browsers, or how an encoder is told.

mod doing;
mod level;

pub use self::doing::{Doing, Limit, Sent};
pub use self::level::{Content, Level};

use crate::bounds::{
    BUDGET_BUSY, BUDGET_CALM, BUDGET_ENCODING, BUDGET_FLUENT, BUDGET_JUDGED, BUDGET_LEAST, BUDGET_LINE,
    BUDGET_PATIENCE, BUDGET_ROOM, BUDGET_SETTLED,
};
use crate::time::{Millis, Time};

/// What there is too little of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scarce {
    /// The computer, which encodes for each watcher.
    Computer,
    /// The line out of here.
    Line,
}

/// The picture that the encoders are fed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its shorter side, in pixels.
    pub short: u32,
    /// Pictures a second, as they come now.
    pub fps: u32,
    /// What it is of.
    pub content: Content,
}

/// One look: what is fed in and what came of it on every connection that is up.
#[derive(Clone, Debug)]
pub struct Look {
    /// When.
    pub now: Time,
    /// Processor cores.
    pub cores: u32,
    /// The camera's picture, or the screen's where there is no camera.
    pub source: Source,
    /// How many connections there are.
    pub connections: usize,
    /// Each of those that there were at the look before, since then.
    pub doing: Vec<Doing>,
}

/// What is sent now, and what it would take to send more.
#[derive(Clone, Debug)]
pub struct Budget {
    /// A place on the ladder of the content; 0 is as it comes.
    place: usize,
    lowered: Option<Scarce>,
    full: Option<Scarce>,
    /// Kilobits a second for each, while the line is what is scarce: left alone, some would take all of it.
    share: Option<u32>,
    /// When it was last lowered or raised.
    changed: Time,
    /// Since when there was enough of everything.
    calm: Option<Time>,
    /// Looks in a row at which something was scarce.
    strained: u32,
    /// Looks in a row at which one more would have been too many.
    tight: u32,
    /// Since when one more would fit.
    roomy: Option<Time>,
    /// How long there has to be enough before it is raised. Longer each time that this was in vain.
    patience: Millis,
    raised: bool,
    watchers: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            place: 0,
            lowered: None,
            full: None,
            share: None,
            changed: Time::default(),
            calm: None,
            strained: 0,
            tight: 0,
            roomy: None,
            patience: BUDGET_PATIENCE.0,
            raised: false,
            watchers: 0,
        }
    }
}

/// Looks in a row that have to agree: one may be a hiccup.
const AGREE: u32 = 2;

impl Budget {
    /// What everyone is sent.
    pub fn level(&self, content: Content) -> Level {
        content.ladder().get(self.place).copied().unwrap_or_default()
    }

    /// Kilobits a second that all pictures and the sound of one connection may take together, while the line is what is scarce.
    pub fn share(&self) -> Option<u32> {
        self.share
    }

    /// For want of what it is less than what comes from the source.
    pub fn lowered(&self) -> Option<Scarce> {
        self.lowered
    }

    /// For want of what nobody else is to be let in.
    pub fn full(&self) -> Option<Scarce> {
        self.full
    }

    /// Takes a look. Whether anything changed.
    pub fn look(&mut self, look: &Look) -> bool {
        let before = self.said();
        let ladder = look.source.content.ladder();
        self.place = self.place.min(ladder.len() - 1);
        if look.connections < self.watchers {
            // Fewer have to share: what was in vain may not be now.
            self.patience = BUDGET_PATIENCE.0;
        }
        self.watchers = look.connections;
        if look.connections == 0 {
            *self = Self::default();
            return before != self.said();
        }
        if look.connections == 1 {
            // There is nobody to share with, or to be kept out for it.
            self.share = None;
            self.full = self.full.filter(|scarce| *scarce != Scarce::Line);
        }
        if look.doing.is_empty() {
            return before != self.said();
        }
        // What was changed shows after a while; until then, what is measured is of before.
        if look.now - self.changed >= BUDGET_SETTLED {
            let used = encoding(look);
            match scarce(look, ladder[self.place], used) {
                Some(scarce) => self.strain(look, scarce, used),
                None => self.relax(look, used),
            }
        }
        before != self.said()
    }

    /// What others go by.
    fn said(&self) -> (usize, Option<Scarce>, Option<Scarce>, Option<u32>) {
        (self.place, self.lowered, self.full, self.share)
    }

    fn strain(&mut self, look: &Look, scarce: Scarce, used: u32) {
        (self.calm, self.roomy, self.tight) = (None, None, 0);
        self.strained += 1;
        if self.strained < AGREE {
            return;
        }
        if self.raised {
            self.patience = Millis((self.patience.0 * 2).min(BUDGET_PATIENCE.1.0));
            self.raised = false;
        }
        if scarce == Scarce::Line && look.doing.len() > 1 {
            // A little less than there is, so that what waits in routers' queues gets through. Where a browser does not tell, nothing
            // is known to divide.
            self.share = share(look).map(|share| (share * 9 / 10).max(BUDGET_LEAST));
        }
        if let Some(place) = lower(look, self.place, scarce, used) {
            (self.place, self.lowered) = (place, Some(scarce));
            self.changed = look.now;
            self.strained = 0;
            return;
        }
        // That browsers cut pictures of their own accord, of which they are slow to let go, is no reason to keep out others; nor
        // is the line of one watcher, which is that one's.
        let ends = match scarce {
            Scarce::Computer => overloaded(look, self.level(look.source.content), used),
            Scarce::Line => look.doing.len() > 1 && share(look).is_some_and(|share| share < BUDGET_LINE),
        };
        if ends {
            self.full = Some(scarce);
        }
    }

    fn relax(&mut self, look: &Look, used: u32) {
        self.strained = 0;
        let since = *self.calm.get_or_insert(look.now);
        let calm = look.now - since;
        let last = self.place + 1 == look.source.content.ladder().len()
            || lower(look, self.place, Scarce::Computer, used).is_none();
        // What one more would take, on top of what all take now.
        let one_more = used + used / u32::try_from(look.doing.len()).unwrap_or(u32::MAX);
        if last && one_more > BUDGET_ENCODING.1 {
            (self.roomy, self.tight) = (None, self.tight + 1);
            if self.tight >= AGREE {
                self.full = Some(Scarce::Computer);
            }
        } else if last && one_more > BUDGET_ROOM {
            // Between the two all stays as it is.
            (self.roomy, self.tight) = (None, 0);
        } else {
            self.tight = 0;
            let roomy = look.now - *self.roomy.get_or_insert(look.now);
            if roomy >= BUDGET_CALM && self.share.is_none_or(|share| share >= BUDGET_LINE) {
                self.full = None;
            }
        }
        if calm.0 >= 3 * BUDGET_PATIENCE.0.0 {
            // It was not in vain.
            self.raised = false;
        }
        if calm < self.patience {
            return;
        }
        if self.share.take().is_some() {
            // What each may take comes first, and then how large the picture is.
            (self.changed, self.raised, self.calm) = (look.now, true, None);
            return;
        }
        if self.place == 0 {
            return;
        }
        let higher = raise(look, self.place);
        let cost = |place: usize| look.source.content.ladder()[place].cost(look.source);
        let would_use = u64::from(used) * cost(higher) / cost(self.place).max(1);
        if would_use <= u64::from(BUDGET_ENCODING.0) {
            self.place = higher;
            self.lowered = self.lowered.filter(|_| higher > 0);
            (self.changed, self.raised, self.calm) = (look.now, true, None);
        }
    }
}

/// How much of all cores goes into encoding, in percent.
fn encoding(look: &Look) -> u32 {
    let busy: u32 = look.doing.iter().map(|doing| doing.encoding).sum();
    busy / look.cores.max(1)
}

/// What there is too little of at this look.
fn scarce(look: &Look, level: Level, used: u32) -> Option<Scarce> {
    // A third of them, so that it is not the fault of one watcher's own line.
    if overloaded(look, level, used) || part(look, 1, |doing| doing.limit == Limit::Computer) {
        return Some(Scarce::Computer);
    }
    part(look, 2, Doing::is_narrow).then_some(Scarce::Line)
}

/// Whether encoding takes more than there is, or watchers get fewer pictures than come in.
fn overloaded(look: &Look, level: Level, used: u32) -> bool {
    let wanted = level.fps.map_or(look.source.fps, |fps| fps.min(look.source.fps));
    let slow = |doing: &Doing| {
        let narrow = doing.limit == Limit::Line || doing.is_narrow();
        doing.sends_picture && !narrow && doing.fps * 100 < wanted * BUDGET_FLUENT
    };
    // Of few pictures a second, one more or less says nothing; and a computer that hardly encodes is not what holds them up: not every
    // browser tells what else does.
    let judged = wanted >= BUDGET_JUDGED && used >= BUDGET_BUSY;
    used > BUDGET_ENCODING.1 || (judged && part(look, 1, slow))
}

/// Whether it is so with this many thirds of them, and one at least.
fn part(look: &Look, thirds: usize, is: impl Fn(&Doing) -> bool) -> bool {
    let count = look.doing.iter().filter(|doing| is(doing)).count();
    count > 0 && count * 3 >= look.doing.len() * thirds
}

/// The next place that will do, or if none will, the last; `None` if nothing below makes a difference.
fn lower(look: &Look, place: usize, scarce: Scarce, used: u32) -> Option<usize> {
    let ladder = look.source.content.ladder();
    let cost = |place: usize| ladder[place].cost(look.source);
    let lower: Vec<usize> = (place + 1..ladder.len()).filter(|&next| cost(next) < cost(place)).collect();
    let enough = |&next: &usize| match scarce {
        Scarce::Computer => u64::from(used) * cost(next) / cost(place).max(1) <= u64::from(BUDGET_ENCODING.0),
        // Where nobody knows what there is, one step is as good as another, and the first hurts least.
        Scarce::Line => {
            share(look).is_none_or(|share| ladder[next].kilobits.is_some_and(|kilobits| kilobits <= share))
        }
    };
    lower.iter().copied().find(enough).or(lower.last().copied())
}

/// The place above that differs from this one for this source.
fn raise(look: &Look, place: usize) -> usize {
    let ladder = look.source.content.ladder();
    let cost = |place: usize| ladder[place].cost(look.source);
    (0..place).rev().find(|&next| cost(next) > cost(place)).unwrap_or(0)
}

/// Kilobits a second that each of them has on average; `None` where the browser does not tell.
fn share(look: &Look) -> Option<u32> {
    let told: Vec<u32> = look.doing.iter().filter_map(|doing| doing.available).collect();
    let sum: u64 = told.iter().map(|&kilobits| u64::from(kilobits)).sum();
    sum.checked_div(told.len() as u64).and_then(|share| u32::try_from(share).ok())
}

#[cfg(test)]
mod tests;
