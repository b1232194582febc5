//! Every kind of router on either side: there is a picture, directly where that is possible and relayed where it is not.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use vong_tests::lab::Nat;
use vong_tests::{Stage, run_within};

use crate::available;
use crate::setup::{Seat, Setup, Turn};

/// Longest that all pairings may take.
const LIMIT: Duration = Duration::from_mins(10);
/// Frames after the first that make a moving picture.
const FRAMES: u64 = 15;

/// One pairing's row of the table.
async fn pairing(setup: &Setup, broadcaster: Nat, watcher: Nat, room: &str) -> Result<String> {
    setup.watch(broadcaster, &[watcher], room).await?;
    let Some(Seat { page, .. }) = setup.watchers.first() else { bail!("no watcher") };
    let first = page.first_frame().await?;
    page.wait_frames(FRAMES).await?;
    let relayed = !broadcaster.reaches(watcher);
    let path = Setup::path(page, relayed).await?;
    let kind = if relayed { "relayed" } else { "direct" };
    Ok(format!(
        "| {broadcaster} | {watcher} | {kind} | {} – {} | {} ms |",
        path.remote,
        path.local,
        first.as_millis()
    ))
}

async fn all(stage: &Stage, turn: Turn, wanted: fn(Nat, Nat) -> bool) -> Result<()> {
    let started = Instant::now();
    let setup = Setup::new(stage, turn, 1).await?;
    let mut table = format!(
        "STUN and TURN: {turn:?}\n\n| broadcaster | watcher | path | candidates | first frame after |\n|---|---|---|---|---|\n"
    );
    for (number, broadcaster) in Nat::ALL.into_iter().enumerate() {
        let room = format!("lab-{number}");
        setup.broadcast(broadcaster, &room).await.with_context(|| format!("going live, {broadcaster}"))?;
        for watcher in Nat::ALL.into_iter().filter(|watcher| wanted(broadcaster, *watcher)) {
            let mut row = pairing(&setup, broadcaster, watcher, &room).await;
            if let Err(error) = &row
                && broadcaster.reaches(watcher)
            {
                // Where a relay was there first, a browser now and then stays with it. A direct path that exists is taken
                // by one of two connections.
                eprintln!("once more, {broadcaster} to {watcher}: {error:#}");
                row = pairing(&setup, broadcaster, watcher, &room).await;
            }
            let row =
                row.with_context(|| format!("broadcaster {broadcaster}, watcher {watcher}\n{table}"))?;
            eprintln!("{row}");
            writeln!(table, "{row}")?;
        }
    }
    println!("{table}\nAll in {} s.", started.elapsed().as_secs());
    Ok(())
}

fn pairings_show_a_picture(turn: Turn, wanted: fn(Nat, Nat) -> bool) -> Result<()> {
    if !available() {
        return Ok(());
    }
    run_within(LIMIT, async |stage| all(stage, turn, wanted).await)
}

#[test]
fn every_pairing_of_routers_shows_a_picture() -> Result<()> {
    pairings_show_a_picture(Turn::BuiltIn, |_, _| true)
}

#[test]
fn every_pairing_that_takes_a_relay_shows_a_picture_with_coturn() -> Result<()> {
    pairings_show_a_picture(Turn::Coturn, |broadcaster, watcher| !broadcaster.reaches(watcher))
}
