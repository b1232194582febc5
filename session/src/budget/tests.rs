//! A machine and a line of so much, with so many watchers, in simulated time.

use super::*;
use crate::bounds::BUDGET_LOOK;

/// What there is, and who takes part of it.
struct World {
    /// Percent of one core that a full picture takes, for each watcher.
    each: u32,
    cores: u32,
    /// Kilobits a second out of here.
    line: u32,
    watchers: u32,
    source: Source,
    now: Time,
    joined: Time,
    budget: Budget,
}

impl World {
    fn new(cores: u32, line: u32) -> Self {
        let source = Source { short: 720, fps: 30, content: Content::Motion };
        let (now, joined) = (Time(0), Time(0));
        Self { each: 25, cores, line, watchers: 0, source, now, joined, budget: Budget::default() }
    }

    fn come(&mut self, watchers: u32) {
        self.watchers += watchers;
        self.joined = self.now;
    }

    /// What the encoders would take if they could.
    fn load(&self) -> u32 {
        let as_it_comes = Level::default().cost(self.source);
        let level = self.budget.level(self.source.content);
        let part = u64::from(self.each) * level.cost(self.source) / as_it_comes;
        u32::try_from(part).unwrap() * self.watchers
    }

    fn look(&mut self) -> Look {
        self.now = self.now + BUDGET_LOOK;
        let level = self.budget.level(self.source.content);
        let (load, most) = (self.load(), self.cores * 100);
        let fps = level.fps.unwrap_or(self.source.fps).min(self.source.fps);
        let share = self.line / self.watchers.max(1);
        let wants = level.kilobits.unwrap_or(2_500);
        let doing = Doing {
            age: self.now - self.joined,
            sends_picture: true,
            short: level.short.unwrap_or(self.source.short),
            fps: fps * most.min(load.max(1)) / load.max(1),
            encoding: load.min(most) / self.watchers.max(1),
            kilobits: wants.min(share),
            available: Some(share),
            limit: if share < wants { Limit::Line } else { Limit::None },
            ..Doing::default()
        };
        let doing = (0..self.watchers).map(|_| doing).collect();
        let connections = self.watchers as usize;
        Look { now: self.now, cores: self.cores, source: self.source, connections, doing }
    }

    /// How often the level changed in so many seconds.
    fn run(&mut self, seconds: u64) -> usize {
        let end = self.now + Millis(seconds * 1_000);
        let mut changes = 0;
        while self.now < end {
            let before = self.budget.level(self.source.content);
            let look = self.look();
            self.budget.look(&look);
            changes += usize::from(self.budget.level(self.source.content) != before);
        }
        changes
    }

    fn short(&self) -> u32 {
        self.budget.level(self.source.content).short.unwrap_or(self.source.short)
    }
}

#[test]
fn few_watchers_get_the_picture_as_it_comes() {
    let mut world = World::new(2, 100_000);
    world.come(2);
    assert_eq!(world.run(120), 0);
    assert_eq!((world.budget.lowered(), world.budget.full()), (None, None));
}

#[test]
fn a_computer_that_is_asked_for_too_much_sends_smaller_pictures_and_then_lets_nobody_in() {
    let mut world = World::new(2, 1_000_000);
    let mut shorts = Vec::new();
    for _ in 0..80 {
        world.come(1);
        world.run(20);
        shorts.push(world.short());
        if world.budget.full().is_some() {
            break;
        }
    }
    assert!(shorts.is_sorted_by(|a, b| a >= b), "never larger for more: {shorts:?}");
    assert_eq!(world.budget.full(), Some(Scarce::Computer));
    assert_eq!(world.budget.lowered(), Some(Scarce::Computer));
    assert!(shorts.len() >= 16, "four times as many as the 4 that a full picture has room for: {shorts:?}");
    assert!(world.load() <= 110, "and none of those who are in suffers: {} %", world.load());
}

#[test]
fn many_at_once_are_served_within_seconds_and_steadily_from_then_on() {
    let mut world = World::new(2, 1_000_000);
    world.come(12);
    world.run(15);
    assert!(world.load() <= 100, "{} %", world.load());
    assert!(world.run(600) <= 2, "nothing goes up and down all the time");
}

#[test]
fn when_watchers_go_the_picture_returns_and_others_may_come() {
    let mut world = World::new(2, 1_000_000);
    world.come(60);
    world.run(60);
    assert_eq!(world.budget.full(), Some(Scarce::Computer));
    world.watchers = 2;
    world.run(120);
    assert_eq!((world.short(), world.budget.full(), world.budget.lowered()), (720, None, None));
}

#[test]
fn a_narrow_line_is_shared_and_has_an_end() {
    let mut world = World::new(16, 4_000);
    world.come(4);
    world.run(24);
    assert_eq!((world.short(), world.budget.lowered()), (360, Some(Scarce::Line)));
    assert_eq!(world.budget.full(), None);
    world.come(36);
    world.run(60);
    assert_eq!((world.short(), world.budget.full()), (180, Some(Scarce::Line)));
}

#[test]
fn what_was_in_vain_is_tried_less_and_less_often() {
    let mut world = World::new(16, 4_000);
    world.come(4);
    let (first, later) = (world.run(120), world.run(1_200));
    assert!(later <= 2 * first + 10, "{first} in two minutes, then {later} in twenty");
}

#[test]
fn one_watcher_on_a_bad_line_takes_nothing_from_the_others() {
    let mut world = World::new(8, 1_000_000);
    world.come(5);
    for _ in 0..100 {
        let mut look = world.look();
        look.doing[0] = Doing { limit: Limit::Line, fps: 3, loss: 300, available: Some(50), ..look.doing[0] };
        world.budget.look(&look);
    }
    assert_eq!((world.short(), world.budget.lowered(), world.budget.full()), (720, None, None));
}

#[test]
fn the_only_watchers_bad_line_keeps_nobody_out() {
    let mut world = World::new(8, 60);
    world.come(1);
    world.run(120);
    assert_eq!(world.budget.full(), None);
}

#[test]
fn what_has_to_be_read_gets_slower_before_it_gets_smaller() {
    let mut world = World::new(2, 1_000_000);
    world.source = Source { short: 1_080, fps: 30, content: Content::Detail };
    world.each = 60;
    world.come(3);
    world.run(60);
    let level = world.budget.level(Content::Detail);
    assert_eq!((level.short, level.fps), (None, Some(8)));
}

#[test]
fn nobody_there_is_a_new_beginning() {
    let mut world = World::new(2, 1_000_000);
    world.come(60);
    world.run(60);
    world.watchers = 0;
    world.run(2);
    assert_eq!((world.short(), world.budget.full(), world.budget.lowered()), (720, None, None));
}

#[test]
fn a_line_that_is_too_narrow_is_divided_equally() {
    let mut world = World::new(16, 600);
    world.come(3);
    for _ in 0..30 {
        let mut look = world.look();
        // Two of them have found most of it; the third starves.
        for (doing, available) in look.doing.iter_mut().zip([350, 220, 30]) {
            doing.available = Some(available);
        }
        world.budget.look(&look);
    }
    assert_eq!(world.budget.share(), Some(180));
    world.line = 1_000_000;
    world.run(600);
    assert_eq!((world.short(), world.budget.share()), (720, None));
}
