//! Whose room it is, how full it is, and how a broadcast ends.

use anyhow::{Result, ensure};
use vong_tests::{DEADLINE, Page, run, until};

use crate::{go_live, prepare, watch};

/// Presses a button some times in a row, and not in the same breath as the last one.
async fn press(page: &Page, css: &str, times: usize) -> Result<()> {
    let presses = "button.click();".repeat(times);
    let script = format!(
        "return new Promise((done) => setTimeout(done, 600)).then(() => {{
            const button = document.querySelector('{css}'); {presses}
        }})"
    );
    page.script(&script).await.map(drop)
}

#[test]
fn a_second_broadcaster_is_refused_and_the_first_goes_on() -> Result<()> {
    run(async |stage| {
        let server = stage.server(&[]).await?;
        let first = go_live(&stage.chromium().await?, &server).await?;
        let watcher = watch(&stage.chromium().await?, &server).await?;
        watcher.wait_media().await?;
        let second = prepare(&stage.chromium().await?, &server).await?;
        second.click("#go-live").await?;
        second.wait_data("error", "room_taken").await?;
        second.wait_state("failed").await?;
        watcher.wait_frames(10).await?;
        ensure!(watcher.connections().await? == ["connected"]);
        first.wait_state("live").await
    })
}

#[test]
fn the_owner_takes_over_in_another_window_and_the_first_is_told() -> Result<()> {
    run(async |stage| {
        let server = stage.server(&[]).await?;
        let owner = stage.chromium().await?;
        let first = go_live(&owner, &server).await?;
        let watcher = watch(&stage.chromium().await?, &server).await?;
        watcher.wait_media().await?;
        let second = go_live(&owner, &server).await?;
        first.wait_data("error", "taken_over").await?;
        first.wait_state("ended").await?;
        second.wait_data("viewing", "1").await?;
        watcher.wait_media().await
    })
}

#[test]
fn a_full_room_says_so_until_somebody_leaves() -> Result<()> {
    run(async |stage| {
        let server = stage.server(&["--watchers-per-room", "1"]).await?;
        let broadcaster = go_live(&stage.chromium().await?, &server).await?;
        let audience = stage.chromium().await?;
        let first = watch(&audience, &server).await?;
        first.wait_media().await?;
        let second = watch(&audience, &server).await?;
        second.wait_data("error", "room_full").await?;
        ensure!(second.connections().await?.iter().all(|state| state != "connected"));
        first.wait_frames(10).await?;
        first.goto("about:blank").await?;
        broadcaster.wait_data("watchers", "0").await?;
        second.reload().await?;
        second.wait_media().await
    })
}

#[test]
fn what_is_no_room_name_is_said_to_be_none() -> Result<()> {
    run(async |stage| {
        let server = stage.server(&[]).await?;
        let page = stage.chromium().await?.open(&server.url("/")).await?;
        let long = "a".repeat(65);
        for name in ["a%20b", "caf%C3%A9", "%F0%9F%98%80", "%3Cb%3E", &long] {
            for kind in ["watch", "broadcast"] {
                page.goto(&server.url(&format!("/{kind}/{name}"))).await?;
                page.wait_state("failed").await?;
                page.wait_data("error", "bad_room_id").await?;
            }
        }
        Ok(())
    })
}

#[test]
fn watchers_are_told_when_the_broadcaster_ends_and_when_it_comes_back() -> Result<()> {
    run(async |stage| {
        let server = stage.server(&[]).await?;
        let broadcaster = go_live(&stage.chromium().await?, &server).await?;
        let watcher = watch(&stage.chromium().await?, &server).await?;
        watcher.wait_media().await?;
        broadcaster.click("#stop").await?;
        watcher.wait_state("ended").await?;
        // The next one may be prepared already.
        until("the watcher's connection is closed", DEADLINE, async || {
            let connections = watcher.connections().await?;
            Ok(if connections.first().is_some_and(|first| first == "closed") {
                Ok(())
            } else {
                Err(format!("{connections:?}"))
            })
        })
        .await?;
        press(&broadcaster, "#go-live", 1).await?;
        watcher.wait_media().await
    })
}

#[test]
fn a_double_click_does_not_undo_its_first_half() -> Result<()> {
    run(async |stage| {
        let server = stage.server(&[]).await?;
        let page = prepare(&stage.chromium().await?, &server).await?;
        press(&page, "#go-live", 2).await?;
        page.wait_state("live").await?;
        press(&page, "#stop", 2).await?;
        // What a second half would do is done by then.
        page.wait_visible("#go-live", true).await?;
        page.wait_state("ended").await
    })
}
