//! Networks that change while somebody watches, and how long the picture stands still.

use std::fmt::{self, Write as _};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tokio::time::sleep;
use vong_tests::lab::{Home, Nat};
use vong_tests::{DEADLINE, Page, Stage, run_within, until};

use crate::available;
use crate::setup::{Seat, Setup, TURN};

/// The picture is back within this, 19 times out of 20, on a machine that has nothing else to do. `docs/network.md` has the
/// figures.
const BOUND: Duration = Duration::from_secs(3);
/// What fails: three browsers and their video take most of two cores, and how busy the others are is not the test's matter.
/// Without what these tests are about it is 10 s and more.
const FAILS: Duration = Duration::from_secs(6);
/// Who watches. What changes at one time, changes for all of them.
const WATCHERS: usize = 2;
/// Longest that one test may take.
const LIMIT: Duration = Duration::from_mins(8);
/// What stands still later than this after a change is not due to it.
const AFTERMATH: Duration = Duration::from_secs(4);
/// Frames that are no further apart than this make a moving picture.
const FLOWING: f64 = 500.0;
/// How long a cable is out. Nothing can be done meanwhile, so this time does not count.
const UNPLUGGED: Duration = Duration::from_secs(6);
/// Frames that a watcher sees before anything is changed.
const FRAMES: u64 = 30;

/// A signaling connection that breaks again sooner than this is retried with growing pauses, as for a server that fails.
/// Networks change less often.
const SETTLED: Duration = Duration::from_millis(10_500);

/// What happens to a home.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    /// The host goes to another network of the home: its address is gone, and there is another.
    Line,
    /// The router gets another public address and forgets every mapping.
    Public,
    /// The router maps to other ports.
    Ports,
    /// The host's cable is out for a while.
    Cable,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Broadcaster,
    Watchers,
}

/// Changes of one side, one after the other, between routers of these kinds.
struct Case {
    side: Side,
    broadcaster: Nat,
    watchers: [Nat; WATCHERS],
    changes: &'static [Change],
}

/// Makes one change, of all watchers if it is of that side, and returns how long each picture stood still for it.
async fn change(setup: &Setup, side: Side, change: Change) -> Result<Vec<Duration>> {
    for watcher in &setup.watchers {
        watcher.page.wait_state("live").await?;
        watcher.page.wait_frames(FRAMES).await?;
    }
    for Seat { page, .. } in setup.watchers.iter().chain([&setup.broadcaster]) {
        until("the signaling connection has lasted", DEADLINE, async || {
            let age = page.script("return timeline.socketAge()").await?.as_f64().unwrap_or_default();
            Ok(if age > SETTLED.as_secs_f64() * 1000.0 { Ok(()) } else { Err(format!("{age} ms")) })
        })
        .await?;
        page.script("timeline.restart()").await?;
    }
    for watcher in &setup.watchers {
        watcher.page.start_gap().await?;
    }
    let started = Instant::now();
    let homes: Vec<&Home> = match side {
        Side::Broadcaster => vec![&setup.broadcaster.home],
        Side::Watchers => setup.watchers.iter().map(|watcher| &watcher.home).collect(),
    };
    let mut out = Duration::ZERO;
    for home in &homes {
        match change {
            Change::Line => home.change_line()?,
            Change::Public => home.move_public()?,
            Change::Ports => home.forget()?,
            Change::Cable => home.plug(false)?,
        }
    }
    if change == Change::Cable {
        sleep(UNPLUGGED).await;
        homes.iter().try_for_each(|home| home.plug(true))?;
        out = UNPLUGGED;
    }
    let mut gaps = Vec::new();
    for Seat { page, .. } in &setup.watchers {
        until("frames come again", DEADLINE, async || {
            let present = page.present_gap().await?;
            let over = present.as_secs_f64() * 1000.0 < FLOWING && started.elapsed() > out + AFTERMATH;
            Ok(if over { Ok(()) } else { Err(format!("none for {present:?}")) })
        })
        .await?;
        gaps.push(page.longest_gap().await?.saturating_sub(out));
    }
    Ok(gaps)
}

