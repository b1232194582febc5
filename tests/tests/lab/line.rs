//! A broadcaster whose line out carries little.

use std::time::Duration;

use anyhow::{Result, bail, ensure};
use vong_tests::lab::Nat;
use vong_tests::{Page, run_within, until};

use crate::available;
use crate::setup::{Seat, Setup, TURN};

/// Longest that it may take.
const LIMIT: Duration = Duration::from_mins(6);
/// How long the broadcaster's page may take to find out what its line carries: connections are judged once they are 15 s old.
const FOUND_OUT: Duration = Duration::from_secs(90);
/// Kilobits a second for three watchers, of which each one's picture alone would take as much.
const NARROW: u32 = 400;
const WATCHERS: u8 = 3;

async fn wait_told(caster: &Page, what: &str, is: impl Fn(&str) -> bool) -> Result<()> {
    until(what, FOUND_OUT, async || {
        let told = caster.script("return document.querySelector('#thrift').innerText.trim()").await?;
        let figures = caster.script("return document.querySelector('#audience').innerText").await?;
        let text = told.as_str().unwrap_or_default();
        Ok(if is(text) { Ok(()) } else { Err(format!("{told}; {figures}")) })
    })
    .await
}

#[test]
fn a_narrow_line_is_shared_by_smaller_pictures_and_then_lets_nobody_else_in() -> Result<()> {
    if !available() {
        return Ok(());
    }
    run_within(LIMIT, async |stage| {
        let setup = Setup::new(stage, TURN, WATCHERS).await?;
        setup.broadcast(Nat::PortRestricted, "narrow").await?;
        let Seat { home, page: caster } = &setup.broadcaster;
        home.narrow(Some(NARROW))?;
        setup.watch(Nat::PortRestricted, &[Nat::FullCone; WATCHERS as usize], "narrow").await?;
        for watcher in &setup.watchers {
            watcher.page.wait_state("live").await?;
        }
        wait_told(caster, "everyone is sent less", |told| told.contains("180p: your line")).await?;
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
