//! Bad days: pages reload, the server dies, a browser vanishes. Nobody presses anything.

use std::time::Duration;

use anyhow::{Result, ensure};
use vong_tests::run;

use crate::{go_live, prepare, watch};

/// Longer than any pause of a healthy stream on a busy machine, shorter than making a new connection after noticing
/// that one is dead.
const NO_GAP: Duration = Duration::from_secs(3);

#[test]
fn watchers_see_again_after_the_broadcaster_reloads() -> Result<()> {
    run(async |stage| {
        let server = stage.server(&[]).await?;
        let broadcaster = go_live(&stage.chromium().await?, &server).await?;
        let audience = stage.chromium().await?;
        let watchers = [watch(&audience, &server).await?, watch(&audience, &server).await?];
        for watcher in &watchers {
            watcher.wait_media().await?;
        }
        broadcaster.reload().await?;
        broadcaster.wait_state("live").await?;
        broadcaster.wait_data("viewing", "2").await?;
        for watcher in &watchers {
            watcher.wait_media().await?;
        }
        Ok(())
    })
}

#[test]
fn a_watcher_sees_again_after_a_reload_and_counts_once() -> Result<()> {
    run(async |stage| {
        let server = stage.server(&[]).await?;
        let broadcaster = go_live(&stage.chromium().await?, &server).await?;
        let watcher = watch(&stage.chromium().await?, &server).await?;
        watcher.wait_media().await?;
        watcher.reload().await?;
        watcher.wait_media().await?;
        broadcaster.wait_data("watchers", "1").await?;
        broadcaster.wait_data("viewing", "1").await
    })
}

#[test]
fn video_never_stops_when_the_server_is_killed_and_others_can_join_once_it_is_back() -> Result<()> {
    run(async |stage| {
        let server = stage.server(&[]).await?;
        let broadcaster = go_live(&stage.chromium().await?, &server).await?;
        let audience = stage.chromium().await?;
        let watcher = watch(&audience, &server).await?;
        watcher.wait_media().await?;
        watcher.start_gap().await?;

        server.kill();
        watcher.wait_frames(60).await?;
        watcher.wait_state("live").await?;
        broadcaster.wait_state("live").await?;

        server.restart().await?;
        broadcaster.wait_state("live").await?;
        watch(&audience, &server).await?.wait_media().await?;
        broadcaster.wait_data("viewing", "2").await?;
        watcher.wait_media().await?;
        let connections = watcher.connections().await?;
        ensure!(connections == ["connected"], "the connection was replaced: {connections:?}");
        let gap = watcher.longest_gap().await?;
        ensure!(gap < NO_GAP, "no frame came for {gap:?}");
        Ok(())
    })
}

#[test]
fn pages_that_lost_the_server_before_anybody_was_live_find_each_other_when_it_is_back() -> Result<()> {
    run(async |stage| {
        let server = stage.server(&[]).await?;
        let broadcaster = prepare(&stage.chromium().await?, &server).await?;
        let watcher = watch(&stage.chromium().await?, &server).await?;
        watcher.wait_state("waiting").await?;
        server.kill();
        broadcaster.click("#go-live").await?;
        broadcaster.wait_state("connecting").await?;
        server.restart().await?;
        broadcaster.wait_state("live").await?;
        watcher.wait_media().await
    })
}

#[test]
fn a_watcher_is_not_left_with_a_frozen_picture_when_the_broadcasters_browser_dies() -> Result<()> {
    run(async |stage| {
        let server = stage.server(&[]).await?;
        let browser = stage.chromium().await?;
        go_live(&browser, &server).await?;
        let watcher = watch(&stage.chromium().await?, &server).await?;
        watcher.wait_media().await?;
        browser.kill()?;
        watcher.wait_state("interrupted").await
    })
}
