//! A broadcaster whose line out carries little.

use std::time::Duration;

use anyhow::{Result, bail, ensure};
use vong_tests::lab::Nat;
use vong_tests::{Devices, Page, SAVES, run_within, until};

use crate::available;
use crate::setup::{Seat, Setup, TURN};

/// Longest that it may take.
const LIMIT: Duration = Duration::from_mins(6);
/// How long the broadcaster's page may take to find out what its line carries: connections are judged once they are 15 s old.
const FOUND_OUT: Duration = Duration::from_secs(90);
/// Kilobits a second for three watchers, whose pictures would take seven thousand: room for smaller ones, and for the least.
const NARROW: u32 = 600;
const NARROWER: u32 = 400;
const WATCHERS: u8 = 3;

async fn wait_told(caster: &Page, what: &str, is: impl Fn(&str) -> bool) -> Result<()> {
    until(what, FOUND_OUT, async || {
        let told = caster.script("return document.querySelector('#thrift').innerText.trim()").await?;
        let figures = caster.script("return document.querySelector('#audience')?.innerText").await?;
        let text = told.as_str().unwrap_or_default();
        Ok(if is(text) { Ok(()) } else { Err(format!("{told}; {figures}")) })
    })
    .await
}

#[test]
#[ignore = "on two cores, four browsers often make the computer what is scarce before the line is; `cargo xtask test lab -- --ignored`"]
fn a_narrow_line_is_shared_by_smaller_pictures_and_then_lets_nobody_else_in() -> Result<()> {
    if !available() {
        return Ok(());
    }
    run_within(LIMIT, async |stage| {
        let setup = Setup::with(stage, TURN, WATCHERS, Devices::FullSize).await?;
        setup.broadcast(Nat::PortRestricted, "narrow").await?;
        let Seat { home, page: caster } = &setup.broadcaster;
        setup.watch(Nat::PortRestricted, &[Nat::FullCone; WATCHERS as usize], "narrow").await?;
        for watcher in &setup.watchers {
            watcher.page.wait_state("live").await?;
        }
        home.narrow(Some(NARROW))?;
        wait_told(caster, "everyone is sent less", |told| told.contains("p: your line")).await?;
        home.narrow(Some(NARROWER))?;
        wait_told(caster, "nobody else is let in", |told| told.contains("no room for another")).await?;
        for watcher in &setup.watchers {
            watcher.page.wait_frames(10).await?;
            ensure!(watcher.page.data("state").await? == "live", "a watcher suffers");
        }
        let Some(Seat { page: last, .. }) = setup.watchers.last() else { bail!("no watcher") };
        home.narrow(None)?;
        wait_told(caster, "others are let in again", |told| !told.contains("no room for another")).await?;
        last.reload().await?;
        last.wait_media().await
    })
}

/// Kilobits a second for one picture and a file.
const SHARED: u32 = 1_500;
/// Bytes of the file: some twenty seconds on that line.
const SIZE: u32 = 3_000_000;
/// How long the file may take.
const TAKES: Duration = Duration::from_mins(2);
/// The longest that the picture may stand still meanwhile.
const STILL: Duration = Duration::from_millis(1_500);

#[test]
fn a_file_gives_way_to_the_picture_on_a_narrow_line() -> Result<()> {
    if !available() {
        return Ok(());
    }
    run_within(LIMIT, async |stage| {
        let setup = Setup::new(stage, TURN, 1).await?;
        setup.broadcast(Nat::PortRestricted, "file").await?;
        setup.watch(Nat::PortRestricted, &[Nat::FullCone], "file").await?;
        let Seat { home, page: caster } = &setup.broadcaster;
        let Some(Seat { page: watcher, .. }) = setup.watchers.first() else { bail!("no watcher") };
        watcher.wait_media().await?;
        home.narrow(Some(SHARED))?;
        watcher.script(&format!("({SAVES})()")).await?;
        watcher.click("#chat-button").await?;
        caster.click("#files-button").await?;
        let pick = format!(
            "const field = document.querySelector('#pick-file');
             if (field?.disabled !== false) return false;
             const carrier = new DataTransfer();
             carrier.items.add(new File([new Uint8Array({SIZE})], 'file.bin'));
             field.files = carrier.files;
             field.dispatchEvent(new Event('change', {{ bubbles: true }}));
             return true"
        );
        until("the file is picked", TAKES, async || {
            let picked = caster.script(&pick).await?;
            Ok(if picked == true { Ok(()) } else { Err(picked.to_string()) })
        })
        .await?;
        let state = "return document.querySelector('#file-list li')?.dataset.state ?? null";
        let wait = async |wanted: &str| {
            until(&format!("the file is {wanted}"), TAKES, async || {
                let state = watcher.script(state).await?;
                Ok(if state == wanted { Ok(()) } else { Err(state.to_string()) })
            })
            .await
        };
        wait("offered").await?;
        watcher.wait_frames(30).await?;
        watcher.start_gap().await?;
        watcher.click("#file-list .file-act").await?;
        wait("done").await?;
        let gap = watcher.longest_gap().await?;
        println!("the picture stood still for {gap:?} at most while the file went");
        ensure!(gap <= STILL, "the picture stood still for {gap:?}");
        Ok(())
    })
}
