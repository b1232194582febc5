//! Seeing and hearing, between the browsers that people have.

use anyhow::{Result, ensure};
use vong_tests::{Autoplay, Browser, DEADLINE, Options, Stage, run, until};

use crate::{go_live, watch};

#[test]
fn three_watchers_see_and_hear_the_broadcaster() -> Result<()> {
    run(async |stage| {
        let server = stage.server(&[]).await?;
        let broadcaster = go_live(&stage.chromium().await?, &server).await?;
        let audience = stage.chromium().await?;
        let mut watchers = Vec::new();
        for _ in 0..3 {
            watchers.push(watch(&audience, &server).await?);
        }
        for watcher in &watchers {
            watcher.wait_media().await?;
            ensure!(watcher.connections().await? == ["connected"], "one connection is enough");
        }
        broadcaster.wait_data("watchers", "3").await?;
        broadcaster.wait_data("viewing", "3").await
    })
}

async fn is_seen_and_heard(stage: &Stage, from: Browser, to: Browser) -> Result<()> {
    let server = stage.server(&[]).await?;
    go_live(&from, &server).await?;
    watch(&to, &server).await?.wait_media().await
}

#[test]
fn firefox_sees_and_hears_chromium() -> Result<()> {
    run(async |stage| is_seen_and_heard(stage, stage.chromium().await?, stage.firefox().await?).await)
}

#[test]
fn chromium_sees_and_hears_firefox() -> Result<()> {
    run(async |stage| is_seen_and_heard(stage, stage.firefox().await?, stage.chromium().await?).await)
}

#[test]
fn a_watcher_who_came_first_waits_then_sees() -> Result<()> {
    run(async |stage| {
        let server = stage.server(&[]).await?;
        let watcher = watch(&stage.chromium().await?, &server).await?;
        watcher.wait_state("waiting").await?;
        go_live(&stage.chromium().await?, &server).await?;
        watcher.wait_media().await
    })
}

#[test]
fn a_video_that_the_browser_pauses_goes_on() -> Result<()> {
    run(async |stage| {
        let server = stage.server(&[]).await?;
        go_live(&stage.chromium().await?, &server).await?;
        let watcher = watch(&stage.chromium().await?, &server).await?;
        watcher.wait_media().await?;
        watcher.script("document.querySelector('video').pause()").await?;
        watcher.wait_media().await
    })
}

#[test]
fn sound_that_the_browser_refuses_comes_with_a_tap() -> Result<()> {
    run(async |stage| {
        let server = stage.server(&[]).await?;
        go_live(&stage.chromium().await?, &server).await?;
        let browser = stage.browser(Options { autoplay: Autoplay::Refused, ..Options::default() }).await?;
        let watcher = watch(&browser, &server).await?;
        watcher.wait_state("live").await?;
        watcher.wait_frames(10).await?;
        watcher.wait_sound(false).await?;
        watcher.click("#unmute").await?;
        watcher.wait_media().await?;
        ensure!(!watcher.visible("#unmute").await?, "there is nothing left to tap");
        until("the keyboard's focus is on the sound", DEADLINE, async || {
            let focus = watcher.script("return document.activeElement.id").await?;
            Ok(if focus == "mute" { Ok(()) } else { Err(focus.to_string()) })
        })
        .await
    })
}
