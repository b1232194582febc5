//! Every kind of router on either side: there is a picture, directly where that is possible and relayed where it is not.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use vong_tests::lab::Nat;
use vong_tests::{Stage, run_within};

use crate::available;
use crate::setup::{Setup, Turn};

/// Longest that all pairings may take.
const LIMIT: Duration = Duration::from_mins(10);
/// Frames after the first that make a moving picture.
const FRAMES: u64 = 15;

/// One pairing's row of the table.
async fn pairing(setup: &Setup, broadcaster: Nat, watcher: Nat, room: &str) -> Result<String> {
    setup.watch(broadcaster, watcher, room).await?;
    let first = setup.watcher.first_frame().await?;
    setup.watcher.wait_frames(FRAMES).await?;
    let relayed = !broadcaster.reaches(watcher);
    let path = setup.path(relayed).await?;
    let kind = if relayed { "relayed" } else { "direct" };
    Ok(format!(
        "| {broadcaster} | {watcher} | {kind} | {} – {} | {} ms |",
        path.remote,
        path.local,
        first.as_millis()
    ))
}

async fn all(stage: &Stage, turn: Turn) -> Result<()> {
    let started = Instant::now();
    let setup = Setup::new(stage, turn).await?;
    let mut table = format!(
        "STUN and TURN: {turn:?}\n\n| broadcaster | watcher | path | candidates | first frame after |\n|---|---|---|---|---|\n"
    );
    for (number, broadcaster) in Nat::ALL.into_iter().enumerate() {
        let room = format!("lab-{number}");
        setup.broadcast(broadcaster, &room).await.with_context(|| format!("going live, {broadcaster}"))?;
        for watcher in Nat::ALL {
            let row = pairing(&setup, broadcaster, watcher, &room).await;
            let row =
                row.with_context(|| format!("broadcaster {broadcaster}, watcher {watcher}\n{table}"))?;
            eprintln!("{row}");
            writeln!(table, "{row}")?;
        }
    }
    println!("{table}\nAll in {} s.", started.elapsed().as_secs());
    Ok(())
}

fn every_pairing_shows_a_picture(turn: Turn) -> Result<()> {
    if !available() {
        return Ok(());
    }
    run_within(LIMIT, async |stage| all(stage, turn).await)
}

#[test]
fn every_pairing_of_routers_shows_a_picture() -> Result<()> {
    every_pairing_shows_a_picture(Turn::BuiltIn)
}

#[test]
fn every_pairing_of_routers_shows_a_picture_with_coturn() -> Result<()> {
    every_pairing_shows_a_picture(Turn::Coturn)
}
