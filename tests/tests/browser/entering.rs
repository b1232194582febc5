//! The ways into a room, and who is told that there is none.

use anyhow::{Context, Result, ensure};
use vong_tests::{Options, Page, Server, run};

use crate::{go_live, watch};

/// The server under a name that browsers do not take for this machine, as from elsewhere in the network.
fn from_elsewhere(server: &Server, path: &str) -> String {
    server.url(path).replace("localhost", "vong.test")
}

async fn says(page: &Page, css: &str, words: &str) -> Result<()> {
    let text = page.script(&format!("return document.querySelector('{css}').textContent")).await?;
    ensure!(text.as_str().is_some_and(|text| text.contains(words)), "{css} says {text}");
    Ok(())
}

#[test]
fn a_broadcast_without_a_room_is_given_a_name_and_a_link_that_leads_to_it() -> Result<()> {
    run(async |stage| {
        let server = stage.server(&[]).await?;
        let browser = stage.chromium().await?;
        let page = browser.open(&server.url("/broadcast")).await?;
        page.wait_data("devices", "ready").await?;
        let path = page.path().await?;
        let room = path.strip_prefix("/broadcast/").context("a room")?;
        ensure!(room.split('-').count() == 3, "{room} can be said and remembered");
        let link = page.script("return document.querySelector('#link').value").await?;
        ensure!(link == server.url(&format!("/watch/{room}")), "{link}");
        page.click("#go-live").await?;
        page.wait_state("live").await?;
        ensure!(page.path().await? == path, "the name is kept");
        browser.open(link.as_str().unwrap_or_default()).await?.wait_state("live").await
    })
}

#[test]
fn the_forms_lead_to_the_room_that_was_meant_and_back_leads_back() -> Result<()> {
    run(async |stage| {
        let server = stage.server(&[]).await?;
        let page = stage.chromium().await?.open(&server.url("/watch")).await?;
        page.wait_state("idle").await?;
        page.click("#watch").await?;
        says(&page, "#room-hint", "Type the name").await?;
        page.fill("#room", "Game Night!").await?;
        page.click("#watch").await?;
        page.wait_path("/watch/game-night").await?;
        page.wait_state("waiting").await?;
        page.click("a.brand").await?;
        page.wait_path("/").await?;
        page.fill("#room", "Đà Lạt\n").await?;
        page.wait_path("/broadcast/da-lat").await?;
        page.wait_data("devices", "ready").await?;
        page.back().await?;
        page.wait_path("/").await?;
        page.wait_state("idle").await?;
        ensure!(page.visible("#room").await?);
        page.back().await?;
        page.wait_path("/watch/game-night").await?;
        page.wait_state("waiting").await
    })
}

#[test]
fn over_plain_http_people_can_watch_and_are_told_why_they_cannot_broadcast() -> Result<()> {
    run(async |stage| {
        let server = stage.server(&[]).await?;
        let browser = stage.chromium().await?;
        let page = browser.open(&from_elsewhere(&server, "/broadcast/demo")).await?;
        page.wait_data("devices", "failed").await?;
        says(&page, ".devices-missing", "https://").await?;
        says(&page, ".devices-missing", "--tls self-signed").await?;
        ensure!(!page.visible("#retry-devices").await?, "trying again would not help");
        go_live(&browser, &server).await?;
        browser.open(&from_elsewhere(&server, "/watch/demo")).await?.wait_media().await
    })
}

#[test]
fn a_browser_without_webrtc_is_told_so_on_either_page() -> Result<()> {
    run(async |stage| {
        let server = stage.server(&[]).await?;
        let preload = Some("() => { delete window.RTCPeerConnection; }");
        let browser = stage.browser(Options { preload, ..Options::default() }).await?;
        for path in ["/watch/demo", "/broadcast/demo"] {
            let page = browser.open(&server.url(path)).await?;
            page.wait_state("failed").await?;
            page.wait_data("error", "no_webrtc").await?;
        }
        Ok(())
    })
}

#[test]
fn coming_back_to_a_page_brings_back_what_it_showed() -> Result<()> {
    run(async |stage| {
        let server = stage.server(&[]).await?;
        let broadcaster = go_live(&stage.chromium().await?, &server).await?;
        let watcher = watch(&stage.chromium().await?, &server).await?;
        watcher.wait_media().await?;
        for page in [&watcher, &broadcaster] {
            page.goto("about:blank").await?;
            page.back().await?;
            page.wait_state("live").await?;
            watcher.wait_media().await?;
        }
        broadcaster.wait_data("viewing", "1").await
    })
}