/// Makes all changes, and returns how long the picture stood still for each.
async fn all(stage: &Stage, cases: &[Case]) -> Result<Vec<Duration>> {
    let setup = Setup::new(stage, TURN, u8::try_from(WATCHERS)?).await?;
    let mut table = "| routers | what changes | the picture stands still for |\n|---|---|---|\n".to_owned();
    let (mut every, mut plugged) = (Vec::new(), Vec::new());
    for (number, case) in cases.iter().enumerate() {
        let room = format!("lab-{number}");
        setup.broadcast(case.broadcaster, &room).await?;
        setup.watch(case.broadcaster, &case.watchers, &room).await?;
        for &what in case.changes {
            let gaps = change(&setup, case.side, what).await;
            let late = |gap: &Duration| *gap > BOUND;
            if gaps.as_ref().map_or(true, |gaps| gaps.iter().any(late)) {
                eprintln!("{what} of {} ({gaps:?}):", case.side);
                tell("broadcaster", &setup.broadcaster.page).await?;
                for (number, watcher) in setup.watchers.iter().enumerate() {
                    tell(&format!("watcher {number}"), &watcher.page).await?;
                }
            }
            let gaps = gaps.with_context(|| format!("{what} of {}\n{table}", case.side))?;
            let times = gaps.iter().map(|gap| format!("{:.1} s", gap.as_secs_f64())).collect::<Vec<_>>();
            let watchers = case.watchers.map(|nat| nat.to_string()).join(", ");
            let (broadcaster, side) = (case.broadcaster, case.side);
            writeln!(table, "| {broadcaster} to {watchers} | {what} of {side} | {} |", times.join(", "))?;
            if what == Change::Cable { plugged.extend(gaps) } else { every.extend(gaps) }
        }
    }
    every.sort();
    println!(
        "{table}\np50 {:?}, p95 {:?} (to be {BOUND:?}), longest {:?}, of {}; after a cable at most {:?}.",
        percentile(&every, 50),
        percentile(&every, 95),
        percentile(&every, 100),
        every.len(),
        plugged.iter().max()
    );
    every.extend(plugged);
    every.sort();
    Ok(every)
}

/// Of sorted times, the one that so many of a hundred do not exceed.
fn percentile(times: &[Duration], percent: usize) -> Duration {
    let rank = (times.len() * percent).div_ceil(100).max(1);
    times.get(rank - 1).copied().unwrap_or_default()
}

/// Tells what a page went through since the change.
async fn tell(name: &str, page: &Page) -> Result<()> {
    let lines = page.script("return timeline.lines()").await?;
    for line in lines.as_array().into_iter().flatten().filter_map(|line| line.as_str()) {
        eprintln!("  {name:11} {line}");
    }
    Ok(())
}

fn picture_is_back_in_time(cases: &[Case]) -> Result<()> {
    if !available() {
        return Ok(());
    }
    run_within(LIMIT, async |stage| {
        let gaps = all(stage, cases).await?;
        let p95 = percentile(&gaps, 95);
        ensure!(p95 <= FAILS, "one in twenty pictures stands still for {p95:?} or longer");
        Ok(())
    })
}

/// Every kind of change on this side, on direct paths and on relayed ones.
fn changes_of(side: Side) -> [Case; 2] {
    use Change::{Cable, Line, Ports, Public};
    [
        Case {
            side,
            broadcaster: Nat::PortRestricted,
            watchers: [Nat::PortRestricted, Nat::Symmetric],
            changes: &[Public, Line, Cable, Public, Line, Ports],
        },
        Case {
            side,
            broadcaster: Nat::Symmetric,
            watchers: [Nat::FullCone, Nat::Symmetric],
            changes: &[Ports, Line, Cable, Public, Ports, Line],
        },
    ]
}

#[test]
fn the_picture_is_soon_back_when_a_watchers_network_changes() -> Result<()> {
    picture_is_back_in_time(&changes_of(Side::Watchers))
}

#[test]
fn the_picture_is_soon_back_when_the_broadcasters_network_changes() -> Result<()> {
    picture_is_back_in_time(&changes_of(Side::Broadcaster))
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Line => "network",
            Self::Public => "public address",
            Self::Ports => "mapped ports",
            Self::Cable => "pulled cable",
        })
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Broadcaster => "the broadcaster",
            Self::Watchers => "all watchers",
        })
    }
}
